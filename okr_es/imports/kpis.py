"""Import KPIs with their targets and readings from CSV, as a map says.

The map is a TOML file. `columns` names the file's columns; the rest is optional:

    delimiter = ";"                     # between cells; a comma unless said otherwise
    encoding = "cp1252"                 # utf-8-sig unless said otherwise
    decimal = ","                       # the mark before decimals; a point unless said otherwise
    thousands = "."                     # allows 1.234,5; no mark is allowed unless said otherwise
    percent = true                      # allows 3 %, which is 0.03; a bare 3 stays 3
    dates = "%d.%m.%Y"                  # of starts and ends; 2025-12-31 unless said otherwise

    [columns]                           # what you need -> how the file calls it
    name = "KPI"                        # its identity, without surrounding blanks
    objective = "Strategic Objective"   # what the KPI is for: its purpose
    year = "Year"                       # or starts = "..." and ends = "...": the target's days
    target = "Target"                   # a number, for all directions but within
    actual = "Actual"                   # a reading about the last of these days
    minimum = "Min Target"              # the bounds of a range, for within alone
    maximum = "Max Target"
    unit = "Unit"
    direction = "Desired Direction"
    source = "Source"
    cadence = "Cadence"
    baseline = "Baseline"

    [directions]                        # words of the file, in any case
    "With in Range" = "within"          # increase, decrease, at_least, at_most, within

    [cadences]
    "every year" = "yearly"

    [defaults]                          # where there is no column, or a blank cell
    source = "annual performance report"
    cadence = "yearly"

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

from okr_es.application import Okr
from okr_es.imports.bulk import Bulk, Progress, carry_out, import_readings
from okr_es.imports.check import check_file
from okr_es.imports.mapping import Mapping, mapping_from, read_mapping
from okr_es.imports.recorded import kpi_id, reading_id
from okr_es.imports.report import BadRow, Met, Report

__all__ = [
    "BadRow",
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
    """Import a file; return what it did, or would do.

    One bad row keeps everything out, unless `keep_going`: then the good rows are imported. A
    dry run appends nothing. Raises Invalid for a file that cannot be read as a whole.
    """
    report = Report(dry_run=dry_run, keep_going=keep_going)
    plan = check_file(okr, file, mapping, report, by=by, reason=reason)
    if not dry_run and not report.is_refused:
        report.appended, report.warnings = carry_out(okr, plan, progress)
    return report
