"""given / when / then, on the real application.

    given(world, RenameTeam(TEAM, "x")).when(DisbandTeam(TEAM)).then(fact(Team.Disbanded, TEAM, 3))

`given` takes what happened before: commands, events as they were once written (whatever today's
rules say of them), and dates, which move the clock. `then` compares whole events, type and all
fields, with what the log holds behind the position it had, and checks who, why and where from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select

from okr_es.application import Okr
from okr_es.commands import Command
from okr_es.context import Context, Receipt
from okr_es.domain.base import Aggregate, Beginning, Change
from okr_es.domain.refusals import Refusal
from okr_es.ids import event_id
from okr_es.log.append import Append
from okr_es.log.mapper import aggregate_topic
from okr_es.log.names import names_of
from okr_es.log.schema import commands, counter, events, names, streams
from okr_es.log.stream_states import decode_aggregate, states_of
from okr_es.people.texts import EncryptedText
from tests.support.tried import executed_as_tried

NOON = time(12, tzinfo=UTC)
STORED = {
    table.name: f"SELECT * FROM {table.name} ORDER BY {', '.join(table.primary_key.c.keys())}"
    for table in (events, counter, streams, names, commands)
}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, day: date) -> None:
        self.now = datetime.combine(day, NOON)

    def __call__(self) -> datetime:
        return self.now


class World:
    """An application, its clock, and who acts in it unless a test says otherwise."""

    def __init__(self, okr: Okr, clock: Clock, actor: UUID) -> None:
        self.okr = okr
        self.clock = clock
        self.actor = actor

    def on(self, day: date) -> None:
        self.clock.now = datetime.combine(day, NOON)

    def execute(self, command: Command, **context: Any) -> Receipt:
        return self.okr.execute(command, Context(**({"by": self.actor} | context)))

    def record(self, *facts: Change) -> None:
        """Put events into the log as they were once written, past all rules."""
        folded: dict[UUID, Aggregate] = {}
        for each in facts:
            id_ = each.originator_id
            before = folded.get(id_) or (
                kept(self.okr, id_) if each.originator_version > 1 else None
            )
            folded[id_] = each.mutate(before)  # type: ignore[assignment, arg-type]
        self.okr.log.append(
            [self.okr.mapper.to_stored_event(each) for each in facts],
            Append(states=states_of(folded.values()), names=names_of(facts)),
        )

    def facts(self, after: int = 0) -> list[Change]:
        """The events behind a position."""
        found = self.okr.log.select_notifications(after, 10_000, inclusive_of_start=False)
        return [self.okr.mapper.to_domain_event(each) for each in found]  # type: ignore[misc]

    def snapshot(self) -> dict[str, Any]:
        """All that is stored, but for the log of what was asked without effect."""
        rows = {name: self.okr.database.rows(all_of, ()) for name, all_of in STORED.items()}
        return rows | {"people": self.okr.directory.entries()}

    def streams(self) -> list[Any]:
        """The state kept beside each stream."""
        with self.okr.database.reader.connect() as connection:
            return list(connection.execute(select(streams).order_by(streams.c.stream)))


def kept(okr: Okr, id_: UUID) -> Aggregate | None:
    """The state kept beside a stream, if there is one."""
    with okr.database.reader.connect() as connection:
        row = connection.execute(select(streams).where(streams.c.stream == id_)).first()
    return row and decode_aggregate(row.type, id_, row.version, bytes(row.state))


def fact(event: type[Change], stream: UUID, version: int = 1, **fields: Any) -> Change:
    """An event as it should stand in the log."""
    if issubclass(event, Beginning):
        fields["originator_topic"] = aggregate_topic(event.TOPIC)  # type: ignore[attr-defined]
    return event(originator_id=stream, originator_version=version, **fields)


def given(world: World, *history: Command | Change | date) -> Given:
    """What happened before."""
    for each in history:
        match each:
            case Command():
                world.execute(each, reason="so it was")
            case date():
                world.on(each)
            case _:
                world.record(each)
    return Given(world)


class Given:
    """What happened before; `when` says what is asked now."""

    def __init__(self, world: World) -> None:
        self.world = world

    def when(self, command: Command, **context: Any) -> When:
        return When(self.world, command, Context(**({"by": self.world.actor} | context)))


class When:
    """What is asked now; one of `then`, `then_nothing` and `then_refused` says what comes of it."""

    def __init__(self, world: World, command: Command, context: Context) -> None:
        self.world = world
        self.command = command
        self.context = context
        self.before = world.snapshot()

    def then(
        self, *expected: Change, warnings: tuple[str, ...] = (), asked: Context | None = None
    ) -> Receipt:
        """Exactly these events were recorded, and the receipt and each row tell of them.

        `warnings` are the codes of those that came with it. `asked` is who had asked for the
        events behind the first, where a request is approved.
        """
        receipt = self.execute()
        head = len(self.before["events"])
        recorded = self.world.facts(head)
        assert [told(each) for each in recorded] == [told(each) for each in expected]
        assert (receipt.first_position, receipt.last_position) == (head + 1, head + len(expected))
        assert tuple(each.code for each in receipt.warnings) == warnings
        assert receipt.command_id == self.context.command_id
        self.check_rows(head, receipt, asked)
        return receipt

    def then_nothing(self) -> Receipt:
        """The command is fine, and nothing had to change."""
        receipt = self.execute()
        assert (receipt.first_position, receipt.last_position) == (None, None)
        asked = {"commands": self.world.snapshot()["commands"]}
        assert self.world.snapshot() == self.before | asked
        return receipt

    def then_refused(self, refusal: type[Refusal], *, field: str | None = None) -> Refusal:
        """The command was refused for this, field and all, and everything is as it was."""
        with refused(refusal, field) as found:
            self.execute()
        assert self.world.snapshot() == self.before
        return found[0]

    def execute(self) -> Receipt:
        """Execute it, after a dry run that must have foretold what comes of it."""
        return executed_as_tried(self.world.okr, self.command, self.context)

    def check_rows(self, head: int, receipt: Receipt, asked: Context | None) -> None:
        """Every row says who, where from, on whose behalf, and, encrypted, why."""
        okr, context = self.world.okr, self.context
        with okr.database.reader.connect() as connection:
            rows = connection.execute(select(events).where(events.c.position > head)).all()
        for row in rows:
            assert (row.by, row.origin, row.command_id) == (
                context.by, context.origin, context.command_id,
            )  # fmt: skip
            assert row.recorded_at == receipt.recorded_at
            if asked is not None and row.position > head + 1:
                assert (row.on_behalf_of, row.causation_id) == (asked.by, asked.command_id)
                check_words(okr, row, asked)
            else:
                assert row.on_behalf_of == context.on_behalf_of
                check_words(okr, row, context)


def check_words(okr: Okr, row: Any, said: Context) -> None:
    """What was said stands encrypted, and opens."""
    why = {k: v for k in ("reason", "comment") if (v := getattr(said, k)) is not None}
    assert (row.encrypted is None) == (not why)
    if row.encrypted is not None:
        text = EncryptedText(event_id(row.stream, row.version), row.encrypted, row.command_id)
        assert okr.directory.texts.decrypt([text]) == [why]


@contextmanager
def refused(refusal: type[Refusal], field: str | None = None) -> Iterator[list[Refusal]]:
    """Expect exactly this refusal, with this field."""
    found: list[Refusal] = []
    try:
        yield found
    except Refusal as error:
        found.append(error)
    assert [type(error) for error in found] == [refusal], f"instead: {found!r}"
    assert found[0].field == field
    assert found[0].message.endswith((".", ":")) or ":" in found[0].message


def told(each: Change) -> tuple[str, dict[str, Any]]:
    """What an event tells: its type and all its fields."""
    return type(each).__qualname__, {k: exactly(v) for k, v in sorted(vars(each).items())}


def exactly(value: Any) -> Any:
    """A value with its type, so that 1 and Decimal("1.0") are told apart by their digits."""
    return (type(value).__name__, str(value)) if hasattr(value, "as_tuple") else value


def again(context: Context, **changes: Any) -> Context:
    """The same context but for some of it."""
    return replace(context, **changes)
