"""Some quarters of a whole organisation, with as many goals and changes as asked for.

500 objectives with three key results each are 2,000 goals. They are drafted and promised before
2025-Q3 begins. Over its 92 days each goal changes so many times, all goals in turn, so that the
versions of one goal lie far apart:

* an objective is retitled, reassigned and re-weighted in its alignment, in turn;
* of a key result's changes every other one is a check-in, a reading of its own; between them it
  is retargeted and reweighted in turn. Of three key results one is a plain metric, one a metric
  along a trajectory, one a milestone with steps.

All but check-ins and weights of key results carry a reason, encrypted. Then all of it is carried
over into 2025-Q4, where each goal changes four times, and so on for further quarters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bench.story import World, cycle_uuid, world
from okr_es import commands as c
from okr_es.domain.base import Aggregate, Change, begun
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.values import Cadence, Commitment, Kind, Point
from okr_es.ids import event_id, ordered_id
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from okr_es.log.stream_states import StreamState, states_of

OBJECTIVES, KEY_RESULTS_EACH = 500, 3
OF_TOP = 25  # one of so many objectives is the company's; all others are aligned to those
DAYS = 92
FIRST, SECOND = "2025-Q3", "2025-Q4"
PROMISED = datetime(2025, 6, 30, 9, tzinfo=UTC)
STARTS = {
    FIRST: date(2025, 7, 1),
    SECOND: date(2025, 10, 1),
    **{f"2026-Q{n}": date(2026, 3 * n - 2, 1) for n in range(1, 5)},
    **{f"2027-Q{n}": date(2027, 3 * n - 2, 1) for n in range(1, 3)},
}
BEGINS = {
    name: datetime(day.year, day.month, day.day, 6, tzinfo=UTC) for name, day in STARTS.items()
}
CHANGES_OF_LATER = 4
SPAN = timedelta(days=DAYS - 1, hours=12)
STEPS = ("Sketch", "Prototype", "Pilot", "Launch", "Review", "Hand over")
PLAIN = (Reading.CheckedIn, KeyResult.Reweighted)


@dataclass
class Clock:
    """The time, as it was set."""

    now: datetime = PROMISED

    def __call__(self) -> datetime:
        """Return it."""
        return self.now


@dataclass
class Quarter:
    """The goals of a cycle: objectives, and of each in turn its key results."""

    name: str
    objectives: list[UUID]
    key_results: list[UUID]
    first_position: int = 0
    last_position: int = 0

    @property
    def id(self) -> UUID:
        """The id of its cycle."""
        return cycle_uuid(self.name)


@dataclass
class Organisation:
    """A world with quarters in it, written as the events come."""

    made: World
    clock: Clock
    objectives: int = OBJECTIVES
    quarters: dict[str, Quarter] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)

    def event(self, kind: type[Change], stream: UUID, **fields: Any) -> Change:
        """Return the next event of a stream."""
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        return begun(kind, originator_id=stream, originator_version=version, **fields)

    def folded(self, begun: Change, *changes: Change) -> Aggregate:
        """Return what events make: a plan is committed only where commands see a goal in it."""
        mapper, found = self.made.okr.mapper, None
        for event in (begun, *changes):
            found = mapper.to_domain_event(mapper.to_stored_event(event)).mutate(found)
        assert isinstance(found, Aggregate)
        return found

    def append(self, events: Iterable[Change], states: Sequence[StreamState] = ()) -> None:
        """Append events as they are, without deciding on each, reasons encrypted."""
        okr, chunk = self.made.okr, list(events)
        named = [
            event_id(event.originator_id, event.originator_version)
            for event in chunk
            if not isinstance(event, PLAIN)
        ]
        secrets = iter(
            okr.directory.texts.encrypt(
                None, [(each, None) for each in named], {"reason": "The plan moved."}
            )
        )
        encrypted = [None if isinstance(event, PLAIN) else next(secrets) for event in chunk]
        stored = [okr.mapper.to_stored_event(event) for event in chunk]
        envelope = Envelope(by=self.made.person)
        okr.log.append(stored, Append(envelope, encrypted=encrypted, states=states))


def organisation(
    url: str, changes: int, objectives: int = OBJECTIVES, quarters: int = 2
) -> Organisation:
    """Return an organisation whose goals changed so many times, in a fresh database."""
    clock = Clock()
    made = Organisation(world(url, clock), clock, objectives)
    promise(made, FIRST)
    run_through(made, FIRST, changes)
    for name in list(STARTS)[1:quarters]:
        promise(made, name)
        run_through(made, name, CHANGES_OF_LATER)
    return made


def promise(made: Organisation, name: str) -> None:
    """Draft and commit the goals of a cycle; they go on from those of the one before."""
    before = list(made.quarters.values())[-1] if made.quarters else None
    if before is not None:
        made.made.do(c.OpenCycle(name, id=cycle_uuid(name)))
    numbers = range(made.objectives)
    objectives = [ordered_id() for _ in numbers]
    key_results = [ordered_id() for _ in range(made.objectives * KEY_RESULTS_EACH)]
    quarter = made.quarters[name] = Quarter(name, objectives, key_results)
    drafts = list(drafted(made, quarter, before))
    made.append(drafts)
    made.append(added(made, quarter, before))
    made.append(aligned(made, quarter, n, weight=1) for n in numbers[top_of(quarter) :])
    committed = [made.event(Objective.Committed, id_) for id_ in objectives]
    made.append(committed, states=states_of([made.folded(drafts[0], committed[0])]))
    made.made.do(c.CommitPlan(quarter.id))


def drafted(made: Organisation, quarter: Quarter, before: Quarter | None) -> Iterator[Change]:
    """Yield the drafts of the objectives, and what they are carried over from."""
    for n, id_ in enumerate(quarter.objectives):
        yield made.event(
            Objective.Drafted,
            id_,
            cycle_id=quarter.id,
            team_id=made.made.team,
            owner_id=made.made.person,
            title=f"Win market {n}",
            commitment=(Commitment.COMMITTED, Commitment.ASPIRATIONAL)[n % 2],
            due=None,
            carried_from=before and before.objectives[n],
            description=None,
            confidential=False,
        )
        if before is not None:
            carried = {"into_cycle_id": quarter.id, "as_objective_id": id_}
            yield made.event(Objective.CarriedOver, before.objectives[n], **carried)


def added(made: Organisation, quarter: Quarter, before: Quarter | None) -> Iterator[Change]:
    """Yield the beginnings of the key results."""
    for n, id_ in enumerate(quarter.key_results):
        yield made.event(
            KeyResult.Added,
            id_,
            objective_id=quarter.objectives[n // KEY_RESULTS_EACH],
            title=f"Customers of market {n}",
            weight=Decimal(1),
            cadence=(Cadence.WEEKLY, Cadence.MONTHLY)[n % 2],
            carried_from=before and before.key_results[n],
            description=None,
            owner_id=None,
            **promised(quarter, n, 0),
        )


def promised(quarter: Quarter, n: int, turn: int) -> dict[str, Any]:
    """Return measure and trajectory of a key result after so many turns."""
    if n % KEY_RESULTS_EACH == 2:
        return {
            "measure": Measure(Kind.MILESTONE, steps=STEPS[: 3 + turn % 4]),
            "trajectory": (),
        }
    target = Decimal(900 + (n + turn) % 211) + Decimal(turn % 7) / 10
    line = (Point(STARTS[quarter.name] + timedelta(days=30), Decimal("0.2")),)
    return {
        "measure": Measure(Kind.METRIC, Decimal(n % 50), target, "customers"),
        "trajectory": line if n % KEY_RESULTS_EACH == 1 else (),
    }


def run_through(made: Organisation, name: str, changes: int) -> None:
    """Let all goals of a cycle change so many times, spread over its days."""
    quarter = made.quarters[name]
    quarter.first_position = made.made.okr.log.head()
    for turn in range(changes):
        made.clock.now = BEGINS[name] + SPAN * turn / max(1, changes - 1)
        made.append(changed(made, quarter, turn))
        if turn % 100 == 99:
            print(f"  {name}: {turn + 1} of {changes} changes", file=sys.stderr, flush=True)
    quarter.last_position = made.made.okr.log.head()


def changed(made: Organisation, quarter: Quarter, turn: int) -> Iterator[Change]:
    """Yield one change of every goal."""
    for n in range(made.objectives):
        yield changed_objective(made, quarter, n, turn)
        for number in range(n * KEY_RESULTS_EACH, (n + 1) * KEY_RESULTS_EACH):
            yield changed_key_result(made, quarter, number, turn)


def changed_objective(made: Organisation, quarter: Quarter, n: int, turn: int) -> Change:
    """Return a change of an objective: other words, another owner, another weight."""
    id_ = quarter.objectives[n]
    if turn % 3 == 0:
        return made.event(Objective.Retitled, id_, title=f"Win market {n}, take {turn}")
    if turn % 3 == 1:
        owner = (made.made.person, made.made.team)[turn % 2]
        return made.event(
            Objective.Reassigned,
            id_,
            owner_id=owner,
            team_id=made.made.team,
            effective=None,
            promised=True,
            redated=(),
        )
    return aligned(made, quarter, n, weight=1 + turn % 5)


def top_of(quarter: Quarter) -> int:
    """Return how many of its objectives are the company's: the first ones."""
    return len(quarter.objectives) // OF_TOP


def aligned(made: Organisation, quarter: Quarter, n: int, *, weight: int) -> Change:
    """Return the alignment of an objective to one of the company's, under a weight."""
    top = top_of(quarter)
    return made.event(
        Objective.Realigned,
        quarter.objectives[n],
        aligned_to_objective_id=quarter.objectives[n % top] if n >= top else None,
        aligned_to_key_result_id=None,
        weight=Decimal(weight) / 2,
    )


def changed_key_result(made: Organisation, quarter: Quarter, n: int, turn: int) -> Change:
    """Return a change of a key result: a check-in, another target or another weight."""
    id_ = quarter.key_results[n]
    if turn % 2:
        return checked_in(made, n, id_, turn)
    if turn % 4:
        return made.event(KeyResult.Reweighted, id_, weight=Decimal(1 + turn % 9) / 4)
    return made.event(KeyResult.Retargeted, id_, **promised(quarter, n, turn))


def checked_in(made: Organisation, n: int, key_result: UUID, turn: int) -> Change:
    """Return a check-in about today."""
    steps = n % KEY_RESULTS_EACH == 2
    return made.event(
        Reading.CheckedIn,
        ordered_id(),
        key_result_id=key_result,
        as_of=made.clock.now.date(),
        value=Decimal(turn % 4) if steps else Decimal((turn * 37 + n * 101) % 11_000) / 10,
        zone=None,
        confidence=turn % 11,
        done_steps=None,
        evidence=None,
    )
