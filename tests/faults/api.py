"""The API, asked by what its description lets a generator make up: with all checks of schemathesis.

Each command is sent about what there is in a small company, with a field that was made up in the
place of one of its own, until it was accepted often enough: then the log has grown by that command,
and by nothing where it was not accepted. Questions are asked as they are made up, well and badly.
Links are followed from what begins something to what is about it. The control is a server that
agrees without recording anything, and one that records and refuses.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from okr_es import commands as c
from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.faults.generated import made_up
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.api.test_openapi import ASKED_ELSE, CONFIG, bare
from tests.web.conftest import ADA, NOW, Caller, FakeQueries, client_of, found_company, shared_app
from web.api.commands import ROUTES, Route
from web.api.ndjson import NDJSON
from web.api.queries import ROUTES as QUESTIONS
from web.app import PREFIX

ENOUGH = 20  # how often each command is accepted, by cases that are no examples
MANY_CASES = 5_000  # at least so many are tried in all, where each is accepted often enough
MOST_TRIES = 60  # for each of them: of two days that are made up few are in order
CASE = "Case"  # what a comment begins with that only makes a body another one
NOT_MADE_UP = {"dry_run", "expected_version", "on_behalf_of", "id"}
MANY = "POST /commands"
IN_BULK = [
    each
    for each in ROUTES
    if each.command
    in {c.RegisterPerson, c.FormTeam, c.DraftObjective, c.RecordReading, c.DefineKpi}
]
Ids = dict[str, Any]


class Company(NamedTuple):
    """A company that can be asked: its folder, its ids, and the applications on it."""

    folder: Path
    ids: Ids


class Tally:
    """What was tried, and what was wrong."""

    def __init__(self) -> None:
        self.tried = 0
        self.accepted: Counter[str] = Counter()
        self.wrong: list[str] = []


def found(folder: Path) -> Company:
    """Found the company that every command begins with."""
    with closing(Okr(f"sqlite:///{folder}/okr.db", clock=lambda: NOW)) as okr:
        ada = Caller(client_of(okr, FakeQueries(okr)))
        ada.done("/people", {"name": "Ada", "id": ADA})
        return Company(folder, found_company(ada))


@contextmanager
def opened(company: Company, to: Path) -> Iterator[Okr]:
    """Open a copy of a company, to be asked through the app that all share."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(company.folder, to)
    with closing(Okr(f"sqlite:///{to}/okr.db", clock=lambda: NOW)) as okr:
        runner = Runner(okr)
        client_of(okr, Queries(okr, runner))
        try:
            yield okr
        finally:
            runner.close()


def described() -> dict[tuple[str, str], Any]:
    """Return the operations of the description, by method and path."""
    config = SchemathesisConfig.from_str(CONFIG)
    schema = schemathesis.openapi.from_wsgi(
        f"{PREFIX}/openapi.json", shared_app()[0], config=config
    )
    operations = (each.ok() for each in schema.get_all_operations())
    return {(each.method.upper(), each.path): each for each in operations}


# ---- commands -------------------------------------------------------------------------------


def ask_commands(
    company: Company, enough: int, tally: Tally, folder: Path, every: int = 1, number: int = 1
) -> None:
    """Send each command, or one among `every`, until it was accepted often enough."""
    with opened(company, folder / "seen"):
        operations = described()
    for route in ROUTES[number % every :: every]:
        ids = dict(company.ids)
        with opened(company, folder / "before") as okr:
            prepare(route, Caller(shared_app()[0].test_client()), ids, okr)
        before = Company(folder / "before", ids)
        ask_command(route, operations["POST", bare(route.path)], before, enough, tally, folder)


def ask_command(
    route: Route, operation: Any, before: Company, enough: int, tally: Tally, folder: Path
) -> None:
    """Send a command with made-up fields; after each that is accepted all is as it was before."""
    name, chance = route.command.__name__, random.Random(route.path)
    cases = made_up(operation, max(enough * 2, 20))
    base = filled(BODIES[route.command], before.ids)
    tries = iter(range(max(enough, 5) * MOST_TRIES))
    while tally.accepted[name] < enough:
        with opened(before, folder / "asked") as okr:
            for _ in tries:
                body = mixed(chance.choice(cases).body, base, chance)
                if not has_something_made_up(body, base):
                    continue
                case = operation.Case(
                    path_parameters=path_of(route, before.ids),
                    headers={"Okr-Actor": ADA, "Idempotency-Key": str(uuid4())},
                    body=body,
                    media_type="application/json",
                )
                if send(case, okr, tally, name):
                    tally.accepted[name] += 1
                    look_where_it_leads(operation, okr, tally)
                    break
            else:
                tally.wrong.append(f"{name} was accepted {tally.accepted[name]} times alone")
                return


def look_where_it_leads(operation: Any, okr: Okr, tally: Tally) -> None:
    """Follow the links of what was begun to all questions about it: none is about nothing."""
    client = shared_app()[0].test_client()
    page = client.get(f"{PREFIX}/openapi.json").json
    links = operation.definition.raw["responses"].get("201", {}).get("links", {})
    asked = {each["operationId"]: each["parameters"] for each in links.values()}
    (row,) = okr.log.rows(okr.log.head() - 1, 1, ("position", "command_id"))
    found = client.get(f"{PREFIX}/commands/{row[1]}", headers={"Okr-Actor": ADA}).json
    for path, item in page["paths"].items():
        parameters = asked.get(item.get("get", {}).get("operationId"))
        if parameters is None:
            continue
        (name,) = parameters
        address = path.replace(f"{{{name}}}", found["id"])
        status = client.get(address, headers={"Okr-Actor": ADA}).status_code
        tally.tried += 1
        fair = {200, 403, 422} if path.endswith("/preferences") else {200, 422}
        if status not in fair:  # 403: preferences are another's; 422: a moment is needed besides
            tally.wrong.append(f"{operation.label} leads to {address}: {status}")


def mixed(made: Any, base: Ids, chance: random.Random) -> Ids:
    """Return a good body with one made-up field, which it may not have had, and a comment.

    Why somebody is away is never said.
    """
    body = base | ({} if "deputy_id" in base else {"comment": f"{CASE} {chance.random()}"})
    if isinstance(made, dict) and (names := sorted(made.keys() - NOT_MADE_UP)):
        name = chance.choice(names)
        body[name] = made[name]
    return body


def has_something_made_up(body: Ids, base: Ids) -> bool:
    """Return whether a body has a field from the generator; our own comment is none."""
    return any(
        name not in base or value != base[name]
        for name, value in body.items()
        if not (name == "comment" and str(value).startswith(CASE))
    )


def path_of(route: Route, ids: Ids) -> Ids:
    """Return the parameters in the path of a command."""
    values = address(route, ids).split("/")
    return {
        part.partition(":")[2].rstrip(">"): value
        for part, value in zip(route.path.split("/"), values, strict=True)
        if part.startswith("<")
    }


def send(case: Any, okr: Okr, tally: Tally, name: str) -> bool:
    """Send a command; return whether it was accepted and recorded. Note what is wrong."""
    head = okr.log.head()
    tally.tried += 1
    try:
        answer = case.call_and_validate()
    except FailureGroup as failures:
        tally.wrong += [f"{name}: {each}" for each in failures.exceptions]
        return False
    return is_recorded(okr, head, answer.status_code, answer.headers, tally, name)


def is_recorded(
    okr: Okr, head: int, status: int, headers: Any, tally: Tally, name: str
) -> bool:  # fmt: skip
    """Return whether the log has grown by a command; note where that contradicts its answer."""
    rows = okr.log.rows(head, 10_000, ("position", "command_id"))
    (command_id,) = headers["command-id"]
    mine = [row for row in rows if UUID(str(row[1])) == UUID(command_id)]
    is_done = 200 <= status < 300
    nothing_to_do = is_done and "position" not in headers
    if len(mine) != len(rows) or bool(rows) != (is_done and not nothing_to_do):
        tally.wrong.append(f"{name}: {status}, and the log has grown by {len(rows)}")
    return bool(mine) and is_done


def ask_many(company: Company, enough: int, tally: Tally, folder: Path) -> None:
    """Send such commands in one body, until enough bodies had a line that was recorded."""
    chance = random.Random(enough)
    with opened(company, folder / "asked") as okr:
        operations = described()
        cases = {each: made_up(operations["POST", bare(each.path)], enough) for each in IN_BULK}
        tries = iter(range(enough * MOST_TRIES))
        while tally.accepted[MANY] < enough and next(tries, None) is not None:
            lines = [
                mixed(chance.choice(cases[route]).body, filled(BODIES[route.command], company.ids),
                      chance) | {"command": address(route, company.ids)}
                for route in chance.sample(IN_BULK, 3)
            ]  # fmt: skip
            case = operations["POST", f"{PREFIX}/commands"].Case(
                headers={"Okr-Actor": ADA, "Idempotency-Key": str(uuid4())},
                body=lines, media_type=NDJSON,
            )  # fmt: skip
            tally.accepted[MANY] += send_many(case, okr, tally)
    if tally.accepted[MANY] < enough:
        tally.wrong.append(f"{MANY} was accepted {tally.accepted[MANY]} times alone")


def send_many(case: Any, okr: Okr, tally: Tally) -> bool:
    """Send a body of commands; return whether a line was recorded. Note what is wrong."""
    head = okr.log.head()
    tally.tried += 1
    try:
        answer = case.call_and_validate()
    except FailureGroup as failures:
        tally.wrong += [f"{MANY}: {each}" for each in failures.exceptions]
        return False
    verdicts = [json.loads(line) for line in answer.text.splitlines()]
    receipts = [each["receipt"] for each in verdicts if "receipt" in each]
    said = {UUID(each["command_id"]) for each in receipts if each["last_position"] is not None}
    rows = okr.log.rows(head, 10_000, ("position", "command_id"))
    if {UUID(str(row[1])) for row in rows} != said:
        tally.wrong.append(f"{MANY}: {len(said)} were recorded, and the log says otherwise")
    return bool(said)


# ---- questions, links -----------------------------------------------------------------------


def ask_questions(company: Company, number: int, tally: Tally, folder: Path) -> None:
    """Ask each question so many times, half of them as described, and half not."""
    with opened(company, folder / "asked"):
        operations = described()
        questions = [("GET", bare(route.path)) for route in QUESTIONS]
        for asked in (*questions, *ASKED_ELSE):
            for case in made_up(operations[asked], number):
                tally.tried += 1
                case.headers.setdefault("Okr-Actor", ADA)  # who calls is not made up
                try:
                    case.call_and_validate()
                except FailureGroup as failures:
                    tally.wrong += [f"{asked}: {each}" for each in failures.exceptions]


def follow_links(company: Company, number: int, tally: Tally, folder: Path) -> None:
    """Follow links, so many chains of up to six requests."""
    with opened(company, folder / "linked"):
        by_ada = f'headers = {{ "Okr-Actor" = "{ADA}" }}\n{CONFIG}'
        config = SchemathesisConfig.from_str(by_ada)
        app = shared_app()[0]
        schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app, config=config)
        machine = schema.as_state_machine()
        quick = settings(
            max_examples=number, stateful_step_count=6, database=None, deadline=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        tally.tried += number
        try:
            seed(number)(machine.TestCase).settings = quick
            machine.run(settings=quick)
        except FailureGroup as failures:
            tally.wrong.append(f"links: {failures}")


# ---- the control ----------------------------------------------------------------------------


def blind(company: Company, folder: Path) -> int:
    """How many of two contradictions are not found: agreed, not recorded; recorded, refused."""
    missed = 0
    for recorded, status in ((False, 200), (True, 409)):
        tally = Tally()
        with opened(company, folder / "control") as okr:
            head, id_ = okr.log.head(), str(uuid4())
            if recorded:
                answer = Caller(shared_app()[0].test_client()).post("/teams", {"name": "Web"})
                id_ = answer.headers["Command-Id"]
            headers = {"command-id": [id_], "position": ["1"]}
            is_recorded(okr, head, status, headers, tally, "control")
        missed += not tally.wrong
    return missed


def main(enough: int) -> int:
    """Ask everything; write it into build/faults.json."""
    from tests.faults.results import report

    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="okr-es-api-") as made:
        folder, tally = Path(made), Tally()
        (folder / "founded").mkdir()
        company = found(folder / "founded")
        ask_commands(company, enough, tally, folder)
        ask_many(company, enough, tally, folder)
        ask_questions(company, enough, tally, folder)
        follow_links(company, enough, tally, folder)
        unseen = blind(company, folder)
    print(*tally.wrong[:20], sep="\n", file=sys.stderr)
    least = min(tally.accepted[name] for name in (*(r.command.__name__ for r in ROUTES), MANY))
    few = enough >= ENOUGH and tally.tried < MANY_CASES
    return report("api.schemathesis: what the description lets a generator make up", {
        "api.schemathesis": {
            "tried": tally.tried, "wrong": len(tally.wrong), "accepted_at_least": least,
            "holds": not tally.wrong and least >= enough and not few,
        },
        "api.schemathesis.control": {"tried": 2, "wrong": unseen, "holds": not unseen},
    })  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ENOUGH))
