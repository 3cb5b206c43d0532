"""Questions of who calls: allowed or refused by the table of rights, filters narrowed to theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from okr_es.access.lines import QUESTIONS
from okr_es.access.rights import Line
from okr_es.application import Okr
from okr_es.domain.cycle import CycleRef
from web.api.caller import How, caller, caller_is_missing
from web.api.entrance import entrance
from web.api.parameters import accepted_language

if TYPE_CHECKING:
    from projections.queries import Queries

# An answer to one caller is none to another, also in the cache of a browser two people use.
VARY = ("Vary", "Cookie, Authorization, Okr-Actor")
TAG_DIGITS = 8
# Everybody may ask, and who may read reviews is shown the scoreboard as well.
OF_VIEWER = frozenset({"compare"})


class Asked(NamedTuple):
    """A question as it may be asked: of whom, with which filters, and by whom (None: nobody).

    Answers to callers with other rights differ in `of_viewer`; it is empty where all are the same.
    """

    queries: Queries
    filters: dict[str, Any]
    by: UUID | None
    of_viewer: str = ""


def ask(
    okr: Okr,
    queries: Queries,
    question: str,
    about: CycleRef | int | None,
    filters: Mapping[str, Any],
    *,
    recorded: bool,
) -> Asked:
    """Return a question as who calls may ask it; raise NotAllowed where they may not.

    Where the table of rights does not hold, only who asks for what is `recorded` is looked for.
    """
    to = entrance()
    if not to.mode.enforces:
        by = reader(okr) if recorded else None
        return Asked(queries if by is None else queries.for_viewer(by), dict(filters), by)
    found = caller()
    if found is None:
        raise caller_is_missing(to.mode)
    by, language = reader(okr), accepted_language()
    theirs, narrowed = queries.permitted(
        found.id, found.key_roles, question, about, filters, language
    )
    is_for_all = QUESTIONS[question][0] == Line.SEE and question not in OF_VIEWER
    if is_for_all and found.key_roles is None:
        return Asked(theirs, narrowed, by)
    held = (found.id, sorted(map(repr, theirs.reader.rights.roles if theirs.reader.rights else ())))
    digest = hashlib.sha256(repr(held).encode()).hexdigest()
    return Asked(theirs, narrowed, by, digest[:TAG_DIGITS])


def reader(okr: Okr) -> UUID | None:
    """Return who reads; None where nobody is named. Refuses someone unknown, as for commands."""
    found = caller()
    if found is not None and found.how == How.NAMED:  # others were looked for already
        okr.require_person(found.id)
    return None if found is None else found.id
