"""The two clocks of a question: what was known, and which day the answer is about.

`known_at` looks only at events recorded up to then, `at` is the day the answer is about. Each is
an instant, a date (all of it, in the organisation's calendar), a position of the log, or a word
of a cycle: `opened`, `plan-committed` (the last commit), `cycle-end`, `published`, or
`published-1` for its first closing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from okr_es.application import Okr
from okr_es.database.clock import instant
from okr_es.database.database import Database
from okr_es.domain.cycle import WORD as CYCLE_WORD
from okr_es.domain.cycle import CycleName, CycleRef, parse_cycle
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.values import FIRST_YEAR, LAST_YEAR
from okr_es.log.names import CYCLE, Holder, holder
from projections.as_of.bounded_cache import BoundedCache
from projections.as_of.dates import in_calendar
from projections.as_of.promises import commit_of, promise_of
from projections.read_model.tables import FIELDS, plain

WORDS = CYCLE_WORD.pattern
LAST = 2**62 - 1
MOST_CACHED = 4_096

POSITION = re.compile(r"[0-9]{1,19}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORD = re.compile(rf"(?:(?P<cycle>[^:]+):)?(?P<word>{WORDS})")
PLAN_COMMITTED = "plan-committed"
LOST_PLUS = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")
WANTED = (
    "an instant with its offset (2025-10-01T12:00:00Z), a date, a position, or a word of a cycle "
    "(2025-Q3:opened, 2025-Q3:plan-committed, 2025-Q3:cycle-end, 2025-Q3:published, "
    "2025-Q3:published-1)"
)

# A search by halves through the log, whose times never go backwards: one statement, no index.
LAST_UP_TO = """
  WITH RECURSIVE search(low, high) AS (
    SELECT CAST(0 AS bigint), position FROM counter
    UNION ALL
    SELECT CASE WHEN e.recorded_at {is_up_to} {bound} THEN e.position ELSE s.low END,
           CASE WHEN e.recorded_at {is_up_to} {bound} THEN s.high ELSE e.position - 1 END
    FROM search s JOIN events e ON e.position = (s.low + s.high + 1) / 2 WHERE s.low < s.high
  )
  SELECT s.low, c.recorded_at FROM search s, counter c WHERE s.low = s.high
"""
COUNTER = "SELECT position, recorded_at FROM counter"
RECORDED_AT = "SELECT recorded_at FROM events WHERE position = :position"
CYCLE_VERSIONS = (
    f"SELECT {', '.join(FIELDS['cycle'])} FROM cycle WHERE id = :id ORDER BY known_from"
)


class LogPoint(NamedTuple):
    """A point in the history of the log: the last position recorded by then, and its day.

    `is_last_so_far`: it is the last of several closings or commits, and later ones may follow, or
    the end of a cycle, which may be corrected.
    """

    position: int
    day: date
    is_fixed: bool
    is_future: bool = False
    is_last_so_far: bool = False

    @property
    def moment(self) -> Moment:
        """The moment in which plan, known events and day are all those of this point."""
        return Moment(self.position, self.position, self.day, self.day, self.is_fixed)


class Moment(NamedTuple):
    """What an answer is based on.

    `plan` is the position whose plan is valid (targets, weights, owners, alignments), `known` the
    position up to which events are known, `day` the day it is about, `read_until` the last day
    whose readings count. `is_fixed`: nothing recorded later can change the answer.
    """

    plan: int
    known: int
    day: date
    read_until: date
    is_fixed: bool = False

    def up_to(self, head: int) -> Moment:
        """Return the moment of a read model that has come to a position."""
        return self._replace(plan=min(self.plan, head), known=min(self.known, head))

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the statements that load goals."""
        return {"plan": self.plan, "known": self.known, "day": self.read_until.isoformat()}


def now(today: date) -> Moment:
    """Return the moment of a question that asks for no other."""
    return Moment(LAST, LAST, today, today)


class Moments:
    """Finds the positions and days of instants, dates, positions and words.

    `model` returns the read model, which the caller has caught up with the log.
    """

    def __init__(self, okr: Okr, model: Callable[[], Database]) -> None:
        self.okr = okr
        self.model = model
        self.forget()
        okr.course.on_change.append(self.forget)

    def forget(self) -> None:
        """Forget everything: the log was replaced."""
        self.cached: BoundedCache[tuple[str, UUID | None], LogPoint] = BoundedCache(MOST_CACHED)
        self.cycles: dict[str, Holder] = {}

    def cycle(self, ref: CycleRef, field: str, moment: Moment | None = None) -> UUID:
        """Return the id of a cycle: of one that was opened by a moment, or else of any there is.

        An id is returned as it is, whether there is such a cycle or not. Raises NotFound for an
        unknown name, with the field.
        """
        if isinstance(ref, UUID):
            return ref
        found = self.opened(ref)
        if found is None:
            raise NotFound(f"There is no cycle {ref}.", field=field)
        if moment is not None and found.position > moment.plan:
            raise NotFound(f"There is no cycle {ref} by then.", field=field)
        return found.stream

    def opened(self, name: CycleName) -> Holder | None:
        """Return the cycle of a name; the log says which, and it is cached, since names stay."""
        cycles = self.cycles
        if (found := cycles.get(name.folded)) is None:
            found = holder(self.okr.database, CYCLE, name.folded)
            if found is not None:
                cycles[name.folded] = found
        return found

    def with_ids(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a question, by name, with ids for the cycles it names."""
        return {name: self.with_id(name, value) for name, value in asked.items()}

    def with_id(self, field: str, value: Any) -> Any:
        """Return a parameter, the names of cycles in it as ids; raise NotFound with the field."""
        if isinstance(value, tuple):
            return tuple(self.with_id(field, each) for each in value)
        return self.cycle(value, field) if isinstance(value, CycleName) else value

    def moment(self, known_at: str | None, at: str | None, cycle: UUID | None = None) -> Moment:
        """Return the moment two texts name; raise Invalid or NotFound with the field at fault.

        Without `at` it is the day of `known_at`, without `known_at` all that is known now. `cycle`
        is the one a word without a name is about.
        """
        known = self.past(known_at, "known_at", cycle) if known_at else self.present()
        about = self.point(at, "at", cycle) if at else known
        return Moment(
            min(about.position, known.position),
            known.position,
            about.day,
            min(about.day, known.day),
            known.is_fixed and not about.is_last_so_far,
        )

    def past(self, text: str, field: str, cycle: UUID | None = None) -> LogPoint:
        """Return the point a text names; refuse one in the future."""
        found = self.point(text, field, cycle)
        if found.is_future:
            raise Invalid(f"{field} lies in the future: nothing is known of it.", field=field)
        return found

    def present(self) -> LogPoint:
        """Return the end of the log, today."""
        ((position, _),) = self.okr.database.rows(COUNTER, {})
        return LogPoint(position, self.okr.today(), is_fixed=False)

    def point(self, text: str, field: str, cycle: UUID | None = None) -> LogPoint:
        """Return the point a text names; `cycle` is the one a word without a name is about."""
        cached = self.cached
        if found := cached.get((text, cycle)):
            return found
        try:
            found = self.read(text, field, cycle)
        except (ValueError, OverflowError):
            raise Invalid(f"{field} is not {WANTED}.", field=field) from None
        if found.is_fixed:
            cached.put({(text, cycle): found})
        return found

    def read(self, text: str, field: str, cycle: UUID | None) -> LogPoint:
        """Return the point a text names; raise ValueError where it names none."""
        if POSITION.fullmatch(text):
            return self.at_position(int(text), field)
        if DAY.fullmatch(text):
            return self.at_day(date.fromisoformat(text), field)
        if word := WORD.fullmatch(text):
            named = word["cycle"]
            about = cycle if named is None else self.cycle(parse_cycle(named, field), field)
            return self.at_word(word["word"], about, field)
        return self.at_instant(instant_in(text, field), field)

    def at_position(self, position: int, field: str) -> LogPoint:
        """Return the point right after an event."""
        found = self.okr.database.rows(RECORDED_AT, {"position": min(position, LAST)})
        if not found:
            head = self.present().position
            raise Invalid(f"{field} is no position of the log: it has 1 to {head}.", field=field)
        return LogPoint(position, self.day_of(found[0][0]), is_fixed=True)

    def at_day(self, day: date, field: str) -> LogPoint:
        """Return the end of a day in the organisation's calendar; refuse one far from any goal."""
        require_year(day, field)
        return self.end_of(day)

    def end_of(self, day: date) -> LogPoint:
        """Return the end of a day, also of the one before the first that can be asked about."""
        start_of = self.okr.calendars.current.start_of
        first, end = (instant(start_of(each)) for each in (day, day + timedelta(days=1)))
        position, log_is_at = self.last_up_to(end, "<")
        is_future = self.is_to_come(first, log_is_at)
        return LogPoint(position, day, is_fixed=end <= log_is_at, is_future=is_future)

    def at_instant(self, moment: datetime, field: str) -> LogPoint:
        """Return the point of an instant, an event at exactly that instant included."""
        require_year(moment.date(), field)
        day, when = self.okr.calendars.current.day_of(moment), instant(moment)
        position, log_is_at = self.last_up_to(when, "<=")
        is_future = self.is_to_come(when, log_is_at)
        return LogPoint(position, day, is_fixed=when < log_is_at, is_future=is_future)

    def last_up_to(self, moment: str, is_up_to: str) -> tuple[int, str]:
        """Return the last position recorded up to a moment, and when the log was last written.

        Once the log has come past a moment its last position stays: the log's times never go
        backwards, but the clock of a server may.
        """
        bound = self.okr.database.dialect.bytewise(":moment")
        statement = LAST_UP_TO.format(is_up_to=is_up_to, bound=bound)
        ((position, log_is_at),) = self.okr.database.rows(statement, {"moment": moment})
        return int(position), log_is_at

    def is_to_come(self, moment: str, log_is_at: str) -> bool:
        """Return whether a moment is in the future of both the clock and the log."""
        return moment > max(instant(self.okr.clock()), log_is_at)

    def at_word(self, word: str, cycle: UUID | None, field: str) -> LogPoint:
        """Return the point a word of a cycle stands for."""
        if word.startswith("published-") and not int(word.partition("-")[2]):
            raise Invalid(f"{field}: closings are counted from published-1.", field=field)
        if cycle is None:
            raise Invalid(f"{field} names no cycle: write 2025-Q3:{word}, say.", field=field)
        versions = self.cycle_versions(cycle)
        if not versions:
            raise NotFound(f"There is no cycle {cycle}.", field=field)
        last = versions[-1]
        if word == "cycle-end":
            found = self.at_day(date.fromisoformat(last["ends"]), field)
            return found._replace(is_fixed=False, is_last_so_far=True)
        if word == "opened":
            return self.at_position(versions[0]["known_from"], field)
        if word == PLAN_COMMITTED:
            commits = msgspec.json.decode(last["plan_commits"])
            if not commits:
                raise Invalid(f"The plan of {last['name']} is not committed yet.", field=field)
            found = self.at_listed(commits[-1])
            is_whole = any(not each["teams"] for each in commits)
            return found if is_whole else found._replace(is_fixed=False, is_last_so_far=True)
        closings = msgspec.json.decode(last["closings"])
        number = int(word.partition("-")[2] or len(closings))
        if not closings:
            raise Invalid(f"{last['name']} is not closed yet: nothing is published.", field=field)
        if number > len(closings):
            there = f"the last closing of {last['name']} is published-{len(closings)}"
            raise Invalid(f"{field}: there is no {word}, {there}.", field=field)
        found = self.at_listed(closings[number - 1])
        return found if "-" in word else found._replace(is_fixed=False, is_last_so_far=True)

    def at_listed(self, listed: Mapping[str, Any]) -> LogPoint:
        """Return the point right after a commit or a closing that a row of a cycle lists."""
        return LogPoint(listed["position"], self.day_of(listed["at"]), is_fixed=True)

    def of_goal(self, text: str, goal: UUID, field: str) -> str:
        """Return the text of a moment; the bare word `plan-committed` is about the goal's promise.

        Raises Invalid, with the field, while nothing of it is promised.
        """
        if text != PLAN_COMMITTED:
            return text
        position = promise_of(self.model(), goal)
        if position is None:
            raise Invalid(f"{field}: {goal} is part of no committed plan yet.", field=field)
        return str(position)

    def of_team(self, text: str, team: UUID, cycle: UUID | None, field: str) -> LogPoint | None:
        """Return the point of the commit that has a team's plan, for the bare `plan-committed`.

        None for any other text. Raises Invalid, with the field, while there is no such commit.
        """
        if text != PLAN_COMMITTED or cycle is None or not (found := self.cycle_versions(cycle)):
            return None
        commit = commit_of(msgspec.json.decode(found[-1]["plan_commits"]), team)
        if commit is None:
            name = found[-1]["name"]
            raise Invalid(
                f"{field}: the plan of the team for {name} is not committed.", field=field
            )
        return self.at_listed(commit)

    def cycle_versions(self, cycle: UUID) -> list[dict[str, Any]]:
        """Return all versions of a cycle, oldest first."""
        rows = self.model().rows(CYCLE_VERSIONS, {"id": str(cycle)})
        return [plain("cycle", row) for row in rows]

    def day_of(self, recorded_at: str) -> date:
        """Return the organisation's date of a time of record."""
        return in_calendar(self.okr.calendars.current, recorded_at)


def instant_in(text: str, field: str) -> datetime:
    """Return the instant a text is; raise ValueError if it is none, Invalid without an offset."""
    moment = datetime.fromisoformat(LOST_PLUS.sub(r"\1+\2", text))
    if moment.tzinfo is None:
        datetime.fromisoformat(f"{text}Z")  # a day or week of another form gets no better by it
        raise Invalid(f"{field} has no offset: write it as {text}Z, say.", field=field)
    return moment


def is_moment(text: str) -> bool:
    """Return whether a text has the form of a moment, so that it does not name a cycle."""
    return bool(POSITION.fullmatch(text) or WORD.fullmatch(text) or DAY.match(text))


def is_word(text: str) -> bool:
    """Return whether a text is a word of a cycle that it does not name."""
    found = WORD.fullmatch(text)
    return found is not None and found["cycle"] is None


def require_year(day: date, field: str) -> None:
    """Refuse a day far from any goal."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(f"{field} is outside the years {FIRST_YEAR}–{LAST_YEAR}.", field=field)
