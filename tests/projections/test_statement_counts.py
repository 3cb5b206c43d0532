"""How many statements a question takes: few, and as many for goals, days and events times four.

They are counted at the driver, over all databases (`statements.py`), by a process that has answered
another question before and is up to date, so nothing of the answer can have been cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from okr_es.operations.copying import FromDatabase, ToDatabase, copy
from okr_es.operations.moment import Moment
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.conftest import ENGINES
from tests.support.begun import OnSqlite
from tests.support.busy_company import CYCLE, NEXT, THEME, BusyCompany, id_of
from tests.support.postgresql import connect
from tests.support.statements import Statements, by_text, watched

Question = Callable[[Queries, BusyCompany], object]

PER_500 = 2  # more statements a question may take for every 500 events
SUCCESSOR = id_of("objective", 0x1000)
FIRST, KEY_RESULT, KPI = id_of("objective", 0), id_of("key_result", 0), id_of("kpi", 0)
LIMITS = {
    "objectives": 10, "key results": 9, "tree": 12, "part of a board": 12,
    "board": 5, "board about a day": 7, "board of who is signed in": 13, "objective": 3,
    "compare": 14, "compare with figures": 100, "scoreboard": 130, "audit log": 19,
    "patterns": 31, "plan": 14, "results": 20, "review": 45,
    "plan against actual": 30, "explanation": 20, "grants": 9, "who could": 11,
    "replay by event": 40, "replay by day": 40,
    "teams": 3, "teams about a day": 5, "team": 3, "cycles": 3, "cycle": 3, "people": 3,
    "person": 3, "scoring policy": 3, "reading": 10,
    "changes by day": 9, "trends": 3, "trends about a day": 6,
    "check-ins": 21, "needs": 39, "templates": 2, "approvals": 34,
    "objective of who leads a team": 20,
}  # fmt: skip
FILTERS: dict[str, dict[str, Any]] = {
    "goal": {"goal_id": FIRST},
    "team": {"team_id": id_of("team", 1)},
    "cycle": {"cycle": CYCLE},
    "person": {"person_id": id_of("person", 1)},
    "days": {"recorded_from": "2025-01-01", "recorded_to": "2025-03-20"},
    "readings": {"about_from": date(2025, 1, 2), "about_to": date(2025, 3, 20)},
    "words": {"text": "day"},
}
QUESTIONS: dict[str, Question] = {
    "board": lambda queries, _: queries.board(CYCLE),
    "board of who is signed in": lambda queries, _: as_viewer(
        id_of("person", 1), queries, "board", CYCLE
    ),
    "board, then": lambda queries, it: queries.board(CYCLE, known_at=str(it.day(it.days // 2))),
    "board about a day": lambda queries, it: queries.board(CYCLE, at=str(it.day(it.days // 2))),
    "objectives": lambda queries, _: queries.objectives(limit=20),
    "objectives, of a team and words": lambda queries, it: queries.objectives(
        team_id=id_of("team", 0), text="o", at=str(it.day(it.days // 2)), limit=20
    ),
    "objectives, computed": lambda queries, _: queries.objectives(
        cycle=(CYCLE,), owner_id=id_of("person", 1), overdue=False, sort="score"
    ),
    "key results": lambda queries, _: queries.key_results(limit=20),
    "key results, computed": lambda queries, _: queries.key_results(
        cycle=(CYCLE,), status="not_measured", sort="-progress"
    ),
    "part of a board": lambda queries, _: queries.board(CYCLE, team_id=id_of("team", 1), limit=9),
    "tree, of a team": lambda queries, _: queries.tree(CYCLE, team_id=id_of("team", 1), limit=9),
    "board, of the plan": lambda queries, _: queries.board(CYCLE, known_at="plan-committed"),
    "objective": lambda queries, _: queries.objective(FIRST),
    "objective, once fed by a KPI": lambda queries, _: queries.objective(id_of("objective", 1)),
    "compare, two days": lambda queries, it: queries.compare(
        str(it.day(it.days // 3)), str(it.day(it.days - 9)), cycle=CYCLE, scoreboard=False
    ),
    "compare, two cycles": lambda queries, _: queries.compare(
        "cycle:quarter", "cycle:next", scoreboard=False
    ),
    "compare, of a team": lambda queries, it: queries.compare(
        "plan-committed", "published-1", cycle=CYCLE, team_id=id_of("team", 1), scoreboard=False
    ),
    "compare with figures": lambda queries, _: queries.compare("cycle:quarter", "cycle:next"),
    "scoreboard, of three cycles": lambda queries, _: queries.scoreboard([THEME, CYCLE, NEXT]),
    "scoreboard, of moments": lambda queries, it: queries.scoreboard(
        [CYCLE], ["plan-committed", str(it.day(it.days - 9)), "published"]
    ),
    "scoreboard, of a team": lambda queries, _: queries.scoreboard(
        [CYCLE, NEXT], team_id=id_of("team", 1)
    ),
    "audit log": lambda queries, _: queries.audit_log(),
    "audit log, of a cycle": lambda queries, _: queries.audit_log("oldest", cycle=CYCLE),
    "audit log, of words": lambda queries, it: queries.audit_log(text=f"day {it.days // 2}"),
    "patterns": lambda queries, _: queries.patterns(CYCLE),
    "plan": lambda queries, _: queries.plan(CYCLE),
    "results": lambda queries, _: queries.results(CYCLE),
    "review": lambda queries, _: queries.review(CYCLE),
    "review, of a team": lambda queries, _: queries.review(CYCLE, team_id=id_of("team", 1)),
    "review, of a person": lambda queries, _: queries.review(CYCLE, person_id=id_of("person", 1)),
    "review, while it runs": lambda queries, _: queries.review(NEXT),
    "plan against actual, objective": lambda queries, _: queries.objective_plan_and_actual(FIRST),
    "plan against actual, key result": lambda queries, _: queries.key_result_plan_and_actual(
        KEY_RESULT
    ),
    "plan against actual, KPI": lambda queries, _: queries.kpi_plan_and_actual(KPI),
    "explanation": lambda queries, it: queries.explanation(
        FIRST, str(it.day(3)), str(it.day(it.days - 5))
    ),
    "grants": lambda queries, _: queries.grants(),
    "grants, of a team": lambda queries, it: queries.grants(
        team_id=id_of("team", 0), at=str(it.day(it.days // 2))
    ),
    "who could, about an objective": lambda queries, it: queries.who_could(
        "plans", goal_id=FIRST, at=str(it.day(it.days // 2))
    ),
    "who could, about a key result": lambda queries, _: queries.who_could(
        "readings", goal_id=KEY_RESULT
    ),
    "who could, about a KPI": lambda queries, _: queries.who_could("figures", goal_id=KPI),
    "teams": lambda queries, _: queries.teams(),
    "teams about a day": lambda queries, it: queries.teams(at=str(it.day(it.days // 2))),
    "team": lambda queries, _: queries.team(id_of("team", 1)),
    "cycles": lambda queries, _: queries.cycles(),
    "cycle": lambda queries, _: queries.cycle(CYCLE),
    "people": lambda queries, _: queries.people(),
    "person": lambda queries, _: queries.person(id_of("person", 1)),
    "scoring policy": lambda queries, _: queries.scoring_policy(),
    "reading": lambda queries, _: queries.reading(id_of("reading", 1)),
    "changes by day": lambda queries, _: queries.changes_by_day(CYCLE),
    "changes by day, of a team and an owner": lambda queries, _: queries.changes_by_day(
        CYCLE, id_of("team", 1), id_of("person", 1)
    ),
    "trends": lambda queries, _: queries.trends(CYCLE),
    "trends about a day": lambda queries, it: queries.trends(CYCLE, at=str(it.day(it.days // 2))),
    "check-ins": lambda queries, _: queries.check_ins(),
    "check-ins, of a week that is over": lambda queries, it: queries.check_ins(
        "{:04}-W{:02}".format(*it.day(it.days // 2).isocalendar()), id_of("person", 1)
    ),
    "needs": lambda queries, _: queries.needs(id_of("person", 1)),
    "needs, of who is signed in": lambda queries, _: as_viewer(
        id_of("person", 1), queries, "needs", id_of("person", 1)
    ),
    "needs, of HR": lambda queries, _: queries.needs(id_of("person", 0)),
    "approvals": lambda queries, _: queries.approvals(),
    "approvals, of who leads a team": lambda queries, _: as_viewer(
        id_of("person", 1), queries, "approvals"
    ),
    "approvals, all that HR is shown": lambda queries, _: as_viewer(
        id_of("person", 0), queries, "approvals", limit=1_000
    ),
    "approvals, of few that are shown": lambda queries, _: as_viewer(
        id_of("person", 1), queries, "approvals", limit=2, decision="pending"
    ),
    "objective of who leads a team": lambda queries, _: as_viewer(
        id_of("person", 1), queries, "objective", SUCCESSOR
    ),
    "templates": lambda queries, _: queries.templates(),
    "replay by event": lambda queries, _: list(queries.replay(CYCLE, "event")),
    "replay by day": lambda queries, _: list(queries.replay(CYCLE, "day")),
}


def as_viewer(
    viewer: UUID, queries: Queries, question: str, id_: UUID | None = None, **asked: Any
) -> object:
    """An answer as a server makes it for who is signed in."""
    theirs, asked = queries.permitted(viewer, None, question, id_, asked)
    found = getattr(theirs, question)(*([] if id_ is None else [id_]), **asked)
    return theirs.without_hidden(theirs.named(question, found), id_)


class Companies:
    """A company and the same company four times as large, to ask questions of."""

    def __init__(self, statements: Statements, small: BusyCompany, large: BusyCompany) -> None:
        self.statements, self.small, self.large = statements, small, large
        self.remembered: dict[tuple[Question, int], list[str]] = {}

    def sent_by(self, question: Question, company: BusyCompany) -> list[str]:
        """The statements of a question, asked once, as the second one of a process."""
        if (question, company.times) not in self.remembered:
            with closing(Runner(company.okr)) as runner:
                queries = Queries(company.okr, runner)
                queries.board(THEME)
                sent = self.statements.sent_by(lambda: question(queries, company))
            assert sent, "It was answered without any database."
            self.remembered[question, company.times] = sent
        return self.remembered[question, company.times]

    def grows_by(self, question: Question) -> tuple[int, str]:
        """How many more statements the large company takes than it may, and which they are."""
        few, many = (self.sent_by(question, each) for each in (self.small, self.large))
        more_events = self.large.okr.log.head() // 500 - self.small.okr.log.head() // 500
        return len(many) - len(few) - PER_500 * more_events, by_text(many)


@pytest.fixture(scope="module", params=ENGINES)
def companies(request: pytest.FixtureRequest, begun_on_sqlite: OnSqlite) -> Iterator[Companies]:
    """Both companies, on each engine in turn, the read model up to date."""
    with ExitStack() as stack:
        statements = stack.enter_context(watched())
        both = []
        for times in (1, 4):
            begin = partial(begin_company, times)
            url = stack.enter_context(begun_on_sqlite.fresh(f"{times} times as busy", begin))
            company = BusyCompany(url_of(request, url, times), times)
            both.append(company)
            stack.callback(company.okr.close)
        yield Companies(statements, *both)


def begin_company(times: int, url: str) -> None:
    company = BusyCompany(url, times)
    company.live()
    company.okr.close()


def url_of(request: pytest.FixtureRequest, url: str, times: int) -> str:
    """A database of its own: the file, or its copy beside the databases of other tests."""
    if request.param == "sqlite":
        return url
    name = f"statements_{times}"
    socket: Path = request.getfixturevalue("postgresql_server")
    with connect(socket, "postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    there = f"postgresql+psycopg://postgres@/{name}?host={socket}"
    with Moment(url) as moment, ToDatabase(there) as target:
        copy(FromDatabase(moment), target)
    return there


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_takes_few_statements(companies: Companies, name: str) -> None:
    sent = companies.sent_by(QUESTIONS[name], companies.small)
    too_many = len(sent) - LIMITS[name.partition(",")[0]]
    assert too_many <= 0, f"{name}: {len(sent)}\n{by_text(sent)}"


@pytest.mark.parametrize("at_once", [1, 2, len(FILTERS) - 1, len(FILTERS)])
def test_the_audit_log_takes_few_statements_by_whatever_filters(
    companies: Companies, at_once: int
) -> None:
    """Each alone, any two of them, and all but one, since some leave less to be named."""
    with closing(Runner(companies.small.okr)) as runner:
        runner.catch_up()
        for chosen in combinations(FILTERS, at_once):
            named = {field: value for name in chosen for field, value in FILTERS[name].items()}
            sent = companies.statements.sent_by(partial(found_by, runner, named))
            assert len(sent) <= LIMITS["audit log"], f"{chosen}: {len(sent)}\n{by_text(sent)}"


def found_by(runner: Runner, named: dict[str, Any]) -> None:
    """Ask for a page, with nothing of it cached, and be sure that it is one."""
    assert Queries(runner.okr, runner).audit_log(**named)["entries"], f"Nothing has {named}."


@pytest.mark.parametrize("field", ["goal_id", "team_id", "person_id", "cycle"])
def test_what_is_unknown_is_refused_by_two_statements(companies: Companies, field: str) -> None:
    with closing(Runner(companies.small.okr)) as runner:
        runner.catch_up()
        queries = Queries(companies.small.okr, runner)
        named = FILTERS["goal"] | FILTERS["team"] | FILTERS["cycle"] | {field: UUID(int=7)}

        def refused() -> None:
            with pytest.raises(NotFound) as refusal:
                queries.audit_log(**named)
            assert refusal.value.field == field

        assert len(companies.statements.sent_by(refused)) == 2


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_takes_as_many_for_four_times_as_much(companies: Companies, name: str) -> None:
    too_many, sent = companies.grows_by(QUESTIONS[name])
    assert too_many <= 0, f"{name}: {too_many} more than it may\n{sent}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_names_take_three_statements_more_whatever_an_answer_refers_to(
    companies: Companies, name: str
) -> None:
    """Of the read model, the directory and the log; of a stream two for each who comes later."""
    question, company = QUESTIONS[name], companies.large
    most = 3 + (2 * len(company.okr.directory.ids()) if name.startswith("replay") else 0)
    with closing(Runner(company.okr)) as runner:
        queries = Queries(company.okr, runner)
        queries.board(THEME)
        asked = Noting(queries)
        found = question(asked, company)
        found = iter(found) if isinstance(found, list) else found
        sent = companies.statements.sent_by(lambda: listed(queries.named(asked.question, found)))
    assert len(sent) <= most, by_text(sent)


class Noting:
    """Passes questions on, and notes which it was."""

    def __init__(self, queries: Queries) -> None:
        self.queries, self.question = queries, ""

    def __getattr__(self, question: str) -> Any:
        self.question = question
        return getattr(self.queries, question)


def listed(named: Any) -> None:
    """Go through a stream."""
    if isinstance(named, Iterator):
        list(named)


# ---- what does not stay as few is found -----------------------------------------------------


def once_a_goal(queries: Queries, _: BusyCompany) -> None:
    for goal in queries.board(CYCLE)["objectives"]:
        queries.objective(UUID(goal["id"]))


def once_a_day(queries: Queries, it: BusyCompany) -> None:
    for number in range(it.days):
        queries.kpi(KPI, known_at=str(it.day(number)))


def once_a_team(queries: Queries, _: BusyCompany) -> None:
    for team in queries.teams()["teams"]:
        queries.kpis(UUID(team["id"]))


@pytest.mark.parametrize("planted", [once_a_goal, once_a_day, once_a_team])
def test_a_question_that_asks_again_and_again_is_found(
    companies: Companies, planted: Question
) -> None:
    too_many, _ = companies.grows_by(planted)
    assert too_many > 0


# ---- every way to a driver is counted -------------------------------------------------------


def test_every_statement_counts_whatever_its_way_to_the_driver(companies: Companies) -> None:
    database, sent_by = companies.small.okr.database, companies.statements.sent_by
    assert sent_by(lambda: database.rows("SELECT :n", {"n": 1})) == [
        "SELECT :n" if database.is_sqlite else "SELECT %(n)s"
    ]
    assert len(sent_by(lambda: by_sqlalchemy(database))) == 1
    assert len(sent_by(lambda: in_a_transaction(database))) == 1 + 3


def test_statements_of_threads_count(companies: Companies) -> None:
    thread = Thread(target=by_sqlalchemy, args=(companies.small.okr.database,))
    assert len(companies.statements.sent_by(lambda: (thread.start(), thread.join()))) == 1


def test_what_opens_a_connection_does_not_count(companies: Companies) -> None:
    url = companies.small.okr.database.url.render_as_string(hide_password=False)
    with ExitStack() as stack:
        other = Database(url, "directory")
        stack.callback(other.dispose)
        assert len(companies.statements.sent_by(lambda: by_sqlalchemy(other))) == 1


def by_sqlalchemy(database: Database) -> None:
    with database.reader.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def in_a_transaction(database: Database) -> None:
    rows = [{"n": n} for n in range(3)]
    with database.transaction() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE planted (n INTEGER)"))
        connection.execute(text("INSERT INTO planted VALUES (:n)"), rows)
        connection.rollback()
