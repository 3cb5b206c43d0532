"""A sample of the audit log on the command line: to read, or as an evidence bundle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.audit_log import noted, search_of, searched
from web.cli.evidence import KNOWN, notes_in
from web.cli.output import as_json, print_result
from web.cli.session import Session, reading, recording_reads
from web.cli.text.instants import instant

if TYPE_CHECKING:
    from projections.audit_log.sample_answers import SampleAnswer

LARGEST = 2**63 - 1
AT_LEFT = 5  # columns of a number in the sample


@click.command()
@click.option("--size", default=25, show_default=True, type=click.IntRange(1, 1_000))
@click.option(
    "--seed", required=True, type=click.IntRange(0, LARGEST),
    help="With the same seed the same events are drawn.",
)  # fmt: skip
@click.option(
    "--up-to", type=click.IntRange(1, LARGEST),
    help="The size of the checkpoint up to which events are drawn; else the newest one.",
)  # fmt: skip
@searched
@click.option(
    "--bundle", type=click.Path(dir_okay=False, path_type=Path),
    help="Write an evidence bundle (ZIP) of the sample to this file.",
)  # fmt: skip
@KNOWN
@click.option("--language", default="en", show_default=True, help="en or sv.")
@reading
@as_json
@click.pass_obj
def sample(
    session: Session,
    /,
    size: int,
    seed: int,
    up_to: int | None,
    bundle: Path | None,
    known: tuple[Path, ...],
    language: str,
    by: UUID | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Draw a sample of the audit log that others can draw again, each event with its proof.

    The population are all events up to a checkpoint that meet the filters; drawn are those with the
    smallest SHA-256 of seed, colon and position. It is recorded.
    """
    notes, search = notes_in(known), search_of(options)
    if notes and bundle is None:
        raise click.UsageError("--checkpoint goes with --bundle.")
    drawn = {"seed": seed, "size": size} | ({} if up_to is None else {"up_to": up_to})
    if session.server is not None:
        sample_of_server(session, by, search | drawn, language, bundle, notes, as_json)
        return
    from projections.audit_log.sample import SampleRequest, export_sample, facts_of
    from projections.audit_log.sample import sample as sample_of

    what = "sample" if bundle is None else "export"
    with session.queries(by) as queries, recording_reads(queries, by, what) as recorded:
        search = queries.with_ids(search)
        about = {name: str(value) for name, value in noted(search).items()}
        request = SampleRequest(search, about, seed, size, up_to, language)
        about |= facts_of(request)
        if bundle is None:
            whole = sample_of(queries.audit_logs, request)
            found = recorded(queries.naming.named(sample_of, whole), **about)
            print_result(found, list(sample_lines(found)), as_json)
            return
        done = export_sample(queries.audit_logs, bundle, request, by, notes)
        try:
            recorded({"position": done.checkpoint.size}, **about)
        except BaseException:
            bundle.unlink()  # an export that is not recorded must not exist
            raise
    written = {"file": str(bundle), "events": done.events, "bytes": done.bytes}
    print_result(written, [f"{done.events} events, {done.bytes} bytes"], as_json)


def sample_of_server(
    session: Session,
    by: UUID | None,
    asked: dict[str, Any],
    language: str,
    bundle: Path | None,
    notes: list[str],
    as_json: bool,
) -> None:
    """Print a sample of a server, or write its bundle; the read is recorded there."""
    from web.api.samples import SAMPLE
    from web.cli.remote_queries import exported

    server = session.remote(by)
    if bundle is not None:
        size = exported(server, bundle, asked, language, notes, "/evidence/sample", SAMPLE)
        print_result({"file": str(bundle), "bytes": size}, [f"{size} bytes"], as_json)
        return
    names = {each.passed_as: each.name for each in SAMPLE}
    query = {names[name]: value for name, value in asked.items()} | {"language": language}
    found = server.get("/evidence/sample", query)
    print_result(found, list(sample_lines(found)), as_json)


def sample_lines(found: SampleAnswer) -> Iterable[str]:
    """Yield what was drawn from what, then a line for each event."""
    yield (
        f"{len(found['sample'])} of {found['population']} events up to the checkpoint over "
        f"{found['position']}, drawn with the seed {found['seed']}"
    )
    yield f"positions of the population: SHA-256 {found['population_sha256']}"
    for each in found["sample"]:
        entry = each["entry"]
        sentence = " ".join(entry["sentence"].split())
        proof = "" if each["proof"] else "  (not for you: no proof)"
        yield (
            f"{each['number']:>{AT_LEFT}}  {entry['position']}  {instant(entry['recorded_at'])}  "
            f"{sentence}{proof}"
        )
