"""What many commands in one body are answered with: a verdict for each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from okr_es.context import Receipt
from okr_es.dry_run import DryRun
from web.api.problems import ProblemAnswer

Number = Annotated[int, Meta(ge=1, description="Of the line in the body, the first is 1.")]
Key = Annotated[str, Meta(description="The key of its command, which is executed once under it.")]
Status = Annotated[int, Meta(description="That of the command at its own address.")]


@dataclass(frozen=True)
class LineDone:
    """A line that was carried out, or waits for approval by someone else."""

    line: Number
    status: Status
    idempotency_key: Key
    location: Annotated[
        str | None, Meta(description="Where what began can be seen; null: nothing.")
    ]
    receipt: Annotated[Receipt, Meta(description="As at the address of the command.")]


@dataclass(frozen=True)
class LineRefused:
    """A line that was refused; of it nothing was recorded, and the others go on."""

    line: Number
    status: Status
    idempotency_key: Key
    problem: Annotated[ProblemAnswer, Meta(description="As at the address of the command.")]


@dataclass(frozen=True)
class LineTried:
    """A line of a dry run: what it would record."""

    line: Number
    status: Status
    idempotency_key: Key
    dry_run: Annotated[DryRun, Meta(description="As at the address of the command.")]


LineVerdict = LineDone | LineRefused | LineTried
