"""The command line: results on stdout, progress and errors on stderr.

It exits with 0 when done, 1 when refused, 2 when asked wrongly, 141 when a pipe closed early. Heavy
libraries are imported where they are needed, so that --help is quick.
"""

from __future__ import annotations

import os

import click

from web import version
from web.cli import (
    approvals,
    audit,
    calendar,
    clock,
    completion,
    database,
    doctor,
    feed,
    goals,
    grants,
    imports,
    keys,
    login,
    operations,
    organisation,
    people,
    read_model,
    receipts,
    retention,
    setup,
    week,
    worker,
)
from web.cli.commands import groups
from web.cli.commands.program import Program
from web.cli.output import print_text
from web.cli.session import DEMO, Session, session_of
from web.settings import URL


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database", envvar="OKR_ES_DATABASE", metavar="URL",
    help="sqlite:///FILE or postgresql://… (OKR_ES_DATABASE); sqlite:///okr.db if not given.",
)  # fmt: skip
@click.option(
    "--keys-database", envvar="OKR_ES_KEYS_DATABASE", metavar="URL",
    help="Where the directory with all keys lies (OKR_ES_KEYS_DATABASE, which does not count with "
    "--database); beside the log if not given.",
)  # fmt: skip
@click.option(
    "--server", envvar="OKR_ES_SERVER", metavar="URL",
    help="Ask a server in the place of a database, with the key of `okr-es login` (OKR_ES_SERVER, "
    "which does not count with --database): what the key may.",
)  # fmt: skip
@click.version_option(version(), message="okr-es %(version)s")
@click.pass_context
def main(context: click.Context, /, **_: str | None) -> None:
    """OKRs and KPIs, event-sourced: serve, import, review, audit.

    On the database itself it is the operator's, who may do everything; with --server it has the
    rights of a key.
    """
    context.obj = session_of(context)
    context.obj.require_place(str(context.invoked_subcommand))


# ---- serving --------------------------------------------------------------------------


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="The address to listen on. One that other machines reach needs settings: see the guide "
    "for operators.",
)  # fmt: skip
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--development", is_flag=True,
    help="For trying it on this machine: a header says who acts, and nobody has to sign in.",
)  # fmt: skip
@click.pass_obj
def serve(session: Session, host: str, port: int, workers: int, *, development: bool) -> None:
    """Serve the API to those who sign in."""
    from web import server

    session.serve_in(development=development)
    address = server.listening(host)
    with session.okr(begins=True):
        pass
    with session.stopping_clean():
        server.serve(
            address, port, workers,
            lambda at: print_text(answers_at(at, os.environ.get(URL), signs_in=not development)),
        )  # fmt: skip


def answers_at(at: str, url: str | None, *, signs_in: bool) -> str:
    """Return where the server answers, and where people sign in: at the URL that is set, if any."""
    lines = [f"okr-es answers at {at}/api/v1/docs"]
    if signs_in:
        known = "" if url else f" (links need --at {at}, or {URL})"
        lines.append(f"People sign in at {(url or at).rstrip('/')}/sign-in{known}")
    return "\n".join(lines)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def demo(session: Session, port: int) -> None:
    """Build the example company, once, and serve it."""
    from web import server
    from web.cli.demo import prepared, things_to_try

    session.database, session.keys_database = session.database or DEMO, None
    server.require_free("127.0.0.1", port)
    with session.okr(begins=True) as okr:
        company = prepared(okr)
        tries = things_to_try(okr, company, f"http://127.0.0.1:{port}")
    session.serve_in(development=True)
    session.act_as(company.person_id)
    with session.stopping_clean():
        server.serve("127.0.0.1", port, 1, lambda _: print_text(tries))


for group in (
    groups, imports, read_model, database, operations, goals, people, grants, keys,
    login, approvals, organisation, calendar, audit, feed, receipts, worker, doctor, clock,
    retention, completion, week, setup,
):  # fmt: skip
    group.add_to(main)
