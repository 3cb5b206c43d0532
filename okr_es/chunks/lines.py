"""Commands by the lines they stand in, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.context import Context, Receipt
from okr_es.domain.refusals import Refusal
from okr_es.dry_run import DryRun
from okr_es.people.shredding import NotShredded

Verdict = Receipt | DryRun | Refusal | NotShredded


@dataclass(frozen=True)
class Line:
    """A command of many, by the number of the line it stands in.

    `refusal_id`: under it the log keeps that the line was refused, so that the same body again does
    not carry it out. What it was refused for is not kept. None: it is decided again.
    """

    number: int
    command: c.Command
    context: Context
    refusal_id: UUID | None = None


class Answered(NamedTuple):
    """What became of a line."""

    line: Line
    verdict: Verdict


class LinesRefused(Exception):
    """Of commands that are all or nothing some were refused, so none was recorded."""

    def __init__(self, refused: Sequence[tuple[Line, Refusal]]) -> None:
        super().__init__(f"{len(refused)} lines are refused.")
        self.refused = refused
