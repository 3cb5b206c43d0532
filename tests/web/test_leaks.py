"""Random stories asked for what is not for who asks, in short: `make faults` asks for all."""

from __future__ import annotations

import pytest

from tests.faults.leaks import CONTROL, PLANTED, Case, Planted, missed
from tests.faults.leaks_rights import Viewer

WHO = ("member", "hr", "key of a lead")
SHORT = ("titles", "how long an answer was", "proofs", "histories of people")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("leaks"), CONTROL, share=0.12)


def named(case: Case, name: str) -> Viewer:
    (found,) = [each for each in case.viewers if each.name == name]
    return found


@pytest.mark.parametrize("name", WHO)
def test_nobody_is_answered_what_is_not_theirs_to_read(name: str, case: Case) -> None:
    viewer = named(case, name)
    assert len(case.readers.hidden_from(viewer)) > 50
    assert list(case.leaks(viewer, case.asks)) == []


@pytest.mark.parametrize(
    "planted", [each for each in PLANTED if each.name in SHORT], ids=lambda each: each.name
)
def test_a_planted_leak_is_found(planted: Planted, case: Case) -> None:
    assert not missed(case, planted)


def test_there_is_something_to_be_read_and_to_be_kept_back(case: Case) -> None:
    kinds = {word.kind for word in case.world.story.words}
    assert kinds >= {"goal", "promise", "reading", "person", "grant", "key", "request", "client"}
    read = set[int]().union(*(
        answer.words for name in WHO for answer in case.world.answers(named(case, name), case.asks)
    ))  # fmt: skip
    assert {case.world.story.words[number].kind for number in read} >= {
        "goal", "promise", "reading", "person", "grant", "client",
    }  # fmt: skip
