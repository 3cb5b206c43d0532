"""What is answered about checkpoints and proofs."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import Key, b64
from projections.as_of.answers import Count, Instant, NextBefore, Position, doc

Hash = Annotated[str, Meta(description="SHA-256.", extra_json_schema={"contentEncoding": "base64"})]
Hashes = Annotated[list[Hash], doc("Nearest to the leaf first, as RFC 6962 has it.")]
Note = Annotated[str, doc("The signed note (C2SP tlog-checkpoint), as it was signed.")]


class CheckpointAnswer(TypedDict):
    """What was signed over the first events of the log."""

    size: Annotated[int, Meta(ge=1, description="How many events.")]
    root: Annotated[Hash, doc("The root of their tree, SHA-256.")]
    signed_at: Annotated[Instant, doc("When it was signed, UTC.")]
    cause: Annotated[str, doc("Why it was signed then.")]
    note: Note


class SigningKeyAnswer(TypedDict):
    """A key of the log."""

    key: Annotated[str, doc("Name, id and public key, as a verifier takes it.")]
    adopted: Annotated[Position, doc("The position from which it counts.")]
    retired: Annotated[
        Position | None, doc("The position from which it counts no more; null: it counts.")
    ]


class CheckpointsAnswer(TypedDict):
    """A page of signed checkpoints, the newest first, and all keys of the log."""

    checkpoints: Annotated[list[CheckpointAnswer], doc("The newest first.")]
    keys: Annotated[list[SigningKeyAnswer], doc("In the order they were adopted.")]
    next_before: NextBefore


_FromSize = TypedDict("_FromSize", {"from": Annotated[Count, doc("How many events before.")]})


class ConsistencyAnswer(_FromSize):
    """The proof that a tree begins with an earlier one."""

    size: Annotated[Count, doc("How many events.")]
    proof: Hashes


class ProofAnswer(TypedDict):
    """The proof that an event is in the log."""

    position: Position
    size: Annotated[Count, doc("The checkpoint it leads to.")]
    line: Annotated[str, doc("The canonical line; SHA-256 of a zero byte and it is the leaf.")]
    leaf: Hash
    path: Hashes
    note: Note


def checkpoints_answer(
    checkpoints: Checkpoints, limit: int, before: int | None = None
) -> CheckpointsAnswer:
    """Return a page of checkpoints over fewer events than `before`, and all keys of the log."""
    page = checkpoints.page(limit + 1, before)
    return {
        "checkpoints": [checkpoint_answer(each) for each in page[:limit]],
        "keys": [key_answer(each) for each in checkpoints.adopted_keys()],
        "next_before": page[limit - 1].size if len(page) > limit else None,
    }


def checkpoint_answer(checkpoint: Checkpoint) -> CheckpointAnswer:
    """Return a checkpoint as an answer has it."""
    return {
        "size": checkpoint.size,
        "root": b64(checkpoint.root),
        "signed_at": checkpoint.signed_at,
        "cause": checkpoint.cause,
        "note": checkpoint.note,
    }


def key_answer(key: Key) -> SigningKeyAnswer:
    """Return a key of the log as an answer has it."""
    return {"key": key.text, "adopted": key.adopted, "retired": key.retired}
