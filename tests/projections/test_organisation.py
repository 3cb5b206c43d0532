"""The organisation of a day: teams as a tree, people, cycles, readings, the scoring policy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import TeamKind
from projections import teams
from projections.queries import Queries
from tests.support.as_of_answers import Pair, ask, difference, exactly, oracle_of, pairs, texts
from tests.support.organisation_oracle import (
    Organisation,
    organisation_questions,
    positions_of,
    reading_questions,
)
from tests.support.random_history import (
    Told,
    comings_and_goings,
    days,
    perhaps,
    policies,
    these,
    weighted,
    words,
)
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, WHY, Story, day

Every = Callable[..., None]
# What becomes of teams, people and policies after a history, as days go by.
changes = weighted(
    (4, st.builds(c.FormTeam, words, parent_id=perhaps)),
    (6, st.builds(c.MoveTeam, these, perhaps, st.none() | days)),
    (3, st.builds(c.RenameTeam, these, words)),
    (1, st.builds(c.ReplaceTeamKind, these, st.sampled_from(TeamKind))),
    (1, st.builds(c.DisbandTeam, these) | st.builds(c.ReinstateTeam, these)),
    (1, st.builds(c.CommitPlan, these, these, st.booleans())),
    (1, comings_and_goings | policies),
    (5, st.integers(1, 3)),
)
sequels = st.lists(changes, min_size=10, max_size=30)
MANY = {"sqlite": 24, "postgresql": 6}


# ---- whatever happened ----------------------------------------------------------------------


def organisation_of(told: Told) -> Organisation:
    entries = told.okr.directory.entries()
    return Organisation(oracle_of(told), {str(id_): each.name for id_, each in entries.items()})


def first_mismatch(told: Told, asked: list[Pair]) -> str | None:
    """The first answer that is not what the log has, in words."""
    expects, queries = organisation_of(told), Queries(told.okr, told.runner)
    for pair in asked:
        when = texts(pair, expects.oracle)
        for question in organisation_questions(expects.oracle):
            found, expected = (ask(whom, question, when) for whom in (queries, expects))
            if exactly(found) != exactly(expected):
                return f"{question} {when}: {difference(found, expected)}"
    return None


def test_every_answer_about_the_organisation_is_the_fold_of_the_log(every_history: Every) -> None:
    def holds(told: Told, sequel: list[Any], asked: list[Pair]) -> None:
        told.plays(sequel)
        assert first_mismatch(told, asked) is None

    every_history(holds, MANY, sequel=sequels, asked=pairs)


def test_every_reading_alone_is_the_one_in_the_list_with_all_its_events(
    every_history: Every,
) -> None:
    def holds(told: Told, asked: list[Pair]) -> None:
        expects, queries = organisation_of(told), Queries(told.okr, told.runner)
        for pair in asked:
            when = texts(pair, expects.oracle)
            for question in reading_questions(expects.oracle):
                found = positions_of(ask(queries, question, when))
                expected = ask(expects, question, when)
                assert exactly(found) == exactly(expected), (question, when)

    every_history(holds, asked=pairs)


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_planted_faults_are_seen(every_history: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    right = teams.placed
    faults: dict[str, Callable[..., Any]] = {
        "names are those of now": lambda view, rows, recorded: right(
            view.at(view.moment._replace(plan=view.moment.known)), rows, recorded
        ),
        "moves hold from the day they were recorded": lambda view, rows, recorded: right(
            view, [row | {"effective": None} for row in rows], recorded
        ),
        "a move that was recorded later does not count": lambda view, rows, recorded: right(
            view, [r for r in rows if r["known_from"] <= view.moment.plan] or rows, recorded
        ),
    }
    unseen = set(faults)

    def holds(told: Told, sequel: list[Any], asked: list[Pair]) -> None:
        told.plays(sequel)
        for name in sorted(unseen):
            with monkeypatch.context() as patch:
                patch.setattr(teams, "placed", faults[name])
                if first_mismatch(told, asked):
                    unseen.discard(name)

    every_history(holds, MANY, lambda: not unseen, sequel=sequels, asked=pairs)
    assert not unseen


# ---- by hand --------------------------------------------------------------------------------


def tree(story: Story, **when: str) -> dict[str, str | None]:
    """The name of the team above each team, by its name."""
    found = story.queries.teams(**when)["teams"]
    return {each["name"]: each["parent"] and each["parent"]["name"] for each in found}


def test_teams_are_those_of_the_day_as_a_tree(story: Story) -> None:
    story.does(c.RenameTeam(SALES, "Growth"))
    north = story.does(c.FormTeam("North", TeamKind.TEAM, SALES))
    story.on(day(60))
    story.does(c.MoveTeam(north, COMPANY))
    story.does(c.RenameTeam(COMPANY, "Company Ltd"))
    assert tree(story) == {
        "Company Ltd": None, "Growth": "Company Ltd", "North": "Company Ltd",
    }  # fmt: skip
    assert tree(story, at=str(day(55))) == {
        "Company": None, "Growth": "Company", "North": "Growth",
    }  # fmt: skip
    assert tree(story, known_at=str(day(49))) == {"Company": None, "Sales": "Company"}
    assert tree(story, known_at=str(day(-3))) == {}


def test_a_move_counts_from_its_effective_day_also_where_it_was_recorded_later(
    story: Story,
) -> None:
    north = story.does(c.FormTeam("North", TeamKind.TEAM, COMPANY))
    story.on(day(70))
    west = story.does(c.FormTeam("West", TeamKind.TEAM, SALES))
    story.does(c.MoveTeam(north, west, day(60)))
    assert tree(story, at=str(day(59)))["North"] == "Company"
    found = {each["name"]: each for each in story.queries.teams(at=str(day(60)))["teams"]}
    assert found["North"]["parent"] == {"id": str(west), "name": "West"}
    # West was not there yet, but North was below it: so it is shown where it was at first.
    assert found["West"]["parent"] == {"id": str(SALES), "name": "Sales"}
    later = {name: each["recorded_later"] for name, each in found.items()}
    assert later == {"Company": None, "Sales": None, "North": day(70), "West": day(70)}
    before = story.queries.teams(known_at=str(day(69)), at=str(day(60)))["teams"]
    assert {each["name"] for each in before} == {"Company", "Sales", "North"}


def test_one_team_names_those_below_it(story: Story) -> None:
    story.does(c.FormTeam("North", TeamKind.TEAM, COMPANY))
    story.does(c.DisbandTeam(SALES))
    found = story.queries.team(COMPANY)
    assert (found["name"], found["parent"], found["day"]) == ("Company", None, day(50))
    assert [each["name"] for each in found["teams_below"]] == ["North", "Sales"]
    assert story.queries.team(SALES)["disbanded"]
    assert not story.queries.team(SALES, at=str(day(49)))["disbanded"]
    with pytest.raises(NotFound) as refused:
        story.queries.team(SALES, known_at="1")
    assert refused.value.field == "id"


def test_a_cycle_names_the_teams_whose_plans_were_committed_as_of_the_day(story: Story) -> None:
    story.objective(team_id=SALES)
    story.does(c.CommitPlan(NOW, SALES))
    story.on(day(60))
    story.does(c.RenameTeam(SALES, "Growth"))

    def committed(**when: str) -> list[Any]:
        found = story.queries.cycle(NOW, **when)
        listed = story.queries.cycles(**when)["cycles"]
        assert [each["plan_commits"] for each in listed if each["id"] == str(NOW)] == [
            found["plan_commits"]
        ]
        return [each["team"]["name"] for each in found["plan_commits"]]

    assert committed() == ["Growth"]
    assert committed(at=str(day(55))) == ["Sales"]
    assert committed(at=str(day(49))) == []


def test_a_cycle_is_found_by_its_name_and_was_called_otherwise_before(story: Story) -> None:
    before = str(story.okr.log.head())
    story.does(c.RenameCycle(NEXT, "spring"))
    assert story.queries.cycle(NEXT)["name"] == "spring"
    assert story.queries.cycle(NEXT, known_at=before)["name"] == "next"
    with pytest.raises(NotFound):
        story.queries.cycle(UUID(int=0xFFFF))


def test_one_person_is_the_one_of_the_list(story: Story) -> None:
    story.does(c.NameDeputy(ANN, BEN, day(60), day(70)), reason=None)
    story.does(c.DeactivatePerson(BEN, day(40)))
    for when in ({}, {"at": str(day(39))}, {"known_at": "3"}):
        listed = {each["id"]: each for each in story.queries.people(**when)["people"]}
        for id_ in (ANN, BEN):
            found = story.queries.person(id_, **when)
            assert {name: found[name] for name in listed[str(id_)]} == listed[str(id_)]  # type: ignore[literal-required]
    deputy = story.queries.person(ANN)["deputy"]
    assert deputy is not None
    assert deputy["person"] == {"id": str(BEN), "name": "Ben Example"}
    with pytest.raises(NotFound):
        story.queries.person(BEN, known_at="2")


def test_an_erased_person_has_a_stand_in_for_the_name(story: Story) -> None:
    story.does(c.ErasePerson(BEN, "on request"))
    found = story.queries.person(BEN)
    assert (found["name"], found["email"], found["erased"]) == ("former colleague", None, True)
    assert story.queries.person(BEN, known_at="3")["name"] == "former colleague"


def test_the_built_in_policy_holds_until_one_is_adopted(story: Story) -> None:
    found = story.queries.scoring_policy()
    assert (found["version"], found["on_track"], found["versions"]) == (None, "0.9", [])
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.8")))
    story.on(day(60))
    story.does(c.AdoptScoringPolicy(at_risk=Decimal("0.5")))

    def thresholds(**when: str) -> tuple[int | None, str, str]:
        found = story.queries.scoring_policy(**when)
        return found["version"], found["on_track"], found["at_risk"]

    assert thresholds() == (2, "0.8", "0.5")
    assert thresholds(at=str(day(59))) == (1, "0.8", "0.7")
    assert thresholds(at=str(day(49))) == (None, "0.9", "0.7")
    versions = story.queries.scoring_policy(at=str(day(59)))["versions"]
    assert [(each["version"], each["day"]) for each in versions] == [(1, day(50)), (2, day(60))]


def test_a_reading_says_who_recorded_and_who_corrected_it_and_why(story: Story) -> None:
    number = story.key_result(story.objective(), title="leads won")
    reading = story.does(
        c.CheckIn(number, day(40), 7, Decimal(2)), comment="a guess", by=BEN, reason=None
    )
    then = str(story.okr.log.head())
    story.does(c.CorrectReading(reading, Decimal(3)), reason="Counted again.")
    story.does(c.RetitleKeyResult(number, "deals won"))
    found = story.queries.reading(reading)
    assert found["measured"] == {"kind": "key_result", "id": str(number), "title": "deals won"}
    said = found["reading"]
    assert (said["value"], said["as_of"], said["comment"]) == ("3", str(day(40)), "a guess")
    assert found["recorded"]["by"] == {"id": str(BEN), "name": "Ben Example"}
    assert found["recorded"]["position"] == said["position"]
    (correction,) = found["corrections"]
    assert (correction["type"], correction["reason"]) == ("reading.corrected", "Counted again.")
    assert correction["by"] == {"id": str(ANN), "name": "Ann Example"}
    (change,) = correction["changes"]
    assert (change["field"], change["before"], change["after"]) == ("value", "2", "3")
    before = story.queries.reading(reading, known_at=then)
    assert (before["reading"]["value"], before["corrections"]) == ("2", [])
    assert before["measured"]["title"] == "leads won"
    with pytest.raises(NotFound):
        story.queries.reading(reading, at=str(day(39)))


def test_a_reading_of_a_kpi_is_taken_back_by_somebody(story: Story) -> None:
    reading = story.reads(story.kpi(name="Orders"), "7")
    story.does(c.RetractReading(reading), reason=WHY, by=BEN)
    found = story.queries.reading(reading)
    assert (found["measured"]["kind"], found["measured"]["title"]) == ("kpi", "Orders")
    assert found["reading"]["retracted"]
    assert [each["type"] for each in found["corrections"]] == ["reading.retracted"]
    with pytest.raises(NotFound):
        story.queries.reading(UUID(int=0xFFFF))
