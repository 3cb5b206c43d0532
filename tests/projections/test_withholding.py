"""What stays of an answer about a goal whose words are withheld: only what is listed."""

from projections.withholding import shown

HIDDEN = frozenset({"h", "k"})


def test_a_field_that_nobody_listed_shows_nothing() -> None:
    found = {"id": "h", "title": "x", "slogan": "x", "slogans": ["x"], "motto": {"text": "x"}}
    assert shown(found, HIDDEN) == {
        "id": "h", "title": None, "slogan": None, "slogans": [], "motto": None,
    }  # fmt: skip


def test_what_is_about_another_goal_stays_as_it_is_also_inside() -> None:
    open_one = {"id": "o", "title": "x", "slogan": "x"}
    found = {"id": "h", "title": "x", "aligned": [open_one]}
    assert shown(found, HIDDEN)["aligned"] == [open_one]
    assert shown([open_one], HIDDEN) == [open_one]


def test_what_a_goal_is_about_is_said_by_its_references_too() -> None:
    assert shown({"objective": {"id": "h"}, "title": "x"}, HIDDEN)["title"] is None
    assert shown({"before": None, "after": {"id": "k"}, "title": "x"}, HIDDEN)["title"] is None
    assert shown({"measured": {"id": "k"}, "value": "3"}, HIDDEN)["value"] is None


def test_nothing_is_changed_in_place() -> None:
    found = {"id": "h", "title": "x", "key_results": [{"id": "k", "title": "x"}]}
    assert shown(found, HIDDEN)["key_results"] == [{"id": "k", "title": None}]
    assert found == {"id": "h", "title": "x", "key_results": [{"id": "k", "title": "x"}]}
