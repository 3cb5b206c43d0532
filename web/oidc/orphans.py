"""Roles that a provider of identity gave, and that no rule of any provider gives any more.

Roles by groups change as somebody signs in. Where a provider was renamed or removed, or a rule of
it, nobody may sign in by it again, and the role would stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import islice
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.grant import GRANTS, Grant
from okr_es.log.mapper import topic_of
from okr_es.log.stream_states import decode_aggregate
from web.oidc.providers import Provider
from web.oidc.roles import ids_of

ALL = """
  SELECT {stream}, s.version, s.state, e.origin, {by} FROM streams s
  JOIN events e ON e.stream = s.stream AND e.version = 1
  WHERE s.parent = '{parent}' AND s.type = '{kind}' ORDER BY e.position
"""
PAGE = "page"  # where somebody gives a role to themselves, their provider does


def orphaned(log: Database, today: date, providers: Iterable[Provider]) -> list[Grant]:
    """Return the grants of providers that hold, today or later, and that no rule gives any more."""
    kind, dialect = topic_of(Grant), log.dialect
    statement = ALL.format(
        stream=dialect.id_as_text("s.stream"), by=dialect.id_as_text('e."by"'),
        parent=GRANTS, kind=kind,
    )  # fmt: skip
    grants: list[tuple[Grant, bool]] = []
    for stream, version, state, origin, by in log.rows(statement, {}):
        grant = decode_aggregate(kind, UUID(stream), version, bytes(state))
        if isinstance(grant, Grant):
            grants.append((grant, origin == PAGE and by == str(grant.person_id)))
    of_person, known = Counter(grant.person_id for grant, _ in grants), list(providers)
    return [
        grant
        for grant, by_provider in grants
        if by_provider
        and not grant.is_over(today)
        and not is_followed(grant, known, of_person[grant.person_id])
    ]


def is_followed(grant: Grant, providers: Iterable[Provider], number: int) -> bool:
    """Return whether a provider gave one of so many grants of a person, and has a rule for it."""
    key = grant.role, grant.team_id
    return any(
        key in {(rule.role, rule.team_id) for rule in each.roles}
        and grant.id in islice(ids_of(each, grant.person_id, *key), number)
        for each in providers
    )
