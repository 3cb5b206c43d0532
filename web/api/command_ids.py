"""The id of the command that a request brings: every answer to it says it, also a refusal."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from flask import Response, g, has_request_context, request

from okr_es.context import FIRST_PERSONS
from okr_es.domain.values import exact_id
from web import logs

ACTOR = "Okr-Actor"
KEY = "Idempotency-Key"
COMMAND_ID = "Command-Id"
COMMANDS = "commands"  # the blueprint of all commands
LONGEST_KEY = 255
KEY_OF_FORM = "key_of_form"  # in the globals of a request
NAMED = "okr_es.command"  # in the environment of a request: the id and the key of its command


def key_in_header() -> str | None:
    """Return the idempotency key, bare or in quotes, None where none was sent.

    An empty text stands for one that cannot be used. A form of a page brings it in a field.
    """
    written = request.headers.get(KEY, g.get(KEY_OF_FORM))
    if written is None:
        return None
    sent = decoded(written.strip())
    if len(sent) > 1 and sent[0] == sent[-1] == '"':
        sent = sent[1:-1]
    return sent if len(sent) <= LONGEST_KEY and sent.isprintable() else ""


def use_key(key: str) -> None:
    """Let the form of a page name its command: sent twice, it is carried out once.

    A page with several forms names one after the other.
    """
    g.pop("key", None)
    setattr(g, KEY_OF_FORM, key)


def is_key_sent() -> bool:
    """Return whether the request names its command itself."""
    return KEY in request.headers or KEY_OF_FORM in g


def decoded(written: str) -> str:
    """Return the text of a header that was sent in UTF-8; others stay as they are."""
    try:
        return written.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return written


def idempotency_key() -> str:
    """Return the key of the command: the one that was sent, or else one that is made up once."""
    if "key" not in g:
        g.key = key_in_header() or str(uuid4())
    key: str = g.key
    return key


def name_command(command_id: UUID) -> UUID:
    """Let answers name the command by this id from now on; return it."""
    g.command_id = command_id
    request.environ[NAMED] = command_id, idempotency_key()
    logs.name_command(command_id)
    return command_id


def named_command() -> UUID | None:
    """Return the id of the command that the request brings; None where it brings none."""
    if not has_request_context() or request.blueprint != COMMANDS:
        return None
    if "command_id" not in g:
        by = g.get("person_signed_in") or exact_id(request.headers.get(ACTOR, "").strip('"'))
        g.command_id = uuid5(by or FIRST_PERSONS, idempotency_key())
    command_id: UUID = g.command_id
    return command_id


def with_command_id(response: Response) -> Response:
    """Name the command in the headers of its answer, and the key to send it again under."""
    response.headers[COMMAND_ID] = str(named_command())
    sent = request.headers.get(KEY)
    response.headers[KEY] = idempotency_key() if sent is None else sent
    return response
