"""All api keys, as known at a moment."""

from __future__ import annotations

from okr_es import commands as c
from okr_es.domain.api_key import KeyRole
from tests.support.story import ANN, SALES, Story, day


def test_a_key_is_listed_with_what_it_may_and_who_made_it(story: Story) -> None:
    made = story.does(
        c.CreateApiKey("Dashboards", KeyRole.AUDITOR, SALES, ends=day(60)), origin="cli",
        reason="x",
    )  # fmt: skip
    (found,) = story.queries.keys()["keys"]
    assert found == {
        "id": str(made), "version": 1, "name": "Dashboards", "role": "auditor",
        "team": {"id": str(SALES)}, "kpis": [], "ends": day(60).isoformat(),
        "created_by": {"id": str(ANN)}, "last_used": None, "revoked": False,
        "works": True, "idle": False,
    }  # fmt: skip


def test_it_works_to_its_last_day_or_until_it_is_revoked(story: Story) -> None:
    for name in ("one", "two"):
        made = story.does(c.CreateApiKey(name, KeyRole.MEMBER, ends=day(50)), reason="x")
    before = str(story.okr.log.head())
    story.does(c.RevokeApiKey(made), reason="x")
    states = [(each["revoked"], each["works"]) for each in story.queries.keys()["keys"]]
    assert states == [(False, True), (True, False)]
    story.on(day(51))
    assert [each["works"] for each in story.queries.keys()["keys"]] == [False, False]
    then = story.queries.keys(known_at=before, at=day(50).isoformat())["keys"]
    assert [each["works"] for each in then] == [True, True]
