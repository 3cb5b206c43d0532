"""How the command line tells what was changed under a running cycle, and who approves whom."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Controlled
from tests.support.story import ANN, BEN, NOW, Story, day
from web.cli.patterns import patterns_lines

CEM = UUID(int=0xA3)
NAMES = {str(ANN): "Ann", str(BEN): "Ben", str(CEM): "Cem"}


@pytest.fixture
def story(sqlite_url: str) -> Iterator[Story]:
    """A promise of Cem's, fed by a KPI that is to be retired; it is the last week."""
    story = Story(sqlite_url).begun()
    story.does(c.RegisterPerson("Cem", id=CEM))
    goal = story.objective(owner_id=CEM)
    number, kpi = story.key_result(goal), story.kpi("increase", name="Visitors")
    story.key_result(goal, kpi_id=kpi, title="fed", weight="0")
    story.does(c.CommitPlan(NOW))
    story.on(day(95))
    story.does(c.CorrectReading(story.checks_in(number, "70"), Decimal(100)))
    story.does(c.RetireKpi(kpi))
    story.does(c.AdoptScoringPolicy(committed_expected=Decimal("0.9")))
    story.does(c.ReassignObjective(goal, owner_id=BEN, effective=day(80)))
    story.does(c.ReassignObjective(goal, owner_id=CEM))
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    for number, (one, other) in enumerate([(ANN, BEN), (BEN, ANN)] * 2):
        request = story.does(c.RetitleObjective(goal, f"win {number}"), by=one)
        story.does(c.ApproveRequest(request), by=other)
    yield story
    story.close()


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("pairs who approved nothing but each other's requests", "  Ben and Ann  (4 times)"),
        ("goals handed over from a day more than a week before", "  win 3  (from 15 days before)"),
        (
            "corrections in the last week that moved what comes out of a goal",
            "  a number  (5 days before the end, win 3: partly_met → met)",
        ),
        ("KPIs retired while they fed the plan", "  Visitors"),
        ("changes of the scoring policy while the cycle ran", "  scoring policy"),
    ],
)
def test_each_kind_is_counted_and_shown_with_what_it_is_about(
    heading: str, line: str, story: Story
) -> None:
    lines = "\n".join(patterns_lines(story.queries.patterns(NOW), NAMES)).splitlines()
    assert f"   1  {heading}" in lines
    assert lines[lines.index(heading) + 1] == line


def test_each_event_says_who_and_what(story: Story) -> None:
    lines = "\n".join(patterns_lines(story.queries.patterns(NOW), NAMES)).splitlines()
    policy = lines[lines.index("  scoring policy") + 1 :]
    assert "scoring_policy.adopted" in policy[0]
    assert "        committed expected: 0.9" in policy
    pair = lines[lines.index("  Ben and Ann  (4 times)") + 1 :][:16]
    kinds = [line.split()[1] for line in pair[::2]]
    assert kinds == ["approval.requested", "approval.approved"] * 4
    titles = [f"win {number}" for number in range(3)]
    assert [line.strip() for line in pair[1::2]] == [
        f"Change the title of an objective.  {title}"
        for title in ("win", *titles)
        for _ in range(2)
    ]
