"""The random story of a company in which every text has a word of its own, and who may read which.

A second telling makes the same choices, but some words are longer ones and the numbers that go with
them are ten times as large: all that is not for one viewer. Who may read what is said here by hand,
from the table of rights and the page about access; no code of handlers, rights or projections.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context, Receipt
from okr_es.domain.api_key import KeyRole
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.refusals import Refusal
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import (
    Cadence,
    Controlled,
    Direction,
    Kind,
    PeopleFigures,
    Role,
    TeamKind,
    Weekday,
    Zone,
)
from tests.support.company_of_roles import COMPANY, HERE, THERE, id_of
from tests.support.given import Clock
from tests.support.ids import cycle_uuid

WORD = re.compile(r"stieglitz(\d{4})")
SHORT, LONGER = "kurz", "mitlangemschwanz"
FIRST_DAY = date(2025, 8, 4)
STEPS = 60
SHA = "0" * 64
BELOW = id_of("below")
THIS, NEXT = cycle_uuid("2025-Q3"), cycle_uuid("2025-Q4")
QUARTER = (date(2025, 7, 1), date(2025, 9, 30))
# Who has which role from the first day on, and for which team; all others are members.
ROLES: dict[str, tuple[Role, UUID | None] | None] = {
    "administrator": (Role.ADMINISTRATOR, None),
    "member": None,
    "another": None,
    "third": None,
    "lead": (Role.LEAD, HERE),
    "lead there": (Role.LEAD, THERE),
    "lead of all": (Role.LEAD, COMPANY),
    "hr": (Role.HR, None),
    "auditor": (Role.AUDITOR, HERE),
    "auditor of all": (Role.AUDITOR, None),
}
PEOPLE = {name: id_of("leaks", name) for name in ROLES}
# Api keys that ask: each has a role, for a team or for all. The first is for one KPI.
KEYS: dict[str, tuple[KeyRole, UUID | None]] = {
    "ingest key": (KeyRole.INGEST_KEY, None),
    "key of a member": (KeyRole.MEMBER, None),
    "key of a lead": (KeyRole.LEAD, HERE),
    "key of hr": (KeyRole.HR, None),
}
KEY_IDS = {name: id_of("leaks", name) for name in KEYS}
ITS_KPI = id_of("leaks", "its kpi")


class Word(NamedTuple):
    """What a word was written about, of which kind, and by whom."""

    kind: str
    about: UUID | None = None
    by: UUID | None = None
    of_request: str = ""  # what it is of once the request is approved that it is of
    teams: frozenset[UUID] = frozenset()  # in which it was before and after, with those above


@dataclass
class Goal:
    """An objective as it stands today."""

    owner: UUID
    team: UUID
    confidential: bool = False
    results: dict[UUID, str] = field(default_factory=dict)  # with the kind of each


class Asked(NamedTuple):
    """A request: of which part, about which goal, who asked, and what comes of it."""

    part: str
    goal: UUID | None
    by: UUID
    words: dict[int, Word]
    then: Callable[[], None] | None
    names: frozenset[UUID]  # people


class Grant(NamedTuple):
    """A role of somebody, from its first to its last day."""

    person: UUID
    role: str
    team: UUID | None
    starts: date
    ends: date | None


class Story:
    """Tells the story, and knows who may read which word of it."""

    def __init__(self, okr: Okr, clock: Clock, seed: int, changed: Collection[int] = ()) -> None:
        self.okr, self.clock = okr, clock
        self.chance = random.Random(seed)
        self.changed = changed
        self.words: list[Word] = []
        self.goals: dict[UUID, Goal] = {}
        self.kpis: dict[UUID, UUID | None] = {ITS_KPI: HERE}  # with their teams
        self.key_results: dict[UUID, UUID | None] = {}  # with their owners
        self.parent: dict[
            UUID, UUID
        ] = {}  # the objective of each key result, also of one asked for
        self.readings: dict[UUID, UUID] = {}  # with what they measure
        self.grants: dict[UUID, Grant] = {}
        self.above = {HERE: COMPANY, THERE: COMPANY, BELOW: HERE}
        self.matters: list[tuple[UUID, str, UUID]] = []
        self.written: list[int] = []  # positions of texts
        self.secrets: dict[str, str] = {}
        self.units: dict[UUID, str] = {}
        self.asked: dict[UUID, Asked] = {}
        self.approved: set[UUID] = set()
        self.away: set[UUID] = set()
        self.commands: list[UUID] = []
        self.numbers = 0
        self.mark = 0  # the number of the first word of what is done now

    # ---- words --------------------------------------------------------------------------

    def word(self, kind: str, about: UUID | None = None, by: UUID | None = None) -> str:
        """Return a word that was never written before; note what it is about."""
        number = len(self.words)
        self.words.append(Word(kind, about, by))
        return f"stieglitz{number:04}" + (LONGER if number in self.changed else SHORT)

    def times(self) -> int:
        """Return by how much the numbers are larger that go with the last word."""
        return 10 if len(self.words) - 1 in self.changed else 1

    def new_id(self) -> UUID:
        """Return the next id: the same in each telling."""
        self.numbers += 1
        return id_of("leaks", str(self.numbers))

    def any_of(self, some: Collection[Any]) -> Any:
        """Return one of some things."""
        return self.chance.choice(list(some))

    # ---- commands -----------------------------------------------------------------------

    def does(
        self, command: c.Command, kind: str, about: UUID | None = None, by: UUID | None = None,
        *, silent: bool = False, then: Callable[[], None] | None = None, part: str = "plan",
    ) -> Receipt:  # fmt: skip
        """Let somebody do something and say why, as a word of a kind about something.

        `then` is what is so afterwards, at once or once it is approved, as a request of a `part`.
        """
        by = self.any_of(PEOPLE.values()) if by is None else by
        texts: dict[str, Any] = {}
        if not silent:
            texts = {"reason": f"Because {self.word(kind, about, by)}.",
                     "comment": f"Also {self.word(kind, about, by)}."}  # fmt: skip
        command_id, said, teams = self.new_id(), len(self.words), self.teams_of(about)
        client = self.word("client", about, by)
        done = self.okr.execute(command, Context(by, origin="cli", command_id=command_id, **texts))
        self.okr.client_info.note(command_id, by, "198.51.100.7", f"{client}/1.0")
        self.commands.append(command_id)
        if done.last_position is not None and not silent:
            self.written.append(done.last_position)
        if done.approval_id is not None:
            words = {number: self.words[number] for number in range(self.mark, said)}
            named = frozenset(each for each in vars(command).values() if isinstance(each, UUID))
            self.asked[done.approval_id] = Asked(part, about, by, words, then, named)
            for number, word in words.items():
                self.words[number] = Word("request", done.approval_id, by, word.kind)
        elif then is not None:
            then()
        teams |= self.teams_of(about)
        for number in range(self.mark, len(self.words)):
            self.words[number] = self.words[number]._replace(teams=teams)
        self.mark = len(self.words)
        return done

    def teams_of(self, thing: UUID | None) -> frozenset[UUID]:
        """Return the team of a goal, a key result or a KPI, or a team itself, with all above it."""
        if thing in self.asked:
            return self.teams_of(self.asked[thing].goal)
        goal = self.goals.get(self.parent.get(thing, thing))
        team = self.kpis.get(thing, thing) if goal is None else goal.team
        return self.with_above(team if team in {COMPANY, *self.above} else None)

    def with_above(self, team: UUID | None) -> frozenset[UUID]:
        """Return a team and all above it."""
        return (
            frozenset()
            if team is None
            else frozenset({team}) | self.with_above(self.above.get(team))
        )

    def tell(self) -> None:
        """Let it begin, and go on at random; the last days are quiet."""
        self.begins()
        steps: list[Callable[[], None]] = [
            self.drafts, self.drafts, self.adds, self.adds, self.checks_in, self.checks_in,
            self.corrects, self.retitles, self.retargets, self.realigns, self.moves, self.hands_on,
            self.decides, self.decides, self.records, self.holds, self.leaves, self.renames,
            self.gives_a_role, self.changes_a_role, self.redacts, self.sets, self.opens,
            self.closes_one, self.moves_a_team, self.grades, self.drops, self.looks, self.looks,
        ]  # fmt: skip
        for _ in range(STEPS):
            self.mark = len(self.words)
            with suppress(Refusal):
                self.any_of(steps)()
            if self.chance.random() < 0.1:
                self.clock.now += timedelta(days=1)
        for id_, goal in self.goals.items():
            if self.chance.random() < 0.3 and not goal.confidential:
                self.closes(id_)
        self.okr.client_info.write()

    def begins(self) -> None:
        """Register people, give roles, form teams, open cycles, and make keys."""
        first = PEOPLE["administrator"]
        for name, id_ in PEOPLE.items():
            person = c.RegisterPerson(
                self.word("all"), f"{name.replace(' ', '.')}@example.org", id_
            )
            self.does(person, "person", id_, first, silent=id_ == first)
        for id_, above in ((COMPANY, None), *self.above.items()):
            kind = TeamKind.TEAM if above else TeamKind.COMPANY
            self.does(c.FormTeam(self.word("all"), kind, above, id_), "team", id_)
        for name, id_ in (("2025-Q3", THIS), ("2025-Q4", NEXT)):
            self.does(c.OpenCycle(name, id=id_), "cycle", id_)
        for name, role in ROLES.items():
            if role is not None:
                self.gives(PEOPLE[name], *role)
        self.defines(ITS_KPI, HERE)
        for team in (HERE, THERE):
            self.defines(self.new_id(), team)
        for name, (role, team) in KEYS.items():
            id_ = KEY_IDS[name]
            kpis = (ITS_KPI,) if role == KeyRole.INGEST_KEY else ()
            called = self.word("key", id_, first)
            made = self.does(c.CreateApiKey(called, role, team, kpis, id=id_), "key", id_, first)
            self.secrets[name] = str(made.secret)
        for _ in range(4):
            self.drafts()
            self.adds()
        self.checks_in()
        self.does(c.CommitPlan(THIS), "cycle", THIS)
        of = Controlled.PLAN_REVISIONS, Controlled.ADJUSTED_GRADES
        self.does(c.RequireApproval(THIS, of), "cycle", THIS)

    def defines(self, kpi: UUID, team: UUID) -> None:
        """Define a KPI of a team."""
        owner = PEOPLE["third"]
        self.kpis[kpi] = team
        self.does(c.DefineKpi(
            self.word("kpi", kpi), Direction.AT_LEAST, "calls", self.word("kpi", kpi),
            Cadence.WEEKLY, owner, Target(*QUARTER, target=Decimal(1)), team, id=kpi,
        ), "kpi", kpi)  # fmt: skip

    # ---- goals --------------------------------------------------------------------------

    def drafts(self) -> None:
        """Draft an objective, perhaps confidential at once, and commit it."""
        id_, team = self.new_id(), self.any_of([HERE, HERE, THERE, BELOW])
        owner, confidential = self.any_of(PEOPLE.values()), self.chance.random() < 0.5
        self.does(
            c.DraftObjective(
                THIS,
                team,
                owner,
                self.word("goal", id_),
                description=self.word("goal", id_),
                id=id_,
                confidential=confidential,
            ),
            "goal",
            id_,
            then=partial(self.goals.update, {id_: Goal(owner, team, confidential)}),
        )
        self.does(c.CommitObjective(id_), "goal", id_)

    def adds(self) -> None:
        """Add a key result of some kind, perhaps with an owner of its own."""
        goal, id_ = self.any_of(self.goals), self.new_id()
        kind = self.any_of(["metric", "metric", "steps", "zones"])
        owner = self.any_of([None, None, *PEOPLE.values()])
        title, about = self.word("promise", id_), self.word("promise", id_)
        unit = self.word("promise", id_)
        measure = {
            "metric": Measure(Kind.METRIC, Decimal(0), Decimal(8) * self.times(), f"{unit}s"),
            "steps": Measure(Kind.MILESTONE, steps=(f"{unit} x", f"{unit} y")),
            "zones": Measure(Kind.ORDINAL, zones=Zones(f"{unit} a", f"{unit} b", f"{unit} c")),
        }[kind]

        def then() -> None:
            self.goals[goal].results[id_] = kind
            self.key_results[id_], self.units[id_] = owner, unit

        self.parent[id_] = goal
        self.does(c.AddKeyResult(goal, title, measure, owner_id=owner, id=id_, description=about),
                  "result", id_, then=then)  # fmt: skip

    def result(self) -> tuple[UUID, str]:
        """Return one of the key results, and its kind."""
        every = {id_: kind for goal in self.goals.values() for id_, kind in goal.results.items()}
        id_ = self.any_of(every)
        return id_, every[id_]

    def checks_in(self) -> None:
        """Let somebody check in, with a document."""
        result, kind = self.result()
        id_, by = self.new_id(), self.any_of(PEOPLE.values())
        document = Evidence(f"https://{self.word('reading', result)}.example/1", SHA)
        said: dict[str, Any] = {
            "metric": {"value": Decimal(self.chance.randint(1, 9)) * self.times()},
            "steps": {"done_steps": (f"{self.units[result]} x",)},
            "zones": {"zone": Zone.TARGET},
        }[kind]
        self.does(c.CheckIn(result, self.today, 5, id=id_, evidence=document, **said), "reading",
                  result, by)  # fmt: skip
        self.readings[id_] = result

    @property
    def today(self) -> date:
        """The day of the clock."""
        return self.clock.now.date()

    def corrects(self) -> None:
        """Correct a comment and the document of a check-in."""
        reading = self.any_of(self.readings)
        result = self.readings[reading]
        comment = self.word("reading", result)
        document = Evidence(f"https://{self.word('reading', result)}.example/2", SHA)
        self.does(c.CorrectReading(reading, comment=comment, evidence=document), "reading", result)

    def retitles(self) -> None:
        """Give an objective or a key result another title."""
        if self.chance.random() < 0.5:
            goal = self.any_of(self.goals)
            self.does(c.RetitleObjective(goal, self.word("goal", goal)), "goal", goal)
        else:
            result, _ = self.result()
            self.does(c.RetitleKeyResult(result, self.word("promise", result)), "result", result)

    def retargets(self) -> None:
        """Promise another number."""
        result, kind = self.result()
        unit = f"{self.word('promise', result)}s"
        if kind == "metric":
            target = Decimal(self.chance.randint(5, 20)) * self.times()
            promise = Measure(Kind.METRIC, Decimal(0), target, unit)
            self.does(c.RetargetKeyResult(result, promise), "result", result)

    def realigns(self) -> None:
        """Align an objective to another one, or to a key result."""
        goal = self.any_of(self.goals)
        if self.chance.random() < 0.5:
            other: dict[str, UUID] = {"aligned_to_objective_id": self.any_of(self.goals)}
        else:
            other = {"aligned_to_key_result_id": self.result()[0]}
        self.does(c.RealignObjective(goal, **other), "goal", goal)

    def moves(self) -> None:
        """Move a key result to another objective: it is closed or open as that is."""
        (result, kind), to = self.result(), self.any_of(self.goals)

        def then() -> None:
            self.goals[self.parent[result]].results.pop(result)
            self.goals[to].results[result] = kind
            self.parent[result] = to

        self.does(c.MoveKeyResult(result, to), "result", result, then=then)

    def drops(self) -> None:
        """Drop a key result; it is read as before."""
        result, _ = self.result()
        self.does(c.DropKeyResult(result), "result", result)

    def hands_on(self) -> None:
        """Give an objective to somebody else or to another team, or a key result to somebody."""
        person = self.any_of(PEOPLE.values())
        if self.chance.random() < 0.4:
            result, _ = self.result()
            then = partial(self.key_results.update, {result: person})
            self.does(c.ReassignKeyResult(result, person), "result", result, then=then)
            return
        id_, team = self.any_of(self.goals), self.any_of([HERE, THERE, BELOW])
        goal = self.goals[id_]
        if self.chance.random() < 0.5:
            self.does(c.ReassignObjective(id_, owner_id=person), "goal", id_,
                      then=partial(setattr, goal, "owner", person))  # fmt: skip
        else:
            self.does(c.ReassignObjective(id_, team_id=team), "goal", id_,
                      then=partial(setattr, goal, "team", team))  # fmt: skip

    def closes_one(self) -> None:
        """Keep an objective confidential."""
        self.closes(self.any_of(self.goals))

    def closes(self, id_: UUID) -> None:
        """Keep this objective confidential."""
        self.does(c.KeepConfidential(id_), "goal", id_)
        self.goals[id_].confidential = True

    def opens(self) -> None:
        """Open an objective to all."""
        id_ = self.any_of(self.goals)
        self.does(c.OpenToAll(id_), "goal", id_)
        self.goals[id_].confidential = False

    def grades(self) -> None:
        """Grade an objective otherwise than it is computed."""
        goal = self.any_of(self.goals)
        self.does(c.GradeObjective(goal, Decimal("0.5")), "goal", goal, part="grade")

    def records(self) -> None:
        """Record a reading of a KPI."""
        kpi = self.any_of(self.kpis)
        value = Decimal(self.chance.randint(1, 9))
        self.does(c.RecordReading(kpi, self.today, value, id=self.new_id()), "kpi", kpi)

    # ---- requests, people, roles, what is set for all -----------------------------------

    def decides(self) -> None:
        """Approve, refuse or withdraw a request."""
        id_ = self.any_of([each for each, asked in self.asked.items() if asked.words] or [None])
        if id_ is None:
            return
        asked = self.asked[id_]
        what = self.any_of([c.ApproveRequest, c.ApproveRequest, c.RefuseRequest, c.WithdrawRequest])
        by = asked.by if what is c.WithdrawRequest else None
        then = partial(self.approves, id_) if what is c.ApproveRequest else None
        self.does(what(id_), "request", id_, by, then=then)
        self.asked[id_] = asked._replace(words={})

    def approves(self, id_: UUID) -> None:
        """Note what came of a request: its words are those of what it was for."""
        asked = self.asked[id_]
        self.approved.add(id_)
        teams = self.teams_of(asked.goal)
        if asked.then is not None:
            asked.then()
        teams |= self.teams_of(asked.goal)
        for number, word in asked.words.items():
            self.words[number] = word._replace(teams=teams)

    def holds(self) -> None:
        """Place a legal hold on somebody, or lift one."""
        if self.matters and self.chance.random() < 0.4:
            person, matter, by = self.matters.pop()
            self.does(c.LiftLegalHold(person, matter), "person", person, by)
        else:
            person = self.any_of(PEOPLE.values())
            by = self.any_of(PEOPLE.values())
            matter = self.word("person", person, by)
            self.does(c.PlaceLegalHold(person, matter), "person", person, by)
            self.matters.append((person, matter, by))

    def leaves(self) -> None:
        """Let somebody leave or return."""
        person = self.any_of([PEOPLE["another"], PEOPLE["third"]])
        if person in self.away:
            self.does(c.ReactivatePerson(person), "person", person)
            self.away.remove(person)
        else:
            self.does(c.DeactivatePerson(person), "person", person, PEOPLE["hr"])
            self.away.add(person)

    def renames(self) -> None:
        """Correct the name of somebody; the earlier one is gone."""
        person = self.any_of(PEOPLE.values())
        self.does(c.RenamePerson(person, self.word("all")), "person", person)

    def gives_a_role(self) -> None:
        """Give somebody a role, perhaps from another day on, or to one."""
        role = self.any_of(Role)
        team = {Role.LEAD: [HERE, THERE, BELOW], Role.AUDITOR: [None, HERE, THERE]}.get(
            role, [None]
        )
        starts = self.today + timedelta(days=self.any_of([0, 0, 0, 40]))
        ends = self.any_of([None, starts, starts + timedelta(days=1)])
        self.gives(self.any_of(PEOPLE.values()), role, self.any_of(team), starts, ends)

    def gives(
        self, person: UUID, role: Role, team: UUID | None, starts: date | None = None,
        ends: date | None = None,
    ) -> None:  # fmt: skip
        """Give somebody a role."""
        id_ = self.new_id()
        by = self.any_of([each for each in PEOPLE.values() if each != person])
        given = Grant(person, role, team, starts or self.today, ends)
        self.grants[id_] = given  # what is refused is taken out again
        purpose = self.word("grant", id_, by) if role == Role.AUDITOR else None
        command = c.GrantRole(person, role, team, starts, ends, purpose, id_)
        try:
            self.does(command, "grant", id_, by)
        except Refusal:
            self.grants[id_] = given._replace(role="none")
            raise

    def changes_a_role(self) -> None:
        """End a role that was given on the way, or give it another last day."""
        id_ = self.any_of(self.grants)
        grant = self.grants[id_]
        by = self.any_of([each for each in PEOPLE.values() if each != grant.person])
        if grant.person == PEOPLE["administrator"]:
            return
        if self.chance.random() < 0.5:
            self.does(c.EndGrant(id_), "grant", id_, by)
            self.grants[id_] = grant._replace(ends=self.today - timedelta(days=1))
        else:
            ends = self.any_of([None, self.today, self.today + timedelta(days=3)])
            self.does(c.RescheduleGrant(id_, ends), "grant", id_, by)
            self.grants[id_] = grant._replace(ends=ends)

    def redacts(self) -> None:
        """Destroy what was written with an event."""
        text = c.RedactText(self.any_of(self.written), RedactionGround.UNLAWFUL)
        self.does(text, "redaction", by=PEOPLE["hr"])

    def sets(self) -> None:
        """Set something for all."""
        command, kind, about = self.any_of([
            (c.SetRetention(3, 2), "all settings", None),
            (c.SetRetention(4, None), "all settings", None),
            (c.ChoosePeopleFigures(PeopleFigures.HR_TOO), "all settings", None),
            (c.ChoosePeopleFigures(PeopleFigures.OFF), "all settings", None),
            (c.SetCalendar(working_days=(Weekday.MONDAY, Weekday.FRIDAY)), "all settings", None),
            (c.AdoptScoringPolicy(on_track=Decimal("0.8")), "all settings", None),
            (c.RequireApproval(THIS, ()), "cycle", THIS),
            (c.RequireApproval(THIS, (Controlled.PLAN_REVISIONS,)), "cycle", THIS),
        ])  # fmt: skip
        self.does(command, kind, about, part="policy")

    def moves_a_team(self) -> None:
        """Let one team be below the other."""
        to = self.any_of([HERE, THERE, COMPANY])
        then = partial(self.above.update, {BELOW: to})
        self.does(c.MoveTeam(BELOW, to), "team", BELOW, then=then)

    def looks(self) -> None:
        """Let somebody look at the history of a goal, or at all that is held about somebody."""
        by = self.any_of(PEOPLE.values())
        if self.chance.random() < 0.5:
            goal = self.any_of(self.goals)
            self.word("look at a goal", goal, by)
            what, about = ("plan", "review"), {"goal_id": str(goal)}
        else:
            person = self.any_of(PEOPLE.values())
            self.word("look at somebody", person, by)
            what, about = ("held_data", "people"), {"person_id": str(person)}
        self.okr.access_log.record(by, what[self.times() == 10], about)
