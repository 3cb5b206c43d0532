"""Enumerations of the domain, and the checks that every value of a command passes."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from okr_es.domain.refusals import Invalid, ReasonIsMissing, WeightIsNegative

LONGEST_TEXT = 2_000
LONGEST_NAME = 200
DIGITS_BEFORE, DIGITS_AFTER = 24, 18
FIRST_YEAR, LAST_YEAR = 1900, 2999
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
HALF = re.compile("[\ud800-\udfff]")  # of a character, which no encoding has
PLAIN = re.compile(rf"-?\d{{1,{DIGITS_BEFORE}}}(\.\d{{1,{DIGITS_AFTER}}})?")
SUBJECTS_KEPT = 4_096


class Direction(StrEnum):
    """The direction in which a KPI is to move, or the bounds it is to keep."""

    INCREASE = "increase"
    DECREASE = "decrease"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    WITHIN = "within"


TO_KEEP = frozenset({Direction.AT_LEAST, Direction.AT_MOST, Direction.WITHIN})


class Aggregation(StrEnum):
    """How the readings of a span become its value; `worst` is that of the lowest progress."""

    LAST = "last"
    SUM = "sum"
    MEAN = "mean"
    WORST = "worst"


class Cadence(StrEnum):
    """How often a reading is due. `per_project` has no calendar and is never overdue."""

    DAILY = "daily"
    WEEKLY = "weekly"
    EVERY_TWO_WEEKS = "every_two_weeks"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    PER_PROJECT = "per_project"


class Weekday(StrEnum):
    """A day of the week, in the order of ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Commitment(StrEnum):
    """Whether an objective is expected in full or is a stretch."""

    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Kind(StrEnum):
    """How a key result is measured."""

    METRIC = "metric"
    MILESTONE = "milestone"
    ORDINAL = "ordinal"


class Zone(StrEnum):
    """The zone an ordinal key result has reached."""

    NONE = "none"
    COMMIT = "commit"
    TARGET = "target"
    STRETCH = "stretch"


class TeamKind(StrEnum):
    """The kind of a team in the organisation."""

    COMPANY = "company"
    DEPARTMENT = "department"
    TEAM = "team"


class State(StrEnum):
    """The state of an objective, from draft to its end."""

    DRAFT = "draft"
    COMMITTED = "committed"
    CARRIED_OVER = "carried_over"
    ABANDONED = "abandoned"


class Controlled(StrEnum):
    """What in a cycle can require approval by someone else."""

    CLOSING = "closing"
    ADJUSTED_GRADES = "adjusted_grades"
    PLAN_REVISIONS = "plan_revisions"


class PeopleFigures(StrEnum):
    """Which figures per person exist in answers, and who sees them.

    `off`: none; `own_and_leads`: people their own, and their leads; `hr_too`: HR as well.
    """

    OFF = "off"
    OWN_AND_LEADS = "own_and_leads"
    HR_TOO = "hr_too"


class Role(StrEnum):
    """A role that is granted to a person. Everybody who is registered and there is a member."""

    LEAD = "lead"
    HR = "hr"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class NotMeasured(StrEnum):
    """How what is not measured counts in a grade and in final scores: as 0, or left out."""

    COUNTS_ZERO = "counts_zero"
    LEFT_OUT = "left_out"


class Action(StrEnum):
    """What a request for approval is about: what is controlled, or the requirement itself.

    `correction`: one of a committed promise that comes late, which someone else always approves.
    `own_grade`: a grade of a goal of one's own, which nobody gives alone. `about_person`: what is
    done about somebody, where the table of rights asks for two.
    """

    CLOSING = "closing"
    ADJUSTED_GRADES = "adjusted_grades"
    PLAN_REVISIONS = "plan_revisions"
    REQUIREMENT = "requirement"
    CORRECTION = "correction"
    OWN_GRADE = "own_grade"
    ABOUT_PERSON = "about_person"


class Decision(StrEnum):
    """The decision about a request for approval."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Point:
    """A dated point of a planned trajectory: the share of the way planned for the end of `on`."""

    on: date
    share: Decimal


def exact_id(written: str) -> UUID | None:
    """Return the UUID a text writes out in full, with its dashes; None for any other text."""
    return UUID(written) if ID.fullmatch(written) else None


def folded(written: str) -> str:
    """Return a name as names are compared: in composed characters (NFC), without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", written).casefold())


def name(value: str, field: str = "name") -> str:
    """Return a name without surrounding blanks; refuse an empty or overlong one."""
    return text(value, field, LONGEST_NAME)


@lru_cache(SUBJECTS_KEPT)  # an import names few subjects in many readings
def subject(value: str) -> str:
    """Return the name of a subject, the same however it was typed."""
    return composed(name(value, "subject"))


def composed(written: str) -> str:
    """Return a text in composed characters (NFC), without surrounding blanks."""
    return unicodedata.normalize("NFC", written).strip()


def text(value: str, field: str, longest: int = LONGEST_TEXT) -> str:
    """Return text without surrounding blanks; refuse it empty, overlong or with NUL."""
    stripped = value.strip()
    if not stripped:
        raise Invalid(f"{field} is empty.", field=field)
    if len(stripped) > longest:
        raise Invalid(f"{field} is longer than {longest} characters.", field=field)
    if "\x00" in stripped:
        raise Invalid(f"{field} holds a NUL character.", field=field)
    if HALF.search(stripped):
        raise Invalid(f"{field} holds half a character.", field=field)
    return stripped


def maybe_text(value: str | None, field: str) -> str | None:
    """Return text as `text` does; None stays None."""
    return None if value is None else text(value, field)


def exact(value: Decimal, field: str) -> Decimal:
    """Return a finite decimal in plain notation, its digits unchanged; refuse any other."""
    if type(value) is Decimal and PLAIN.fullmatch(str(value)):  # nearly every one, at half the cost
        return value
    if not value.is_finite():
        raise Invalid(f"{field} is not a finite number.", field=field)
    exponent = int(value.as_tuple().exponent)
    if -exponent > DIGITS_AFTER or value.adjusted() >= DIGITS_BEFORE:
        raise Invalid(
            f"{field} has more than {DIGITS_BEFORE} digits before the point "
            f"or {DIGITS_AFTER} after it.",
            field=field,
        )
    return Decimal(format(value, "f")) if exponent > 0 else value


def maybe_exact(value: Decimal | None, field: str) -> Decimal | None:
    """Return a finite decimal in plain notation, as `exact` does; None stays None."""
    return None if value is None else exact(value, field)


def weight(value: Decimal) -> Decimal:
    """Return a weight that is zero or more."""
    if exact(value, "weight") < 0:
        raise WeightIsNegative("A weight is zero or more.", field="weight")
    return value


def day(value: date, field: str) -> date:
    """Return a day between the years 1900 and 2999."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Invalid(f"{field} is outside the years {FIRST_YEAR}–{LAST_YEAR}.", field=field)
    return value


def effective_day(effective: date | None, today: date) -> date | None:
    """Return the earlier day from which a change holds; None: from the day of recording, today.

    Refuses a day in the future.
    """
    if effective is None or day(effective, "effective") == today:
        return None
    if effective > today:
        raise Invalid("effective lies in the future.", field="effective")
    return effective


def is_change(
    after: tuple[UUID | None, ...],
    before: tuple[UUID | None, ...],
    effective: date | None,
    since: date,
) -> bool:
    """Return whether something passes to others, or to the same from a day before `since` on.

    That is the day from which nobody else has held it; `date.min`: nobody ever has.
    """
    return after != before or (effective is not None and effective < since)


def span(starts: date, ends: date) -> tuple[date, date]:
    """Return first and last day of a span, in order."""
    if day(ends, "ends") < day(starts, "starts"):
        raise Invalid(f"ends lies before starts, {starts}.", field="ends")
    return starts, ends


class Span(Protocol):
    """Days from the first to the last."""

    @property
    def starts(self) -> date: ...
    @property
    def ends(self) -> date: ...


def overlap(one: Span, other: Span) -> bool:
    """Return whether two spans have a day in common."""
    return one.starts <= other.ends and other.starts <= one.ends


def needs_reason(reason: str | None, what: str) -> None:
    """Refuse a change without a reason: raises ReasonIsMissing."""
    if reason is None or not reason.strip():
        raise ReasonIsMissing(what)


def trajectory(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return dated points in order of their days, their shares within 0..1 and never falling."""
    shares = [exact(point.share, "trajectory") for point in points]
    days = [day(point.on, "trajectory") for point in points]
    if any(not 0 <= share <= 1 for share in shares):
        raise Invalid("A share of a trajectory lies outside 0..1.", field="trajectory")
    if days != sorted(set(days)) or shares != sorted(shares):
        raise Invalid("A trajectory's days rise and its shares never fall.", field="trajectory")
    return points


CALENDAR_NAME = re.compile(r"(\d{4})(?:-(Q[1-4]|H[12]))?")
MONTHS = {"Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12), "H1": (1, 6), "H2": (7, 12)}


def calendar_span(cycle_name: str) -> tuple[date, date] | None:
    """Return the calendar dates a name such as 2025-Q3, 2025-H1 or 2025 stands for."""
    match = CALENDAR_NAME.fullmatch(cycle_name)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    year, (first, last) = int(match[1]), MONTHS.get(match[2], (1, 12))
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
