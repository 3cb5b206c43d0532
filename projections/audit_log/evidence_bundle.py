"""An evidence bundle of all that meets a search: for the API and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from okr_es.evidence.background import signer_of
from okr_es.evidence.bundle import Exported, Exporter
from okr_es.evidence.checkpoints import Checkpoint
from okr_es.evidence.okr_es_verify import b64, read_note
from projections.audit_log.bundle_index import HtmlIndex, SharedEntries, SheetIndex
from projections.audit_log.search import AuditLog, Search

Progress = Callable[[int, int], None]
AT_ONCE = 500


@dataclass(frozen=True)
class ExportRequest:
    """What to export, for whom, and which checkpoints the bundle is to connect to.

    `search` are the fields of a Search, `shown` those the manifest shows, as text. With `positions`
    it is these events instead of all that meet the search; `more` is added to the manifest.
    """

    search: Mapping[str, Any]
    shown: Mapping[str, str]
    by: UUID | None
    language: str
    known: Sequence[str] = ()
    positions: Sequence[int] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def export(
    audit_log: AuditLog, target: Path, request: ExportRequest, progress: Progress | None = None
) -> Exported:
    """Write the bundle; raise a Refusal for a bad search, Tampered where the log was changed."""
    exporter = Exporter(audit_log.okr, signer_of(audit_log.okr))
    entries = SharedEntries(
        lambda some: audit_log.entries(some, request.language, with_client_info=False)
    )

    def about(last: Checkpoint) -> dict[str, Any]:
        origin = read_note(last.note).origin
        facts = {"origin": origin, "size": last.size, "root": b64(last.root)}
        return facts | {"language": request.language, "search": request.shown}

    def chosen(size: int) -> Iterator[Sequence[int]]:
        if request.positions is not None:
            return iter([request.positions])
        return batches(audit_log, Search(**request.search), size, progress)

    return exporter.export(
        target,
        chosen,
        {
            **request.more,
            "search": request.shown,
            "exported_by": request.by and str(request.by),
            "language": request.language,
        },
        known=request.known,
        indexes={
            "index.html": lambda path, last: HtmlIndex(path, entries, about(last)),
            "index.xlsx": lambda path, last: SheetIndex(path, entries, about(last)),
        },
    )


def batches(
    audit_log: AuditLog, search: Search, size: int, progress: Progress | None
) -> Iterator[Sequence[int]]:
    """Yield the positions that meet a search among the first so many events, some at a time."""
    for some in audit_log.positions(search):
        within = audit_log.not_hidden([position for position in some if position <= size])
        for start in range(0, len(within), AT_ONCE):
            yield within[start : start + AT_ONCE]
            if progress is not None:
                progress(within[start], size)
