"""What is held about a person, all of it, line by line: what they may ask for at any time.

Other people are numbered and not named; programs are named by their keys. Who looked at something
about the person is left out: the day and the purpose are theirs to know, and who it was is somebody
else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

from sqlalchemy import select

from okr_es.access.sessions import Sessions
from okr_es.access.tables import links
from okr_es.access_log import RECORDED, Access
from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from okr_es.people.corrections import READY
from okr_es.people.identities import Identities
from okr_es.people.preferences import preferences_of
from projections.as_of.view import View
from projections.audit_log.answers import AuditLogEntry
from projections.audit_log.filters import Search
from projections.audit_log.search import AuditLog
from projections.goals.reader import Reader
from projections.grants import Filters, grants
from projections.held_data_answers import HeldLine, Section

AT_ONCE = 200
YOU = "you"
OF_PEOPLE = frozenset({"person_id", "by"})  # fields of what a look was about
SHOWN = ("position", "recorded_at", "type", "origin", "reason", "comment", "redacted")


class Pseudonyms(AuditLog):
    """The audit log in which one person is `you`, all others have a number, and keys a name."""

    def __init__(self, okr: Okr, reader: Reader, person_id: UUID, keys: Mapping[UUID, str]) -> None:
        super().__init__(okr, reader)
        self.person_id, self.keys = person_id, keys
        self.numbers: dict[UUID, int] = {}

    def names(self, people: set[UUID]) -> dict[UUID, str]:
        """Return what people are called here."""
        return {id_: self.name(id_) for id_ in sorted(people)}

    def name(self, id_: UUID) -> str:
        """Return what a person, or a key, is called here."""
        if id_ == self.person_id:
            return YOU
        if id_ in self.keys:
            return f"the api key {self.keys[id_]}".rstrip()
        return f"person {self.numbers.setdefault(id_, len(self.numbers) + 1)}"


class HeldData:
    """Finds what is held about a person, some of it at a time."""

    def __init__(self, okr: Okr, reader: Reader, person_id: UUID) -> None:
        self.okr = okr
        self.reader = reader
        self.view: View = reader.at()
        self.person_id = person_id
        self.keys = {UUID(row["id"]): row for row in self.view.all_rows("api_key")}
        named = okr.directory.entries(self.keys)
        self.key_names = {id_: named[id_].name if id_ in named else "" for id_ in self.keys}
        self.log = Pseudonyms(okr, reader, person_id, self.key_names)
        if person_id not in okr.directory.keys([person_id]):
            raise NotFound("Nothing is held about that person.", field="id")

    def lines(self) -> Iterator[HeldLine]:
        """Yield all of it."""
        heading = {"person": str(self.person_id), "position": self.view.head}
        yield line("heading", {**heading, "looks_since": self.looks_since()})
        for section, items in (
            ("directory", self.directory()),
            ("account", self.accounts()),
            ("role", self.roles()),
            ("event", self.events()),
            ("client_info", self.okr.client_info.of_person(self.person_id)),
            ("session", self.sessions()),
            ("link", self.links()),
            ("look", self.looks()),
            ("own_look", self.own_looks()),
            ("api_key", self.api_keys()),
        ):
            yield from (line(section, item) for item in items)  # type: ignore[arg-type]

    def directory(self) -> Iterator[dict[str, Any]]:
        """Yield the entry of the person, with what lies ready to correct it, and preferences."""
        (entry,) = self.okr.directory.entries([self.person_id]).values()
        ready = self.okr.directory.texts_of([self.person_id])[self.person_id].get(READY, [])
        corrections = [each["fields"] for each in ready]
        preferred = preferences_of(self.okr.directory, self.person_id)._asdict()
        yield {
            "name": entry.name,
            "email": entry.email,
            "corrections": corrections,
            "preferences": preferred,
        }

    def accounts(self) -> Iterator[dict[str, Any]]:
        """Yield accounts at providers."""
        for each in Identities(self.okr.directory).of(self.person_id):
            yield each._asdict()

    def roles(self) -> Iterator[dict[str, Any]]:
        """Yield the roles the person was given."""
        teams = {row["id"]: row["name"] for row in self.view.all_rows("team")}
        for each in grants(self.view, Filters(self.person_id, None, None, holding=False))["grants"]:
            team = each["team"] and {**each["team"], "name": teams.get(str(each["team"]["id"]))}
            yield {name: value for name, value in each.items() if name != "person"} | {"team": team}

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield events by or about the person, then those with other texts about them."""
        left = self.positions_of_texts()
        for positions in self.log.positions(Search(person_id=self.person_id)):
            left -= set(positions)
            yield from self.entries(positions)
        ordered = sorted(left)
        for start in range(0, len(ordered), AT_ONCE):
            yield from self.entries(ordered[start : start + AT_ONCE])

    def entries(self, positions: list[int]) -> Iterator[dict[str, Any]]:
        """Yield events as they are shown here."""
        for entry in self.log.entries(positions):
            yield self.event(entry)

    def event(self, entry: AuditLogEntry) -> dict[str, Any]:
        """Return an event as it is shown here; from where others sent theirs is left out."""
        found: dict[str, Any] = {name: entry[name] for name in SHOWN}  # type: ignore[literal-required]
        by = None if entry["by"] is None else entry["by"]["name"]
        is_own = by == YOU
        return {
            **found,
            "by": by,
            "sentence": entry["sentence"],
            "address": entry["address"] if is_own else None,
            "client": entry["client"] if is_own else None,
        }

    def positions_of_texts(self) -> set[int]:
        """Return the positions of events with texts about the person."""
        found: set[int] = set()
        database, dialect = self.okr.database, self.okr.database.dialect
        events = self.okr.directory.texts.about(self.person_id)
        streams = sorted({event.partition("/")[0] for event in events})
        stream = dialect.id_as_text("stream")
        for start in range(0, len(streams), AT_ONCE):
            rows = database.rows(
                f"SELECT {stream}, version, position FROM events "
                f"WHERE stream {dialect.in_array('ids', 'uuid')}",
                {"ids": dialect.array(streams[start : start + AT_ONCE])},
            )
            found |= {position for id_, version, position in rows if f"{id_}/{version}" in events}
        return found

    def sessions(self) -> Iterator[dict[str, Any]]:
        """Yield the sessions that were not removed yet, also those that are over."""
        with self.all_sessions() as sessions:
            for each in sessions.all_of(self.person_id) if sessions.exist() else ():
                yield {name: value for name, value in each._asdict().items() if name != "person_id"}

    def links(self) -> Iterator[dict[str, Any]]:
        """Yield the links that the person can sign in by."""
        with self.all_sessions() as sessions:
            if not sessions.exist():
                return
            query = select(links.c.ends_at).where(links.c.person_id == str(self.person_id))
            with sessions.database.reader.connect() as connection:
                ends = connection.execute(query).scalars().all()
        yield from ({"ends_at": each} for each in ends)

    def all_sessions(self) -> closing[Sessions]:
        """Return the sessions of the installation, to be closed."""
        return closing(Sessions(self.okr.database.url.render_as_string(hide_password=False)))

    def looks(self) -> Iterator[dict[str, Any]]:
        """Yield when others looked at something about the person, and for what; not who."""
        for each in self.accesses(about=[self.person_id]):
            if each.by != self.person_id:
                yield look(each)

    def own_looks(self) -> Iterator[dict[str, Any]]:
        """Yield what the person looked at."""
        for each in self.accesses(by=self.person_id):
            yield look(each) | {"about": self.without_people(each.about)}

    def without_people(self, about: Mapping[str, str]) -> dict[str, str]:
        """Return what a look was about, with other people as they are called here."""
        return {
            name: self.log.name(UUID(value)) if name in OF_PEOPLE else value
            for name, value in about.items()
        }

    def looks_since(self) -> str | None:
        """Return since when looks are held, where older ones were destroyed; None: all are."""
        log = self.okr.access_log
        return log.recorded_at(log.oldest()) if log.oldest() > 1 else None

    def accesses(self, **wanted: Any) -> Iterator[Access]:
        """Yield reads, the newest first."""
        before: int | None = None
        while some := self.okr.access_log.search(**wanted, limit=AT_ONCE, before=before):
            yield from some
            before = some[-1].position

    def api_keys(self) -> Iterator[dict[str, Any]]:
        """Yield the keys for programs that the person made."""
        for id_, row in sorted(self.keys.items()):
            if row["created_by"] == str(self.person_id):
                name = self.key_names[id_] or None
                yield {"id": str(id_), "name": name, "role": row["role"], "ends": row["ends"]}


def look(access: Access) -> dict[str, Any]:
    """Return a read without who it was, and with what it showed."""
    return {
        "recorded_at": access.recorded_at,
        "what": access.what,
        "showed": RECORDED.get(access.what, access.what),
    }


def line(section: Section, item: dict[str, Any]) -> HeldLine:
    """Return one thing as a line."""
    return {"section": section, "item": item}
