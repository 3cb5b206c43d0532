"""What is answered of a sample of the log."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from projections.as_of.answers import AtPosition, Count, doc, one_of
from projections.audit_log.answers import AuditLogEntry
from projections.audit_log.languages import LANGUAGES

Hex = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal.")]
Filter = Annotated[str, Meta(pattern="^[a-z]+(_[a-z]+)*$")]
Hash = Annotated[str, Meta(description="SHA-256.", extra_json_schema={"contentEncoding": "base64"})]


class EventProof(TypedDict):
    """The proof that an event is in the log up to the checkpoint."""

    line: Annotated[str, doc("The canonical line; SHA-256 of a zero byte and it is the leaf.")]
    leaf: Hash
    path: Annotated[list[Hash], doc("Nearest to the leaf first, as RFC 6962 has it.")]


class SampledEvent(TypedDict):
    """An event that was drawn."""

    number: Annotated[int, Meta(ge=1, description="Its place in the sample.")]
    key: Annotated[Hex, doc("SHA-256 of seed, colon and position: the smallest are drawn.")]
    entry: Annotated[AuditLogEntry, doc("The event in a sentence, as the audit log has it.")]
    proof: Annotated[
        EventProof | None, doc("Null: it is about what is confidential, and not for you.")
    ]


class SampleAnswer(AtPosition):
    """A sample of the log; the position is that of the checkpoint up to which it was drawn."""

    note: Annotated[str, doc("The checkpoint's signed note (C2SP tlog-checkpoint).")]
    language: Annotated[str, one_of(LANGUAGES), doc("Of sentences, labels and texts.")]
    search: Annotated[
        dict[Filter, str], doc("The filters that events of the population meet; empty: all events.")
    ]
    seed: Annotated[Count, doc("With another seed others are drawn.")]
    size: Annotated[int, Meta(ge=1, description="How many were to be drawn.")]
    population: Annotated[Count, doc("How many events it was drawn from.")]
    population_sha256: Annotated[
        Hex, doc("Of the positions of the population, the smallest first, a line each.")
    ]
    sample: Annotated[list[SampledEvent], doc("By their keys, the smallest first.")]
