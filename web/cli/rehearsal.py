"""What a setup is going to record: each command is tried out as it is answered, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from okr_es.application import Okr
    from web.cli.commands.carrying import Call


class Rehearsal:
    """Commands of one organisation, executed on a database that is thrown away, and its names.

    Ids are made here, so that the same commands make the same things where they are recorded.
    A refused command raises Refusal or click.UsageError, and is not kept.
    """

    def __init__(self, okr: Okr, by: UUID, why: str) -> None:
        self.okr, self.by, self.why = okr, by, why
        self.calls: list[Call] = []
        self.told: list[str] = []
        self.people: dict[str, UUID] = {}
        self.teams: dict[str, UUID] = {}
        self.cycle: dict[str, Any] = {}
        self.has_goals = False

    @property
    def first_team(self) -> UUID:
        """The team of a goal if none is named: the last one that was formed."""
        return list(self.teams.values())[-1]

    def do(self, name: str, told: str, body: dict[str, Any], **path: Any) -> None:
        """Try a command out, and keep it; `told` is its line of the summary."""
        from okr_es.context import Context
        from web.cli.commands.carrying import call_of, loaded
        from web.cli.receipts import rehearsed

        call = call_of(name, {each: value for each, value in body.items() if value != ""}, **path)
        command, common = loaded(call)
        rehearsed(self.okr, command, Context(self.by, origin="cli", **common))
        self.calls.append(call)
        self.told += [told] if told else []

    def make(self, name: str, told: str, body: dict[str, Any], **path: Any) -> UUID:
        """Try a command out that begins something; return its id."""
        from okr_es.ids import ordered_id

        id_ = UUID(str(ordered_id()))
        self.do(name, told, {**body, "id": str(id_)}, **path)
        return id_

    # ---- the organisation -------------------------------------------------------------

    def register_first(self, name: str, email: str) -> None:
        """Register who sets up, and make them administrator."""
        body = {"name": name, "email": email, "id": str(self.by)}
        self.do("RegisterPerson", f"person      {name}, administrator", body)
        self.people[name] = self.by
        role = {"person_id": str(self.by), "role": "administrator", "reason": self.why}
        self.do("GrantRole", "", role)

    def holidays_of(self, place: str) -> None:
        """Add the holidays of a place to the calendar."""
        body = {"holidays_of": place, "reason": self.why}
        self.do("SetCalendar", f"holidays    of {place}", body)

    def register(self, name: str, email: str) -> UUID:
        """Register a person."""
        id_ = self.make("RegisterPerson", f"person      {name}", {"name": name, "email": email})
        self.people[name] = id_
        return id_

    def give_lead(self, name: str, person: UUID, team: UUID) -> None:
        """Make a person lead of a team."""
        called = next(each for each, id_ in self.teams.items() if id_ == team)
        body = {"person_id": str(person), "role": "lead", "team_id": str(team), "reason": self.why}
        self.do("GrantRole", f"lead        {name}, of {called}", body)

    def form(self, name: str, kind: str, above: UUID | None) -> UUID:
        """Form a team."""
        body = {"name": name, "kind": kind} | ({"parent_id": str(above)} if above else {})
        id_ = self.make("FormTeam", f"{kind:<11} {name}", body)
        self.teams[name] = id_
        return id_

    # ---- goals ------------------------------------------------------------------------

    def this_quarter(self) -> str:
        """Return the name of the calendar quarter of today."""
        today = self.okr.today()
        return f"{today.year}-Q{(today.month + 2) // 3}"

    def open_cycle(self, name: str, starts: str, ends: str) -> None:
        """Open the cycle; days that are empty are those its name stands for."""
        body = {"name": name, "starts": starts, "ends": ends}
        id_ = self.make("OpenCycle", f"cycle       {name}", body)
        opened: Any = self.okr.repository.get(id_)
        self.cycle = {"id": id_, "name": name, "starts": opened.starts, "ends": opened.ends}

    def draft(self, title: str, team: UUID, owner: UUID) -> UUID:
        """Draft an objective in the cycle."""
        body = {
            "cycle_id": self.cycle["name"], "team_id": str(team), "owner_id": str(owner),
            "title": title,
        }  # fmt: skip
        id_ = self.make("DraftObjective", f"objective   {title}", body)
        self.has_goals = True
        return id_

    def add_key_result(
        self, objective: UUID, title: str, baseline: str, target: str, unit: str, cadence: str
    ) -> None:
        """Add a key result that goes from a baseline to a target."""
        measure = {"kind": "metric", "baseline": baseline, "target": target, "unit": unit}
        body = {"title": title, "measure": measure, "cadence": cadence}
        told = f"key result    {title}: {baseline} to {target} {unit}, {cadence}"
        self.make("AddKeyResult", told, body, objective_id=objective)

    def define_kpi(self, body: dict[str, Any], baseline: str, target: str, owner: UUID) -> None:
        """Define a KPI with a target for the days of the cycle."""
        days = {name: self.cycle[name].isoformat() for name in ("starts", "ends")}
        told = f"KPI         {body['name']}: {body['direction']} {target} {body['unit']}"
        span = {"target": {**days, "target": target}, "owner_id": str(owner)}
        self.make("DefineKpi", told, {**body, "baseline": baseline, **span})

    def commit_plan(self) -> None:
        """Commit the plan of the cycle, with all drafts."""
        self.do(
            "CommitPlan", f"plan        of {self.cycle['name']} committed", {"with_drafts": "all"},
            cycle_id=self.cycle["id"],
        )  # fmt: skip
