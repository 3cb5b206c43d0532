"""What somebody who leaves or is erased leaves behind: what they own still, and their requests.

No index leads from a person to what they own: it is asked nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from okr_es.domain.api_key import ApiKey
from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.handlers.requests import names, waiting
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.stream_states import decode_aggregate

OWNED = (Objective, KeyResult, Kpi)
NAMING = """
  SELECT {id}, type, version, state FROM streams
  WHERE living AND type {of_types} AND {contains} ORDER BY stream
"""


def warn_of_holdings(work: UnitOfWork, person_id: UUID) -> None:
    """Warn of what a person who ends owns still, of requests, deputies, their roles, and keys.

    They own running objectives of open cycles, key results of such, and living KPIs; requests are
    theirs, or name them.
    """
    found = naming(work, person_id, (*OWNED, Person, Grant, ApiKey))
    owned = [each for each in found if getattr(each, "owner_id", None) == person_id]
    work.warn("still_owns_objectives", running(work, owned))
    work.warn("still_owns_key_results", running_key_results(work, owned))
    work.warn("still_owns_kpis", [each for each in owned if isinstance(each, Kpi)])
    requests = waiting(work)
    work.warn("still_asks", [each for each in requests if person_id in each.parties])
    named = [each for each in requests if names(each, [person_id])]
    work.warn("requests_name_it", [each for each in named if person_id not in each.parties])
    work.warn("still_deputy", [each for each in found if is_deputy_of(work, person_id, each)])
    work.warn("still_has_roles", still_held(work, found))
    keys = [each for each in found if isinstance(each, ApiKey) and each.works_on(work.today)]
    work.warn("made_api_keys", keys)


def is_deputy_of(work: UnitOfWork, person_id: UUID, each: Aggregate) -> bool:
    """Return whether a person is named as the deputy of another, today or later."""
    deputy = each.deputy if isinstance(each, Person) and each.id != person_id else None
    return deputy is not None and deputy.deputy_id == person_id and deputy.ends >= work.today


def still_held(work: UnitOfWork, found: Iterable[Aggregate]) -> list[Grant]:
    """Return the grants among some things that are not over."""
    grants = [each for each in found if isinstance(each, Grant)]
    return [each for each in grants if not each.is_over(work.today)]


def naming(work: UnitOfWork, id_: UUID, types: Iterable[type[Aggregate]]) -> list[Aggregate]:
    """Return the living things of some types whose state names an id."""
    dialect = work.database.dialect
    statement = NAMING.format(
        id=dialect.id_as_text("stream"),
        of_types=dialect.in_array("types"),
        contains=dialect.contains("state", "named"),
    )
    kinds = dialect.array(topic_of(each) for each in types)
    return [
        decode_aggregate(kind, UUID(stream), version, bytes(state))
        for stream, kind, version, state in work.database.rows(
            statement, {"types": kinds, "named": f'"{id_}"'}
        )
    ]


def running_key_results(work: UnitOfWork, found: Iterable[Aggregate]) -> list[KeyResult]:
    """Return the key results among some things whose objective runs in an open cycle."""
    key_results = [each for each in found if isinstance(each, KeyResult)]
    objectives = work.states({each.objective_id for each in key_results}) if key_results else []
    running_ids = {each.id for each in running(work, objectives)}
    return [each for each in key_results if each.objective_id in running_ids]


def running(work: UnitOfWork, found: Iterable[Aggregate]) -> list[Objective]:
    """Return the objectives among some things that run in an open cycle."""
    objectives = [each for each in found if isinstance(each, Objective) and each.is_living]
    cycles = work.states({each.cycle_id for each in objectives}) if objectives else []
    open_cycles = {each.id for each in cycles if isinstance(each, Cycle) and not each.closed}
    return [each for each in objectives if each.cycle_id in open_cycles]
