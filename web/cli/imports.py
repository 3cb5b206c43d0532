"""Imports from files, on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from web.cli.output import as_json, print_result, progress, warning_lines
from web.cli.receipts import required_actor
from web.cli.session import OneLineErrors, Session, by_actor


@click.group(name="import", cls=OneLineErrors)
def import_() -> None:
    """Import from files."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "map_", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column means what (TOML).",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Check every row and append nothing.")
@click.option("--keep-going", is_flag=True, help="Import the good rows even if others are bad.")
@click.option("--reason", help="Why values that are recorded already are replaced.")
@by_actor
@as_json
@click.pass_obj
def kpis(
    session: Session, /, file: Path, map_: Path, by: UUID | None, as_json: bool, **options: Any
) -> None:
    """Import KPIs with their targets and readings from a CSV file."""
    from okr_es.imports.kpis import import_kpis, read_mapping

    acts = required_actor(by, "imports")
    mapping = read_mapping(map_)
    with session.okr() as okr, progress("Importing") as step:
        report = import_kpis(okr, file, mapping, by=acts, progress=step, **options)
    print_result(report, import_lines(report), as_json)
    if report.is_refused:
        raise click.exceptions.Exit(1)


def import_lines(report: Any) -> list[str]:
    """Return what an import found and did, line by line."""
    bad = [f"{file_line}: {column}: {why}" for file_line, column, why in report.bad]
    years = ", ".join(f"{year}: {met} of {of}" for year, (met, of) in report.met_by_year.items())
    end = "nothing is imported" if report.is_refused else f"{report.appended} events appended"
    return [
        *(f"line {line}" for line in bad),
        *(f"note: {note}" for note in report.notes),
        *warning_lines(report.warnings),
        f"{report.rows} rows, {len(report.bad)} of them bad",
        f"{report.kpis} KPIs, {report.targets} targets, {report.readings} readings",
        f"{report.met.met} of {report.met.of} met their target" + (f" ({years})" if years else ""),
        f"dry run: {end}" if report.dry_run else end,
    ]


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(import_)
