"""A sample of the log, for an auditor to check by hand: drawn so that others draw the same.

The population is every event up to a checkpoint that meets a search, the same for all who ask. The
key of an event is SHA-256 of the seed, a colon and its position, in ASCII, as hexadecimal digits.
The events with the smallest keys are the sample: a smaller one is the beginning of a larger one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from heapq import nsmallest
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from okr_es.evidence.background import signer_of
from okr_es.evidence.bundle import EXPORT, Exported
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import b64
from okr_es.evidence.rehash import hashed
from projections.audit_log.evidence_bundle import ExportRequest, export
from projections.audit_log.languages import language_of
from projections.audit_log.sample_answers import EventProof, SampleAnswer
from projections.audit_log.search import AuditLog, Search

METHOD = "the smallest of sha256(seed:position)"


class Drawn(NamedTuple):
    """An event that was drawn."""

    key: str
    position: int


class Population(NamedTuple):
    """How many events there were to draw from, the hash of their positions, and who was drawn."""

    events: int
    sha256: str
    drawn: list[Drawn]


@dataclass(frozen=True)
class SampleRequest:
    """What to draw: how many, by which seed, of what a search finds, up to which checkpoint.

    `search` are the fields of a Search, `shown` those the answer shows, as text. Without `up_to`,
    the size of a checkpoint, it is the newest one.
    """

    search: Mapping[str, Any]
    shown: Mapping[str, str]
    seed: int
    size: int
    up_to: int | None
    language: str


def key_of(seed: int, position: int) -> str:
    """Return the key of an event: those with the smallest keys are drawn."""
    return sha256(f"{seed}:{position}".encode()).hexdigest()


def draw(positions: Iterable[Sequence[int]], seed: int, size: int) -> Population:
    """Return the population of positions in order, and up to `size` of them, by their keys."""
    count, digest, drawn = 0, sha256(), list[Drawn]()
    for some in positions:
        count += len(some)
        digest.update("".join(f"{each}\n" for each in some).encode())
        drawn = nsmallest(size, chain(drawn, (Drawn(key_of(seed, each), each) for each in some)))
    return Population(count, digest.hexdigest(), drawn)


def sample(audit_log: AuditLog, request: SampleRequest) -> SampleAnswer:
    """Return a sample, each event with its sentence and proof.

    Raises a Refusal for a bad search or where there is no such checkpoint, and Tampered where an
    event is not as it was recorded.
    """
    language = language_of(request.language)
    checkpoint = checkpoint_of(audit_log.okr, request.up_to)
    population = draw_of(audit_log, request, checkpoint.size)
    positions = sorted(each.position for each in population.drawn)
    entries = audit_log.entries(positions, language.code, with_client_info=False)
    by_position = {each["position"]: each for each in entries}
    proofs = dict(proofs_of(audit_log, positions, checkpoint.size))
    return {
        "position": checkpoint.size,
        "note": checkpoint.note,
        "language": language.code,
        "search": dict(request.shown),
        "seed": request.seed,
        "size": request.size,
        "population": population.events,
        "population_sha256": population.sha256,
        "sample": [
            {
                "number": number,
                "key": each.key,
                "entry": by_position[each.position],
                "proof": proofs.get(each.position),
            }
            for number, each in enumerate(population.drawn, 1)
        ],
    }


def export_sample(
    audit_log: AuditLog,
    target: Path,
    request: SampleRequest,
    by: UUID | None,
    known: Sequence[str] = (),
) -> Exported:
    """Write an evidence bundle of a sample, in the order of the log; raise what `sample` does.

    It connects to the checkpoint the sample was drawn up to. What is confidential, and not for who
    asks, is left out.
    """
    okr = audit_log.okr
    signer_of(okr).sign(EXPORT)
    checkpoint = checkpoint_of(okr, request.up_to)
    population = draw_of(audit_log, request, checkpoint.size)
    positions = sorted(each.position for each in population.drawn)
    facts = facts_of(replace(request, up_to=checkpoint.size))
    asked = ExportRequest(
        request.search, {**request.shown, **facts}, by, request.language,
        [*known, checkpoint.note],
        positions=audit_log.not_hidden(positions),
        more={"sample": {
            **facts, "method": METHOD, "population": population.events,
            "population_sha256": population.sha256,
        }},
    )  # fmt: skip
    return export(audit_log, target, asked)


def facts_of(request: SampleRequest) -> dict[str, str]:
    """Return what a sample was drawn by, as manifest and access log have it."""
    facts = {"seed": str(request.seed), "sample_size": str(request.size)}
    return facts if request.up_to is None else facts | {"up_to": str(request.up_to)}


def checkpoint_of(okr: Okr, up_to: int | None) -> Checkpoint:
    """Return the checkpoint over so many events, by default the newest; raise NotFound."""
    stored = Checkpoints(okr.database)
    found = stored.last() if up_to is None else stored.at(up_to)
    if found is None:
        which = "yet" if up_to is None else f"over {up_to} events"
        raise NotFound(f"There is no checkpoint {which}.", field="up_to")
    return found


def draw_of(audit_log: AuditLog, request: SampleRequest, up_to: int) -> Population:
    """Return the population of a sample among the first events, and what is drawn of it."""
    return draw(first_ones(audit_log, request.search, up_to), request.seed, request.size)


def first_ones(audit_log: AuditLog, search: Mapping[str, Any], up_to: int) -> Iterator[list[int]]:
    """Yield the positions of the first events that meet a search, in order, some at a time."""
    for some in audit_log.positions(Search(**search)):
        within = [each for each in some if each <= up_to]
        yield within
        if len(within) < len(some):
            return


def proofs_of(
    audit_log: AuditLog, positions: Sequence[int], size: int
) -> Iterator[tuple[int, EventProof]]:
    """Yield the proofs of events by position, but of those whose words the viewer is not shown."""
    tree = Checkpoints(audit_log.okr.database).tree(size)
    for event in hashed(audit_log.okr.log.at(audit_log.not_hidden(list(positions)))):
        path = tree.inclusion(event.position - 1)
        proof: EventProof = {
            "line": event.line.decode(),
            "leaf": b64(event.leaf),
            "path": [b64(each) for each in path],
        }
        yield event.position, proof
