"""Making somebody administrator of a database, as `okr-es admin grant` does on the machine."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

from okr_es.application import Okr
from okr_es.commands import GrantRole
from okr_es.context import Context
from okr_es.domain.values import Role


def make_administrator(url: str, person: str) -> None:
    """Make a person the first administrator of a database that a server may have open."""
    with closing(Okr(url)) as okr:
        give_administrator(okr, UUID(person))


def give_administrator(okr: Okr, person: UUID) -> None:
    """Make a person the first administrator."""
    by_themself = Context(person, reason="Runs this machine.", origin="cli")
    okr.execute(GrantRole(person, Role.ADMINISTRATOR), by_themself)
