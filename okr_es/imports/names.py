"""Which KPI, team or person a name in a file means: one that a reader would take it for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from uuid import UUID

from okr_es.application import Okr
from okr_es.domain.kpi import Kpi
from okr_es.domain.look_alike import look_alike
from okr_es.domain.team import Team
from okr_es.domain.values import exact_id
from okr_es.handlers.registry import living_team
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.imports import recorded
from okr_es.imports.cells import BadCell
from okr_es.imports.recorded import kpi_id
from okr_es.imports.words import nearest


class KpiNames:
    """KPIs by their names: those recorded, and those the file defines."""

    def __init__(self, kpis: Iterable[Kpi]) -> None:
        self.recorded = {kpi.id: kpi for kpi in kpis}
        self.by_id = dict(self.recorded)
        self.by_look: dict[str, list[Kpi]] = {}
        self.found: dict[str, Kpi] = {}
        for kpi in self.by_id.values():
            self.by_look.setdefault(look_alike(kpi.name), []).append(kpi)

    def add(self, kpi: Kpi) -> None:
        """Add a KPI that the file defines."""
        self.by_id[kpi.id] = kpi
        self.by_look.setdefault(look_alike(kpi.name), []).append(kpi)

    def find(self, name: str) -> Kpi | None:
        """Return the KPI that a name means, if there is one; raise BadCell where it could be two.

        Among those that look alike the one of exactly that name is meant, then the one that an
        import of that name defined. A KPI renamed since its import is still known to that.
        """
        if name not in self.found and (kpi := self.choose(name)) is not None:
            self.found[name] = kpi
        return self.found.get(name)

    def by_name(self, name: str) -> Kpi:
        """Return the KPI that a name was found to mean."""
        return self.found[name]

    def choose(self, name: str) -> Kpi | None:
        """Return the KPI that a name means, looked up."""
        imported = self.by_id.get(kpi_id(name))
        alike = self.by_look.get(look_alike(name), [])
        if not alike:
            return imported
        some = [kpi for kpi in alike if kpi.name == name] or alike
        if imported is not None and any(kpi is imported for kpi in some):
            return imported
        if len(some) > 1:
            listed = ", ".join(f"{kpi.name!r} ({kpi.id})" for kpi in some)
            raise BadCell("name", f"{name!r} could be any of the KPIs {listed}.")
        return some[0]


class OwnersAndTeams:
    """People and teams as a file names them."""

    def __init__(self, okr: Okr, work: UnitOfWork) -> None:
        self.okr = okr
        self.work = work

    @cached_property
    def teams(self) -> dict[str, list[Team]]:
        """The living teams by their names."""
        found: dict[str, list[Team]] = {}
        for team in recorded.all_of(self.work, Team):
            if team.is_living:
                found.setdefault(look_alike(team.name), []).append(team)
        return found

    @cached_property
    def people(self) -> dict[str, set[UUID]]:
        """The people by their names and e-mail."""
        found: dict[str, set[UUID]] = {}
        for entry in self.okr.directory.entries().values():
            for text in filter(None, (entry.name, entry.email)):
                found.setdefault(look_alike(text), set()).add(entry.id)
        return found

    def team(self, written: str) -> UUID:
        """Return the team of a name or id; raise BadCell or a Refusal."""
        if (id_ := exact_id(written)) is not None:
            return living_team(self.work, id_)
        found = self.teams.get(look_alike(written), [])
        if not found:
            near = nearest(written, (team.name for each in self.teams.values() for team in each))
            raise BadCell("team", f"There is no team {written!r}{near}.")
        if len(found) > 1:
            raise BadCell("team", f"{len(found)} teams are called {written!r}; give the id of one.")
        return found[0].id

    def owner(self, written: str) -> UUID:
        """Return the person of a name, an e-mail or an id; raise BadCell or a Refusal."""
        if (id_ := exact_id(written)) is not None:
            return self.work.person(id_, "owner").id
        found = self.people.get(look_alike(written), set())
        if not found:
            raise BadCell("owner", f"There is no person {written!r}.")
        if len(found) > 1:
            raise BadCell(
                "owner", f"{len(found)} people are called {written!r}; give e-mail or id of one."
            )
        return self.work.person(next(iter(found)), "owner").id
