"""Many calls in one body: tried out, or carried out all or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.commands.carrying import Call, loaded
from web.cli.receipts import required_actor, user_of_machine
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.application import Okr
    from okr_es.chunks.lines import Line

Refused = dict[int, str]  # by the number of the call, from 0: why


def try_all(session: Session, calls: Sequence[Call], by: UUID | None) -> tuple[list[Any], Refused]:
    """Return what calls would record, one after the other, and why some would be refused."""
    if session.server is not None:
        return verdicts_of(session, calls, by, "dry_run")
    from okr_es.chunks.running import tried
    from okr_es.domain.refusals import Refusal

    with session.okr() as okr:
        lines = lines_of(session, okr, calls, required_actor(by))
        refused = contradictions(okr, lines)
        answered = tried(okr, [each for each in lines if each.number not in refused])
    found = [each.verdict for each in answered if not isinstance(each.verdict, Refusal)]
    return found, refused | {
        each.line.number: each.verdict.message
        for each in answered if isinstance(each.verdict, Refusal)
    }  # fmt: skip


def carry_out_all(session: Session, calls: Sequence[Call], by: UUID | None) -> Refused:
    """Carry calls out in one transaction; return why some were refused: then none was carried out.

    The same calls again under the same key are carried out once.
    """
    click.echo(f"key {session.command_key()}", err=True)
    if session.server is not None:
        return verdicts_of(session, calls, by, "atomic")[1]
    from okr_es.chunks.lines import LinesRefused
    from okr_es.chunks.running import at_once
    from okr_es.context import Receipt

    acts = required_actor(by)
    with session.okr() as okr:
        lines = lines_of(session, okr, calls, acts)
        if refused := contradictions(okr, lines):
            return refused
        try:
            answered = at_once(okr, lines)
        except LinesRefused as error:
            return {line.number: refusal.message for line, refusal in error.refused}
        for each in answered:
            if isinstance(each.verdict, Receipt) and each.verdict.last_position is not None:
                okr.client_info.note(each.verdict.command_id, acts, None, user_of_machine())
    return {}


def lines_of(session: Session, okr: Okr, calls: Sequence[Call], by: UUID) -> list[Line]:
    """Return calls as lines of one body, each with a key of its own."""
    from okr_es.chunks.lines import Line
    from okr_es.context import Context

    found = []
    for number, call in enumerate(calls):
        command, common = loaded(call)
        id_ = okr.command_id(by, f"{session.command_key()}/{number + 1}")
        found.append(Line(number, command, Context(by, origin="cli", command_id=id_, **common)))
    return found


def contradictions(okr: Okr, lines: list[Line]) -> Refused:
    """Return the lines of which two say a value of one thing and day: one would be lost."""
    from web.api.bulk_lines import contradicting

    why = "Two are about one day of it, and one value would be lost."
    return dict.fromkeys(contradicting(lines, okr.today()), why)


def verdicts_of(
    session: Session, calls: Sequence[Call], by: UUID | None, how: str
) -> tuple[list[Any], Refused]:
    """Send calls to a server in one body; return what came of them, and which were refused."""
    import msgspec

    from okr_es.dry_run import DryRun

    body = b"\n".join(msgspec.json.encode({"command": call.address} | call.body) for call in calls)
    server = session.remote(by)
    required_actor(server.acts)
    done, refused = [], {}
    for each in server.send_many(body, session.command_key(), how):
        if "problem" in each:
            refused[each["line"] - 1] = each["problem"]["detail"]
        elif "dry_run" in each:
            done.append(msgspec.convert(each["dry_run"], DryRun))
    return done, refused
