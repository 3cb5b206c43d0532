"""Many commands in one body, as lines of JSON: recorded in chunks, a verdict for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from logging import Logger
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from flask import Response, current_app, request
from flask_smorest import Blueprint

from okr_es.application import Okr
from okr_es.chunks.lines import Answered, Line, LinesRefused
from okr_es.chunks.recording import MOST_REFUSED
from okr_es.chunks.running import MOST_AT_ONCE, at_once, in_chunks, tried
from okr_es.context import Context, Receipt
from okr_es.database.outages import is_outage
from okr_es.domain.refusals import Refusal
from okr_es.dry_run import DryRun
from okr_es.log.in_doubt import OutcomeUnknown
from okr_es.people.shredding import NotShredded
from web.api.actor import context, required_key
from web.api.bulk_answers import LineDone, LineRefused, LineTried, LineVerdict
from web.api.bulk_lines import MOST_LINES, Entry, Read, contradicting, entries, lines_of
from web.api.bulk_openapi import DOCUMENT
from web.api.caller import caller, caller_is_missing
from web.api.command_ids import KEY, LONGEST_KEY
from web.api.commands import BULK_BYTES
from web.api.entrance import entrance
from web.api.exact_json import encode, received, require_type
from web.api.given import given
from web.api.if_match import HEADER as IF_MATCH
from web.api.ndjson import NDJSON
from web.api.openapi.operations import describe
from web.api.parameters import ATOMIC, DRY_RUN
from web.api.problems import (
    Problem,
    body_of,
    erasure_unfinished,
    invalid,
    problem_by,
    unavailable,
    unexpected_problem,
    unknown_outcome,
)

ROOM_FOR_NUMBER = 6  # characters behind the key of a request: a slash, and the number of a line
OF_A_LINE = {"by": "Okr-Actor", "command_id": "idempotency_key"}

Note = Callable[[Receipt], None]


def blueprint(okr: Okr, prefix: str) -> Blueprint:
    """Return the route of many commands."""
    made = Blueprint("bulk", __name__, url_prefix=prefix)

    def many() -> Response:
        asked = given((ATOMIC, DRY_RUN))
        is_atomic, is_tried = bool(asked.get("atomic")), bool(asked.get("dry_run"))
        data, key = received(BULK_BYTES), request_key()
        require_type(NDJSON)
        base = base_context(okr)
        most = MOST_AT_ONCE if is_atomic or is_tried else MOST_LINES
        body = Body.of(okr, entries(data, most, key), base, sha256(data).hexdigest(), prefix)
        note = noting(okr, base.by)
        if is_atomic:
            body.require_all_good()
        if is_tried or is_atomic:
            return whole(body, key, is_tried=is_tried, is_atomic=is_atomic, note=note)
        parts = in_parts(body, current_app.logger, note)
        first = next(parts)  # before an answer begins: what fails here is an error of the request
        return Response(begun(first, parts), 200, headers(key), content_type=NDJSON)

    describe(many, "Many commands in one body, a line of JSON each.", DOCUMENT)
    made.add_url_rule("/commands", "many", many, methods=["POST"], tags=["commands"])
    return made


def begun(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the first part of an answer, and the rest; closed where that is not wanted any more."""
    yield first
    yield from rest


def headers(key: str) -> dict[str, str]:
    """Return the headers of an answer: the key to send the whole body again under."""
    return {"Cache-Control": "no-store", KEY: request.headers.get(KEY, key)}


def request_key() -> str:
    """Return the key of the request, which leaves room for the number of a line."""
    key, most = required_key(), LONGEST_KEY - ROOM_FOR_NUMBER
    if len(key) > most:
        raise invalid({KEY: [f"1 to {most} printable characters: numbers of lines follow."]})
    return key


def base_context(okr: Okr) -> Context:
    """Return what the contexts of all lines have in common; raise a Problem where nobody calls."""
    found, mode = caller(), entrance().mode
    if found is None:
        raise caller_is_missing(mode)
    if IF_MATCH in request.headers:
        raise invalid({IF_MATCH: ["It is about one thing: let a line say its expected_version."]})
    common = {"enforced": mode.enforces, "key_roles": found.key_roles}
    made = context(found.id, uuid5(found.id, required_key()), common)
    if found.key_roles is None and okr.has_begun():
        okr.require_person(found.id)
    return made


def noting(okr: Okr, by: UUID) -> Note:
    """Return what stores from where a recorded command came, once the request is over."""
    address, client = request.remote_addr, request.headers.get("User-Agent", "")

    def note(receipt: Receipt) -> None:
        if receipt.last_position is not None:
            okr.client_info.note(receipt.command_id, by, address, client)

    return note


class Body(NamedTuple):
    """The lines of a body: all of them, those to carry out, and the bad ones, the last first."""

    okr: Okr
    entries: dict[int, Entry]
    lines: list[Line]
    ids: dict[int, UUID]
    bad: dict[int, Problem]
    prefix: str

    @staticmethod
    def of(okr: Okr, found: list[Entry], base: Context, digest: str, prefix: str) -> Body:
        """Return the lines of a body with what is wrong of each."""
        bad = {each.number: each.read for each in found if isinstance(each.read, Problem)}
        lines = lines_of(okr, found, base, digest)
        for number, refusal in contradicting(lines, okr.today()).items():
            bad[number] = problem_by(refusal, refusal.field, in_body=True)
        good = [each for each in lines if each.number not in bad]
        ids = {each.number: each.context.command_id for each in lines}
        last_first = dict(sorted(bad.items(), reverse=True))
        return Body(okr, {each.number: each for each in found}, good, ids, last_first, prefix)

    def require_all_good(self) -> None:
        """Refuse a body that is all or nothing where a line cannot be carried out."""
        if self.bad:
            raise all_refused([(number, self.bad[number]) for number in sorted(self.bad)], self.ids)

    def in_order(self, answered: Iterable[Answered]) -> Iterator[LineVerdict]:
        """Yield the verdicts on some lines, and on bad ones that stand before them."""
        for each in answered:
            yield from self.bad_before(each.line.number)
            yield self.verdict(each)

    def bad_before(self, number: int | None = None) -> Iterator[LineVerdict]:
        """Yield, once, the verdicts on bad lines before a number, or on all."""
        while self.bad and (number is None or next(reversed(self.bad)) < number):
            yield self.refused(*self.bad.popitem())

    def verdict(self, answered: Answered) -> LineVerdict:
        """Return the verdict on a line."""
        number, found = answered.line.number, answered.verdict
        key = self.entries[number].key
        if isinstance(found, DryRun):
            return LineTried(number, 200, key, found)
        if isinstance(found, NotShredded):
            return self.refused(number, erasure_unfinished())
        if isinstance(found, Refusal):
            return self.refused(number, self.problem(number, found))
        status, location = self.seen(number, found)
        return LineDone(number, status, key, location, found)

    def seen(self, number: int, receipt: Receipt) -> tuple[int, str | None]:
        """Return the status of a receipt, and where what began can be seen."""
        said = self.said(number)
        if receipt.approval_id is not None:
            return 202, f"{self.prefix}/approvals/{receipt.approval_id}"
        seen_at = said.route.seen_at
        if seen_at is None:
            return 200, None
        return 201, self.prefix + seen_at.format(**{"id": receipt.id, **said.path})

    def problem(self, number: int, refusal: Refusal) -> Problem:
        """Return the problem of a refusal, as at the address of the command."""
        in_body = refusal.field not in self.said(number).path
        field = refusal.field and OF_A_LINE.get(refusal.field, refusal.field)
        return problem_by(refusal, field, in_body=in_body)

    def said(self, number: int) -> Read:
        """Return what a good line says."""
        found = self.entries[number].read
        if isinstance(found, Problem):
            raise found
        return found

    def refused(self, number: int, problem: Problem) -> LineVerdict:
        """Return the verdict on a line that is refused."""
        said: Any = body_of(problem, self.ids.get(number))
        return LineRefused(number, problem.status, self.entries[number].key, said)


def in_parts(body: Body, logger: Logger, note: Note) -> Iterator[bytes]:
    """Carry lines out, and yield verdicts as soon as what they say is durable.

    Raises only what comes before anything is recorded; later on, each line that was not come to
    says what is known of it.
    """
    done = 0
    try:
        for answered in in_chunks(body.okr, body.lines):
            for each in answered:
                if isinstance(each.verdict, Receipt):
                    note(each.verdict)
            done += len(answered)
            yield b"".join(encode(each) + b"\n" for each in body.in_order(answered))
    except Exception as error:
        if not done:
            raise
        logger.error("A body of many commands broke off: %s", error, exc_info=not is_outage(error))
        for line in body.lines[done:]:
            problem = broken_off(error, line, body.entries[line.number].key)
            for said in (*body.bad_before(line.number), body.refused(line.number, problem)):
                yield encode(said) + b"\n"
    yield b"".join(encode(each) + b"\n" for each in body.bad_before())


def broken_off(error: Exception, line: Line, key: str) -> Problem:
    """Return the problem of a line that was not come to, or not known to be recorded."""
    if isinstance(error, OutcomeUnknown):
        return unknown_outcome("The database broke off.", line.context.command_id, key)
    return unavailable() if is_outage(error) else unexpected_problem()


def whole(body: Body, key: str, *, is_tried: bool, is_atomic: bool, note: Note) -> Response:
    """Carry all lines out or none, or try them out; answer with the verdicts on all."""
    try:
        answered = tried(body.okr, body.lines) if is_tried else at_once(body.okr, body.lines)
    except LinesRefused as error:
        named = [(each.number, body.problem(each.number, why)) for each, why in error.refused]
        raise all_refused(named, body.ids) from None
    refused = [
        (each.line.number, body.problem(each.line.number, each.verdict))
        for each in answered
        if isinstance(each.verdict, Refusal)
    ]
    if is_atomic and refused:
        raise all_refused(refused, body.ids)
    for each in answered:
        if isinstance(each.verdict, Receipt):
            note(each.verdict)
    verdicts = (*body.in_order(answered), *body.bad_before())
    lines = b"".join(encode(each) + b"\n" for each in verdicts)
    return Response(lines, 200, headers(key), content_type=NDJSON)


def all_refused(refused: list[tuple[int, Problem]], ids: dict[int, UUID]) -> Problem:
    """Return the problem of a body that is all or nothing, with the first lines refused."""
    number, first = refused[0]
    return Problem(
        "lines-are-refused",
        422,
        "All or nothing was asked for, and lines are refused: nothing was recorded.",
        f"Line {number}: {first.detail}",
        field=first.field,
        refused=[
            {"line": line, "problem": body_of(problem, ids.get(line))}
            for line, problem in refused[:MOST_REFUSED]
        ],
    )
