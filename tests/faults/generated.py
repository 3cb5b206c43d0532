"""What the description of the API lets a generator make up, sent as each role.

schemathesis makes up headers, filters and bodies, half of them as described and half not; what they
are about is put in from the company of roles, on each side of the scope. Wrong is an answer of 5xx,
and a 2xx that the table written by hand refuses. What the table allows is tried out (`dry_run`), so
nothing may be recorded. The control is a server that agrees to all, and one that fails at all.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from okr_es.domain.approval import approval_id
from tests.faults.matrix import ASKS, INGEST, ITS_KPI, STRANGER, World, world
from tests.okr_es.access.test_rights import ALONE, NO
from tests.support.company_of_roles import begin_roles, id_of, ids_of
from tests.web import test_rights_of_commands as commands
from tests.web import test_rights_of_questions as questions
from tests.web.api.test_commands import BODIES, filled
from web.app import PREFIX

PEOPLE = ("member", "lead", "hr", "auditor", "administrator")
EVERYBODY = (*PEOPLE, INGEST, STRANGER)
NOT_GENERATED = {"okr-actor", "authorization", "cookie", "content-type"}
Ask = Callable[..., int]  # who, method and path, and what is sent: the status of the answer


class Asked(NamedTuple):
    """What is sent by whom, and whether the table refuses it."""

    who: str
    refused: bool
    method: str
    path: str
    sent: dict[str, Any]

    def is_wrong(self, status: int) -> bool:
        """Whether nobody should be answered so."""
        return status >= 500 or (self.refused and 200 <= status < 300)


def asks(of: World) -> Ask:
    """Return what asks the servers of the company."""
    stranger = of.strict.test_client()

    def ask(who: str, method: str, path: str, **sent: Any) -> int:
        if who == STRANGER:
            return stranger.open(path, method=method, **sent).status_code
        client = of.keys.client if who == INGEST else of.people.client
        sent["headers"] = sent["headers"] | {"Okr-Actor": str(id_of(who))}
        return client.open(path, method=method, **sent).status_code

    return ask


# ---- what is made up --------------------------------------------------------------------


def described(of: World) -> dict[tuple[str, str], Any]:
    """Return the operations of the description, by method and bare path."""
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", of.strict)
    operations = (found.ok() for found in schema.get_all_operations())
    return {
        (each.method.upper(), questions.bare(each.path.removeprefix(PREFIX))): each
        for each in operations
    }


def made_up(operation: Any, number: int) -> list[schemathesis.Case]:
    """Make cases of an operation up: so many as described, and so many that are not."""
    found: list[schemathesis.Case] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @seed(number)
        @settings(
            max_examples=number, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def make(case: schemathesis.Case) -> None:
            found.append(case)

        with suppress(*([Unsatisfiable] if found else [])):  # there may be nothing to get wrong
            make()
    return found


def headers_of(case: schemathesis.Case) -> dict[str, str]:
    """Return the headers that were made up, without those that say who asks."""
    made = {name: str(value) for name, value in (case.headers or {}).items()}
    return {name: value for name, value in made.items() if name.lower() not in NOT_GENERATED}


def of_command(
    name: str, cases: list[schemathesis.Case], chance: random.Random
) -> Iterator[Asked]:  # fmt: skip
    """A command as everybody, about something on each side of the scope."""
    part = commands.LINES[name][1] or "plan"
    route = commands.BY_NAME[name.split(maxsplit=1)[0]]
    for case in cases:
        for who in EVERYBODY:
            actor = who if who in PEOPLE else "member"
            for side in commands.sides(actor, commands.LINES[name][2]):
                ids = ids_of(side.name, side.owner, side.team)
                ids["approval_id"] = str(approval_id(id_of(side.name, part)))
                refused = is_refused(who, name, side)
                base = filled(commands.BODY.get(name, BODIES[route.command]), ids)
                body = mixed(case.body, base, chance)
                if not refused and isinstance(body, dict):
                    body["dry_run"] = True
                if refused or isinstance(body, dict):
                    path = PREFIX + commands.address_of(route, ids)
                    yield Asked(who, refused, "POST", path,
                                {"json": body, "headers": headers_of(case)})  # fmt: skip


def is_refused(who: str, name: str, side: commands.Side) -> bool:
    """Return whether the table refuses a command on a side, alone or at all."""
    if who == STRANGER:
        return True
    if who == INGEST:
        is_reading = commands.LINES[name][0] == "readings"
        return not (is_reading and side.name == ITS_KPI)
    enough = NO + 1 if name in commands.TAKES_TWO else ALONE
    return commands.expected(who, name, side) < enough


def mixed(made: Any, base: dict[str, Any], chance: random.Random) -> Any:
    """Return a body about what is meant: as it was made up, or a good one with a made-up field."""
    if not isinstance(made, dict):
        return made if not isinstance(made, schemathesis.core.NotSet) else {}
    about = {key: value for key, value in base.items() if key.endswith("_id") or key == "readings"}
    rest = {key: value for key, value in made.items() if key not in {"dry_run", "on_behalf_of"}}
    if chance.random() < 0.5:
        return rest | about
    field = chance.sample(sorted(rest), min(1, len(rest)))
    return base | {key: rest[key] for key in field} | about


def of_question(
    case_of: questions.Case, cases: list[schemathesis.Case]
) -> Iterator[Asked]:  # fmt: skip
    """A question as everybody, filtered by something on each side of the scope."""
    method = "POST" if case_of.address.startswith("POST") else "GET"
    path, _, filters = case_of.address.rsplit(" ", maxsplit=1)[-1].partition("?")
    for case in cases:
        for who in EVERYBODY:
            for side in questions.sides(who if who in PEOPLE else "member", case_of.about):
                kinds = {kind: id_of(side.name, kind.replace("_", " ")) for kind in questions.KINDS}
                ids = {"person": side.owner, "team": side.team, "size": 1} | kinds
                asked = dict(each.split("=") for each in filters.format(**ids).split("&") if each)
                made = {key: value for key, value in (case.query or {}).items() if key != "type"}
                sent = {"query_string": made | asked, "headers": headers_of(case)}
                refused = hides(who, case_of, side)
                yield Asked(who, refused, method, PREFIX + path.format(**ids), sent)


def hides(who: str, case: questions.Case, side: questions.Side) -> bool:
    """Return whether the table refuses a question on a side."""
    if who == STRANGER:
        return True
    if who == INGEST:
        return not (case.address in ASKS and side.name == ITS_KPI)
    _, line, part, about = case
    return line != "see" and questions.expected(who, line, part, about, side) == NO


def everything(of: World, number: int, every: int = 1) -> Iterator[Asked]:
    """Make up so many cases of each operation, or of one among `every` of them."""
    operations, chance = described(of), random.Random(number)
    for name in list(commands.LINES)[::every]:
        path = questions.bare(commands.BY_NAME[name.split(maxsplit=1)[0]].path)
        yield from of_command(name, made_up(operations["POST", path], number), chance)
    seen = [questions.Case(address, "see", None, "goal") for address in questions.SEEN]
    for case in [*questions.CASES, *seen][::every]:
        method = "POST" if case.address.startswith("POST") else "GET"
        operation = operations[method, questions.bare(case.address)]
        yield from of_question(case, made_up(operation, number))


class Tally:
    """What one role asked, and how often it was agreed to."""

    def __init__(self) -> None:
        self.tried, self.agreed = 0, 0
        self.wrong: list[tuple[int, Asked]] = []

    def note(self, asked: Asked, status: int) -> None:
        """Note an answer."""
        self.tried += 1
        self.agreed += 200 <= status < 300
        if asked.is_wrong(status):
            self.wrong.append((status, asked))


def tallies(ask: Ask, all_asked: list[Asked]) -> dict[str, Tally]:
    """Ask everything; return what came of it, by role."""
    found = {who: Tally() for who in EVERYBODY}
    for asked in all_asked:
        sent = ask(asked.who, asked.method, asked.path, **asked.sent)
        found[asked.who].note(asked, sent)
    return found


def always(status: int) -> Ask:
    """Return a server that answers all alike."""
    return cast("Ask", partial(lambda *_, **__: status))


def blind(all_asked: list[Asked]) -> list[tuple[str, int]]:
    """The roles as which nothing wrong is found at a server that agrees to, or fails at, all."""
    return [
        (who, status)
        for status in (200, 500)
        for who, tally in tallies(always(status), all_asked).items()
        if not tally.wrong
    ]


def main(number: int) -> int:
    """Ask as each role; write it into build/faults.json."""
    from tests.faults.results import report

    with tempfile.TemporaryDirectory(prefix="okr-es-generated-") as folder:
        url = f"sqlite:///{Path(folder)}/okr.db"
        begin_roles(url)
        with world(url) as of:
            all_asked, head = list(everything(of, number)), of.people.okr.log.head()
            tally = tallies(asks(of), all_asked)
            recorded = of.people.okr.log.head() - head
    found: dict[str, dict[str, Any]] = {}
    for who, each in tally.items():
        print(*each.wrong[:10], sep="\n", file=sys.stderr)
        found[f"access.schemathesis.{who.replace(' ', '_')}"] = {
            "tried": each.tried, "wrong": len(each.wrong), "agreed": each.agreed,
            "holds": not each.wrong and (each.agreed > 0) == (who != STRANGER),
        }  # fmt: skip
    unseen = blind(all_asked)
    found["access.schemathesis.recorded"] = {
        "tried": len(all_asked), "wrong": recorded, "holds": not recorded
    }  # fmt: skip
    found["access.schemathesis.control"] = {
        "tried": 2 * len(EVERYBODY), "wrong": len(unseen), "holds": not unseen
    }  # fmt: skip
    return report("access.schemathesis: what a generator makes up, as each role", found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
