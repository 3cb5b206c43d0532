"""The organisation that `make bench` measures, on a small scale."""

from __future__ import annotations

from pathlib import Path

from bench.quarters import FIRST, SECOND, organisation
from projections.queries import Queries


def test_the_measured_organisation_can_be_asked(tmp_path: Path) -> None:
    """Its events are made by hand, so a field that an event gained may be missing."""
    made = organisation(f"sqlite:///{tmp_path}/bench.db", changes=4, objectives=50, quarters=3)
    okr = made.made.okr
    queries = Queries(okr)
    first, second = (made.quarters[number].id for number in (FIRST, SECOND))
    assert len(queries.board(first)["objectives"]) == 50
    assert len(queries.review(second)["goals"]) == 50
    found = queries.scoreboard([quarter.id for quarter in made.quarters.values()])
    assert [each["carried_in"] for each in found["total"]["totals"]] == [0, 50, 50]
    okr.close()
    queries.runner.close()
