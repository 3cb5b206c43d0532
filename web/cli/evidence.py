"""Evidence on the command line: checkpoints, bundles, and verification in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.audit_log import noted, search_of, searched
from web.cli.errors import PIPE_CLOSED, until_closed
from web.cli.output import as_json, print_result, print_text, progress
from web.cli.session import Session, reading, recording_reads
from web.cli.text.instants import instant

if TYPE_CHECKING:
    from okr_es.evidence.access_cut import Cut
    from okr_es.evidence.checkpoints import Checkpoint
    from okr_es.evidence.verify import Failure
    from okr_es.log.recorder import LogRecorder
    from projections.read_model.runner import Runner
    from projections.read_model.verification import Compared
    from web.cli.remote import Remote

KNOWN = click.option(
    "--checkpoint", "known", multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A checkpoint that was kept elsewhere, or a directory of them; may be repeated.",
)  # fmt: skip
NOTE_SUFFIX = ".checkpoint"
LONGEST_NOTE = 16_384
AT_ONCE = 100  # checkpoints that a server is asked for


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    for command in (sign, checkpoints, export, export_accesses, verify, verifier):
        group.add_command(command)


def notes_in(paths: Sequence[Path]) -> list[str]:
    """Return the signed notes in files, and in the checkpoint files of directories."""
    files: list[Path] = []
    for path in paths:
        found = sorted(path.glob(f"*{NOTE_SUFFIX}")) if path.is_dir() else [path]
        if not found:
            raise click.BadParameter(
                f"{path} has no {NOTE_SUFFIX} files", param_hint="--checkpoint"
            )
        files += found
    return [note_in(file) for file in files]


def note_in(file: Path) -> str:
    """Return the text of a file that holds a note; a longer one is none."""
    with file.open(encoding="utf-8") as opened:
        text = opened.read(LONGEST_NOTE + 1)
    if len(text) > LONGEST_NOTE:
        raise click.BadParameter(f"{file} is too long to be one", param_hint="--checkpoint")
    return text


# ---- checkpoints ------------------------------------------------------------------------


@click.command()
@click.pass_obj
def sign(session: Session) -> None:
    """Sign a checkpoint over all events now."""
    from okr_es.evidence.background import signer_of

    with session.okr() as okr:
        made = signer_of(okr).sign()
    print_text("Nothing new to sign." if made is None else made.note.rstrip("\n"))


@click.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--before", type=click.IntRange(1, 2**63 - 1), help="Of fewer events than this.")
@click.option(
    "--write", "directory", type=click.Path(file_okay=False, path_type=Path),
    help="Write every checkpoint into a directory, one file each.",
)  # fmt: skip
@as_json
@click.pass_obj
def checkpoints(
    session: Session, limit: int, before: int | None, directory: Path | None, as_json: bool
) -> None:
    """List the signed checkpoints, the newest first, or write all of them to a directory."""
    from okr_es.evidence.checkpoints import Checkpoints
    from web.api.evidence_answers import checkpoints_answer

    if session.server is not None:
        server = session.remote()
        if directory is not None:
            write_all(directory, checkpoints_of(server))
            return
        named = {"limit": limit} | ({} if before is None else {"before": before})
        print_checkpoints(server.get("/checkpoints", named), as_json)
        return
    with session.okr() as okr:
        stored = Checkpoints(okr.database)
        if directory is not None:
            write_all(directory, stored.all())
            return
        found = checkpoints_answer(stored, limit, before)
    print_checkpoints(found, as_json)


def write_all(directory: Path, checkpoints: Iterable[Checkpoint]) -> None:
    """Write checkpoints into a directory, one file each, and say how many."""
    from okr_es.evidence.checkpoint_sinks import DirectorySink

    sink, count = DirectorySink(directory), 0
    for each in checkpoints:
        sink.publish(each)
        count += 1
    print_text(f"{count} checkpoints in {directory}")


def checkpoints_of(server: Remote) -> Iterator[Checkpoint]:
    """Yield all checkpoints of a server, the newest first."""
    from base64 import b64decode

    from okr_es.evidence.checkpoints import Checkpoint

    named: dict[str, Any] | None = {"limit": AT_ONCE}
    while named is not None:
        page = server.get("/checkpoints", named)
        for each in page["checkpoints"]:
            yield Checkpoint(**each | {"root": b64decode(each["root"])})
        before = page["next_before"]
        named = None if before is None else {"limit": AT_ONCE, "before": before}


def print_checkpoints(found: Any, as_json: bool) -> None:
    """Print a page of checkpoints."""
    page = found["checkpoints"]
    lines = [f"{each['size']}  {instant(each['signed_at'])}  {each['cause']}" for each in page]
    print_result(found, lines or ["Nothing was signed yet."], as_json)


# ---- export -----------------------------------------------------------------------------


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@searched
@KNOWN
@click.option("--language", default="en", show_default=True, help="Of the index: en or sv.")
@reading
@as_json
@click.pass_obj
def export(
    session: Session,
    /,
    file: Path,
    known: tuple[Path, ...],
    language: str,
    by: UUID | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Write an evidence bundle (ZIP) of what a search finds: everything, without filters.

    The verifier checks it offline; the export is recorded.
    """
    from projections.audit_log.evidence_bundle import ExportRequest, export

    notes = notes_in(known)
    if session.server is not None:
        from web.cli.remote_queries import exported

        size = exported(session.remote(by), file, search_of(options), language, notes)
        print_result({"file": str(file), "bytes": size}, [f"{size} bytes"], as_json)
        return
    with session.queries(by) as queries, recording_reads(queries, by, "export") as recorded:
        search = queries.with_ids(search_of(options))
        shown = {name: str(value) for name, value in noted(search).items()}
        with progress("Exporting") as step:
            request = ExportRequest(search, shown, by, language, notes)
            done = export(queries.audit_logs, file, request, step)
        try:
            recorded({"position": done.checkpoint.size}, **noted(search))
        except BaseException:
            file.unlink()  # an export that is not recorded must not exist
            raise
    found = {"file": str(file), "events": done.events, "texts": done.texts, "bytes": done.bytes,
             "size": done.checkpoint.size, "note": done.checkpoint.note}  # fmt: skip
    summary = f"{done.events} events, {done.texts} texts that can be read, {done.bytes} bytes"
    print_result(
        found, [summary, f"proven by the checkpoint over {done.checkpoint.size} events"], as_json
    )


@click.command(name="export-accesses")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@reading
@as_json
@click.pass_obj
def export_accesses(session: Session, file: Path, by: UUID | None, as_json: bool) -> None:
    """Write an evidence bundle (ZIP) of the whole access log; the export is recorded.

    It has every read up to its checkpoint, and no event but those of the keys; where the oldest
    reads were cut by retention, every read after that, and the event of the cut.
    """
    from okr_es.evidence.access_cut import cut_at
    from okr_es.evidence.access_tree import AccessCheckpoints
    from okr_es.evidence.background import signer_of
    from okr_es.evidence.bundle import Exporter

    with session.queries(by) as queries, recording_reads(queries, by, "export") as recorded:
        okr = queries.okr
        search = {"search": {"accesses": "all"}}
        Exporter(okr, signer_of(okr)).export(file, lambda _: (), search, with_reads=True)
        last = AccessCheckpoints(okr.database).last()
        size = 0 if last is None else last.size - cut_at(okr.database)
        try:
            recorded({"position": okr.log.head()}, what="access_log")
        except BaseException:
            file.unlink()  # an export that is not recorded must not exist
            raise
    print_result({"file": str(file), "reads": size}, [f"{size} reads"], as_json)


# ---- verification -----------------------------------------------------------------------


@click.command()
@KNOWN
@click.option(
    "--since", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint up to which the log was verified before: go on from there.",
)  # fmt: skip
@click.option("--log-only", is_flag=True, help="Verify nothing but the log itself.")
@click.option(
    "--read-only", is_flag=True,
    help="Write nothing anywhere, and compare no read model; by itself where files are read-only.",
)  # fmt: skip
@as_json
@click.pass_obj
def verify(
    session: Session,
    known: tuple[Path, ...],
    since: Path | None,
    log_only: bool,
    read_only: bool,
    as_json: bool,
) -> None:
    """Verify the hash of every event, every checkpoint, and all that is kept beside the log.

    Beside it: the access log, states, names, receipts, directory and keys, and every row of the
    read model. Exits with 1 if anything is not as it was recorded.
    """
    from okr_es.evidence.okr_es_verify import read_note
    from okr_es.evidence.verify import Verification
    from okr_es.evidence.verify_access import verify_accesses

    notes, from_note = notes_in(known), read_note(since.read_text()) if since else None
    with session.log_to_verify(read_only=read_only) as (log, runner):
        with progress("Hashing the log") as step:
            verification = Verification(log, notes, step, from_note)
            verified = verification.run()
        accesses = None if log_only else verify_accesses(log.database, notes)
        failures, rows = [*verified.failures, *(accesses.failures if accesses else ())], None
        if not log_only and verified.holds:
            failures += verified_beside(log, verification.start)
            if runner is not None:
                compared = compared_read_model(runner)
                failures, rows = failures + list(compared.failures), compared.rows
    found = {
        "holds": not failures,
        "since": verification.start,
        "events": verified.events,
        "root": verified.root.hex(),
        "checkpoints": verified.checkpoints,
        "known_checkpoints": verified.known,
        "reads": None if accesses is None else accesses.reads,
        "reads_cut": None if accesses is None else accesses.start,
        "access_log_cut": accesses and accesses.cut and accesses.cut._asdict(),
        "access_root": None if accesses is None else accesses.root.hex(),
        "access_checkpoints": None if accesses is None else accesses.checkpoints,
        "read_model_rows": rows,
        "failures": [failure._asdict() for failure in failures],
    }
    with until_closed(1 if failures else PIPE_CLOSED):
        cut = accesses and accesses.cut
        print_result(found, list(verified_lines(found, failures, cut)), as_json)
    if failures:
        raise click.exceptions.Exit(1)


def verified_beside(log: LogRecorder, after: int) -> list[Failure]:
    """Return what is wrong with what is kept beside the events."""
    from okr_es.evidence.verify_states import verify_states
    from okr_es.operations.verify_beside import verify_beside

    url = log.database.url.render_as_string(hide_password=False)
    with progress("Folding the streams") as step:
        found = verify_states(log.database, step, after)
    return [*found, *verify_beside(url, read_only=log.database.read_only, after=after)]


def compared_read_model(runner: Runner) -> Compared:
    """Return what comparing the read model with a fold of the log found."""
    from projections.read_model.verification import verify_read_model

    with progress("Folding the log") as step:
        return verify_read_model(runner, step)


def verified_lines(
    found: dict[str, Any], failures: Sequence[Failure], cut: Cut | None
) -> Iterator[str]:
    """Yield what a verification found, line by line."""
    for failure in failures:
        at = "" if failure.position is None else f" {failure.position}"
        yield f"{failure.check}{at}: {failure.message}"
    if found["since"]:
        yield f"from the checkpoint over {found['since']} events on"
    yield f"{found['events']} events, {found['checkpoints']} checkpoints"
    if found["reads"] is not None:
        yield f"{found['reads']} reads, {found['access_checkpoints']} access checkpoints"
    if cut is not None:
        is_done = found["reads_cut"] == cut.size
        yield f"the access log is {cut}" + ("" if is_done else "; not finished: `okr-es retention`")
    if found["known_checkpoints"]:
        yield f"{found['known_checkpoints']} checkpoints kept elsewhere"
    if found["read_model_rows"] is not None:
        yield f"{found['read_model_rows']} rows of the read model"
    elif failures:
        yield "The read model was not compared: the log it is folded from is not as recorded."
    if failures:
        yield f"NOT as recorded: {len(failures)} failures"
    elif found["known_checkpoints"]:
        yield "Everything is as it was recorded."
    else:
        yield (
            "Everything agrees with itself. An end cut off, an old backup or a log rewritten whole "
            "can be seen only with checkpoints kept elsewhere: --checkpoint."
        )


@click.command()
def verifier() -> None:
    """Print the offline verifier, one Python file."""
    from okr_es.evidence.bundle import verifier_text

    click.echo(verifier_text(), nl=False)
