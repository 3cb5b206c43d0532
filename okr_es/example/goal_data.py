"""What the people of the example company corrected of their goals, beside the numbers."""

from __future__ import annotations

from datetime import date

from okr_es import commands as c
from okr_es.domain.values import Cadence, Commitment
from okr_es.example.naming import key_result, objective, person
from okr_es.example.words import Commands, drops


def retitles_result(name: str, says: str) -> Commands:
    """Give a key result the title that was meant."""
    return [c.RetitleKeyResult(key_result(name), says)]


def describes(name: str, words: str) -> Commands:
    """Say of an objective what is meant."""
    return [c.DescribeObjective(objective(name), words)]


def describes_result(name: str, words: str) -> Commands:
    """Say of a key result what is meant."""
    return [c.DescribeKeyResult(key_result(name), words)]


def gives_result(name: str, owner: str) -> Commands:
    """Give a key result an owner of its own."""
    return [c.ReassignKeyResult(key_result(name), person(owner))]


def reads_as_often(name: str, cadence: str) -> Commands:
    """Choose how often a key result is read."""
    return [c.ReplaceKeyResultCadence(key_result(name), Cadence(cadence))]


def takes_back_a_due_day(name: str, due: str) -> Commands:
    """Name a day an objective is due, and let it be due with its cycle again."""
    days = (date.fromisoformat(due), None)
    return [c.RescheduleObjective(objective(name), day) for day in days]


def expects_in_full(name: str) -> Commands:
    """Expect an objective in full that was expected in part."""
    return [c.ReplaceObjectiveCommitment(objective(name), Commitment.COMMITTED)]


def drops_by_mistake(name: str) -> Commands:
    """Drop the wrong key result, and take it up again."""
    return [*drops(name), c.ReinstateKeyResult(key_result(name))]
