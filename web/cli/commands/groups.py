"""The groups of commands: those of the API are made when a group is first looked into.

So `okr-es --help` stays quick: what makes them loads the whole API.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import click

from web.cli.errors import OneLineErrors


class OfTheApi(OneLineErrors):
    """A group with the commands of its addresses, beside those that are added to it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.own: dict[str, click.Command] = {}
        self.is_complete = False
        super().__init__(*args, **options)

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """The commands by name."""
        if not self.is_complete:
            from web.cli.commands.asking import questions_of
            from web.cli.commands.making import commands_of

            self.is_complete = True
            group = str(self.name)
            for each in (*commands_of(group), *questions_of(group, self.own)):
                self.own.setdefault(str(each.name), each)
        return self.own

    @commands.setter
    def commands(self, value: MutableMapping[str, click.Command]) -> None:
        self.own = dict(value)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command of another kind; it comes before one of the API."""
        self.own[name or str(cmd.name)] = cmd


def group(name: str, text: str) -> OfTheApi:
    """Return a group of the API."""
    return OfTheApi(name=name, help=text)


OBJECTIVES = group("objectives", "Objectives: draft, commit, align, hand over, grade, carry over.")
KEY_RESULTS = group("key-results", "Key results: add, check in, retarget, hand over, drop.")
KPIS = group("kpis", "KPIs: define, list, target, correct, retire.")
READINGS = group("readings", "Readings and check-ins: record, show, correct, retract.")
TEXTS = group("texts", "What was written with an event: redact it.")
SCORING_POLICY = group("scoring-policy", "The scoring policy: show, adopt.")
PEOPLE_FIGURES = group("people-figures", "Which figures per person exist: choose.")
SIGNING_KEYS = group("signing-keys", "What signs the checkpoints: rotate.")
GROUPS = (
    OBJECTIVES, KEY_RESULTS, KPIS, READINGS, TEXTS, SCORING_POLICY, PEOPLE_FIGURES, SIGNING_KEYS,
)  # fmt: skip


def add_to(above: click.Group) -> None:
    """Add the groups to another."""
    for each in GROUPS:
        above.add_command(each)
