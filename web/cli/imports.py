"""Imports from files, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from web.cli.errors import OneLineErrors
from web.cli.naming import called, warned_of
from web.cli.output import as_json, print_result, print_text, progress, warning_lines
from web.cli.receipts import required_actor
from web.cli.session import Session, by_actor

MOST_KINDS = 50
NOT_BY_A_SERVER = (
    "A file is checked as a whole against the log, so it is imported on the database itself: leave "
    "out --server or OKR_ES_SERVER, on the machine of the database. By a key of a server, readings "
    "are sent many at a time, all or none: POST /api/v1/readings."
)
MAP = """Import KPIs with their targets and readings from a CSV file.

    The map is a TOML file; --example-map prints one. [columns] says how the file calls what a KPI
    needs: name (several columns may name a KPI together), the days (year, or starts and ends, or a
    column for each: actual = "Actual {year}"), target, minimum and maximum, actual, unit,
    direction, source, cadence, baseline, objective, team, owner. [defaults] says it where there is
    no column; [directions] and [cadences] translate the words of the file. Above them stand
    delimiter, encoding, decimal, thousands, percent, dates, and blanks: words for a blank cell.

    KPIs are found by name, whatever its case or blanks; those that are not recorded are defined.
    The same import twice adds nothing the second time."""


@click.group(name="import", cls=OneLineErrors)
def import_() -> None:
    """Import from files."""


def print_example_map(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print a map with all it can say, and end."""
    if wanted:
        from okr_es.imports.mapping import EXAMPLE

        print_text(EXAMPLE.read_text("utf-8").rstrip())
        context.exit()


@import_.command(help=MAP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "map_", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column means what (TOML).",
)  # fmt: skip
@click.option(
    "--example-map", is_flag=True, is_eager=True, expose_value=False, callback=print_example_map,
    help="Print a map with all it can say.",
)  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="Check every row, say what it will warn of, and append nothing."
)
@click.option("--keep-going", is_flag=True, help="Import what is good even if other rows are bad.")
@click.option("--reason", help="Why values that are recorded already are replaced.")
@by_actor
@as_json
@click.pass_obj
def kpis(
    session: Session, /, file: Path, map_: Path, by: UUID | None, as_json: bool, **options: Any
) -> None:
    """Import a file as its map says."""
    from okr_es.imports.kpis import import_kpis, read_mapping

    if session.server is not None:
        raise click.ClickException(NOT_BY_A_SERVER)
    acts = required_actor(by, "imports")
    mapping = read_mapping(map_)
    with session.okr() as okr, progress("Importing") as step:
        report = import_kpis(okr, file, mapping, by=acts, progress=step, **options)
    print_result(report, import_lines(report), as_json)
    if report.is_refused or report.stopped:
        raise click.exceptions.Exit(1)


def import_lines(report: Any) -> list[str]:
    """Return what an import found and did, line by line."""
    years = ", ".join(f"{year}: {met} of {of}" for year, (met, of) in report.met_by_year.items())
    end = "nothing is imported" if report.is_refused else f"{report.appended} events appended"
    return [
        *bad_lines(report),
        *(f"note: {note}" for note in report.notes),
        *warned_lines(report),
        f"{report.rows} rows, {report.bad_rows} of them bad",
        f"{report.kpis} KPIs, {report.targets} targets, {report.readings} readings",
        f"{report.met.met} of {report.met.of} met their target" + (f" ({years})" if years else ""),
        *stop_lines(report),
        f"dry run: {end}" if report.dry_run else end,
    ]


def bad_lines(report: Any) -> Iterator[str]:
    """Yield a line for each kind of bad rows: how many, the first of them, and why."""
    for group in report.alike[:MOST_KINDS]:
        first = ", ".join(map(str, group.lines)) + (", …" if group.count > len(group.lines) else "")
        lines = f"line {first}" if group.count == 1 else f"{group.count} lines ({first})"
        yield f"{lines}: {group.column}: {group.reason}"
    if len(report.alike) > MOST_KINDS:
        yield f"and {len(report.alike) - MOST_KINDS} other kinds of bad rows; --json has all"


def warned_lines(report: Any) -> Iterator[str]:
    """Yield what an import warns of; where it will, each with the first lines it is about."""
    lines = [None] * len(report.warnings) if not report.dry_run else report.warned_lines
    for warning, about in zip(report.warnings, lines, strict=True):
        yield from warning_lines([warning], called(warned_of([warning])))
        if about is not None:
            numbers = ", ".join(map(str, about.lines)) + (", …" if about.more else "")
            yield f"    line{'s' if len(about.lines) > 1 else ''} {numbers}"


def stop_lines(report: Any) -> Iterator[str]:
    """Yield what stopped an import midway, and how to go on."""
    if report.stopped and report.dry_run:
        yield f"it would be stopped: {report.stopped}"
    elif report.stopped:
        yield f"stopped: {report.stopped}"
        yield "what was appended stays; the same import once more adds the rest"


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(import_)
