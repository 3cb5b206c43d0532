"""An evidence bundle of whatever a search finds: for the API and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from okr_es.evidence.background import signer_of
from okr_es.evidence.bundle import Exported, Exporter
from okr_es.evidence.checkpoints import Checkpoint
from okr_es.evidence.okr_es_verify import b64, read_note
from projections.audit_log.bundle_index import Page, Sheet, Told

if TYPE_CHECKING:
    from projections.queries import Queries

Step = Callable[[int, int], None]
AT_ONCE = 500


@dataclass(frozen=True)
class Asked:
    """What is to be exported, for whom, and which checkpoints it shall connect to.

    `shown` is the search as the manifest tells it.
    """

    search: Mapping[str, Any]
    shown: Mapping[str, str]
    by: UUID | None
    language: str
    known: Sequence[str] = ()


def export(queries: Queries, target: Path, asked: Asked, step: Step | None = None) -> Exported:
    """Write the bundle; raise a Refusal for a bad search, Tampered where the log was changed."""
    from projections.audit_log.search import Search

    record, search = queries.audit_log_search, Search(**asked.search)
    exporter = Exporter(queries.okr, signer_of(queries.okr))
    entries = Told(lambda some: record.entries(some, asked.language, with_places=False))

    def positions(size: int) -> Iterator[Sequence[int]]:
        for some in record.positions(search):
            within = [position for position in some if position <= size]
            for start in range(0, len(within), AT_ONCE):
                yield within[start : start + AT_ONCE]
                if step is not None:
                    step(within[start], size)

    def about(last: Checkpoint) -> dict[str, Any]:
        origin = read_note(last.note).origin
        facts = {"origin": origin, "size": last.size, "root": b64(last.root)}
        return facts | {"language": asked.language, "search": asked.shown}

    return exporter.export(
        target,
        positions,
        {
            "search": asked.shown,
            "exported_by": asked.by and str(asked.by),
            "language": asked.language,
        },
        known=asked.known,
        indexes={
            "index.html": lambda path, last: Page(path, entries, about(last)),
            "index.xlsx": lambda path, last: Sheet(path, entries, about(last)),
        },
    )
