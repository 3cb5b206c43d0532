"""Import KPIs with their targets and readings from CSV, as a map says.

The map is a TOML file; `example_map.toml` is one, with all it can say.

Ids are made of names and days, and command ids of content, so the same import twice appends
nothing the second time. All rows are checked before the first event is appended. Where an append
fails midway all the same (the machine stops), what was appended stays; the same import again adds
the rest.

A value that differs from what is recorded is a bad row, unless the import has a reason: with one
a target is moved (RetargetKpi) and a reading corrected (CorrectReading).
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.domain.refusals import Refusal
from okr_es.imports.bulk import Bulk, carry_out, import_readings
from okr_es.imports.check import check_file
from okr_es.imports.foretold import foretell
from okr_es.imports.mapping import Mapping, mapping_from, read_mapping
from okr_es.imports.recorded import kpi_id, reading_id
from okr_es.imports.report import BadRow, BadRows, Met, Report
from okr_es.imports.rows import Progress

# What may end an import between two commands: what was appended by then stays.
STOPS = (Refusal, PersistenceError, DBAPIError, KeyboardInterrupt)

__all__ = [
    "BadRow",
    "BadRows",
    "Bulk",
    "Mapping",
    "Met",
    "Progress",
    "Report",
    "import_kpis",
    "import_readings",
    "kpi_id",
    "mapping_from",
    "read_mapping",
    "reading_id",
]


def import_kpis(
    okr: Okr,
    file: Path,
    mapping: Mapping,
    *,
    by: UUID,
    dry_run: bool = False,
    keep_going: bool = False,
    reason: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import a file; return what it did, or would do, also where it was stopped midway.

    One bad row keeps everything out, unless `keep_going`: then the good rows are imported. A
    dry run appends nothing, and says what the import will warn of. Progress counts twice: the lines
    that are read, then what is recorded. Raises Invalid for a file that cannot be read as a whole.
    """
    report = Report(dry_run=dry_run, keep_going=keep_going)
    plan = check_file(okr, file, mapping, report, by=by, reason=reason, progress=progress)
    if not report.is_refused:
        try:
            (foretell if dry_run else carry_out)(okr, plan, report, progress)
        except STOPS as stop:
            report.stopped = str(stop).partition("\n")[0] or "It was interrupted."
    return report
