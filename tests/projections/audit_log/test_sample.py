"""A sample of the log: which events are drawn depends on seed and positions alone."""

from __future__ import annotations

from hashlib import sha256

import pytest

from projections.audit_log.sample import draw, key_of


def by_hand(positions: list[int], seed: int, size: int) -> list[int]:
    """What an auditor draws with a table: a column of hashes, sorted, the first rows."""
    table = [(sha256(f"{seed}:{each}".encode("ascii")).hexdigest(), each) for each in positions]
    return [position for _, position in sorted(table)[:size]]


def drawn(positions: list[int], seed: int, size: int, at_once: int = 1_000) -> list[int]:
    pages = [positions[at : at + at_once] for at in range(0, len(positions), at_once)]
    return [each.position for each in draw(pages, seed, size).drawn]


def test_the_key_of_an_event_is_what_the_documentation_says() -> None:
    assert key_of(7, 1036) == sha256(b"7:1036").hexdigest()


@pytest.mark.parametrize("at_once", [1, 3, 40, 1_000])
def test_it_is_what_is_drawn_by_hand_however_the_log_is_read(at_once: int) -> None:
    positions = list(range(3, 400, 2))
    for seed in range(5):
        assert drawn(positions, seed, 25, at_once) == by_hand(positions, seed, 25)


def test_a_smaller_one_is_the_beginning_of_a_larger_one() -> None:
    positions = list(range(1, 500))
    assert drawn(positions, 7, 100)[:25] == drawn(positions, 7, 25)


def test_another_seed_draws_others() -> None:
    positions = list(range(1, 500))
    assert set(drawn(positions, 7, 25)) != set(drawn(positions, 8, 25))


def test_where_there_are_fewer_all_are_drawn_once() -> None:
    assert sorted(drawn([4, 9, 11], 1, 25)) == [4, 9, 11]
    assert draw([], 1, 25) == (0, sha256().hexdigest(), [])


def test_the_population_is_counted_and_hashed() -> None:
    found = draw([[4, 9], [11]], 1, 2)
    assert (found.events, found.sha256) == (3, sha256(b"4\n9\n11\n").hexdigest())


def test_every_event_is_drawn_about_as_often_as_any_other() -> None:
    """In 4,000 samples of 5 of 50 each comes about 400 times: 4.5 standard deviations are 85."""
    positions, times = list(range(1, 51)), dict.fromkeys(range(1, 51), 0)
    for seed in range(4_000):
        for each in drawn(positions, seed, 5):
            times[each] += 1
    assert all(315 <= count <= 485 for count in times.values())
