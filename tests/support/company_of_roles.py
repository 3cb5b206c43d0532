"""A company with one person for each role, and each kind of thing on both sides of every scope.

Two teams stand below the company. Everybody owns things in the first; somebody else owns things in
both. So a thing can be the actor's own or not, and in the scope of a lead and auditor or not. A
second administrator does nothing; somebody is gone.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.values import Cadence, Controlled, Direction, Kind, Role, TeamKind
from tests.support.ids import cycle_uuid

NOW = datetime(2025, 8, 15, 12, tzinfo=UTC)
NAMES = UUID("c0ffee00-0000-4000-8000-000000000000")


def id_of(*words: str) -> UUID:
    """The id of something of the company, by words."""
    return uuid5(NAMES, " ".join(words))


COMPANY, HERE, THERE = id_of("company"), id_of("here"), id_of("there")
OTHER = id_of("other")
# Who has which role, and for which team; without one it is for all.
ROLES: dict[str, tuple[Role, UUID | None] | None] = {
    "member": None,
    "deputy": None,
    "lead": (Role.LEAD, HERE),
    "lead of all": (Role.LEAD, COMPANY),
    "hr": (Role.HR, None),
    "auditor": (Role.AUDITOR, HERE),
    "auditor of all": (Role.AUDITOR, None),
    "administrator": (Role.ADMINISTRATOR, None),
}
METRIC = Measure(Kind.METRIC, Decimal(0), Decimal(10), "leads")
QUARTER = (date(2025, 7, 1), date(2025, 9, 30))


class Company:
    """Tells the story of the company to an application."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr

    def does(self, command: c.Command, by: UUID = OTHER, **context: Any) -> Any:
        said = {"reason": "So it was.", "origin": "cli"} | context
        return self.okr.execute(command, Context(by, **said))

    def tell(self) -> None:
        self.does(c.RegisterPerson("Other", id=OTHER))
        for role in ROLES:
            self.does(c.RegisterPerson(role, id=id_of(role)))
        self.does(c.FormTeam("Company", TeamKind.COMPANY, id=COMPANY))
        for team, name in ((HERE, "Here"), (THERE, "There")):
            self.does(c.FormTeam(name, TeamKind.TEAM, COMPANY, id=team))
        for name in ("gone", "second administrator"):
            self.does(c.RegisterPerson(name, id=id_of(name)))
        self.does(c.PlaceLegalHold(id_of("gone"), "T 99-25"))
        self.does(c.DeactivatePerson(id_of("gone"), date(2025, 8, 1)))
        self.does(c.NameDeputy(OTHER, id_of("deputy"), *QUARTER), reason=None)
        for name in ("2025-Q3", "2025-Q4"):
            self.does(c.OpenCycle(name, id=cycle_uuid(name)))
        self.give_roles()
        owners = {role: id_of(role) for role in ROLES} | {"other": OTHER}
        for name, owner in owners.items():
            self.own(name, owner, HERE)
        self.own("elsewhere", OTHER, THERE)
        cycle = cycle_uuid("2025-Q3")
        self.does(c.CommitPlan(cycle))
        controlled = Controlled.PLAN_REVISIONS, Controlled.ADJUSTED_GRADES
        self.does(c.RequireApproval(cycle, controlled))
        self.does(c.RequireApproval(cycle_uuid("2025-Q4"), (Controlled.CLOSING,)))
        for name, owner in (owners | {"elsewhere": OTHER}).items():
            self.ask(name, owner)
        for name, person in owners.items():
            hold = c.PlaceLegalHold(person, "T 77-25")
            self.ask_about(name, "change", hold, "hr" if name == "hr" else "administrator")
        self.ask_about("other", "erasure", c.ErasePerson(OTHER, "Article 17"), "hr")

    def ask_about(self, name: str, part: str, command: c.Command, by: str) -> None:
        """Let somebody ask for what is about a person, and takes two by their role."""
        asked = self.does(
            command, by=id_of(by), origin="api", enforced=True, command_id=id_of(name, part)
        )
        assert asked.approval_id is not None

    def ask(self, name: str, owner: UUID) -> None:
        """Let somebody ask for approval of each part."""
        objective = id_of(name, "objective")
        for part, command in (
            ("plan", c.RetitleObjective(objective, "Another")),
            ("grade", c.GradeObjective(objective, Decimal("0.5"))),
            ("policy", c.RequireApproval(cycle_uuid("2025-Q4"), ())),
        ):
            asked = self.does(command, by=owner, command_id=id_of(name, part))
            assert asked.approval_id is not None

    def give_roles(self) -> None:
        self.does(c.GrantRole(id_of("administrator"), Role.ADMINISTRATOR,
                              id=id_of("administrator", "grant")))  # fmt: skip
        self.does(c.GrantRole(id_of("second administrator"), Role.ADMINISTRATOR))
        for name, role in ROLES.items():
            if role is not None and name != "administrator":
                purpose = "Audit 25" if role[0] == Role.AUDITOR else None
                self.does(c.GrantRole(id_of(name), *role, purpose=purpose, id=id_of(name, "grant")))
        theirs = c.GrantRole(OTHER, Role.LEAD, THERE, id=id_of("other", "grant"))
        self.does(theirs, by=id_of("administrator"))

    def keep_confidential(self) -> None:
        """Let everybody own a confidential objective as well, with a key result; they are apart,
        since what a company has is the same to all without them.
        """
        owners = {role: id_of(role) for role in ROLES} | {"other": OTHER, "elsewhere": OTHER}
        for name, owner in owners.items():
            team = THERE if name == "elsewhere" else HERE
            objective = id_of(name, "confidential objective")
            self.does(c.DraftObjective(
                cycle_uuid("2025-Q4"), team, owner, f"{name} objective", id=objective,
                description="Words.", confidential=True,
            ))  # fmt: skip
            self.does(c.CommitObjective(objective))
            key_result = id_of(name, "confidential key result")
            self.does(c.AddKeyResult(objective, "Words", METRIC, id=key_result))

    def own(self, name: str, owner: UUID, team: UUID) -> None:
        """Let somebody own a goal of each kind in a team."""
        cycle, objective = cycle_uuid("2025-Q3"), id_of(name, "objective")
        for kind in ("objective", "draft"):
            self.does(c.DraftObjective(cycle, team, owner, f"{name} {kind}", id=id_of(name, kind)))
        self.does(c.CommitObjective(objective))
        key_result = id_of(name, "key result")
        self.does(c.AddKeyResult(objective, "Leads", METRIC, id=key_result))
        self.does(c.DefineKpi(
            name, Direction.AT_LEAST, "leads", "CRM", Cadence.WEEKLY, owner,
            Target(*QUARTER, target=Decimal(1)), team, id=id_of(name, "kpi"),
        ))  # fmt: skip
        self.does(c.RecordReading(id_of(name, "kpi"), date(2025, 8, 1), Decimal(2),
                                  id=id_of(name, "reading")))  # fmt: skip


def ids_of(name: str, person: UUID, team: UUID) -> dict[str, str]:
    """The ids of what somebody owns, as the addresses of commands name them."""
    kinds = ("objective", "draft", "key result", "kpi", "reading")
    ids = {f"{kind.replace(' ', '_')}_id": str(id_of(name, kind)) for kind in kinds}
    return ids | {
        "person_id": str(person), "team_id": str(team), "other_team_id": str(team),
        "cycle_id": "2025-Q3", "grant_id": str(id_of(name, "grant")),
        "key_id": str(id_of("key")), "position": "2",  # of a text about the other
    }  # fmt: skip


def begin_roles(url: str) -> None:
    """Begin the company in an empty database."""
    with closing(Okr(url, clock=lambda: NOW)) as okr:
        Company(okr).tell()
