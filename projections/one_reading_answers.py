"""What the question about one reading answers."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from projections.as_of.answers import (
    AsOf,
    Decrypted,
    Id,
    Instant,
    NamedRef,
    Position,
    doc,
)
from projections.audit_log.answers import ChangeAnswer
from projections.goals.kpi_answers import RecordedReading


class TitledMeasured(TypedDict):
    """A reference to what a reading is of, as it was called at the moment."""

    kind: Annotated[Literal["key_result", "kpi"], doc("Which of the two it is.")]
    id: Id
    title: Annotated[str, doc("The title of the key result, or the name of the KPI.")]


class Deed(TypedDict):
    """Where and when something was recorded, and by whom; people by their present names."""

    position: Position
    recorded_at: Instant
    by: Annotated[NamedRef | None, doc("The person or the api key; null: nobody was named.")]
    on_behalf_of: Annotated[NamedRef | None, doc("The person for whom; null: for none.")]


class CorrectedReading(Deed):
    """A correction or the retraction of a reading."""

    type: Annotated[str, doc("Of the event, such as `reading.corrected`.")]
    reason: Decrypted
    changes: Annotated[list[ChangeAnswer], doc("Field by field.")]


class OneReadingAnswer(AsOf):
    """A reading as of a moment."""

    measured: Annotated[TitledMeasured, doc("What it is of.")]
    reading: Annotated[RecordedReading, doc("What it says, after its corrections.")]
    recorded: Annotated[Deed, doc("How it came to be.")]
    corrections: Annotated[
        list[CorrectedReading], doc("What was changed of it since, the oldest first.")
    ]
