"""Confidential objectives: a word in every text of them is in no answer but for those who may read.

Every question is asked as everybody, about everything, now and in the past, on both sides of scope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from jsonschema_rs import Draft202012Validator

from okr_es import commands as c
from okr_es.access.rights import Held
from okr_es.application import Okr
from okr_es.domain.approval import approval_id
from okr_es.domain.evidence import Evidence
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Kind, Zone
from okr_es.evidence.signer import Signer
from projections.audit_log.sample import SampleRequest, sample
from projections.names.naming import Named
from projections.queries import Queries
from tests.support.begun import Begun
from tests.support.company_of_roles import (
    COMPANY,
    HERE,
    METRIC,
    NOW,
    OTHER,
    ROLES,
    THERE,
    Company,
    id_of,
)
from tests.support.ids import cycle_uuid
from tests.support.statements import watched
from web.api import answering
from web.api.entrance import Mode
from web.api.queries import ROUTES, Route
from web.api.tags import Tagged, tagged
from web.app import PREFIX, create_app

WORDS = {HERE: "zanzibar", THERE: "timbuktu"}
OWN_KEY_RESULT = "quito"  # in the words of one that a member owns
PLAIN, PLAIN_RESULT = id_of("other", "objective"), id_of("other", "key result")
SHA = "0" * 64
AUGUST = date(2025, 8, 4)
# By hand: who reads the words of an objective in each team; all others do not.
READ_HERE = {"other", "lead", "lead of all", "hr", "auditor", "auditor of all"}
READ_THERE = {"other", "lead of all", "hr", "auditor of all"}
EVERYBODY = {name: id_of(name) for name in ROLES} | {"other": OTHER}


class Story(Company):
    """The company with two objectives that hold a word of their own in all there is to write."""

    def writes(self, team: UUID) -> None:
        word, objective = WORDS[team], id_of(WORDS[team])
        why = {"reason": f"Because {word}.", "comment": f"Also {word}."}

        def does(command: c.Command) -> None:
            self.approved(command, why)

        quarter = cycle_uuid("2025-Q3")
        does(c.DraftObjective(quarter, team, OTHER, f"{word} 1", id=objective,
                              description=f"{word} 2"))  # fmt: skip
        zones = Zones(f"{word} a", f"{word} b", f"{word} c")
        measures = {
            "metric": Measure(Kind.METRIC, Decimal(0), Decimal(8), f"{word}s"),
            "steps": Measure(Kind.MILESTONE, steps=(f"{word} x", f"{word} y")),
            "zones": Measure(Kind.ORDINAL, zones=zones),
            "dropped": METRIC,
        }
        for name, measure in measures.items():
            does(c.AddKeyResult(objective, f"{word} {name}", measure, id=id_of(word, name),
                                description=f"{word} {name}"))  # fmt: skip
        does(c.CommitObjective(objective))
        document = Evidence(f"https://{word}.example/1", SHA)
        metric, reading = id_of(word, "metric"), id_of(word, "reading")
        does(c.CheckIn(metric, AUGUST, 5, Decimal(3), id=reading, evidence=document))
        does(c.CheckIn(id_of(word, "steps"), AUGUST, done_steps=(f"{word} x",)))
        does(c.CheckIn(id_of(word, "zones"), AUGUST, zone=Zone.TARGET))
        does(c.CorrectReading(reading, Decimal(4), comment=f"{word} corrected"))
        for name in ("objective", "key result"):
            changed = (c.RetitleObjective(objective, f"{word} 3") if name == "objective"
                       else c.RetitleKeyResult(metric, f"{word} 4"))  # fmt: skip
            asked = self.does(changed, command_id=id_of(word, "asked", name), **why)
            if name == "key result":
                self.does(c.ApproveRequest(asked.approval_id), by=id_of("lead of all"), **why)
        does(c.DropKeyResult(id_of(word, "dropped")))
        does(c.RealignObjective(objective, aligned_to_objective_id=PLAIN))
        self.approved(
            c.RealignObjective(id_of("member", "objective"), aligned_to_key_result_id=metric),
            {"reason": "It is so."},
        )
        if team == HERE:
            own = c.AddKeyResult(objective, OWN_KEY_RESULT, METRIC, id=id_of(OWN_KEY_RESULT),
                                 owner_id=id_of("member"))  # fmt: skip
            self.approved(own, {"reason": "It is theirs."})
        does(c.DescribeObjective(objective, f"{word} 5"))
        does(c.CarryOverObjective(objective, cycle_uuid("2025-Q4"), id=id_of(word, "successor")))
        does(c.GradeObjective(objective, Decimal("0.5"), evidence=document))

    def approved(self, command: c.Command, why: dict[str, Any]) -> None:
        """Carry something out, by way of a request where it needs one."""
        done = self.does(command, **why)
        if done.approval_id is not None:
            self.does(c.ApproveRequest(done.approval_id), by=id_of("lead of all"), **why)

    def tell(self) -> None:
        super().tell()
        for team in WORDS:
            self.writes(team)
        for word in WORDS.values():
            for id_ in (id_of(word), id_of(word, "successor")):
                self.does(c.KeepConfidential(id_), reason=f"{word} is closed.")


def begin_confidential(url: str) -> None:
    """Begin the company with what is confidential, in an empty database."""
    with closing(Okr(url, clock=lambda: NOW)) as okr:
        Story(okr).tell()


class Asker:
    """Asks a server where the rights of the person who is named hold."""

    def __init__(self, okr: Okr, mode: Mode = Mode.DEVELOPMENT) -> None:
        self.okr, self.queries = okr, Queries(okr)
        self.client = create_app(okr, self.queries, mode=mode).test_client()

    def get(self, who: str, address: str, **headers: str) -> Any:
        named = {"Okr-Actor": str(EVERYBODY[who])}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(PREFIX + address, headers=named)

    def post(self, who: str, address: str, body: dict[str, Any] | None = None) -> Any:
        named = {"Okr-Actor": str(EVERYBODY[who])}
        return self.client.post(PREFIX + address, json=body, headers=named)


@pytest.fixture(scope="module")
def asker(begun_on_sqlite: Begun) -> Iterator[Asker]:
    with (
        begun_on_sqlite.fresh("confidential", begin_confidential) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        Signer(okr).sign()
        asker = Asker(okr)
        yield asker
        asker.queries.runner.close()


# ---- all there is to ask --------------------------------------------------------------------


def things() -> dict[str, list[str]]:
    """What there is of each kind that an address can be about."""
    found: dict[str, list[Any]] = {
        "cycles": ["2025-Q3", "2025-Q4"], "objectives": [PLAIN, id_of("member", "objective")],
        "key-results": [PLAIN_RESULT, id_of(OWN_KEY_RESULT)], "kpis": [id_of("other", "kpi")],
        "people": [*EVERYBODY.values()], "approvals": [], "teams": [COMPANY, HERE, THERE],
        "readings": [id_of("member", "reading")],
    }  # fmt: skip
    for word in WORDS.values():
        objectives = [id_of(word), id_of(word, "successor")]
        results = [id_of(word, name) for name in ("metric", "steps", "zones", "dropped")]
        found["objectives"] += objectives
        found["key-results"] += results
        found["approvals"] += [approval_id(id_of(word, "asked", name))
                               for name in ("objective", "key result")]  # fmt: skip
    goals = (*found["objectives"], *found["key-results"], *found["kpis"])
    readings = [id_of(word, "reading") for word in WORDS.values()]
    found["readings"] += readings
    cycles = [cycle_uuid(name) for name in found["cycles"]]
    found["goals"] = [*goals, *readings, *found["approvals"], *cycles, HERE, OTHER]
    return {kind: [str(each) for each in ids] for kind, ids in found.items()}


MORE: dict[str, list[str]] = {
    "compare": ["?from=2025-Q3&to=2025-Q4", "?from=1&to=2025-08-15",
                "?from=2025-Q3:plan-committed&to=2025-08-15"],
    "explanation": ["?from=1&to=2025-08-15"],
    "who_could": ["?may=plans", f"?may=plans&goal_id={id_of(WORDS[HERE])}"],
    "replay": ["", "?step=event"],
    "audit_log": ["?limit=1000", "?limit=1000&language=sv", f"?goal_id={id_of(WORDS[HERE])}",
                  f"?goal_id={id_of(WORDS[THERE])}", f"?team={HERE}&limit=1000",
                  f"?person_id={OTHER}&limit=1000", f"?goal_id={PLAIN}",
                  f"?team={COMPANY}&limit=1000"],
    "history": ["?limit=1000"],
    "objectives": ["", "?sort=title&limit=3", *(f"?text={word}" for word in WORDS.values())],
    "key_results": ["?limit=500", "?sort=-title", *(f"?text={word}" for word in WORDS.values())],
    "review": ["", f"?team={HERE}", f"?team={COMPANY}", f"?person_id={OTHER}",
               *(f"?objective_id={id_of(word)}" for word in WORDS.values())],
    "access_log": ["", f"?team={HERE}"],
    "scoreboard": ["?cycle=2025-Q3&cycle=2025-Q4", f"?cycle=2025-Q3&team={HERE}",
                   f"?cycle=2025-Q3&person_id={OTHER}"],
}  # fmt: skip
PASTS = ("", "known_at=2025-08-15", "at=2025-08-10")


def addresses(route: Route) -> Iterator[str]:
    """All there is to ask of a route, now and in the past."""
    kind = route.path.split("/")[1]
    ids = things()[kind] if "<" in route.path else [""]
    named = {parameter.name for parameter in route.parameters}
    pasts = [past for past in PASTS if not past or past.partition("=")[0] in named]
    for id_ in ids:
        path = re.sub(r"<.+>", id_, route.path)
        for more in MORE.get(route.question, [""]):
            for past in pasts:
                yield path + more + ("&" if more and past else "?" if past else "") + past


def said(response: Any) -> str:
    """All that an answer says, headers and all."""
    return (response.text + str(response.headers)).casefold()


def hidden_from(who: str) -> list[str]:
    found = [WORDS[HERE]] if who not in READ_HERE else []
    return found + ([WORDS[THERE]] if who not in READ_THERE else [])


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_word_is_in_no_answer_but_for_those_who_may_read_it(who: str, asker: Asker) -> None:
    leaks = [
        (address, word)
        for route in ROUTES
        for address in addresses(route)
        for word in hidden_from(who)
        if word in said(asker.get(who, address))
    ]
    assert leaks == []


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_is_hidden_is_found_by_no_word(who: str, asker: Asker) -> None:
    """Not by one of now, nor by one of the past, and no title says by its place what it is."""
    for team, readers in ((HERE, READ_HERE), (THERE, READ_THERE)):
        word, found = WORDS[team], {"objectives": set(), "key-results": set()}
        for kind in found:
            for past in ("", "&known_at=2025-08-15"):
                answer = asker.get(who, f"/{kind}?text={word.upper()}{past}").json
                found[kind] |= {each["title"] for each in answer[kind.replace("-", "_")]}
        assert [bool(titles) for titles in found.values()] == [who in readers] * 2, word
    by_title = asker.get(who, "/objectives?sort=title&limit=500").json["objectives"]
    titles = [each["title"] for each in by_title]
    assert titles == sorted(titles, key=lambda each: each or "")


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_read_it_is_told_it(who: str, asker: Asker) -> None:
    for team, readers in ((HERE, READ_HERE), (THERE, READ_THERE)):
        word = WORDS[team]
        objective, key_result = id_of(word), id_of(word, "metric")
        for address in (f"/objectives/{objective}", f"/key-results/{key_result}",
                        f"/goals/{key_result}/history", f"/key-results/{key_result}/readings",
                        "/cycles/2025-Q3/board?known_at=2025-08-15"):  # fmt: skip
            assert (word in said(asker.get(who, address))) == (who in readers), address


def test_every_question_was_asked_and_some_of_each_was_answered(asker: Asker) -> None:
    for route in ROUTES:
        answers = [asker.get("auditor of all", each).status_code for each in addresses(route)]
        expected = {"keys"}  # an administrator's
        assert 200 in answers or route.question in expected, route.path


def test_each_text_holds_its_word_where_nobody_asks_for_rights(asker: Asker) -> None:
    """So what the test looks for is there to be found."""
    of_all = Asker(asker.okr, Mode.OPEN)
    found = {
        route.question
        for route in ROUTES
        for address in addresses(route)
        if WORDS[HERE] in said(of_all.get("member", address))
    }
    of_all.queries.runner.close()
    assert found == {
        "access_log", "approval", "approvals", "audit_log", "board", "compare", "explanation",
        "held_data", "history", "key_result", "key_result_plan_and_actual", "key_results",
        "needs", "objective", "objectives",
        "objective_plan_and_actual", "patterns", "plan", "reading", "readings", "replay", "review",
        "tree", "trends", "who_could",
    }  # fmt: skip


def test_what_is_left_is_what_is_documented(asker: Asker) -> None:
    page = asker.client.get(f"{PREFIX}/openapi.json").json
    misfits = []
    for route in ROUTES:
        kind = "application/x-ndjson" if route.streamed else "application/json"
        path = PREFIX + re.sub(r"<\w+:(\w+)>", r"{\1}", route.path)
        path = path.replace("/kpis/{id}/readings", "/kpis/{kpi_id}/readings")
        schema = page["paths"][path]["get"]["responses"]["200"]["content"][kind]["schema"]
        valid = Draft202012Validator({**schema, "components": page["components"]})
        for address in addresses(route):
            answer = asker.get("member", address)
            if answer.status_code == 200:
                lines = answer.text.splitlines() if route.streamed else [answer.text]
                errors = (str(e) for line in lines for e in valid.iter_errors(json.loads(line)))
                misfits += [(address, each) for each in errors][:1]
    assert misfits == []


# ---- what is shown all the same ---------------------------------------------------------------


def test_others_see_that_it_counts(asker: Asker) -> None:
    id_ = id_of(WORDS[HERE])
    theirs, all_ = (asker.get(who, f"/objectives/{id_}").json for who in ("member", "lead"))
    for name in ("id", "cycle", "team", "owner", "score", "status", "outcome", "state", "weight"):
        assert theirs[name] == all_[name], name
    assert (theirs["title"], theirs["description"]) == (None, None)
    assert [each["weight"] for each in theirs["key_results"]] == [
        each["weight"] for each in all_["key_results"]
    ]
    boards = [asker.get(who, "/cycles/2025-Q3/board").json for who in ("member", "lead")]
    scores = [[each["score"] for each in board["objectives"]] for board in boards]
    assert scores[0] == scores[1]


def test_who_owns_a_key_result_reads_that_one(asker: Asker) -> None:
    found = asker.get("member", f"/objectives/{id_of(WORDS[HERE])}").json
    assert [each["title"] for each in found["key_results"] if each["title"]] == [OWN_KEY_RESULT]
    assert OWN_KEY_RESULT not in said(asker.get("deputy", f"/objectives/{id_of(WORDS[HERE])}"))


# ---- searches, proofs, bundles, warnings --------------------------------------------------------


def test_a_search_for_words_confirms_none(asker: Asker) -> None:
    for who, team in (("administrator", HERE), ("lead", THERE), ("auditor", THERE)):
        found = asker.get(who, f"/audit-log?text={WORDS[team]}&person_id={EVERYBODY[who]}")
        assert found.json is None or found.json.get("entries", []) == [], who
    of_lead = asker.get("lead", f"/audit-log?text={WORDS[HERE]}&team={HERE}").json
    assert of_lead["entries"] != []
    theirs = asker.queries.permitted(id_of("member"), None, "board", None, {})[0]
    assert theirs.audit_log(text=WORDS[HERE])["entries"] == []
    assert theirs.audit_log(text="So it was.")["entries"] != []


def test_a_proof_and_a_bundle_hold_no_event_of_it(asker: Asker) -> None:
    theirs = asker.queries.permitted(id_of("other"), None, "board", None, {})[0]
    closed = theirs.audit_log(goal_id=id_of(WORDS[THERE]), limit=1)["entries"][0]["position"]
    assert asker.get("lead", f"/events/{closed}/proof").status_code == 404
    assert asker.get("lead of all", f"/events/{closed}/proof").status_code == 200
    for who, words in (("lead", {WORDS[HERE]}), ("auditor of all", set(WORDS.values()))):
        answer = asker.post(who, f"/evidence?person_id={EVERYBODY['lead of all']}")
        if who == "lead":
            answer = asker.post(who, f"/evidence?team={HERE}")
        else:
            answer = asker.post(who, "/evidence")
        assert answer.status_code == 200, answer.text
        with ZipFile(BytesIO(answer.data)) as files:
            text = b"".join(files.read(name) for name in files.namelist()).decode("latin-1")
        assert {word for word in WORDS.values() if word in text.casefold()} == words


def test_a_sample_has_its_events_without_words_and_without_proof(asker: Asker) -> None:
    for who, words in (("lead", {WORDS[HERE]}), ("auditor of all", set(WORDS.values()))):
        scope = f"&team={HERE}" if who == "lead" else ""
        answer = asker.get(who, f"/evidence/sample?seed=1&size=1000{scope}")
        assert answer.status_code == 200, answer.text
        assert {word for word in WORDS.values() if word in answer.text.casefold()} == words
    goal = {"goal_id": id_of(WORDS[THERE])}
    request = SampleRequest(goal, {}, seed=1, size=20, up_to=None, language="en")
    for who, are_proven in (("member", False), ("other", True)):
        theirs = asker.queries.permitted(EVERYBODY[who], None, "board", None, {})[0]
        found = theirs.without_hidden(sample(theirs.audit_logs, request))
        assert (WORDS[THERE] in str(found).casefold()) == are_proven
        of_it = [each for each in found["sample"] if is_of(each["entry"], id_of(WORDS[THERE]))]
        assert {each["proof"] is not None for each in of_it} == {are_proven}


def is_of(entry: Any, objective: UUID) -> bool:
    """Whether an event is about an objective, or a key result of it."""
    goal = entry["goal"] or {"id": None, "objective": None}
    return str(objective) in {goal["id"], (goal["objective"] or {"id": None})["id"]}


def test_neither_a_warning_nor_a_dry_run_tells_its_title(asker: Asker) -> None:
    for who, team, told in (("member", HERE, False), ("lead", HERE, True)):
        of_it = f"/objectives/{id_of(WORDS[team], 'successor')}"
        title = asker.get("lead of all", of_it).json["title"]
        draft = {"cycle_id": "2025-Q4", "team_id": str(team), "owner_id": str(EVERYBODY[who]),
                 "title": title, "dry_run": True}  # fmt: skip
        answer = asker.post(who, "/objectives", draft)
        assert answer.status_code == 200, answer.text
        warned = {each["code"] for each in answer.json["warnings"]}
        assert ("objective_has_same_title" in warned) == told, who


def test_who_owns_one_key_result_is_not_warned_of_the_titles_of_the_others(asker: Asker) -> None:
    of_it = f"/objectives/{id_of(WORDS[HERE], 'successor')}"
    results = {who: asker.get(who, of_it).json["key_results"] for who in ("member", "lead")}
    (own,) = [each["id"] for each in results["member"] if each["title"] == OWN_KEY_RESULT]
    title = next(each["title"] for each in results["lead"] if each["id"] != own)
    for who, told in (("member", False), ("lead", True)):
        retitled = {"title": title, "reason": "So it is.", "dry_run": True}
        answer = asker.post(who, f"/key-results/{own}/retitle", retitled)
        assert answer.status_code == 200, answer.text
        warned = {each["code"] for each in answer.json["warnings"]}
        assert ("key_result_has_same_title" in warned) == told, who


def test_how_much_is_asked_of_the_database_confirms_no_title(begun_on_sqlite: Begun) -> None:
    with (
        begun_on_sqlite.fresh("confidential", begin_confidential) as url,
        watched() as statements,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker = Asker(okr)
        of_it = f"/objectives/{id_of(WORDS[HERE], 'successor')}"
        title = asker.get("lead of all", of_it).json["title"]

        def drafts(title: str) -> None:
            draft = {"cycle_id": "2025-Q4", "team_id": str(HERE), "title": title, "dry_run": True,
                     "owner_id": str(id_of("member"))}  # fmt: skip
            assert asker.post("member", "/objectives", draft).status_code == 200

        drafts(title)  # so that caches are filled
        sent = [statements.sent_by(partial(drafts, each)) for each in (title, "Another", title)]
        asker.queries.runner.close()
    assert sent[0] == sent[1] == sent[2] != []


@pytest.mark.parametrize(("role", "reads"), [("member", False), ("lead", True), ("hr", True)])
def test_a_key_reads_by_its_role(role: str, reads: bool, asker: Asker) -> None:
    held = (Held(role, HERE if role == "lead" else None),)
    theirs, _ = asker.queries.permitted(id_of("key"), held, "board", None, {})
    board = theirs.board(cycle_uuid("2025-Q3"))
    assert (WORDS[HERE] in str(theirs.without_hidden(board))) == reads


# ---- caches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "?known_at=20"], ids=["now", "then"])
def test_tags_differ_where_what_is_shown_does_and_nothing_is_kept_for_ever(
    question: str, asker: Asker
) -> None:
    address, who = f"/cycles/2025-Q3/board{question}", ("member", "deputy", "lead", "hr")
    boards = {each: asker.get(each, address) for each in who}
    tags = {each: answer.headers["ETag"] for each, answer in boards.items()}
    assert len(set(tags.values())) == len({answer.data for answer in boards.values()})
    assert (len(set(tags.values())) == 1) == bool(question), "nothing was confidential then"
    for each, answer in boards.items():
        assert answer.headers["Cache-Control"] == "private, no-cache"
        for _ in range(2):  # made again, and then known to stand
            assert asker.get(each, address, If_None_Match=tags[each]).status_code == 304
    if not question:
        assert asker.get("member", address, If_None_Match=tags["lead"]).status_code == 200


def test_json_is_cached_only_of_answers_that_are_whole(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached: list[Any] = []

    def noted(held: Named) -> Tagged:
        cached.append(held.answer)
        return tagged(held.answer)

    monkeypatch.setattr(answering, "tagged_once", noted)
    asker.get("member", f"/objectives/{PLAIN}")
    assert cached == []  # one without words is made for each request, and never asked for again
    asker.get("lead of all", f"/objectives/{PLAIN}")
    assert [each["id"] for each in cached] == [str(PLAIN)]


# ---- opened again -----------------------------------------------------------------------------


def test_once_it_is_opened_its_past_is_open_and_what_closes_closes_its_past(begun: Begun) -> None:
    with (
        begun.fresh("confidential", begin_confidential) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker, word, id_ = Asker(okr), WORDS[HERE], id_of(WORDS[HERE])
        past = f"/objectives/{id_}?at=2025-08-15"
        first = asker.get("member", past)
        assert word not in said(first)
        assert asker.post("member", f"/objectives/{id_}/open-to-all").status_code == 403
        assert asker.post("other", f"/objectives/{id_}/open-to-all").status_code == 200
        opened = asker.get("member", past, If_None_Match=first.headers["ETag"])
        assert (opened.status_code, word in said(opened)) == (200, True)
        assert asker.post("lead", f"/objectives/{id_}/keep-confidential").status_code == 200
        assert word not in said(asker.get("member", past))
        asker.queries.runner.close()
