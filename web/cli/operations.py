"""What an operator does, on the command line: backup, restore, copy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.evidence import KNOWN, notes_in
from web.cli.output import as_json, print_result, progress
from web.cli.retention import counted
from web.cli.session import Session, by_actor

if TYPE_CHECKING:
    from okr_es.operations.copying import Contents, Source, Target
    from okr_es.operations.restore import Behind, Restored

CHECKPOINTS = "OKR_ES_CHECKPOINT_DIRECTORY"


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    for command in (backup, restore, copy):
        group.add_command(command)


@click.command()
@click.argument("folder", metavar="TO", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def backup(session: Session, folder: Path, as_json: bool) -> None:
    """Back up log, directory with keys, and access log into a new folder, while all goes on."""
    from okr_es.operations.backup import make_backup, note_backup

    url = session.existing_url()
    with progress("Backing up") as step:
        manifest = make_backup(url, folder, step)
    note_backup(url, manifest)
    print_result(manifest, [*contents_lines(manifest.contents), f"in {folder}"], as_json)


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@as_json
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy a database, FROM and TO being URLs or files of JSON lines.

    TO must be empty. Positions, hashes and checkpoints are the same in the copy; its read model is
    built when it is first asked.
    """
    from okr_es.operations.clean_stop import complete_files
    from okr_es.operations.copying import copy

    with ExitStack() as both, progress("Copying") as step:
        rows = both.enter_context(source_of(source))
        contents = copy(rows, both.enter_context(target_of(target)), progress=step)
    if is_url(target):
        complete_files(target)
    print_result(contents, contents_lines(contents), as_json)


def kept_list(option: str, which: str, again: str) -> Callable[[Any], Any]:
    """Return the option that names a list which was kept outside, by its words of help."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option(option, type=file, help=f"{which} that was kept outside: {again}.")


@click.command()
@click.argument(
    "folder", metavar="FROM", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@KNOWN
@kept_list("--erasures", "The list of erasures", "these people are erased again")
@kept_list("--redactions", "The list of redactions", "these texts are redacted again")
@kept_list("--revocations", "The list of revoked api keys", "these are revoked again")
@kept_list("--endings", "The list of roles that ended", "these end again")
@kept_list("--retention", "The list of years of retention", "the last are set again")
@by_actor
@as_json
@click.pass_obj
def restore(
    session: Session,
    folder: Path,
    known: tuple[Path, ...],
    erasures: Path | None,
    redactions: Path | None,
    revocations: Path | None,
    endings: Path | None,
    retention: Path | None,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Restore a backup into an empty database, verify it, and say how far behind it is.

    Checkpoints and the lists of erasures, redactions, revoked api keys, ended roles and years of
    retention are those in OKR_ES_CHECKPOINT_DIRECTORY unless others are named. What was kept long
    enough by now is counted, and stays until `okr-es retention` runs, or a worker: place legal
    holds again before. Exits with 1 if something could not be repeated.
    """
    from okr_es.evidence.kept_lists import gone_by
    from okr_es.operations.restore import restore

    outside = Path(os.environ.get(CHECKPOINTS) or os.devnull)
    notes = notes_in(known or ((outside,) if outside.is_dir() else ()))
    gone = gone_by(outside, erasures, redactions, revocations, endings, retention)
    with progress("Restoring") as step:
        done = restore(folder, session.url, notes, gone, by, step)
    print_result(done._asdict(), list(restored_lines(done)), as_json)
    refused = (
        done.not_erased, done.not_redacted, done.not_revoked, done.not_ended, done.years_not_set,
    )  # fmt: skip
    if any(refused):
        raise click.exceptions.Exit(1)


def contents_lines(contents: Contents) -> list[str]:
    """Return what a copy holds, as lines."""
    rows = sum(table.rows for table in contents.tables.values())
    return [f"{contents.position} events, {rows} rows in all, root {contents.root}"]


def restored_lines(done: Restored) -> Iterator[str]:
    """Yield what a restore did, line by line."""
    yield f"restored up to position {done.position}, recorded at {done.recorded_at}"
    yield f"the backup was made at {done.made_at}"
    yield from behind_lines(done.behind)
    if done.missing_reads:
        yield f"missing: {done.missing_reads} reads of the access log that were signed"
    if done.years_set:
        yield "the years of retention are set again"
    for _, refusal in done.years_not_set:
        yield f"NOT set again: the years of retention: {refusal}"
    if any(done.by_retention.values()):
        yield f"kept long enough, and NOT destroyed yet: {counted(done.by_retention)}"
        yield "place again the legal holds that are newer than the backup; then `okr-es retention`"
    yield from repeated_lines(done)


def repeated_lines(done: Restored) -> Iterator[str]:
    """Yield what of the lists was done again, and what was not, line by line."""
    if done.erased:
        yield f"people erased again: {len(done.erased)}"
    for person, refusal in done.not_erased:
        yield f"NOT erased again: {person}: {refusal}"
    if done.revoked:
        yield f"api keys revoked again: {len(done.revoked)}"
    if done.redacted:
        yield f"texts redacted again: {done.redacted}"
    for position, refusal in done.not_redacted:
        yield f"NOT redacted again: the text of event {position}: {refusal}"
    for key, refusal in done.not_revoked:
        yield f"NOT revoked again: the api key {key}: {refusal}"
    if done.ended:
        yield f"roles ended again: {len(done.ended)}"
    for grant, refusal in done.not_ended:
        yield f"NOT ended again: the grant {grant}: {refusal}"


def behind_lines(behind: Behind | None) -> Iterator[str]:
    """Yield how far a log is behind the newest checkpoint from outside."""
    if behind is None:
        yield "No checkpoint from outside was given: what was recorded after the backup is unknown."
        return
    if behind.events:
        yield f"missing: {behind.events} of the {behind.size} events a checkpoint outside is over"
    else:
        yield f"nothing is missing up to the newest checkpoint outside, over {behind.size} events"
    if not behind.is_signed:
        yield "no key in the backup signed that checkpoint: a later key, or another log"


def is_url(place: str) -> bool:
    """Return whether a place is the URL of a database, and not a file of JSON lines."""
    return "://" in place


def source_of(place: str) -> AbstractContextManager[Source]:
    """Return where rows come from."""
    from okr_es.operations.copying import reading_database
    from okr_es.operations.json_lines import FromJsonLines

    return reading_database(place) if is_url(place) else FromJsonLines(Path(place))


def target_of(place: str) -> AbstractContextManager[Target]:
    """Return where rows go."""
    from okr_es.operations.copying import ToDatabase
    from okr_es.operations.json_lines import ToJsonLines

    return ToDatabase(place) if is_url(place) else ToJsonLines(Path(place))
