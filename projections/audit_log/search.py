"""The audit log: a search of the whole log, each event in a sentence, with before and after.

Positions never change, so pages are stable while the log grows: a page begins right before (or
behind) the position another ended at. Texts are encrypted and never indexed: a search for words
decrypts what it looks at, and what can no longer be decrypted does not match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.domain.refusals import Invalid
from okr_es.log.mapper import decode_plain
from okr_es.people.directory import FORMER_COLLEAGUE
from projections.as_of.answers import Actor
from projections.as_of.pages import require_limit
from projections.as_of.rows import columns
from projections.audit_log.answers import AuditLogAnswer, AuditLogEntry, HistoryEntry, Sent
from projections.audit_log.event_finder import Finder, Stretch
from projections.audit_log.filters import Search, bounds, criteria
from projections.audit_log.history import History
from projections.audit_log.languages import DEFAULT, Language, language_of
from projections.audit_log.logged_event import LoggedEvent
from projections.audit_log.sentence_facts import EventFacts, NamedThings, people_named
from projections.audit_log.sentences import SentenceRenderer
from projections.goals.reader import Reader
from projections.read_model.folding import folded
from projections.read_model.tables import Row, plain

__all__ = ["NEWEST", "OLDEST", "AuditLog", "Search"]

AT_ONCE = 10_000
DECRYPTED_AT_ONCE = 1_000
MOST_DECRYPTED = 50_000
MOST_LOOKED_AT = 250_000  # positions of the log, for one page
NEWEST: Final = "newest"
OLDEST: Final = "oldest"


class Matches(NamedTuple):
    """The positions of a page, where it ended if there may be more, and whether it is complete."""

    positions: list[int]
    ended_at: int | None
    is_complete: bool


class AuditLog:
    """Searches the log, and writes events in sentences."""

    def __init__(self, okr: Okr, reader: Reader) -> None:
        self.okr = okr
        self.reader = reader
        self.history = History(okr, reader)

    # ---- searching ----------------------------------------------------------------------

    def positions(self, search: Search) -> Iterator[list[int]]:
        """Return the positions of all that meets a search in the log as it is now, oldest first.

        They come in lists of bounded length. Raises Invalid or NotFound with the field at fault.
        """
        view = self.reader.at()
        between = bounds(view, search, None, None)
        finder = Finder(view.database, criteria(view, search))
        walk = finder.walk(*between, AT_ONCE, newest_first=False)
        return filter(None, (self.with_text(search.text, each.positions) for each in walk))

    def page(
        self,
        search: Search,
        order: str = NEWEST,
        before: int | None = None,
        after: int | None = None,
        limit: int = 100,
        language: str = DEFAULT,
        viewer: UUID | None = None,
    ) -> AuditLogAnswer:
        """Return a page of what meets a search between two positions, both left out, in an order.

        The next page goes on where `next_before` (or, the oldest first, `next_after`) says; both
        are None on the last one. `complete` is false where a search ended a page early, having
        looked at many events or decrypted many texts: there may be more in the rest, behind
        `searched_to`. `viewer` is somebody who is
        shown from where their own commands came, and no other; None: those of all.
        """
        if order not in {NEWEST, OLDEST}:
            raise Invalid(f"order is neither {NEWEST} nor {OLDEST}.", field="order")
        written_in, newest_first = language_of(language), order == NEWEST
        view = self.reader.at()
        low, high = bounds(view, search, before, after)
        finder = Finder(view.database, criteria(view, search))
        require_limit(limit)
        at_once = limit + 1 if search.text is None else DECRYPTED_AT_ONCE
        walk = finder.walk(low, high, at_once, newest_first=newest_first)
        end = low if newest_first else high
        matches = self.matches(search.text, walk, limit, end)
        return {
            "position": view.head,
            "language": written_in.code,
            "order": NEWEST if newest_first else OLDEST,
            "entries": self.entries_of(view.database, matches.positions, written_in, viewer=viewer),
            "complete": matches.is_complete,
            "searched_to": None if low > high else matches.ended_at or end,
            "next_before": matches.ended_at if newest_first else None,
            "next_after": None if newest_first else matches.ended_at,
        }

    def matches(self, text: str | None, walk: Iterator[Stretch], limit: int, end: int) -> Matches:
        """Return the matches of a page, from the stretches of a walk that ends at a position."""
        positions: list[int] = []
        decrypted = looked_at = 0
        for some, came_to, work in walk:
            positions += self.with_text(text, some)
            if len(positions) > limit:
                return Matches(positions[:limit], positions[limit - 1], is_complete=True)
            looked_at += work
            decrypted += 0 if text is None else len(some)
            is_much = looked_at >= MOST_LOOKED_AT or decrypted >= MOST_DECRYPTED
            if is_much and came_to != end:
                return Matches(positions, came_to, is_complete=False)
        return Matches(positions, None, is_complete=True)

    def with_text(self, text: str | None, positions: list[int]) -> list[int]:
        """Return the positions of events whose reason or comment contains a text."""
        if text is None or not positions:
            return positions
        wanted = folded(text)
        events = self.history.events(positions)
        hidden = self.history.hidden(self.reader.runner.model.database, events)
        matching = {
            position
            for position, texts in self.history.texts(events).items()
            if position not in hidden and any(wanted in folded(each) for each in texts.values())
        }
        return [position for position in positions if position in matching]

    def not_hidden(self, positions: list[int]) -> list[int]:
        """Return those of some events that are about nothing whose words the viewer is not shown.

        For what gives an event whole, or not at all.
        """
        database = self.reader.runner.model.database
        hidden = self.history.hidden(database, self.history.events(positions))
        return [position for position in positions if position not in hidden]

    # ---- entries ------------------------------------------------------------------------

    def entries(
        self, positions: Sequence[int], language: str = DEFAULT, *, with_client_info: bool = True
    ) -> list[AuditLogEntry]:
        """Return the entries of some events, in the order of the positions.

        `with_client_info` adds address and client of the commands.
        """
        database = self.reader.at().database
        written_in = language_of(language)
        return self.entries_of(database, positions, written_in, with_client_info=with_client_info)

    def write_sentences(self, entries: list[HistoryEntry], language: str) -> None:
        """Give each entry of a history its sentence in a language."""
        positions = [each["position"] for each in entries]
        written = self.entries(positions, language, with_client_info=False)
        for entry, audited in zip(entries, written, strict=True):
            entry["sentence"] = audited["sentence"]

    def entries_of(
        self,
        database: Database,
        positions: Sequence[int],
        language: Language,
        *,
        with_client_info: bool = True,
        viewer: UUID | None = None,
    ) -> list[AuditLogEntry]:
        """Return the entries of some events in a language, in the order of the positions."""
        if not positions:
            return []
        events = self.facts(database, self.history.events(positions, with_data=True))
        sight = self.reader.sight
        things = NamedThings(
            database,
            self.names(people_named(events)),
            frozenset() if sight is None else sight.hidden,
            language.phrase("confidential", {}),
        )
        things.load(events)
        renderer = SentenceRenderer(things, language, self.okr.calendars.current)
        shown = [each for each in events if viewer in {None, each.by}] if with_client_info else []
        ids = (each.entry["command_id"] for each in shown)
        commands = [None if id_ is None else UUID(id_) for id_ in ids]
        client_info = self.okr.client_info.of_commands(commands)
        entries = {each.position: audit_entry(each, renderer, client_info) for each in events}
        return [entries[position] for position in positions]

    def facts(self, database: Database, events: list[LoggedEvent]) -> list[EventFacts]:
        """Return events with their entries, what they say, and the readings they are about."""
        readings = readings_at(database, events)
        requests = self.history.asked_for(database, events)
        entries = self.history.entries_of(database, events, requests)
        hidden = self.history.hidden(database, events)
        return [
            EventFacts(
                entry,
                event.stream,
                decode_plain(event.type, event.schema_version, bytes(event.data)),
                readings.get(event.position),
                withheld=event.position in hidden,
                request=requests.get(event.position),
            )
            for event, entry in zip(events, entries, strict=True)
        ]

    def names(self, people: set[UUID]) -> dict[UUID, str]:
        """Return the names of people who are still in the directory."""
        return {id_: each.name for id_, each in self.okr.directory.entries(people).items()}


def readings_at(database: Database, events: list[LoggedEvent]) -> dict[int, Row]:
    """Return the readings that events are about, by position, each as it is from then on."""
    positions = [each.position for each in events if each.type.startswith("reading.")]
    if not positions:
        return {}
    dialect = database.dialect
    rows = database.rows(
        f"SELECT {columns('reading')} FROM reading "
        f"WHERE known_from {dialect.in_array('positions', 'bigint')}",
        {"positions": dialect.array(positions)},
    )
    return {row["known_from"]: row for row in (plain("reading", row) for row in rows)}


def named_actor(actor: Actor | None, renderer: SentenceRenderer) -> Actor | None:
    """Return a reference to who acted with the name; None stays None."""
    if actor is None:
        return None
    return {"id": actor["id"], "name": renderer.name(actor["id"]) or FORMER_COLLEAGUE}


def audit_entry(
    event: EventFacts, renderer: SentenceRenderer, client_info: dict[UUID, dict[str, str]]
) -> AuditLogEntry:
    """Return an entry of the audit log: event, sentence, goal, and from where it came."""
    sent: Sent = event.entry  # its changes give way to those in the language
    command_id = sent["command_id"]
    client = {} if command_id is None else client_info.get(UUID(command_id), {})
    return {
        **sent,
        "sentence": renderer.sentence(event, client.get("address")),
        "by": named_actor(sent["by"], renderer),
        "on_behalf_of": named_actor(sent["on_behalf_of"], renderer),
        "goal": renderer.things.goal(event),
        "address": client.get("address"),
        "client": client.get("client"),
        "changes": renderer.changes(event),
    }
