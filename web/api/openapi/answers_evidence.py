"""What is answered about evidence, as JSON Schema."""

from __future__ import annotations

from web.api.openapi.answers import (
    COUNT,
    NEXT_BEFORE,
    PLACE,
    TEXT,
    Schema,
    described,
    listed,
    nullable,
    part,
    shape,
)

HASH: Schema = {"type": "string", "contentEncoding": "base64"}
HASHES = described(listed(HASH), "Nearest to the leaf first, as RFC 6962 has it.")
NOTE = described(TEXT, "The signed note (C2SP tlog-checkpoint), as it was signed.")

SCHEMAS: dict[str, Schema] = {
    "Checkpoints": shape(
        "Signed checkpoints, the newest first.",
        checkpoints=listed(part("Checkpoint")),
        keys=listed(part("SigningKey")),
        next_before=NEXT_BEFORE,
    ),
    "Checkpoint": shape(
        "What was signed over the first events of the log.",
        size=described(PLACE, "How many events."),
        root=described(HASH, "The root of their tree."),
        signed_at={"type": "string", "format": "date-time"},
        cause=TEXT,
        note=NOTE,
    ),
    "SigningKey": shape(
        "A key of the log.",
        key=described(TEXT, "Name, id and public key, as a verifier takes it."),
        adopted=described(PLACE, "The position from which it counts."),
        retired=nullable(PLACE, "The position from which it does not any more."),
    ),
    "Consistency": shape(
        "The proof that a tree begins with an earlier one.",
        **{"from": COUNT},
        size=COUNT,
        proof=HASHES,
    ),
    "Proof": shape(
        "The proof that an event is in the log.",
        position=PLACE,
        size=described(PLACE, "The checkpoint it leads to."),
        line=described(TEXT, "The canonical line; SHA-256 of a zero byte and it is the leaf."),
        leaf=HASH,
        path=HASHES,
        note=NOTE,
    ),
}
