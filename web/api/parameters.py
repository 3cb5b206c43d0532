"""The parameters of queries: how each is read, and what OpenAPI says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import g, request
from marshmallow import ValidationError

from okr_es.access.rights import Line, Part
from okr_es.access_log import RECORDED
from okr_es.context import ORIGINS
from okr_es.domain.cycle import parse_cycle
from okr_es.domain.values import Decision, NotMeasured, Role, exact_id
from projections.audit_log.filters import NOUNS
from projections.audit_log.languages import DEFAULT, TYPES
from projections.audit_log.languages import LANGUAGES as WRITTEN_IN
from projections.audit_log.search import NEWEST, OLDEST
from projections.goals.scoring import SHARES
from web.api.fields import (
    BIGGEST_INTEGER,
    NUMBER,
    Cycle,
    Day,
    Exact,
    Field,
    Text,
)

MOST_ROWS = 1_000
LONGEST_MOMENT = 100
ANY_MOMENT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_MOMENT}
MOST_DAYS = 366
MOST_REPEATED = 40  # values of one parameter
STEPS = ("day", "event")
LANGUAGES = tuple(WRITTEN_IN)
CHOSEN_LANGUAGE = "chosen_language"  # in the globals of a request
FEED_FILTERS = {"goal_id", "person_id", "team", "cycle", "type"}
A_MOMENT = "an instant, a date, a position, or a word of a cycle such as 2025-Q3:published"
WORDS = (
    "The words are opened, plan-committed (the last commit of its plan), cycle-end, published (the "
    "last closing) and published-1, published-2 … (the first, the second), with the cycle in front "
    "as in 2025-Q3:published; without it they are of the cycle that is asked about, and "
    "plan-committed is of the goal or team that is asked about"
)
COUNT = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query string; `passed_as` is its name where questions are asked."""

    name: str
    read: Callable[[str], Any]
    wanted: str
    schema: dict[str, Any]
    passed_as: str
    required: bool = False
    is_free_text: bool = False  # its words are kept out of the access log
    repeatable: bool = False  # given several times it is all of them; one is a tuple as well
    otherwise: Callable[[], Any] | None = None  # what it is where it is not given

    @property
    def document(self) -> dict[str, Any]:
        """What OpenAPI says of it."""
        document: dict[str, Any] = {"in": "query", "name": self.name, "schema": self.schema}
        if self.repeatable:
            listed = {"type": "array", "items": self.schema, "maxItems": MOST_REPEATED}
            document |= {"schema": listed, "explode": True}
        return document | {"required": True} if self.required else document


def truth(text: str) -> bool | None:
    """Return what true or false says, None for anything else."""
    return {"true": True, "false": False}.get(text)


def count(text: str) -> int | None:
    """Return a whole number from 1 that a database can hold, None for anything else."""
    found = int(text) if COUNT.fullmatch(text) else 0
    return found if 0 < found <= BIGGEST_INTEGER else None


def position_or_none(text: str) -> int | None:
    """Return a position, 0 for that before the first event, None for anything else."""
    return 0 if text == "0" else count(text)


def row_count(text: str) -> int | None:
    """Return a number of rows that one answer may hold."""
    found = count(text)
    return found if found is not None and found <= MOST_ROWS else None


def day_count(text: str) -> int | None:
    """Return a number of days at the end of a cycle."""
    found = count(text)
    return found if found is not None and found <= MOST_DAYS else None


def moment(text: str) -> str | None:
    """Return a text that may name a moment; the read side says which it is."""
    return text if text and len(text) <= LONGEST_MOMENT and text.isprintable() else None


def step(text: str) -> str | None:
    """Return the name of a step of a replay."""
    return text if text in STEPS else None


def words_of_reads(text: str) -> str | None:
    """Return a word for what was read."""
    return text if text in RECORDED else None


def decision(text: str) -> str | None:
    """Return what became of a request."""
    return text if text in set(Decision) else None


def by_field(field: Field) -> Callable[[str], Any]:
    """Return what reads a text as a field in a body is read."""

    def read(text: str) -> Any:
        try:
            return field.deserialize(text)
        except ValidationError:
            return None

    return read


def of(
    name: str, read: Callable[[str], Any], wanted: str, schema: dict[str, Any], passed_as: str = ""
) -> Parameter:
    """Return a parameter."""
    return Parameter(name, read, wanted, schema, passed_as or name)


def an_id(name: str, description: str = "", passed_as: str = "") -> Parameter:
    """Return a parameter that is a UUID."""
    schema = {"type": "string", "format": "uuid"}
    schema |= {"description": description} if description else {}
    return of(name, exact_id, "a UUID", schema, passed_as)


def a_moment(name: str, description: str, passed_as: str = "") -> Parameter:
    """Return a parameter that is a moment: an instant, date, position or word of a cycle."""
    schema = ANY_MOMENT | {"description": f"{description}: {A_MOMENT}. {WORDS}."}
    return of(name, moment, A_MOMENT, schema, passed_as)


def a_side(name: str, passed_as: str) -> Parameter:
    """Return a mandatory parameter that names one side of a comparison, a moment or a cycle."""
    wanted = f"{A_MOMENT}, or a cycle"
    schema = ANY_MOMENT | {"description": f"{name.capitalize()} which moment: {wanted}. {WORDS}."}
    return replace(of(name, moment, wanted, schema, passed_as), required=True)


def a_day(name: str, passed_as: str, description: str) -> Parameter:
    """Return a parameter that is a date."""
    schema = {**Day.openapi, "description": description}
    return of(name, by_field(Day()), "a day as YYYY-MM-DD", schema, passed_as)


def a_threshold(name: str) -> Parameter:
    """Return a parameter that is a threshold of a scoring policy, an exact share."""
    schema = {
        "type": "string",
        "pattern": f"^{NUMBER.pattern}$",
        "description": "In place of that of the policy valid at each step. Above 0, up to 1.",
    }
    return of(name, by_field(Exact()), "a decimal above 0, up to 1", schema)


BY = an_id("by")
PERSON_ID, OWNER = an_id("person_id"), an_id("owner", passed_as="owner_id")
TEAM = an_id("team", "A team, with all teams below it.", passed_as="team_id")
OBJECTIVE_ID, GOAL_ID = an_id("objective_id"), an_id("goal_id")
WEEK = of(
    "week", moment, "a week of ISO 8601, such as 2025-W33",
    {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$",
     "description": "By ISO 8601, such as 2025-W33; this week if not given."},
)  # fmt: skip


def a_word(name: str, words: Sequence[str], description: str, **more: Any) -> Parameter:
    """Return a parameter whose value is one of `words`."""
    read = {word: word for word in words}.get
    schema = {"type": "string", "enum": list(words), "description": description, **more}
    return of(name, read, f"one of {', '.join(words)}", schema)


def a_time(name: str, description: str) -> Parameter:
    """Return a parameter that is a date or an instant; the read side says which it is."""
    schema = ANY_MOMENT | {"description": f"{description}: a date, or an instant."}
    return of(name, moment, "a date, or an instant with its offset", schema)


def accepted_language() -> str:
    """Return the language a request accepts best, of those the audit log is written in.

    A page may have been chosen another one for, by the person who looks at it.
    """
    chosen: str | None = g.get(CHOSEN_LANGUAGE)
    return chosen or request.accept_languages.best_match(LANGUAGES) or DEFAULT


CYCLE = of("cycle", parse_cycle, "the UUID or the name of a cycle", dict(Cycle.openapi))
ATOMIC = of(
    "atomic",
    truth,
    "true or false",
    {"type": "boolean", "description": "All lines or none; then at most 2,000 of them."},
)
DRY_RUN = of(
    "dry_run",
    truth,
    "true or false",
    {
        "type": "boolean",
        "description": "Say what all lines would record; nothing is. At most 2,000.",
    },
)
OVERDUE = of("overdue", truth, "true or false", {"type": "boolean"})
LIMIT = of(
    "limit",
    row_count,
    f"a whole number from 1 to {MOST_ROWS}",
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 100},
)
BEFORE = of(
    "before", count, "a position", {"type": "integer", "minimum": 1, "maximum": BIGGEST_INTEGER}
)
KNOWN_AT = a_moment(
    "known_at",
    "What was known by then (before the first event nothing: what is named is not found, a list of "
    "all is empty)",
)
AT = a_moment("at", "The day it is about")
# The columns of a scoreboard: each cycle at each of the moments.
COLUMNS = replace(CYCLE, required=True, repeatable=True)
MOMENTS = replace(
    a_moment(
        "known_at",
        "A column for each cycle as known then; not given: as of its last closing, or as known now",
    ),
    repeatable=True,
)
WITH_SCOREBOARD = of(
    "scoreboard", truth, "true or false",
    {"type": "boolean", "default": True, "description": "false leaves it out, and is quicker."},
)  # fmt: skip

STATE = of(
    "state", decision, "pending, approved, refused or withdrawn",
    {"type": "string", "enum": [str(each) for each in Decision]}, "decision",
)  # fmt: skip

LAST_DAYS = of(
    "last_days", day_count, f"a whole number from 1 to {MOST_DAYS}",
    {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": 14},
)  # fmt: skip

PAGE = (LIMIT, BEFORE)
THEN = (KNOWN_AT, AT)
SPAN = (
    a_moment("from", "From which moment; that of the goal's own promise if not given", "from_"),
    a_moment("to", "To which moment; now if not given"),
)
SIDES = (a_side("from", "from_"), a_side("to", "to"))
STEP = of(
    "step", step, "day or event", {"type": "string", "enum": list(STEPS), "default": "day"}
)  # fmt: skip
REPLAYED_BY = a_word(
    "by",
    ("recorded", "as_of"),
    "What of each day is shown: what was recorded by its end, or what it was as of, as known now "
    "or at known_at: the board about that day.",
    default="recorded",
)
DAYS = (
    a_day("from", "from_", "The first day; that of the cycle if not given."),
    a_day(
        "to",
        "to",
        "The last day; that of the last closing if not given, else of the cycle, or today.",
    ),
)
READ_ON = (
    a_day("from", "from_", "Read on this day or later."),
    a_day("to", "to", "Read on this day or earlier."),
)
WHAT = of(
    "what", words_of_reads, f"one of {', '.join(RECORDED)}",
    {"type": "string", "enum": list(RECORDED)},
)  # fmt: skip
OF_SIZE = of("size", count, "a number of events", dict(BEFORE.schema))
FROM_SIZE = replace(
    of("from", count, "a number of events", dict(BEFORE.schema)),
    passed_as="from_size",
    required=True,
)
AFTER = of("after", count, "a position", dict(BEFORE.schema))
A_TEXT = f"text of 1 to {Text.openapi['maxLength']} characters"
TEXT = replace(
    of("text", by_field(Text()), A_TEXT, {**Text.openapi, "description": "In reason, comment."}),
    is_free_text=True,
)
LANGUAGE = replace(
    a_word("language", LANGUAGES, "Of the sentences; else as Accept-Language has it, or English."),
    otherwise=accepted_language,
)
SENTENCES_IN = a_word(
    "language", LANGUAGES, "Give each event its sentence in this language; else there is none."
)
SEARCH = (
    GOAL_ID,
    PERSON_ID,
    an_id("acted_by", "Who acted, or in whose name it was done; person_id: or who is named."),
    TEAM,
    CYCLE,
    a_word("type", (*NOUNS, *TYPES), "A type of event, or what its types begin with."),
    a_time("recorded_from", "Recorded then or later"),
    a_time("recorded_to", "Recorded then or before"),
    a_day("about_from", "about_from", "The first day readings are about."),
    a_day("about_to", "about_to", "The last day readings are about."),
    a_word("origin", sorted(ORIGINS), "Where the command came from."),
    TEXT,
)
ROLE = a_word("role", sorted(Role), "Of this role only.")
MAY = replace(
    a_word("may", tuple(Line), "A line of the table of rights (docs/explanation/access.md)."),
    required=True,
)
PART = a_word("part", tuple(Part), "A part of the line that a role may have alone, or not.")
ORDER = a_word("order", (NEWEST, OLDEST), "Which comes first.", default=NEWEST)
AUDIT_LOG = (*SEARCH, ORDER, LIMIT, BEFORE, AFTER, LANGUAGE)
FROM_THE_BEGINNING = of(
    "after", position_or_none, "a position, or 0", {**BEFORE.schema, "minimum": 0, "default": 0}
)
FEED = (
    *(each for each in SEARCH if each.name in FEED_FILTERS),
    FROM_THE_BEGINNING,
    LIMIT,
    LANGUAGE,
)
THRESHOLDS = (
    *(a_threshold(name) for name in SHARES),
    a_word(
        "not_measured", sorted(NotMeasured), "In place of that of the policy valid at each step."
    ),
)
