"""The lines of a body of many commands: each is the body of one address, and that address.

A line is read by the schema of its address, so what may stand there is the same in both places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID, uuid5

from flask import current_app
from marshmallow import Schema
from werkzeug.exceptions import HTTPException

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.chunks.lines import Line
from okr_es.context import Context
from okr_es.domain.refusals import Refusal, TwoValuesOfOneDay
from okr_es.domain.values import composed, exact_id
from okr_es.handlers.sweeping import recorded_ids
from okr_es.log.schema import commands as arrived_commands
from web.api.command_ids import COMMANDS, LONGEST_KEY
from web.api.command_schemas import COMMON, load, schema_of
from web.api.commands import ROUTES, Route
from web.api.exact_json import decode
from web.api.if_match import expecting
from web.api.json_bounds import require_few_values
from web.api.problems import Problem, invalid, too_large

MOST_LINES = 10_000
ADDRESS, KEY = "command", "idempotency_key"
NO_ADDRESS = (
    "No command has this address: one of the table of commands, without what stands before."
)
OF_THE_BODY = "It goes for all lines: ask for /commands?dry_run=true."

Match = Callable[[str], tuple[str, Mapping[str, Any]]]


class Read(NamedTuple):
    """A line that was read: of which route, its command, its fields for any command, its key."""

    route: Route
    path: Mapping[str, Any]
    command: c.Command
    common: dict[str, Any]


class Entry(NamedTuple):
    """A line of a body: what was read of it, or why it cannot be; and the key of its command."""

    number: int
    key: str
    read: Read | Problem


def texts_of(data: bytes, most: int) -> list[tuple[int, bytes]]:
    """Return the lines that are not empty, by their numbers from 1; refuse too many."""
    require_few_values(data)
    found = [(n, text) for n, text in enumerate(data.split(b"\n"), 1) if text.strip()]
    if not found:
        raise invalid({"body": ["It has no line."]})
    if len(found) > most:
        raise Problem(
            "too-many-lines",
            413,
            "The body has too many lines.",
            f"It may have {most} lines: send less, or in several requests.",
            most_lines=most,
        )
    return found


def entries(data: bytes, most: int, key: str) -> list[Entry]:
    """Return the lines of a body; a line without a key has that of the request and its number."""
    match = matcher()
    return [entry(number, text, key, match) for number, text in texts_of(data, most)]


def entry(number: int, text: bytes, key: str, match: Match) -> Entry:
    """Return a line."""
    own = f"{key}/{number}"
    try:
        given = decode(text.strip())
        if not isinstance(given, dict):
            raise invalid({"body": ["Not an object."]})
        own = key_of(given.pop(KEY, own))
        return Entry(number, own, read(given, len(text), match))
    except Problem as problem:
        return Entry(number, own, problem)
    except Refusal as refusal:  # by an id in the address
        return Entry(number, own, invalid({ADDRESS: [refusal.message]}))


def key_of(sent: Any) -> str:
    """Return the idempotency key of a line; refuse one that cannot be used."""
    if isinstance(sent, str) and 0 < len(sent) <= LONGEST_KEY and sent.isprintable():
        return sent
    raise invalid({KEY: [f"1 to {LONGEST_KEY} printable characters."]})


def read(given: dict[str, Any], size: int, match: Match) -> Read:
    """Return what a line says; raise a Problem that names what is wrong."""
    if "dry_run" in given:
        raise invalid({"dry_run": [OF_THE_BODY]})
    name, path = addressed(given.pop(ADDRESS, None), match)
    route, schema, common_names = ROUTES_BY_NAME[name]
    if size > route.most_bytes:
        raise too_large(route.most_bytes)
    loaded = load(schema, given)
    common = {each: loaded.pop(each) for each in common_names if each in loaded}
    return Read(route, path, route.command(**path, **loaded), common)


def addressed(address: Any, match: Match) -> tuple[str, Mapping[str, Any]]:
    """Return the name of the command that an address carries out, and what its path names."""
    try:
        if not isinstance(address, str) or not address.startswith("/"):
            raise invalid({ADDRESS: [NO_ADDRESS]})
        endpoint, path = match(unquote(address))
    except HTTPException:
        raise invalid({ADDRESS: [NO_ADDRESS]}) from None
    blueprint, _, name = endpoint.partition(".")
    if blueprint != COMMANDS:
        raise invalid({ADDRESS: [NO_ADDRESS]})
    for each in path.values():
        if isinstance(each, str):  # what stands in the place of an id
            raise invalid({ADDRESS: [str(each)]})
    return name, path


def matcher() -> Match:
    """Return what finds the endpoint of an address below that of the API, by the app's own map."""
    adapter = current_app.url_map.bind("")

    def match(path: str) -> tuple[str, Mapping[str, Any]]:
        endpoint, found = adapter.match(f"/api/v1{path}", method="POST")
        return str(endpoint), found

    return match


def by_name() -> dict[str, tuple[Route, Schema, frozenset[str]]]:
    """Return the routes with their schemas, by the names of the commands."""
    return {
        route.command.__name__: (
            route,
            schema_of(route.command, route.in_path),
            frozenset(COMMON) - {each.name for each in fields(route.command)},
        )
        for route in ROUTES
    }


ROUTES_BY_NAME = by_name()


# ---- what is to be carried out ----------------------------------------------------------


def lines_of(okr: Okr, found: list[Entry], base: Context, digest: str) -> list[Line]:
    """Return the lines that can be carried out, each under the id of its actor and its key.

    `digest` is that of the body: of the same body a line that was refused stays refused.
    """
    good = [(each, each.read) for each in found if isinstance(each.read, Read)]
    ids = command_ids(okr, base.by, [each.key for each, _ in good])
    return [
        Line(
            each.number,
            said.command,
            replace(
                base,
                command_id=id_,
                **said.common,
                precondition=expecting(said.path, said.common.get("expected_version")),
            ),
            uuid5(id_, f"refused in {digest}"),
        )
        for (each, said), id_ in zip(good, ids, strict=True)
    ]


def command_ids(okr: Okr, by: UUID, keys: list[str]) -> list[UUID]:
    """Return the ids of a person's commands under their keys.

    A UUID may be a key of before keys belonged to their actors, if a command of that id arrived.
    """
    candidates = {id_ for key in keys if (id_ := exact_id(key)) is not None}
    before = recorded_ids(okr.log, arrived_commands.c.command_id, sorted(candidates))
    return [okr.command_id(by, key) if exact_id(key) in before else uuid5(by, key) for key in keys]


def contradicting(lines: list[Line], today: date) -> dict[int, TwoValuesOfOneDay]:
    """Return the refusals of lines with two values of one KPI or key result, day and subject.

    By their numbers: both are refused, since one of the values would be lost. A line that comes
    again under its key is one command.
    """
    first: dict[tuple[UUID, date, str | None], Line] = {}
    refused: dict[int, TwoValuesOfOneDay] = {}
    for line in lines:
        for said in said_by(line.command, today):
            other = first.setdefault(said, line)
            if other.context.command_id != line.context.command_id:
                refusal = TwoValuesOfOneDay(
                    f"Lines {other.number} and {line.number} are about one day of one KPI or key "
                    "result, and of one subject, and one of the values would be lost: send one, or "
                    "name the subjects.",
                    field="as_of",
                    lines=[other.number, line.number],
                )
                refused.setdefault(other.number, refusal)
                refused.setdefault(line.number, refusal)
    return refused


def said_by(command: c.Command, today: date) -> Iterator[tuple[UUID, date, str | None]]:
    """Yield what a command says values of: a KPI or key result, a day, and a subject."""
    for each in command.readings if isinstance(command, c.RecordReadings) else (command,):
        if isinstance(each, c.RecordReading):
            yield each.kpi_id, each.as_of or today, each.subject and composed(each.subject)
        elif isinstance(each, c.CheckIn) and says_value(each):
            yield each.key_result_id, each.as_of or today, None


def says_value(check_in: c.CheckIn) -> bool:
    """Return whether a check-in says more than a confidence or a comment."""
    said = (check_in.value, check_in.zone, check_in.done_steps)
    return any(each is not None for each in said)
