"""The roles of people, and who could do what on a day, beside an oracle that reads the log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.access.rights import Line
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Invalid, NotFound, Refusal
from okr_es.domain.values import Cadence, Direction, PeopleFigures, Role
from tests.support.begun import Begun
from tests.support.grant_oracle import Fact, Moment, Thing
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day, metric

CLEO, DORA, EMIL = PEOPLE = tuple(UUID(int=0xA3 + number) for number in range(3))
EVERYBODY = (ANN, BEN, *PEOPLE)
NORTH, SOUTH = UUID(int=0xB3), UUID(int=0xB4)
TEAMS = (COMPANY, SALES, NORTH, SOUTH)
WIN, GROW, COUNT, CALLS = (UUID(int=0xC1 + number) for number in range(4))
GOALS = (WIN, GROW, COUNT, CALLS)
LAST = 95
# What happens in every history, where nothing that happened by chance forbids it.
SURE: dict[int, tuple[c.Command, ...]] = {
    30: (c.MoveTeam(NORTH, COMPANY, day(25)), c.DeactivatePerson(DORA, day(28))),
    40: (c.MoveTeam(NORTH, SALES, day(35)), c.ReactivatePerson(DORA, day(38))),
    46: (c.NameDeputy(CLEO, BEN, day(46), day(72)), c.NameDeputy(ANN, DORA, day(46), day(72))),
    50: (c.GrantRole(CLEO, Role.LEAD, SOUTH, ends=day(60)),),
    61: (c.ReactivatePerson(EMIL),),
    62: (c.ErasePerson(EMIL, "GDPR 17"),),
}
# The many questions about each history take their time on PostgreSQL.
SEEDS = {"sqlite": range(4), "postgresql": range(1)}


def begin(url: str, seed: int) -> None:
    """A random history of people, teams, goals and roles, over ninety days."""
    with closing(Story(url).begun()) as story:
        chance = random.Random(seed)
        story.on(day(1))
        settle(story)
        for number in range(2, LAST):
            story.on(day(number))
            for command in SURE.get(number, ()):
                does(story, command, ANN)
            for _ in range(chance.choice([1, 1, 2, 3])):
                does(story, anything(story, chance), chance.choice(EVERYBODY))


def does(story: Story, command: c.Command, by: UUID) -> None:
    """Let somebody try; a deputy is named without a reason."""
    reason = None if isinstance(command, c.NameDeputy) else "so it was"
    with suppress(Refusal):
        story.does(command, by=by, reason=reason)


def settle(story: Story) -> None:
    for number, id_ in enumerate(PEOPLE):
        story.does(c.RegisterPerson(f"Person {number}", id=id_))
    story.does(c.FormTeam("North", parent_id=SALES, id=NORTH))
    story.does(c.FormTeam("South", parent_id=COMPANY, id=SOUTH))
    story.does(c.GrantRole(ANN, Role.ADMINISTRATOR), origin="cli")
    story.objective("win", team_id=NORTH, owner_id=BEN, id=WIN)
    story.does(c.AddKeyResult(WIN, "count", metric(), id=COUNT))
    calls = Target(day(1), day(100), Decimal(5))
    story.does(
        c.DefineKpi("calls", Direction.INCREASE, "calls", "CRM", Cadence.WEEKLY, CLEO, calls,
                    team_id=SOUTH, id=CALLS)
    )  # fmt: skip


def anything(story: Story, chance: random.Random) -> c.Command:
    """Any command that changes who could do what; many are refused, and that is fine."""
    person, other = chance.choice(EVERYBODY), chance.choice(EVERYBODY)
    team, today = chance.choice(TEAMS), story.okr.today()
    back = chance.choice([None, today - timedelta(days=chance.randint(0, 12))])
    ahead = chance.choice([None, today + timedelta(days=chance.randint(0, 20))])
    given = [row["id"] for row in story.queries.grants()["grants"]]
    grant = UUID(chance.choice(given))
    role = chance.choice([*Role])
    leads = role in {Role.LEAD, Role.AUDITOR} and chance.random() < 0.9
    give = c.GrantRole(
        person, role, team if leads else None,
        chance.choice([None, today + timedelta(days=chance.randint(0, 9))]),
        chance.choice([None, today + timedelta(days=chance.randint(9, 40))]),
        "audit 7" if role == Role.AUDITOR else None,
    )  # fmt: skip
    deputy = c.NameDeputy(person, other, today, today + timedelta(days=chance.randint(0, 9)))
    return chance.choice([
        give, give, give, c.EndGrant(grant, ahead), c.RescheduleGrant(grant, ahead),
        c.MoveTeam(chance.choice([NORTH, SOUTH]), chance.choice([COMPANY, SALES]), back),
        c.ReassignObjective(WIN, person, team, effective=back),
        c.ReassignObjective(WIN, person, effective=back),
        c.ReassignKeyResult(COUNT, chance.choice([None, person])),
        c.ReassignKpi(CALLS, person, chance.choice([None, team])), deputy,
        c.DeactivatePerson(chance.choice(PEOPLE), back),
        c.ReactivatePerson(chance.choice(PEOPLE), back),
        c.ErasePerson(EMIL, "GDPR 17") if chance.random() < 0.1 else give,
        c.ChoosePeopleFigures(chance.choice([*PeopleFigures])),
        c.DraftObjective(NOW, team, person, "grow", id=GROW),
    ])  # fmt: skip


@pytest.fixture(
    params=[(seed, engine) for engine, seeds in SEEDS.items() for seed in seeds],
    ids=lambda param: f"history-{param[0]}-{param[1]}",
)
def history(request: pytest.FixtureRequest) -> Iterator[Story]:
    """A story in which much happened, on each engine in turn."""
    seed, engine = request.param
    begun: Begun = request.getfixturevalue(f"begun_on_{engine}")
    with (
        begun.fresh(f"grants {seed}", partial(begin, seed=seed)) as url,
        closing(Story(url)) as story,
    ):
        story.on(day(LAST))
        yield story


def log_of(story: Story) -> list[Fact]:
    rows = story.okr.log.rows(0, 10_000, ["position", "recorded_at"])
    days = [datetime.fromisoformat(row[1]).date() for row in rows]
    return [
        Fact(row[0], at, event) for row, at, event in zip(rows, days, story.facts(), strict=True)
    ]


def moments(log: list[Fact]) -> Iterator[tuple[int, date]]:
    """What is known now, in the middle and early, about days before and after."""
    for known in (len(log), len(log) * 2 // 3, len(log) // 3):
        for number in (3, 20, 47, 48, 70, LAST, 130):
            yield known, day(number)


def answered(answer: Any) -> dict[str, list[tuple[str, str | None, bool]]]:
    return {
        each["person"]["id"]: [
            (right["role"], right["grant"] and right["grant"]["id"], right["alone"])
            for right in each["rights"]
        ]
        for each in answer["people"]
    }


def test_who_could_is_what_the_log_says(history: Story) -> None:
    log = log_of(history)
    for known, at in moments(log):
        then = Moment(log, known, at)
        when = {"known_at": str(known), "at": str(at)}
        for line in Line:
            for goal in GOALS:
                thing = then.goal(goal)
                if thing is None:
                    continue
                found = history.queries.who_could(line, goal_id=goal, **when)
                assert answered(found) == then.who_could(line, thing), (line, goal, when)
        for team in TEAMS:
            found = history.queries.who_could("plans", team_id=team, **when)
            assert answered(found) == then.who_could("plans", Thing(teams=then.above(team)))
        for person in (BEN, EMIL):
            found = history.queries.who_could("personal", person_id=person, **when)
            assert answered(found) == then.who_could("personal", Thing(owners=frozenset({person})))
        found = history.queries.who_could("cycles", **when)
        assert answered(found) == then.who_could("cycles", Thing())


def test_roles_are_what_the_log_says(history: Story) -> None:
    log = log_of(history)
    for known, at in moments(log):
        then, when = Moment(log, known, at), {"known_at": str(known), "at": str(at)}
        there = then.there()
        hold = [each for each in then.roles() if then.holds(each) and each.person in there]
        found = history.queries.grants(**when)["grants"]
        assert [each["id"] for each in found] == [each.id for each in hold]
        assert all(each["holds"] for each in found)
        for person in EVERYBODY:
            found = history.queries.grants(person_id=person, **when)["grants"]
            assert [each["id"] for each in found] == [e.id for e in hold if e.person == person]
        for team in TEAMS:
            found = history.queries.grants(team_id=team, **when)["grants"]
            below = [each.id for each in hold if each.team and team in then.above(each.team)]
            assert [each["id"] for each in found] == below
        for role in Role:
            found = history.queries.grants(role=role, **when)["grants"]
            assert [each["id"] for each in found] == [e.id for e in hold if e.role == role]


def test_without_a_day_all_are_listed_with_their_days(history: Story) -> None:
    log = log_of(history)
    then = Moment(log, len(log), day(LAST))
    found = history.queries.grants()["grants"]
    assert [
        (each["id"], UUID(each["person"]["id"]), each["role"], each["starts"], each["ends"])
        for each in found
    ] == [
        (e.id, e.person, e.role, str(e.starts), None if e.ends is None else str(e.ends))
        for e in then.roles()
    ]
    assert any(each["holds"] for each in found)
    assert not all(each["holds"] for each in found)


def test_what_happened_is_worth_comparing(history: Story) -> None:
    """There are roles of each kind, some ended, and people who left: else nothing is compared."""
    kinds = {type(each).__qualname__ for each in history.facts()}
    assert kinds >= {"Grant.Given", "Grant.Ended", "Person.Deactivated", "Team.Moved",
                     "Objective.Reassigned"}  # fmt: skip
    assert len({each["role"] for each in history.queries.grants()["grants"]}) > 2


@pytest.fixture
def led(story: Story) -> Story:
    """Ben leads the sales team from day 60 to day 70; said on day 50."""
    story.does(c.GrantRole(BEN, Role.LEAD, SALES, day(60), day(70)))
    return story


def could(story: Story, line: str, number: int, **asked: Any) -> list[str]:
    answer = story.queries.who_could(line, at=str(day(number)), **asked)
    return [each["person"]["id"] for each in answer["people"]]


def test_a_lead_could_on_their_days_alone(led: Story) -> None:
    led.on(day(90))
    assert [could(led, "plans", number, team_id=SALES) for number in (59, 60, 70, 71)] == [
        [], [str(BEN)], [str(BEN)], [],
    ]  # fmt: skip
    assert could(led, "plans", 65, team_id=COMPANY) == []


def test_as_it_was_known_then(led: Story) -> None:
    """On day 65 it is ended from the next day on: before, day 68 was to be one of theirs."""
    before = str(led.okr.log.head())
    led.on(day(65))
    grant = UUID(led.queries.grants()["grants"][0]["id"])
    led.does(c.EndGrant(grant, day(66)))
    assert could(led, "plans", 68, team_id=SALES, known_at=before) == [str(BEN)]
    assert could(led, "plans", 68, team_id=SALES) == []
    assert could(led, "plans", 65, team_id=SALES) == [str(BEN)]


def test_an_erased_person_is_an_id_in_what_they_could(led: Story) -> None:
    led.on(day(80))
    led.does(c.ErasePerson(BEN, "GDPR 17"))
    assert could(led, "plans", 65, team_id=SALES) == [str(BEN)]
    found = led.queries.grants(at=str(day(65)))["grants"]
    assert [each["person"] for each in found] == [{"id": str(BEN)}]
    assert led.queries.grants(at=str(day(80)))["grants"] == []


def test_an_answer_says_by_which_words_of_the_table(led: Story) -> None:
    found = led.queries.who_could("plans", "grade", team_id=SALES, at=str(day(60)))
    (grant,) = led.queries.grants()["grants"]
    assert (found["may"], found["part"]) == ("plans", "grade")
    assert found["about"] == {"kind": "team", "id": str(SALES)}
    assert found["people"] == [
        {
            "person": {"id": str(BEN)},
            "rights": [
                {
                    "role": "lead",
                    "grant": {"id": grant["id"]},
                    "team": {"id": str(SALES)},
                    "extent": "subtree, not own grade alone",
                    "alone": True,
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("asked", "field", "refusal"),
    [
        ({"may": "fly"}, "may", Invalid),
        ({"may": "see", "part": "wings"}, "part", Invalid),
        ({"may": "see", "goal_id": ANN}, "goal_id", NotFound),
        ({"may": "see", "team_id": ANN}, "team_id", NotFound),
        ({"may": "see", "person_id": SALES}, "person_id", NotFound),
        ({"may": "see", "person_id": ANN, "team_id": SALES}, "team_id", Invalid),
    ],
    ids=["line", "part", "goal", "team", "person", "two-things"],
)
def test_what_cannot_be_asked_is_refused(
    asked: dict[str, Any], field: str, refusal: type[Refusal], story_on_sqlite: Story
) -> None:
    with pytest.raises(refusal) as found:
        story_on_sqlite.queries.who_could(**asked)
    assert found.value.field == field


def test_neither_is_an_unknown_team_or_role(story_on_sqlite: Story) -> None:
    with pytest.raises(NotFound, match="team"):
        story_on_sqlite.queries.grants(team_id=ANN)
    with pytest.raises(Invalid, match="role"):
        story_on_sqlite.queries.grants(role="king")
