"""A plan committed team by team: each goal is judged by the commit that covered it.

The company commits on day 50, sales a week later, product a week after that.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid
from tests.support.story import ANN, BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric

WHY = "Agreed."


def by_title(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["title"]: row for row in rows}


class Cascade:
    """The company's goal, and those of two teams below it, committed a week apart.

    Each goal has one key result, at 30 of 100, that was 40 of 100 until its team's plan.
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self.product = story.does(c.FormTeam("Product", parent_id=COMPANY))
        self.teams = {"lead": COMPANY, "sell": SALES, "build": self.product}
        self.goals = {name: story.objective(name, team_id=t) for name, t in self.teams.items()}
        self.results = {
            name: story.key_result(goal, metric("0", "40"), title=f"{name} more")
            for name, goal in self.goals.items()
        }
        self.commits = {}
        for number, (name, team) in enumerate(self.teams.items()):
            story.on(day(50 + 7 * number))
            story.does(c.RetargetKeyResult(self.results[name], metric("0", "100")))
            story.does(c.CommitPlan(NOW, team, with_teams_below=False))
            self.commits[name] = story.okr.log.head()
            if name == "sell":  # the company eases its target before product has committed
                story.on(day(59))
                story.does(c.RetargetKeyResult(self.results["lead"], metric("0", "50")))
        story.on(day(70))
        for result in self.results.values():
            story.checks_in(result, "30")

    def plan(self) -> dict[str, dict[str, Any]]:
        return by_title(self.story.queries.plan(NOW)["goals"])

    def review(self, **scope: Any) -> dict[str, dict[str, Any]]:
        return by_title(self.story.queries.review(NOW, **scope)["goals"])

    def committed_and_ended(self, name: str) -> tuple[str | None, str | None]:
        scores = self.review()[name]["scores"]
        committed, ended = (scores[each] and scores[each]["score"] for each in scores)
        return committed and str(committed), ended and str(ended)


@pytest.fixture
def cascade(story: Story) -> Cascade:
    return Cascade(story)


def test_no_goal_of_a_cascade_is_added_mid_cycle(cascade: Cascade) -> None:
    goals = cascade.plan()
    assert {row["planned"] for row in goals.values()} == {True}
    assert not any(row["added_mid_cycle"] for row in goals.values())
    assert {name: goals[name]["promised_at"] for name in cascade.commits} == cascade.commits
    assert {goals[f"{name} more"]["promised_at"] for name in cascade.commits} == {
        *cascade.commits.values()
    }


def test_a_draft_that_is_committed_along_is_part_of_the_plan(story: Story) -> None:
    goal = story.does(c.DraftObjective(NOW, SALES, BEN, "sell"))
    story.key_result(goal, metric("0", "100"), title="sell more")
    story.does(c.CommitPlan(NOW, with_drafts="all"))
    rows = by_title(story.queries.plan(NOW)["goals"])
    assert {row["promised_at"] for row in rows.values()} == {story.okr.log.head()}
    assert {(row["planned"], row["added_mid_cycle"]) for row in rows.values()} == {(True, False)}


def test_what_was_eased_after_its_own_commit_leaves_a_trace(cascade: Cascade) -> None:
    """Though another team's commit came later."""
    goals = cascade.plan()
    assert {name: row["revisions"] for name, row in goals.items() if row["revisions"]} == {
        "lead more": 1
    }
    assert cascade.committed_and_ended("lead") == ("0.3000", "0.6000")
    assert cascade.committed_and_ended("sell") == ("0.3000", "0.3000")
    assert cascade.committed_and_ended("build") == ("0.3000", "0.3000")
    promised = cascade.review()["lead"]["key_results"][0]["promised"]
    assert str(promised["target"]) == "100"
    found = cascade.story.queries.patterns(NOW)["findings"]
    eased = [each["goal"]["title"] for each in found if each["kind"] == "lowered_target"]
    assert eased == ["lead more"]


def test_only_what_happened_since_its_own_promise_is_counted(cascade: Cascade) -> None:
    counts = {name: row["counts"]["retargets"] for name, row in cascade.review().items()}
    assert counts == {"lead": 1, "sell": 0, "build": 0}


def test_a_cycle_shows_each_commit_and_a_team_its_own(cascade: Cascade) -> None:
    plan = cascade.story.queries.plan(NOW)
    assert [
        (each["position"], each["team"]["id"], each["with_teams_below"])
        for each in plan["cycle"]["plan_commits"]
    ] == [(cascade.commits[name], str(team), False) for name, team in cascade.teams.items()]
    assert plan["committed"] == {"position": cascade.commits["build"], "day": day(64)}
    assert {row["team"]["id"]: row["committed"]["position"] for row in plan["teams"]} == {
        str(team): cascade.commits[name] for name, team in cascade.teams.items()
    }


def test_the_plan_of_all_teams_names_none(story: Story) -> None:
    story.objective()
    story.does(c.CommitPlan(NOW))
    (commit,) = story.queries.board(NOW)["cycle"]["plan_commits"]
    assert (commit["team"], commit["with_teams_below"]) == (None, True)


# ---- what moves --------------------------------------------------------------------------


def test_later_moves_change_nothing(story: Story) -> None:
    """A promise stays that of the commit that covered it, also when the new team commits."""
    win, sell = story.objective("win"), story.objective("sell", team_id=SALES)
    result = story.key_result(win, metric("0", "100"))
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    first = story.okr.log.head()
    story.does(c.ReassignObjective(win, team_id=SALES))
    story.does(c.RetargetKeyResult(result, metric("0", "60")))
    story.does(c.CommitPlan(NOW, SALES))
    goals = by_title(story.queries.plan(NOW)["goals"])
    assert (goals["win"]["promised_at"], goals["win"]["planned"]) == (first, True)
    assert goals["sell"]["promised_at"] == story.okr.log.head()
    assert (goals["win"]["revisions"], goals["a number"]["revisions"]) == (1, 1)
    story.checks_in(result, "30")
    reviewed = by_title(story.queries.review(NOW)["goals"])["win"]
    assert str(reviewed["scores"]["committed"]["score"]) == "0.3000"
    assert reviewed["promised"]["team"] == {"id": str(COMPANY)}
    assert sell


def added(story: Story) -> tuple[UUID, UUID]:
    """A plan of the company, and a goal of sales, whose plan is open, with a target of 100."""
    story.objective("win")
    sell = story.objective("sell", team_id=SALES)
    result = story.key_result(sell, metric("0", "100"))
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    return sell, result


def moved_in(story: Story, sell: UUID) -> None:
    story.does(c.ReassignObjective(sell, team_id=COMPANY))


def committed_later(story: Story, sell: UUID) -> None:
    story.does(c.AbandonObjective(sell))
    sell = story.does(c.DraftObjective(NOW, COMPANY, ANN, "late"))
    story.key_result(sell, metric("0", "100"), title="late more")
    story.does(c.CommitObjective(sell))


def brought_back(story: Story, sell: UUID) -> None:
    story.does(c.AbandonObjective(sell))
    story.does(c.CommitPlan(NOW)) if story.objective("other", team_id=SALES) else None
    story.does(c.ReopenObjective(sell))


@pytest.mark.parametrize("come", [moved_in, committed_later, brought_back])
def test_what_comes_to_a_committed_plan_is_added_with_what_stood_then(
    come: Any, story: Story
) -> None:
    sell, result = added(story)
    come(story, sell)
    came_at = story.okr.log.head()
    if come is committed_later:
        goals = by_title(story.queries.objective(sell, known_at=str(came_at))["key_results"])
        assert goals
        (sell,) = (
            UUID(row["id"]) for row in story.queries.board(NOW)["objectives"]
            if row["title"] == "late"
        )  # fmt: skip
        result = UUID(story.queries.objective(sell)["key_results"][0]["id"])
    story.does(c.RetargetKeyResult(result, metric("0", "50")))
    story.checks_in(result, "40")
    plan = story.queries.plan(NOW)
    goals = {row["id"]: row for row in plan["goals"]}
    for id_ in (str(sell), str(result)):
        row = goals[id_]
        assert (row["promised_at"], row["planned"], row["added_mid_cycle"]) == (
            came_at, False, True,
        )  # fmt: skip
    assert (goals[str(sell)]["revisions"], goals[str(result)]["revisions"]) == (0, 1)
    assert plan["added"] == 2
    assert came_at in {each["position"] for each in plan["changes"]}
    answer = story.queries.review(NOW)
    reviewed = {row["id"]: row for row in answer["goals"]}[str(sell)]
    scores = reviewed["scores"]
    assert [str(scores[each]["score"]) for each in ("committed", "ended")] == [
        "0.4000", "0.8000",
    ]  # fmt: skip
    whose = {row["team"]["id"]: row for row in answer["teams"]}[reviewed["team"]["id"]]
    assert (whose["added"], answer["total"]["added"]) == (1, 1)
    assert story.queries.objective(sell)["added_mid_cycle"]
    before = story.queries.objective(sell, known_at=str(came_at - 1))
    assert not before["added_mid_cycle"]


def test_a_goal_of_a_team_whose_plan_is_open_is_no_promise(story: Story) -> None:
    sell, result = added(story)
    story.does(c.RetargetKeyResult(result, metric("0", "50")))
    plan = by_title(story.queries.plan(NOW)["goals"])["sell"]
    assert (plan["promised_at"], plan["planned"], plan["added_mid_cycle"]) == (None, False, False)
    answer = story.queries.review(NOW, objective_id=sell)
    (goal,) = answer["goals"]
    assert (goal["promised"], goal["scores"]["committed"]) == (None, None)
    assert goal["scores"]["ended"] is not None
    (goal,) = answer["goals"]
    total = story.queries.review(NOW)["total"]
    assert (total["objectives"], total["added"], total["not_planned"]) == (2, 0, 1)


def test_a_draft_moved_into_a_committed_team_is_none_until_it_is_committed(story: Story) -> None:
    story.objective("win")
    draft = story.does(c.DraftObjective(NOW, SALES, BEN, "perhaps"))
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    story.does(c.ReassignObjective(draft, team_id=COMPANY))
    assert by_title(story.queries.plan(NOW)["goals"])["perhaps"]["promised_at"] is None
    story.does(c.CommitObjective(draft))
    assert by_title(story.queries.plan(NOW)["goals"])["perhaps"]["added_mid_cycle"]


def test_a_second_commit_of_a_subtree_passes_over_what_was_committed(story: Story) -> None:
    win = story.objective("win")
    story.does(c.CommitPlan(NOW, COMPANY))
    first = story.okr.log.head()
    web = story.does(c.FormTeam("Web", parent_id=SALES))
    story.objective("build", team_id=web)
    story.does(c.RetitleObjective(win, "win more"))
    story.does(c.CommitPlan(NOW, COMPANY))
    goals = by_title(story.queries.plan(NOW)["goals"])
    assert goals["win more"]["promised_at"] == first
    assert goals["build"]["promised_at"] == story.okr.log.head()
    assert not goals["build"]["added_mid_cycle"]


# ---- what ends -------------------------------------------------------------------------------


def test_what_was_abandoned_before_the_commit_was_not_dropped_mid_cycle(story: Story) -> None:
    """Also when a key result of what it is aligned to is moved later."""
    win, other = story.objective("win"), story.objective("other")
    through = story.key_result(win)
    gone = story.objective("gone")
    story.aligns(gone, aligned_to_key_result_id=through)
    story.does(c.AbandonObjective(gone))
    story.does(c.CommitPlan(NOW))
    story.does(c.MoveKeyResult(through, other))
    goal = by_title(story.queries.plan(NOW)["goals"])["gone"]
    assert (goal["planned"], goal["dropped_mid_cycle"]) == (False, False)


def test_what_was_abandoned_stays_dropped_when_a_key_result_moves_later(story: Story) -> None:
    win, other = story.objective("win"), story.objective("other")
    through = story.key_result(win)
    gone = story.objective("gone")
    story.aligns(gone, aligned_to_key_result_id=through)
    story.does(c.CommitPlan(NOW))
    story.does(c.AbandonObjective(gone))
    story.does(c.MoveKeyResult(through, other))
    goal = by_title(story.queries.plan(NOW)["goals"])["gone"]
    assert (goal["planned"], goal["dropped_mid_cycle"]) == (True, True)


def test_a_key_result_dropped_before_the_commit_was_no_part_of_the_plan(story: Story) -> None:
    win = story.objective("win")
    gone = story.key_result(win, title="gone")
    story.does(c.DropKeyResult(gone))
    story.does(c.CommitPlan(NOW))
    goal = by_title(story.queries.plan(NOW)["goals"])["gone"]
    assert (goal["promised_at"], goal["planned"], goal["dropped_mid_cycle"]) == (None, False, False)


def test_a_return_is_shown_and_counted(story: Story) -> None:
    win = story.objective("win")
    story.does(c.CommitPlan(NOW))
    for _ in range(2):
        story.does(c.AbandonObjective(win))
        story.does(c.ReopenObjective(win))
    plan = story.queries.plan(NOW)
    assert (plan["revisions"], plan["returned"], plan["added"]) == (2, 2, 0)
    (goal,) = plan["goals"]
    assert (goal["returns"], goal["dropped_mid_cycle"]) == (2, False)
    assert [each["type"] for each in plan["changes"]] == [
        "objective.reopened", "objective.abandoned", "objective.reopened", "objective.abandoned",
    ]  # fmt: skip


def test_a_grade_that_is_taken_back_is_no_return(story: Story) -> None:
    win = story.objective("win")
    story.does(c.CommitPlan(NOW))
    story.does(c.GradeObjective(win))
    story.does(c.ReopenObjective(win))
    plan = story.queries.plan(NOW)
    assert (plan["returned"], plan["changes"]) == (0, [])


# ---- moments -------------------------------------------------------------------------------------


def test_the_word_plan_committed_is_of_what_is_asked_about(cascade: Cascade) -> None:
    queries, commits = cascade.story.queries, cascade.commits
    for name, goal in cascade.goals.items():
        answer = queries.objective(goal, known_at="plan-committed")
        assert (answer["position"], answer["fixed"]) == (commits[name], True)
        number = queries.key_result(cascade.results[name], known_at="plan-committed")
        assert number["position"] == commits[name]
        review = queries.review(NOW, objective_id=goal, known_at="plan-committed")
        assert review["position"] == commits[name]
        team = queries.review(NOW, team_id=cascade.teams[name], known_at="plan-committed")
        assert team["position"] == commits[name]
        for scope in ({"goal_id": goal}, {"team_id": cascade.teams[name]}):
            compared = queries.compare("plan-committed", "cycle:now", cycle=NOW, **scope)
            assert compared["from"]["position"] == commits[name]
        explained = queries.explanation(goal, "plan-committed", str(cascade.story.okr.log.head()))
        assert explained["from"]["position"] == commits[name]


def test_of_a_cycle_it_is_the_last_commit_and_another_may_follow(cascade: Cascade) -> None:
    queries, last = cascade.story.queries, cascade.commits["build"]
    for text in ("plan-committed", "now:plan-committed"):
        board = queries.board(NOW, known_at=text)
        assert (board["position"], board["fixed"]) == (last, False)
    assert (
        queries.objective(cascade.goals["lead"], known_at="now:plan-committed")["position"] == last
    )


def test_once_the_plan_of_all_teams_is_committed_the_word_stays(story: Story) -> None:
    story.objective("win")
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    assert not story.queries.board(NOW, known_at="plan-committed")["fixed"]
    story.objective("sell", team_id=SALES)
    story.does(c.CommitPlan(NOW))
    board = story.queries.board(NOW, known_at="plan-committed")
    assert (board["position"], board["fixed"]) == (story.okr.log.head(), True)


def test_without_a_promise_there_is_no_such_moment(story: Story) -> None:
    sell, result = added(story)
    queries = story.queries
    for ask in (
        lambda: queries.objective(sell, known_at="plan-committed"),
        lambda: queries.key_result(result, known_at="plan-committed"),
        lambda: queries.review(NOW, team_id=SALES, known_at="plan-committed"),
        lambda: queries.board(NEXT, known_at="plan-committed"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask()
        assert refusal.value.field == "known_at"


def test_opened_is_where_the_cycle_was_opened(story: Story) -> None:
    story.objective("win")
    board = story.queries.board(NOW, known_at="opened")
    assert (board["objectives"], board["fixed"]) == ([], True)
    opened = next(
        n for n, each in enumerate(story.facts(), 1)
        if each.originator_id == NOW
    )  # fmt: skip
    assert board["position"] == opened
    assert story.queries.board(NOW, known_at="now:opened")["position"] == opened


# ---- plan against actual, audit log ----------------------------------------------------------


def test_plan_against_actual_goes_by_the_promise_of_the_goal(cascade: Cascade) -> None:
    queries = cascade.story.queries
    for name, goal in cascade.goals.items():
        actual = queries.objective_plan_and_actual(goal)
        assert actual["committed_position"] == cascade.commits[name]
        (first, *later) = queries.key_result_plan_and_actual(cascade.results[name])["planned"]
        assert (first["original"], str(first["target"])) == (True, "100")
        assert [str(each["target"]) for each in later] == (["50"] if name == "lead" else [])


def test_the_audit_log_of_a_team_has_the_commits_of_its_plan(cascade: Cascade) -> None:
    queries = cascade.story.queries

    def found(**search: Any) -> list[int]:
        page = queries.audit_log(type="cycle.plan_committed", **search)
        return [each["position"] for each in page["entries"]]

    company, sales, product = cascade.commits.values()
    assert found(team_id=SALES) == [sales]
    assert found(team_id=cascade.product) == [product]
    assert found(team_id=COMPANY) == [product, sales, company]
    assert found(cycle=NOW) == [product, sales, company]
    assert found(cycle=NEXT) == []


SENTENCES = {
    "en": """
        committed the plan of the cycle now on
        committed the plan of the team “Company”, with all teams below, for the cycle now on
        committed the plan of the team “Sales” for the cycle now on
    """,
    "sv": """
        fastställde planen för cykeln now den
        fastställde planen för teamet ”Company”, med alla team därunder, för cykeln now den
        fastställde planen för teamet ”Sales” för cykeln now den
    """,
}


@pytest.mark.parametrize("language", SENTENCES)
def test_the_audit_log_says_whose_plan_was_committed(language: str, story: Story) -> None:
    story.objective("sell", team_id=SALES)
    story.does(c.CommitPlan(NOW, SALES, with_teams_below=False))
    story.objective("win")
    story.does(c.CommitPlan(NOW, COMPANY))
    other = story.does(c.FormTeam("Other"))
    story.objective("build", team_id=other)
    story.does(c.CommitPlan(NOW))
    page = story.queries.audit_log(type="cycle.plan_committed", language=language)
    texts = [each["sentence"] for each in page["entries"]]
    parts = [line.strip() for line in SENTENCES[language].strip().splitlines()]
    assert all(part in text for part, text in zip(parts, texts, strict=True)), texts
