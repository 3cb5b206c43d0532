"""Looking back over HTTP: what may be kept, what must be named, what comes line by line."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest
from flask import Flask
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.as_of.answers import Filled
from projections.goals.answers import BoardAnswer
from projections.queries import Queries
from projections.read_model.runner import Runner
from web.api.answering import STAYS_THE_SAME
from web.api.entrance import Mode
from web.api.ndjson import lines, streamed
from web.app import PREFIX, create_app

LOOKED_AT = datetime(2026, 2, 13, 12, tzinfo=UTC)
FOR_EVER = "private, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def company(example_url: str) -> Iterator[FlaskClient]:
    """A client of the API of the example company, only for asking."""
    okr = Okr(example_url, clock=lambda: LOOKED_AT)
    runner = Runner(okr)
    yield create_app(okr, Queries(okr, runner), mode=Mode.OPEN).test_client()
    runner.close()
    okr.close()


def answer_of(company: FlaskClient, path: str) -> Any:
    response = company.get(PREFIX + path)
    assert response.status_code == 200, response.text
    return response


@pytest.fixture(scope="module")
def objective(company: FlaskClient) -> str:
    return answer_of(company, "/cycles/2025-Q3/board").json["objectives"][0]["id"]


PAST = [
    "/calendar?known_at=1000",
    "/teams?known_at=2025-Q3:plan-committed",
    "/cycles/2025-Q3?known_at=plan-committed",
    "/scoring-policy?known_at=2025-08-01",
    "/cycles?known_at=2025-08-01T12:00:00%2B02:00",
    "/cycles?known_at=2025-08-01T12:00:00+02:00",
]
PRESENT = [
    "/cycles/2025-Q3/board?known_at=1000",  # fixed, but people may get other names
    "/kpis?known_at=2025-08-01",
    "/compare?from=900&to=1000",
    "/cycles/2025-Q3/board",
    "/cycles/2025-Q3/board?at=2025-08-01",
    "/cycles/2025-Q3/board?known_at=published",
    "/cycles/2025-Q3/board?known_at=2026-02-13",
    "/cycles/2025-Q3/review",
    "/cycles/2025-Q3/review?known_at=1200",  # fixed, but each look at it is recorded
    "/compare?from=900&to=cycle:2025-Q3",
]


@pytest.mark.parametrize("path", PAST)
def test_an_answer_about_a_fixed_past_may_be_kept_for_ever(path: str, company: FlaskClient):
    response = answer_of(company, path)
    assert response.headers["Cache-Control"] == FOR_EVER
    held = {"If-None-Match": response.headers["ETag"]}
    assert company.get(PREFIX + path, headers=held).status_code == 304


@pytest.mark.parametrize("path", PRESENT)
def test_an_answer_that_may_still_change_is_asked_for_again(path: str, company: FlaskClient):
    response = answer_of(company, path)
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["ETag"]


def test_what_is_kept_for_ever_names_no_person():
    """Whoever is erased would be named there for ever."""
    for question in STAYS_THE_SAME:
        answer = get_type_hints(getattr(Queries, question), include_extras=True)["return"]
        assert "person" not in kinds_in(answer), question
    assert "person" in kinds_in(BoardAnswer)


def kinds_in(hint: Any, seen: frozenset[Any] = frozenset()) -> set[str | None]:
    """The kinds of things that are named anywhere in an answer."""
    if isinstance(hint, Filled):
        return {hint.kind}
    if is_typeddict(hint):
        if hint in seen:
            return set()
        inside = get_type_hints(hint, include_extras=True).values()
        return {kind for each in inside for kind in kinds_in(each, seen | {hint})}
    return {kind for each in get_args(hint) for kind in kinds_in(each, seen)}


def test_an_instant_is_the_same_however_its_offset_is_written(company: FlaskClient):
    boards = [
        answer_of(company, f"/cycles/2025-Q3/board?known_at={text}").json
        for text in ("2025-08-01T12:00:00%2B02:00", "2025-08-01T12:00:00+02:00",
                     "2025-08-01T10:00:00Z")
    ]  # fmt: skip
    assert boards[0] == boards[1] == boards[2]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/compare", "from"),
        ("/compare?from=5&to=6&scoreboard=maybe", "scoreboard"),
        ("/scoreboard", "cycle"),
        ("/scoreboard?cycle=%20", "cycle"),
        ("/scoreboard?cycle=2025-Q3&cycle=%20", "cycle"),
        ("/scoreboard?cycle=2025-Q3&known_at=soon", "known_at"),
        ("/scoreboard?cycle=2025-Q3&known_at=1000&known_at=2030-01-01", "known_at"),
        ("/scoreboard?cycle=2025-Q3&team=five", "team"),
        (f"/scoreboard?cycle=2025-Q3{'&known_at=1000' * 41}", "known_at"),
        (f"/scoreboard?cycle=2025-Q3&cycle=2025-Q2{'&known_at=1000' * 21}", "cycle"),
        ("/compare?from=5", "to"),
        ("/compare?from=5&to=6&colour=red", "colour"),
        ("/compare?from=5&to=6&cycle=%20", "cycle"),
        ("/compare?from=5&to=6&team=five", "team"),
        ("/objectives/{}/explanation?from=5&to=2999-01-01", "to"),
        ("/objectives/{}/explanation?from=6&to=5", "to"),
        ("/objectives/{}?known_at=2025-08-01T12:00:00", "known_at"),
        ("/objectives/{}?known_at=0", "known_at"),
        ("/objectives/{}?known_at=2030-01-01", "known_at"),
        ("/objectives/{}?at=soon", "at"),
        ("/cycles/2025-Q3/board?known_at=2025-Q3:soon", "known_at"),
        ("/cycles/2026-Q1/board?known_at=published", "known_at"),
        ("/kpis?known_at=published", "known_at"),
        ("/cycles/2025-Q3/replay?step=hour", "step"),
        ("/cycles/2025-Q3/replay?by=day", "by"),
        ("/cycles/2025-Q3/replay?by=as_of&step=event", "step"),
        ("/cycles/2025-Q3/replay?known_at=5", "known_at"),
        ("/cycles/2025-Q3/replay?from=2025-13-01", "from"),
        ("/cycles/2025-Q3/replay?from=1899-12-31&to=1900-01-02", "from"),
        ("/cycles/2025-Q3/replay?to=2999-01-01", "to"),
        ("/cycles/2025-Q3/replay?on_track=NaN", "on_track"),
        ("/cycles/2025-Q3/replay?on_track=2", "on_track"),
        ("/cycles/2025-Q3/review?objective_id=5", "objective_id"),
        ("/cycles/2025-Q3/plan?limit=0", "limit"),
    ],
)
def test_what_cannot_be_asked_is_named(path: str, field: str, company: FlaskClient, objective: str):
    response = company.get(PREFIX + path.format(objective))
    assert (response.status_code, response.json["field"]) == (422, field)
    assert field in response.json["errors"]


def test_a_clock_given_twice_is_refused_as_that(company: FlaskClient):
    path = "/cycles/2025-Q3/board?known_at=2025-08-01&known_at=2025-08-02"
    response = company.get(PREFIX + path)
    assert response.status_code == 422
    assert response.json["errors"] == {"known_at": ["Given more than once."]}


def test_the_words_of_a_moment_are_documented(company: FlaskClient):
    board = answer_of(company, "/openapi.json").json["paths"][f"{PREFIX}/cycles/{{id}}/board"][
        "get"
    ]
    clocks = [each for each in board["parameters"] if each.get("name") in {"known_at", "at"}]
    assert len(clocks) == 2
    for clock in clocks:
        for word in ("plan-committed", "cycle-end", "published", "published-1", "2025-Q3:"):
            assert word in clock["schema"]["description"]


@pytest.mark.parametrize(
    "path",
    [
        "/cycles/2031/review", "/cycles/2031/plan", "/cycles/2031/results", "/cycles/2031/replay",
        "/cycles/2025-Q3/board?known_at=1", "/compare?from=2031-Q1:cycle-end&to=5",
        "/compare?from=cycle:2031&to=5", "/kpis/{}/plan-and-actual",
        "/key-results/{}/plan-and-actual",
        "/cycles/2025-Q3/review?team={}",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path: str, company: FlaskClient, objective: str):
    response = company.get(PREFIX + path.format(objective))
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


NOBODY = "00000000-0000-0000-0000-000000000007"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"/compare?from=5&to=6&person_id={NOBODY}", "person_id"),
        (f"/compare?from=5&to=6&goal_id={NOBODY}", "goal_id"),
        (f"/compare?from=5&to=6&team={NOBODY}", "team"),
        ("/compare?from=5&to=6&cycle=2031", "cycle"),
        ("/scoreboard?cycle=2025-Q3&cycle=2031", "cycle"),
        (f"/scoreboard?cycle=2025-Q3&team={NOBODY}", "team"),
        (f"/scoreboard?cycle=2025-Q3&person_id={NOBODY}", "person_id"),
        (f"/cycles/2025-Q3/review?person_id={NOBODY}", "person_id"),
        (f"/cycles/2025-Q3/review?objective_id={NOBODY}", "objective_id"),
        (f"/kpis?team={NOBODY}", "team"),
        (f"/approvals?person_id={NOBODY}", "person_id"),
        ("/approvals?cycle=2031", "cycle"),
    ],
)
def test_what_a_question_is_limited_to_must_be_there(path: str, field: str, company: FlaskClient):
    response = company.get(PREFIX + path)
    assert (response.status_code, response.json["field"]) == (404, field)


@pytest.mark.parametrize("clock", ["known_at=2020-01-01", "at=2020-01-01"])
def test_before_the_first_event_nothing_named_is_found_and_all_are_none(
    clock: str, company: FlaskClient, objective: str
):
    kpis = answer_of(company, f"/kpis?{clock}").json
    assert (kpis["kpis"], kpis["plan_position"], kpis["day"]) == ([], 0, "2020-01-01")
    kpi, team = (answer_of(company, f"/{each}").json[each][0]["id"] for each in ("kpis", "teams"))
    named = [
        "/cycles/2025-Q3/board", "/cycles/2025-Q3/tree", f"/objectives/{objective}",
        f"/objectives/{objective}/plan-and-actual", f"/kpis/{kpi}", f"/kpis/{kpi}/readings",
        f"/kpis/{kpi}/plan-and-actual",
    ]  # fmt: skip
    if clock.startswith("known_at"):
        named += [f"/cycles/2025-Q3/{each}" for each in ("plan", "results", "review", "patterns")]
        named.append(f"/kpis?team={team}")
    for path in named:
        response = company.get(f"{PREFIX}{path}{'&' if '?' in path else '?'}{clock}")
        assert response.status_code == 404, path
        assert "by then" in response.json["detail"], path


def test_against_a_time_before_the_first_event_all_was_added(company: FlaskClient):
    found = answer_of(company, "/compare?from=2020-01-01&to=cycle:2025-Q3").json
    assert found["from"]["position"] == 0
    assert {word for each in found["entries"] for word in each["what"]} == {"added"}


def test_a_moment_and_a_cycle_are_compared_like_with_like(company: FlaskClient):
    path = "/compare?from=2025-Q3:plan-committed&to=cycle:2025-Q3"
    found = answer_of(company, path).json
    assert all(each["what"] != ["dropped"] for each in found["entries"])
    assert found["from"]["cycle"] == found["to"]["cycle"] is not None
    assert answer_of(company, f"{path}&cycle=2025-Q3").json == found


def test_a_replay_comes_line_by_line_and_changes_nothing(company: FlaskClient):
    results = answer_of(company, "/cycles/2025-Q3/results").json
    response = answer_of(company, "/cycles/2025-Q3/replay?on_track=0.99&from=2025-07-07")
    heading, *days = map(json.loads, response.text.splitlines())
    assert heading["policy"] == {"base": "valid_then", "overridden": {"on_track": "0.99"}}
    assert heading["from"] == "2025-07-07"
    assert [day["day"] for day in days][:2] == ["2025-07-07", "2025-07-08"]
    assert answer_of(company, "/cycles/2025-Q3/results").json == results


@pytest.mark.parametrize("step", ["day", "event"])
def test_a_replay_from_the_first_day_there_can_be_is_whole(step: str, company: FlaskClient):
    path = f"/cycles/2025-Q3/replay?step={step}&from=1900-01-01&to=1900-01-02"
    heading, *steps = map(json.loads, answer_of(company, path).text.splitlines())
    assert heading["from"] == "1900-01-01"
    assert [row["position"] for row in steps] == [0]  # both days are without any objective


def test_a_line_is_sent_before_the_next_is_made():
    made: list[int] = []

    def steps() -> Iterator[dict[str, int]]:
        for number in range(3):
            made.append(number)
            yield {"step": number}

    stream = lines(steps(), logging.getLogger())
    assert next(stream) == b'{"step":0}\n'
    assert made == [0]


def test_a_stream_that_breaks_off_says_so_and_the_log_says_why(caplog: pytest.LogCaptureFixture):
    def steps() -> Iterator[dict[str, int]]:
        yield {"step": 0}
        raise RuntimeError("The disk is gone.")

    app = Flask("breaking")
    app.add_url_rule("/steps", view_func=lambda: streamed(steps()))
    first, last = app.test_client().get("/steps").text.splitlines()
    assert json.loads(first) == {"step": 0}
    assert "disk" not in last
    assert json.loads(last)["error"].endswith("missing.")
    (logged,) = caplog.records
    assert logged.exc_info is not None
    assert str(logged.exc_info[1]) == "The disk is gone."
