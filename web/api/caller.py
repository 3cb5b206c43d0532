"""Who calls: a person by their session, or by a header where that is believed; or a key."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from flask import request

from okr_es.access.rights import Held
from okr_es.domain.values import exact_id
from web.api.bearer import key_of_request, roles_of
from web.api.command_ids import ACTOR, COMMANDS
from web.api.entrance import Mode, entrance
from web.api.problems import Problem, invalid
from web.api.signed_in import nobody_is_signed_in, signed_in

PREFIX = "/api/v1"
FIRST_REGISTRATION = f"{COMMANDS}.RegisterPerson"
NEEDS_NOBODY = ("api-docs", "swagger_ui", "sessions")  # blueprints: the last refuses by itself


class How(StrEnum):
    """How a caller is known."""

    SESSION = "session"
    NAMED = "named"
    KEY = "key"


class Caller(NamedTuple):
    """Who calls, and how they are known.

    `key_roles` are those of an api key, whose id `id` is then: they decide. None: it is a person,
    whose grants decide.
    """

    id: UUID
    how: How
    key_roles: tuple[Held, ...] | None = None


def caller() -> Caller | None:
    """Return who calls; None where it is nobody.

    Who is signed in acts as nobody else: raises a Problem where the header names another.
    """
    found, named = by_key() or by_session(), id_in_header(ACTOR)
    if found is not None:
        if named not in {None, found.id}:
            raise actor_is_another()
        return found
    to = entrance()
    if not to.mode.believes:
        return None
    person = named or to.default_actor
    return None if person is None else Caller(person, How.NAMED)


def by_key() -> Caller | None:
    """Return who calls by the key of a program, None where the request brings none."""
    key = key_of_request()
    if key is None:
        return None
    return Caller(key.id, How.KEY, roles_of(key))


def by_session() -> Caller | None:
    """Return who is signed in, None where nobody is; see `signed_in`."""
    found = signed_in()
    return None if found is None else Caller(found.session.person_id, How.SESSION)


def require_caller() -> None:
    """Refuse a request of the API that says not who calls, where the table of rights holds.

    The first person of an empty log may register without it, where a name is believed.
    """
    mode = entrance().mode
    if not mode.enforces or not is_for_callers():
        return
    if mode.believes and request.endpoint == FIRST_REGISTRATION:
        return
    if caller() is None:
        raise caller_is_missing(mode)


def is_for_callers() -> bool:
    """Return whether the request is for a route of the API that answers no stranger."""
    is_route = request.endpoint is not None and request.path.startswith(f"{PREFIX}/")
    return is_route and request.blueprint not in NEEDS_NOBODY


def id_in_header(name: str) -> UUID | None:
    """Return the UUID in a header, bare or in quotes; None where the header is absent."""
    written = request.headers.get(name)
    if written is None:
        return None
    found = exact_id(written.strip('"'))
    if found is None:
        raise invalid({name: ["Not a UUID."]})
    return found


def caller_is_missing(mode: Mode) -> Problem:
    """Return the problem of a request that says not who calls, as the mode lets them say it."""
    return actor_is_missing() if mode.believes else nobody_is_signed_in()


def actor_is_missing() -> Problem:
    """Return the problem of a request without an acting person."""
    return Problem(
        "actor-is-missing",
        401,
        "The acting person is missing.",
        f"Name the acting person by their id in the header {ACTOR}.",
        field=ACTOR,
        headers={"WWW-Authenticate": ACTOR},
    )


def actor_is_another() -> Problem:
    """Return the problem of a header that names another person than the one who is known."""
    return Problem(
        "actor-is-another",
        403,
        "Who is signed in acts as nobody else.",
        f"{ACTOR} names another than who calls, by a session or a key: leave it out.",
        field=ACTOR,
    )
