"""What is promised, or taken up again, while its owner is gone or its KPI was retired."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.handlers.references import key_results_below
from okr_es.handlers.unit_of_work import UnitOfWork


def warn_of_orphans(work: UnitOfWork, objectives: Iterable[Objective]) -> None:
    """Warn of objectives and key results of theirs that nobody owns or nothing feeds any more."""
    found = list(objectives)
    below = [each for each in key_results_below(work, [o.id for o in found]) if each.is_living]
    warn_of_gone_owners(work, [*found, *below])
    warn_of_retired_kpis(work, below)


def warn_of_gone_owners(work: UnitOfWork, owned: Iterable[Objective | KeyResult | Kpi]) -> None:
    """Warn of what is owned by somebody who left or was erased."""
    goals = [each for each in owned if each.owner_id is not None]
    people = work.states({each.owner_id for each in goals if each.owner_id}) if goals else []
    gone = {each.id for each in people if isinstance(each, Person) and not each.is_there}
    work.warn("owner_is_gone", [each for each in goals if each.owner_id in gone])


def warn_of_retired_kpis(work: UnitOfWork, key_results: Iterable[KeyResult]) -> None:
    """Warn of key results that take no values: the KPIs that feed them were retired."""
    fed = [each for each in key_results if each.kpi_id is not None]
    kpis = work.states({each.kpi_id for each in fed if each.kpi_id}) if fed else []
    retired = {each.id: each for each in kpis if isinstance(each, Kpi) and each.retired}
    pairs = [(each, retired[each.kpi_id]) for each in fed if each.kpi_id in retired]
    work.warn("fed_by_retired_kpi", chain.from_iterable(pairs), count=len(pairs))
