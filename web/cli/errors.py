"""Expected errors of the command line, in one line each, and the code it exits with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from web.cli.blaming import Refused
from web.cli.session import Session, session_of
from web.cli.things import near_cycles

PIPE_CLOSED = 141  # as a shell says that SIGPIPE ended a program


@contextmanager
def until_closed(exit_code: int = PIPE_CLOSED) -> Iterator[None]:
    """End with an exit code, and without a message, where nobody reads the output to its end."""
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)  # for what Python flushes at its end
        for file in filter(None, (sys.stdout, sys.stderr)):
            os.dup2(nowhere, file.fileno())
        os.close(nowhere)
        raise click.exceptions.Exit(exit_code) from None


class OneLineErrors(click.Group):
    """A group whose commands print an expected error in one line and exit with 1."""

    session_of = staticmethod(session_of)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the command line; --help and --version print."""
        with until_closed():
            return super().make_context(*args, **options)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; refuse one that asks no server where one is named."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(ctx.obj, Session) and name is not None:
            above = ctx.command_path.split()[1:]
            ctx.obj.require_place(" ".join((*above, name)))
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Carry the command out."""
        try:
            with until_closed():
                return super().invoke(ctx)
        except (click.Abort, click.exceptions.Exit):
            raise
        except Refused as error:
            missing = error.is_not_found
            raise with_near_cycles(ctx.obj, error.message, is_not_found=missing) from error
        except click.ClickException:
            raise
        except Exception as error:
            message = sentence(error) or of_another_version(ctx.obj, error)
            if message is None:
                raise
            is_not_found = type(error).__name__ == "NotFound"
            raise with_near_cycles(ctx.obj, message, is_not_found=is_not_found) from error


def with_near_cycles(session: Any, message: str, *, is_not_found: bool) -> click.ClickException:
    """Return an error in one line; where a cycle is not found, with those called almost so."""
    near = near_cycles(session) if is_not_found and isinstance(session, Session) else []
    return click.ClickException("\n".join([f"{message} Is it one of these?", *near]) if near
                                else message)  # fmt: skip


def of_another_version(session: Any, error: Exception) -> str | None:
    """Return that a server of another version is why an answer is not as expected, if it is."""
    from msgspec import MsgspecError

    is_of_answer = isinstance(error, KeyError | TypeError | ValueError | MsgspecError)
    if not is_of_answer or not isinstance(session, Session) or session.server is None:
        return None
    note = session.remote().note_of_version()
    return f"The answer is not as expected.{note}" if note else None


def sentence(error: Exception) -> str | None:
    """Return the message of an expected error in one line; None for a bug of ours."""
    from sqlalchemy.exc import DBAPIError

    from okr_es.database.append_only import GapFound
    from okr_es.database.creation import NotPrepared
    from okr_es.database.engines import UnusableDatabase
    from okr_es.database.outages import reason_of
    from okr_es.database.schema_versions import SchemaMismatch
    from okr_es.domain.refusals import Refusal
    from okr_es.evidence.rehash import Tampered
    from okr_es.evidence.signer import SigningKeyIsLost
    from okr_es.log.in_doubt import OutcomeUnknown
    from okr_es.operations import problems
    from okr_es.people.shredding import NotShredded
    from okr_es.people.wrapping import WrappingKeyIsWrong
    from projections.read_model.generations import NotReady
    from web.settings import Unusable

    ours = (Refusal, Tampered, GapFound, SigningKeyIsLost, Unusable, NotShredded, SchemaMismatch)
    others = (UnusableDatabase, NotPrepared, NotReady, WrappingKeyIsWrong)
    if isinstance(error, (*ours, *others, *problems.EXPECTED)):
        return str(error)
    if isinstance(error, OutcomeUnknown):
        return f"{error} Ask with `okr-es receipt {error.command_id}`, or repeat it with its --key."
    if isinstance(error, DBAPIError):
        return f"The database cannot be used: {reason_of(error)}"
    if isinstance(error, OSError):
        return f"{error.filename or 'The system'}: {error.strerror or error}"
    return None
