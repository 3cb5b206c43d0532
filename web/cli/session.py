"""What the commands of one call share: the database, errors in one line, recorded reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.things import PERSON, Found

if TYPE_CHECKING:
    from okr_es.application import Okr
    from okr_es.log.calendars import LoggedCalendars
    from okr_es.log.recorder import LogRecorder
    from projections.read_model.runner import Runner
    from web.cli.remote import Address, Remote

LONGEST_KEY = 255
ASKS_NOTHING = frozenset(
    {"login", "logout", "completion"}
)  # neither a database nor the server that is named
DEMO = "sqlite:///build/demo/okr.db"
IN_DEVELOPMENT = "Development mode: nobody has to sign in. Anybody can be anybody."

# Read first, since who looks somebody up by name reads about people.
by_actor = click.option(
    "--by", type=PERSON, metavar="PERSON", envvar="OKR_ES_DEFAULT_ACTOR", is_eager=True,
    help="The person who acts, by name or id.",
)  # fmt: skip
reading = click.option(
    "--by", type=PERSON, metavar="PERSON", envvar="OKR_ES_DEFAULT_ACTOR", is_eager=True,
    help="The person who reads, by name or id: each read is recorded.",
)  # fmt: skip


def on_the_machine(server: Address) -> str:
    """Return why a command cannot ask a server."""
    return (
        "This works on the database itself, on its own machine: leave out --server "
        f"({server.url}) or OKR_ES_SERVER."
    )


class Session:
    """What the commands of one call share: the database, what opens it, and if it is a dry run."""

    def __init__(
        self,
        database: str | None,
        keys_database: str | None = None,
        server: Address | None = None,
    ) -> None:
        self.database = database
        self.keys_database = keys_database
        self.server = server
        self.dry_run = False
        self.key: str | None = None
        self.as_csv = False
        self.xlsx: Path | None = None
        self.all_pages = False
        self.listed: dict[str, list[Found]] = {}  # things by kind, looked up once a call
        self.calendars: LoggedCalendars | None = None  # of the database that was opened
        self.zone_known: str | None = None  # of the server
        self.cycles_named: list[str] = []  # by names that may be those of no cycle

    @property
    def url(self) -> str:
        """The URL of the database, with that of its keys where they lie apart.

        Raises Unusable where a server is asked in its place.
        """
        from web.settings import Unusable, with_keys

        if self.server is not None:
            raise Unusable(on_the_machine(self.server))
        return with_keys(self.database, self.keys_database)

    @property
    def zone(self) -> str:
        """The zone of the organisation, as its calendar has it now; asked for once a call."""
        if self.calendars is not None:
            return self.calendars.current.zone_on(today())
        if self.zone_known is None and self.server is not None:
            with suppress(click.ClickException), self.queries() as queries:
                self.zone_known = str(queries.calendar()["zone"])
        return self.zone_known or "UTC"

    def require_place(self, name: str) -> None:
        """Refuse a command of the machine where a server is named."""
        from okr_es.access.lines import OF_THE_MACHINE

        if self.server is not None and name in OF_THE_MACHINE - ASKS_NOTHING:
            raise click.ClickException(on_the_machine(self.server))

    def remote(self, by: UUID | None = None) -> Remote:
        """Return the server, with the key that is kept for it, and who is named beside it.

        A key acts as itself: who acts elsewhere, as the environment says, is not named beside it.
        """
        from web.cli.login import key_for
        from web.cli.remote import Remote

        if self.server is None:
            raise RuntimeError("There is no server.")
        key = key_for(self.server)
        return Remote(self.server, key, None if key is not None and is_default("by") else by)

    def command_key(self) -> str:
        """Return the idempotency key of the call: the one it named, or else one made up once."""
        from uuid import uuid4

        self.key = self.key or str(uuid4())
        return self.key

    def key_of(self, one_of: object = None) -> str:
        """Return the idempotency key of the call, or that of one of its several commands."""
        return self.command_key() if one_of is None else f"{self.command_key()} {one_of}"

    @contextmanager
    def okr(self, *, begins: bool = False) -> Iterator[Okr]:
        """Open the application; workers started later open the same database.

        A database that does not exist is created only where `begins` is true.
        """
        from web.settings import DATABASE, KEYS_DATABASE, opened

        url = os.environ[DATABASE] = self.url
        os.environ.pop(KEYS_DATABASE, None)  # the URL names it
        if not begins:
            require_database(url)
        okr = opened()
        self.calendars = okr.calendars
        try:
            before = okr.log.head()
            yield okr
            if okr.log.head() > before and not self.dry_run:
                sign(okr)
        finally:
            okr.close()

    def existing_url(self) -> str:
        """Return the URL of a database; refuse one that is not there."""
        require_database(self.url)
        return self.url

    @contextmanager
    def stopping_clean(self) -> Iterator[None]:
        """Complete the files of the database when the server has stopped, however it did."""
        from okr_es.operations.clean_stop import complete_files, describe

        try:
            yield
        finally:
            if incomplete := complete_files(self.url):
                click.echo(describe(incomplete), err=True)

    @contextmanager
    def runner(self, *, begins: bool = False) -> Iterator[Runner]:
        """Open the runner of the read model."""
        from projections.read_model.runner import Runner

        with self.okr(begins=begins) as okr:
            runner = Runner(okr)
            try:
                yield runner
            finally:
                runner.close()

    @contextmanager
    def log_to_verify(self, *, read_only: bool) -> Iterator[tuple[LogRecorder, Runner | None]]:
        """Open the log, and the read model where something may be written beside the log."""
        from okr_es.database.database import Database
        from okr_es.log.recorder import LogRecorder
        from okr_es.log.schema import AREA
        from okr_es.operations.moment import require_version

        url = self.existing_url()
        if not read_only and is_writable(url):
            with self.runner() as runner:
                yield runner.okr.log, runner
            return
        database = Database(url, read_only=True)
        try:
            require_version(AREA, AREA.read_version(database))
            yield LogRecorder(database), None
        finally:
            database.dispose()

    @contextmanager
    def queries(self, viewer: UUID | None = None) -> Iterator[Any]:
        """Open the read side, for a person if one is named; of a database or of a server."""
        from projections.queries import Queries
        from web.cli.local_queries import LocalQueries
        from web.cli.remote_queries import RemoteQueries

        if self.server is not None:
            yield RemoteQueries(self.remote(viewer))
            return
        with self.runner() as runner:
            queries = Queries(runner.okr, runner)
            yield LocalQueries(queries if viewer is None else queries.for_viewer(viewer))

    def act_as(self, person: UUID) -> None:
        """Let workers started later act as a person where nobody is named."""
        from web.settings import DEFAULT_ACTOR

        os.environ.setdefault(DEFAULT_ACTOR, str(person))

    def serve_in(self, *, development: bool) -> None:
        """Let workers started later ask for a sign-in, or not; say so where they do not."""
        from web.settings import DEVELOPMENT

        os.environ[DEVELOPMENT] = "1" if development else ""
        if development:
            click.echo(IN_DEVELOPMENT, err=True)


def session_of(context: click.Context) -> Session:
    """Return the session that the options of the program name, also where a shell completes."""
    from web.cli.remote import address_of

    database, server = context.params["database"], context.params["server"]
    if is_named(context, "database"):
        if is_named(context, "server"):
            raise click.UsageError("It is --database or --server, not both.")
        server = None
    address = address_of(server) if server else None
    return Session(database, keys_of(context, context.params["keys_database"]), address)


def is_named(context: click.Context, option: str) -> bool:
    """Return whether an option stands on the command line."""
    return context.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


def keys_of(context: click.Context, keys_database: str | None) -> str | None:
    """Return where the keys lie: what the environment says is about the database it names."""
    environment = click.core.ParameterSource.ENVIRONMENT
    is_of_another = (
        context.get_parameter_source("keys_database") is environment
        and context.get_parameter_source("database") is not environment
        and context.params["database"] is not None
    )
    return None if is_of_another else keys_database


def note_dry_run(context: click.Context, _: click.Parameter, is_dry_run: bool) -> None:
    """Note in the session that the call is a dry run."""
    context.ensure_object(Session).dry_run = is_dry_run


def note_key(context: click.Context, _: click.Parameter, key: str | None) -> None:
    """Note in the session under which idempotency key the call acts."""
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise click.BadParameter(f"1 to {LONGEST_KEY} printable characters.")
    context.ensure_object(Session).key = key


def acting(command: Any) -> Any:
    """Add the options of every command that changes something."""
    keyed = click.option(
        "--key", metavar="TEXT", expose_value=False, callback=note_key,
        help="Of your own choice: the same call with the same key is carried out once.",
    )  # fmt: skip
    return by_actor(trying(keyed(command)))


def trying(command: Any) -> Any:
    """Add the option of a dry run."""
    return click.option(
        "--dry-run", is_flag=True, expose_value=False, callback=note_dry_run,
        help="Print what would be recorded, and record nothing.",
    )(command)  # fmt: skip


def is_default(option: str) -> bool:
    """Return whether the value of an option of this call is not from the command line."""
    context = click.get_current_context()
    return context.get_parameter_source(option) is not click.core.ParameterSource.COMMANDLINE


def is_writable(url: str) -> bool:
    """Return whether a SQLite file and the folder it is in can be written; a server is asked."""
    from okr_es.database.engines import database_url

    parsed = database_url(url, "")
    if parsed.get_backend_name() != "sqlite":
        return True
    file = Path(str(parsed.database)).absolute()
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def require_database(url: str) -> None:
    """Refuse a SQLite file that does not exist; raise Unusable."""
    from okr_es.database.engines import database_url
    from web.settings import DATABASE, Unusable

    parsed = database_url(url, "")
    if parsed.get_backend_name() != "sqlite":
        return
    file = Path(str(parsed.database)).absolute()
    if not file.exists():
        raise Unusable(
            f"There is no database {parsed.render_as_string()}: {file} does not exist. Begin it "
            f"with `okr-es people register`, begin with `okr-es demo`, which keeps an example in "
            f"{DEMO}, or name another by --database or {DATABASE}."
        )


def today() -> date:
    """Return the date in UTC."""
    return datetime.now(UTC).date()


def sign(okr: Okr) -> None:
    """Sign a checkpoint over what a command recorded; no server is needed for it."""
    from okr_es.evidence.background import sign_or_log, signer_of
    from okr_es.evidence.signer import ACTIVITY

    sign_or_log(signer_of(okr), ACTIVITY)


@contextmanager
def recording_reads(queries: Any, by: UUID | None, what: str) -> Iterator[Callable[..., Any]]:
    """Refuse an unknown reader, then give a function that records a read before it is printed.

    It takes the answer and, by name, the parameters of the question, and returns the answer.
    """
    from web.access_log import record_access
    from web.cli.remote_queries import RemoteQueries

    if isinstance(queries, RemoteQueries):
        yield lambda found, **_: found  # the server records it
        return
    if by is not None:
        queries.okr.require_person(by)

    def record(found: Any, **asked: Any) -> Any:
        record_access(queries.okr, by, what, found, queries.with_ids(asked))
        return found

    yield record
