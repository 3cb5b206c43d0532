"""Every version that was valid at a position is on its path, also when the log grows meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from projections.read_model.interval_tree import node, path

positions = st.integers(1, 1_000_000)


@given(st.lists(positions, min_size=4, max_size=4))
def test_a_version_is_found_wherever_the_log_was_pinned(four: list[int]) -> None:
    first, position, *ends = sorted(four)
    for head, last in (ends, reversed(ends)):
        upto, beyond = path(position, head)
        found = node(first, last)
        assert found in (upto if found <= position else beyond)


def test_one_that_an_import_ended_after_a_short_log_was_pinned_is_found() -> None:
    _, beyond = path(50, 100)
    assert node(10, 600) in beyond
    assert node(10, 1_000_000) in beyond
