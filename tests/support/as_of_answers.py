"""Random moments to ask about, all questions about all there is, and how two answers differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from okr_es.domain.refusals import Refusal
from tests.support.oracle import WORDS, Fact, Oracle
from tests.support.random_history import TEAMS, TODAY, Told, weighted

NOBODY = UUID(int=0xDEAD)
Question = tuple[str, dict[str, Any]]


class Position(NamedTuple):
    """That of one of the events."""

    number: int

    def text(self, oracle: Oracle) -> str:
        return str(some(oracle.log, self.number).position)


class Instant(NamedTuple):
    """That of one of the events, or one beside it, in UTC or as the organisation writes it."""

    number: int
    beside: timedelta
    is_local: bool

    def text(self, oracle: Oracle) -> str:
        moment = some(oracle.log, self.number).recorded_at + self.beside
        return moment.astimezone(oracle.timezone if self.is_local else UTC).isoformat()


class Day(NamedTuple):
    """That of one of the events, or one some days from it."""

    number: int
    days: int

    def text(self, oracle: Oracle) -> str:
        day = oracle.day_of(some(oracle.log, self.number).recorded_at)
        return (day + timedelta(days=self.days)).isoformat()


class Fixed(NamedTuple):
    """A text whatever the log."""

    words: str

    def text(self, _: Oracle) -> str:
        return self.words


numbers = st.sampled_from([*range(40), *range(0, 250, 5)])
beside = st.sampled_from([
    *(timedelta(microseconds=n) for n in (-1, 0, 0, 1)),
    *(timedelta(hours=n) for n in (-30, -3, 1, 20)),
])  # fmt: skip
positions = st.builds(Position, numbers)
instants = st.builds(Instant, numbers, beside, st.booleans())
days = st.builds(Day, numbers, st.sampled_from([-1, 0, 0, 1, 3]))
far_days = st.sampled_from(range(-45, 75)).map(lambda n: Fixed(str(TODAY + timedelta(days=n))))
words = st.builds(
    lambda cycle, word: Fixed(cycle + word),
    st.sampled_from(["", "", "first:", "second:", "third:"]),
    st.sampled_from([*WORDS, "published-1", "published-2"]),
)
points = weighted(
    (1, st.none()), (3, positions), (3, instants), (2, days), (3, far_days), (2, words)
)
pairs = st.lists(st.tuples(points, points), min_size=1, max_size=3)
Pair = tuple[Any, Any]


def some(log: list[Fact], number: int) -> Fact:
    return log[-1 - number % len(log)]


def texts(pair: Pair, oracle: Oracle) -> dict[str, str | None]:
    """The two texts of a question."""
    known_at, at = (point and point.text(oracle) for point in pair)
    return {"known_at": known_at, "at": at}


def oracle_of(told: Told) -> Oracle:
    """What the log of a told history has to say, now."""
    rows = told.okr.log.rows(0, 10_000, RECORDED)
    log = [
        Fact(position, datetime.fromisoformat(at), event, by, for_whom)
        for (position, at, by, for_whom), event in zip(rows, told.facts(), strict=True)
    ]
    return Oracle(log, told.zone, told.clock.now)


RECORDED = ("position", "recorded_at", "by", "on_behalf_of")


def questions(oracle: Oracle) -> Iterator[Question]:
    """Every question about everything there ever was, and about what there never was."""
    rows = oracle.rows(len(oracle.log))
    for cycle in (*rows["cycle"], NOBODY):
        yield "board", {"id_": cycle}
        yield "tree", {"id_": cycle}
    for name in ("objective", "key_result", "kpi"):
        for id_ in (*rows[name], NOBODY):
            yield name, {"id_": id_}
    for id_ in (*rows["key_result"], *rows["kpi"], NOBODY):
        yield "readings", {"id_": id_}
        yield "readings", {"id_": id_, "limit": 1, "before": len(oracle.log) - 3}
    for asked in ({}, {"team_id": TEAMS[0]}, {"overdue": True}, {"overdue": False}):
        yield "kpis", asked


def ask(whom: Any, question: Question, when: dict[str, str | None]) -> Any:
    """The answer, or what it is refused for."""
    name, about = question
    about = dict(about)
    id_ = [UUID(str(about.pop("id_")))] if "id_" in about else []
    try:
        return getattr(whom, name)(*id_, **about, **when)
    except Refusal as refusal:
        return {"refused": type(refusal).__name__, "field": refusal.field}


def exactly(answer: Any) -> bytes:
    """An answer to the letter: its digits, and which of its values are numbers, texts or truths."""
    return msgspec.json.encode(answer, order="sorted")


def difference(found: Any, expected: Any, where: str = "") -> str:
    """Where two answers differ first, in words."""
    match found, expected:
        case dict(), dict() if found.keys() == expected.keys():
            pairs = ((key, found[key], expected[key]) for key in found)
        case list(), list() if len(found) == len(expected):
            pairs = zip(range(len(found)), found, expected, strict=True)
        case _:
            return f"{where}: {found!r} instead of {expected!r}"
    for key, one, other in pairs:
        if exactly(one) != exactly(other):
            return difference(one, other, f"{where}.{key}")
    return ""
