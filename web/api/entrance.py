"""How a server knows who calls: what signing in needs, and whether the table of rights holds."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from flask import current_app

if TYPE_CHECKING:
    from okr_es.access.key_uses import KeyUses
    from okr_es.access.sessions import Sessions
    from okr_es.application import Okr

EXTENSION = "okr_es_entrance"


class Mode(StrEnum):
    """Whom a server believes, and whether it asks the table of rights.

    OPEN: the person who is named, and they may do everything; for an application inside another
    program. DEVELOPMENT: the person who is named or was chosen on a page, with their rights.
    SIGN_IN: who is signed in or brings a key, with their rights.
    """

    OPEN = "open"
    DEVELOPMENT = "development"
    SIGN_IN = "sign_in"

    @property
    def believes(self) -> bool:
        """A header is enough to say who calls."""
        return self is not Mode.SIGN_IN

    @property
    def enforces(self) -> bool:
        """The table of rights decides."""
        return self is not Mode.OPEN


class Entrance(NamedTuple):
    """What a server lets people in by. Without sessions nobody can sign in."""

    okr: Okr
    mode: Mode
    sessions: Sessions | None = None
    key_uses: KeyUses | None = None  # by which requests with api keys are counted
    default_actor: UUID | None = None  # who calls where a request names nobody, if that is believed


def entrance() -> Entrance:
    """Return what the application that answers lets people in by."""
    found: Entrance = current_app.extensions[EXTENSION]
    return found
