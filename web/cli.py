"""The command line, every command on one page: results on stdout, progress and errors on stderr.

It exits with 0 when done, 1 when refused, 2 when asked wrongly. Heavy libraries are imported
where they are needed, so that --help is quick.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from . import cli_approvals, cli_audit, cli_past, cli_people, version
from .terminal import DEMO, Asked, Session, acting, as_json, on_record, reading, say, tell


@click.group(cls=Asked, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database", envvar="OKR_ES_DATABASE", metavar="URL",
    help="sqlite:///FILE or postgresql://… (OKR_ES_DATABASE); sqlite:///okr.db if not given.",
)  # fmt: skip
@click.version_option(version(), message="okr-es %(version)s")
@click.pass_context
def main(context: click.Context, database: str | None) -> None:
    """Goals, event-sourced: serve them, import them, ask what happened."""
    context.obj = Session(database)


# ---- serving --------------------------------------------------------------------------


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
def serve(session: Session, host: str, port: int, workers: int) -> None:
    """Serve the API on this machine."""
    from . import server

    server.loopback(host)
    with session.okr(begins=True):
        pass
    server.serve(host, port, workers, lambda at: say(f"okr-es answers at {at}/api/v1/docs"))


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def demo(session: Session, port: int) -> None:
    """Build the example company, once, and serve it."""
    from . import demonstration, server

    session.database = session.database or DEMO
    server.require_free("127.0.0.1", port)
    with session.okr(begins=True) as okr:
        company = demonstration.prepared(okr)
        tries = demonstration.things_to_try(okr, company, f"http://127.0.0.1:{port}")
    session.act_as(company.person_id)
    server.serve("127.0.0.1", port, 1, lambda _: say(tries))


# ---- importing ------------------------------------------------------------------------


@main.group(name="import", cls=Asked)
def import_() -> None:
    """Bring facts in from files."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "map_", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column means what (TOML).",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Check every row and append nothing.")
@click.option("--keep-going", is_flag=True, help="Import the good rows, though others are bad.")
@click.option("--reason", help="Why values that are recorded already are replaced.")
@acting
@as_json
@click.pass_obj
def kpis(
    session: Session, /, file: Path, map_: Path, by: UUID | None, as_json: bool, **options: Any
) -> None:
    """Import KPIs with their targets and readings from a CSV file."""
    from okr_es import importing

    from .terminal import progress

    if by is None:
        raise click.UsageError("Name who imports: --by PERSON, or OKR_ES_DEFAULT_ACTOR.")
    mapping = importing.read_mapping(map_)
    with session.okr() as okr, progress("Importing") as step:
        report = importing.import_kpis(okr, file, mapping, by=by, progress=step, **options)
    tell(report, import_lines(report), as_json)
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
        f"{report.rows} rows, {len(report.bad)} of them bad",
        f"{report.kpis} KPIs, {report.targets} targets, {report.readings} readings",
        f"{report.met.met} of {report.met.of} met their target" + (f" ({years})" if years else ""),
        f"dry run: {end}" if report.dry_run else end,
    ]


# ---- the read model -------------------------------------------------------------------


@main.group(cls=Asked)
def project() -> None:
    """Look after the read model."""


@project.command()
@as_json
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Tell how far the read model has come."""
    with session.runner() as runner:
        found = runner.status()
    tell(found, [f"{name.replace('_', ' ')}: {value}" for name, value in found.items()], as_json)


@project.command(name="catch-up")
@click.option("--watch", is_flag=True, help="Go on whenever the log does, until interrupted.")
@click.pass_obj
def catch_up(session: Session, watch: bool) -> None:
    """Bring the read model up to the log. Watching, it also seals what is recorded."""
    from .sealing import sealer_of, tried
    from .terminal import progress, ticks

    with session.runner(begins=watch) as runner:
        with progress("Catching up") as step:
            done = runner.catch_up(step)
        say(f"{done} events")
        sealer = sealer_of(runner.okr)
        for _ in ticks() if watch else ():
            if done := runner.catch_up():
                say(f"{done} events")
            tried(sealer)


@project.command()
@click.pass_obj
def rebuild(session: Session) -> None:
    """Build a new read model beside the old one, and switch."""
    from .terminal import progress

    with session.runner() as runner:
        with progress("Rebuilding") as step:
            runner.rebuild(step)
        say(f"rebuilt up to position {runner.status()['read_model']}")


# ---- asking ---------------------------------------------------------------------------


@main.command()
@click.argument("id")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@reading
@as_json
@click.pass_obj
def history(session: Session, id: str, limit: int, by: UUID | None, as_json: bool) -> None:
    """Tell who changed a goal (by id) or a cycle (by name), when, and why."""
    from .fields import cycle_by

    about = cycle_by(id)
    if about is None:
        raise click.BadParameter("neither a UUID nor the name of a cycle", param_hint="ID")
    with session.queries() as queries, on_record(queries, by, "history") as record:
        found = record(queries.history(about, limit=limit), goal_id=about, limit=limit)
        names = {row["id"]: row["name"] for row in queries.people()["people"]}
    tell(found, [line for each in found["entries"] for line in entry_lines(each, names)], as_json)


def entry_lines(entry: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Return an entry of a change record, line by line."""
    who = names.get(str(entry["by"]), str(entry["by"]))
    if entry["on_behalf_of"] is not None:
        who += f" for {names.get(str(entry['on_behalf_of']), entry['on_behalf_of'])}"
    why = f" – {entry['reason']}" if entry["reason"] else ""
    changes = [f"    {change['field']}: {told(change)}" for change in entry["changes"]]
    return [f"{entry['position']}  {entry['recorded_at']}  {entry['type']}  {who}{why}", *changes]


def told(change: dict[str, Any]) -> str:
    """Return a change as it is read: from what to what, or only to what where there was nothing."""
    if change["before"] is None:
        return str(change["after"])
    return f"{change['before']} → {change['after']}"


cli_past.add_to(main)
cli_people.add_to(main)
cli_approvals.add_to(main)
cli_audit.add_to(main)
