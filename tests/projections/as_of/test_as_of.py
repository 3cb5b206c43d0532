"""Whatever happened, and whenever one asks about: every answer is a plain fold of the log's prefix.

`oracle.py` works the answers out from the log alone; here all that `Queries` says is held to them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from projections.as_of.moments import Moment
from projections.queries import Queries
from tests.support.as_of_answers import (
    Pair,
    ask,
    difference,
    exactly,
    oracle_of,
    pairs,
    questions,
    texts,
)
from tests.support.random_history import Told, sequels

Every = Callable[..., None]
# Of a hundred examples in the profile, so many are tried on each engine.
MANY = {"sqlite": 24, "postgresql": 8}
SOME = {"sqlite": 24}
FEW = {"sqlite": 15, "postgresql": 4}
FAULTS: dict[str, Callable[[Moment], dict[str, Any]]] = {
    "an event too few is known": lambda moment: {"known": moment.known - 1},
    "no more is known than was planned by": lambda moment: {"known": moment.plan},
    "the plan is an event too old": lambda moment: {"plan": moment.plan - 1},
    "the plan is the latest known": lambda moment: {"plan": moment.known},
    "readings count whatever they are about": lambda _: {"day": "2999-12-31"},
}


def first_mismatch(told: Told, queries: Queries, asked: list[Pair]) -> str | None:
    """The first answer that is not what the log has, in words."""
    oracle = oracle_of(told)
    for pair in asked:
        when = texts(pair, oracle)
        for question in questions(oracle):
            found, expected = (ask(whom, question, when) for whom in (queries, oracle))
            if exactly(found) != exactly(expected):
                return f"{question} {when}: {difference(found, expected)}"
    return None


def test_every_answer_is_the_fold_of_the_logs_prefix(every_history: Every) -> None:
    def holds(told: Told, asked: list[Pair]) -> None:
        assert first_mismatch(told, Queries(told.okr, told.runner), asked) is None

    every_history(holds, MANY, asked=pairs)


def test_what_is_fixed_stays_and_the_rest_follows_the_log(every_history: Every) -> None:
    def holds(told: Told, asked: list[Pair], sequel: list[Any]) -> None:
        oracle, queries = oracle_of(told), Queries(told.okr, told.runner)
        before = [
            (question, when, answer)
            for when in (texts(pair, oracle) for pair in asked)
            for question in questions(oracle)
            if "refused" not in (answer := ask(queries, question, when))
        ]
        told.plays(sequel)
        for question, when, answer in before:
            now = ask(queries, question, when)
            assert now == answer or not answer["fixed"], (question, when)
        assert first_mismatch(told, queries, asked) is None

    every_history(holds, FEW, asked=pairs, sequel=sequels)


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_planted_faults_are_seen(every_history: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    right, unseen = Moment.parameters.fget, set(FAULTS)  # type: ignore[attr-defined]

    def holds(told: Told, asked: list[Pair]) -> None:
        for name in sorted(unseen):
            with monkeypatch.context() as patch:
                faulty = property(lambda moment, name=name: right(moment) | FAULTS[name](moment))
                patch.setattr(Moment, "parameters", faulty)
                if first_mismatch(told, Queries(told.okr, told.runner), asked):
                    unseen.discard(name)

    every_history(holds, SOME, lambda: not unseen, asked=pairs)
    assert not unseen
