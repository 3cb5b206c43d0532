"""The audit log: a search of the whole log, each event told in a sentence, with before and after.

Positions are for ever, so pages are stable while the log grows: a page begins right before (or
behind) the position another ended at. Texts are encrypted and never indexed: a search for words
decrypts what it looks at, and what nobody can decrypt any more is not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.domain.refusals import Invalid
from okr_es.log.mapper import decode_plain
from projections.as_of.moments import Moments
from projections.as_of.rows import many, named
from projections.audit_log.event_finder import Finder
from projections.audit_log.field_changes import AMONG_POSITIONS
from projections.audit_log.filters import Bounds, Search, bounds, folded, wanted
from projections.audit_log.languages import DEFAULT, language_of
from projections.audit_log.scattered import Scattered
from projections.audit_log.sentence_facts import Happened, Known, people_named
from projections.audit_log.sentences import SentenceRenderer
from projections.goals.scoring import Row
from projections.read_model.runner import Runner
from projections.read_model.tables import plain

__all__ = ["NEWEST", "OLDEST", "AuditLog", "Search"]

AT_ONCE = 10_000
DECRYPTED_AT_ONCE = 1_000
MOST_DECRYPTED = 50_000
NEWEST, OLDEST = "newest", "oldest"


class AuditLog:
    """Searches the log and tells what it finds."""

    def __init__(self, okr: Okr, runner: Runner) -> None:
        self.okr = okr
        self.moments = Moments(okr, lambda: runner.fresh().database)
        self.runner = runner
        self.history = Scattered(okr, runner)

    # ---- searching ----------------------------------------------------------------------

    def positions(self, search: Search) -> Iterator[list[int]]:
        """Return the positions of all that is found in the log as it is now, the oldest first.

        They come in lists of bounded length. Raises Invalid or NotFound with the field at fault.
        """
        model, standing = self.runner.caught_up()
        between = bounds(self.moments, search, standing.log, None, None)
        finder = Finder(model.database, wanted(model.database, search))
        walk = finder.walk(*between, AT_ONCE, newest_first=False)
        return filter(None, (self.saying(search.text, found) for found, _ in walk))

    def page(
        self,
        search: Search,
        order: str = NEWEST,
        before: int | None = None,
        after: int | None = None,
        limit: int = 100,
        language: str = DEFAULT,
    ) -> Row:
        """Return a page of what is found between two positions, both left out, in an order.

        The next page goes on where `next_before` (or, the oldest first, `next_after`) says; both
        are None on the last one. `complete` is false where a search for words ended a page early,
        having decrypted many texts: there may be more in what was not looked at yet.
        """
        if order not in {NEWEST, OLDEST}:
            raise Invalid(f"order is neither {NEWEST} nor {OLDEST}.", field="order")
        tongue, newest_first = language_of(language), order == NEWEST
        model, standing = self.runner.caught_up()
        between = bounds(self.moments, search, standing.log, before, after)
        finder = Finder(model.database, wanted(model.database, search))
        found, came_to, complete = self.looked(
            search, finder, between, limit, newest_first=newest_first
        )
        return {
            "position": standing.log,
            "language": tongue.code,
            "order": order,
            "entries": self.entries(found, language),
            "complete": complete,
            "next_before": came_to if newest_first else None,
            "next_after": None if newest_first else came_to,
        }

    def looked(
        self, search: Search, finder: Finder, between: Bounds, limit: int, *, newest_first: bool
    ) -> tuple[list[int], int | None, bool]:
        """Return what a page has, where it ended if there may be more, and if it is complete."""
        found: list[int] = []
        decrypted = 0
        at_once = limit + 1 if search.text is None else DECRYPTED_AT_ONCE
        for some, came_to in finder.walk(*between, at_once, newest_first=newest_first):
            found += self.saying(search.text, some)
            if len(found) > limit:
                return found[:limit], found[limit - 1], True
            decrypted += 0 if search.text is None else len(some)
            if decrypted >= MOST_DECRYPTED:
                return found, came_to, False
        return found, None, True

    def saying(self, text: str | None, positions: list[int]) -> list[int]:
        """Return the positions of events in whose reason or comment a text is found."""
        if text is None or not positions:
            return positions
        sought = folded(text)
        opened = self.history.texts(self.history.events(positions))
        found = {
            position
            for position, texts in opened.items()
            if any(sought in folded(each) for each in texts.values())
        }
        return [position for position in positions if position in found]

    # ---- telling ------------------------------------------------------------------------

    def entries(
        self, positions: Sequence[int], language: str = DEFAULT, *, with_places: bool = True
    ) -> list[Row]:
        """Return the entries of some events, in the order they are named.

        Without places they leave out from which address and client a command came.
        """
        tongue = language_of(language)
        if not positions:
            return []
        database = self.runner.fresh().database
        entries = self.history.entries(database, list(positions))
        happened, known = self.gathered(database, entries)
        renderer = SentenceRenderer(known, tongue, self.okr.timezone)
        commands = [entry["command_id"] for entry in entries] if with_places else []
        where = self.okr.client_info.of_commands(commands)
        told = {
            event.position: entry_of(event, renderer, where.get(event.entry["command_id"], {}))
            for event in happened
        }
        return [told[position] for position in positions]

    def gathered(self, database: Database, entries: list[Row]) -> tuple[list[Happened], Known]:
        """Return events with what they say, and what is known of all they name."""
        data = self.data([entry["position"] for entry in entries])
        readings = readings_at(database, entries)
        happened = [
            Happened(
                entry,
                entry["id"].partition("/")[0],
                data[entry["position"]],
                readings.get(entry["position"]),
            )
            for entry in entries
        ]
        known = Known(database, self.names(people_named(entries, data)))
        known.load(happened)
        return happened, known

    def names(self, people: set[UUID]) -> dict[UUID, str]:
        """Return the names of people who are still in the directory."""
        return {id_: each.name for id_, each in self.okr.directory.entries(people).items()}

    def data(self, positions: list[int]) -> dict[int, Row]:
        """Return what events say, brought up to today's schema."""
        database = self.okr.database
        rows = database.rows(
            "SELECT position, type, schema_version, data FROM events "
            f"WHERE position {AMONG_POSITIONS[database.is_sqlite]}",
            {"positions": many(database, positions)},
        )
        return {
            position: decode_plain(kind, written_under, bytes(data))
            for position, kind, written_under, data in rows
        }


def readings_at(database: Database, entries: list[Row]) -> dict[int, Row]:
    """Return the readings that some events are about, as they stand from each on."""
    positions = [each["position"] for each in entries if each["type"].startswith("reading.")]
    if not positions:
        return {}
    rows = database.rows(
        f"SELECT {named('reading')} FROM reading "
        f"WHERE known_from {AMONG_POSITIONS[database.is_sqlite]}",
        {"positions": many(database, positions)},
    )
    return {row["known_from"]: row for row in (plain("reading", row) for row in rows)}


def entry_of(event: Happened, renderer: SentenceRenderer, where: Row) -> Row:
    """Return an entry of the audit log: event, sentence, goal, and from where it came."""
    entry = event.entry
    return entry | {
        "sentence": renderer.sentence(event, where),
        "by_name": renderer.name(entry["by"]),
        "on_behalf_of_name": renderer.name(entry["on_behalf_of"]),
        "goal": renderer.known.goal(event),
        "address": where.get("address"),
        "client": where.get("client"),
        "changes": renderer.changes(event),
    }
