"""Many commands in chunks come to what they come to one by one, on random histories."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import pytest

from okr_es.chunks import running
from okr_es.chunks.lines import Line
from okr_es.chunks.running import at_once, in_chunks
from okr_es.commands import Command
from okr_es.context import Context, Receipt
from okr_es.domain.refusals import Refusal
from okr_es.log.schema import commands, counter, events, names, streams
from tests.support.begun import Begun
from tests.support.random_history import Told
from tests.support.told_histories import beginning, drawn_for

NUMBER = 5
UNIQUE = {"hash", "encrypted"}  # columns that differ each time: keys and salts are random
TABLES = (events, counter, streams, names, commands)
KEY = UUID(int=0xC0FFEE)
REFUSED = {ours for n in range(1, 200) for id_ in [uuid5(KEY, f"refused {n}")]
           for ours in (id_, str(id_))}  # fmt: skip


class Sent(NamedTuple):
    """A command that was sent, and what became of it."""

    line: Line
    outcome: Any


class Heard(Told):
    """Tells a history one by one, and keeps what was sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: list[Sent] = []

    def execute(self, command: Command, **context: Any) -> Receipt:
        number = len(self.sent) + 1
        command_id = uuid5(KEY, str(number))
        asked = Context(**({"by": self.actor, "command_id": command_id} | context))
        line = Line(number, command, asked, uuid5(KEY, f"refused {number}"))
        try:
            done = self.okr.execute(command, asked)
        except Refusal as refusal:
            self.sent.append(Sent(line, refusal))
            raise
        self.sent.append(Sent(line, done))
        return done


def stored(told: Told) -> dict[str, list[Any]]:
    """All rows of the log but what is made at random."""
    found: dict[str, list[Any]] = {}
    for table in TABLES:
        columns = [f'"{each.name}"' for each in table.c if each.name not in UNIQUE]
        keys = ", ".join(table.primary_key.c.keys())
        rows = told.okr.database.rows(
            f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY {keys}", {}
        )
        found[table.name] = rows
    return found


def comparable(outcome: Any) -> Any:
    """All that who sent a command learns of its outcome."""
    if isinstance(outcome, Refusal):
        return type(outcome), outcome.message, outcome.field
    return replace(outcome, secret=outcome.secret and "…")


@pytest.fixture(autouse=True)
def without_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_SECONDS", 60)


@cache
def one_by_one(begun: Begun, number: int) -> tuple[list[Sent], dict[str, list[Any]]]:
    """What was sent in a history, one by one, and what came of it."""
    drawn = drawn_for("chunks", NUMBER)[number]
    history = [step for step in drawn.history if isinstance(step, Command)]
    with begun.fresh(*beginning("UTC")) as url, closing(Heard(url)) as heard:
        heard.plays(history)
        return heard.sent, stored(heard)


@pytest.mark.parametrize("size", [1_000, 7])
def test_the_log_and_all_verdicts_are_the_same(
    size: int, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_IN_CHUNK", size)
    for number in range(NUMBER):
        sent, in_turn = one_by_one(begun, number)
        with begun.fresh(*beginning("UTC")) as url, closing(Told(url)) as told:
            lines = [each.line for each in sent]
            verdicts = list(answered(told, lines))
            assert verdicts == [comparable(each.outcome) for each in sent]
            first = stored(told)
            refusals = first["commands"].copy()
            first["commands"] = [row for row in refusals if row[0] not in REFUSED]
            assert first == in_turn
            assert len(refusals) - len(first["commands"]) == refused(sent)
            for now, then in zip(answered(told, lines), sent, strict=True):
                assert now == comparable(again(then.outcome)) or (
                    isinstance(then.outcome, Refusal) and isinstance(now, tuple)
                )
            assert stored(told) == first | {"commands": refusals}


def answered(told: Told, lines: list[Line]) -> Iterator[Any]:
    for some in in_chunks(told.okr, lines):
        yield from (comparable(each.verdict) for each in some)


def again(outcome: Any) -> Any:
    """What a command that comes again is told: its receipt. Why it is refused may be another."""
    if isinstance(outcome, Refusal):
        return outcome
    return replace(outcome, repeated=True, secret=None)


def refused(sent: list[Sent]) -> int:
    return sum(isinstance(each.outcome, Refusal) for each in sent)


def test_all_or_none_comes_to_the_same_where_none_is_refused(begun: Begun) -> None:
    for number in range(NUMBER):
        lines = [
            sent.line
            for sent in one_by_one(begun, number)[0]
            if isinstance(sent.outcome, Receipt)
            and not isinstance(sent.line.command, running.BY_THEMSELVES)
        ]
        with begun.fresh(*beginning("UTC")) as url, closing(Heard(url)) as heard:
            good = []
            for line in lines:  # without those that are carried out by themselves
                try:
                    heard.okr.execute(line.command, line.context)
                except Refusal:
                    continue
                good.append(line)
            in_turn = stored(heard)
        with begun.fresh(*beginning("UTC")) as url, closing(Told(url)) as told:
            verdicts = at_once(told.okr, good)
            assert all(isinstance(each.verdict, Receipt) for each in verdicts)
            assert stored(told) == in_turn
