"""The audit log by a plain filter: each event asked whether it meets a search, over a fold.

Nothing of projections: what hangs below what, and whose it is, is read off the rows of `plain.py`
right before and right after each event, because what an event takes away it is about as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from okr_es.people.texts import EncryptedText
from tests.support import plain
from tests.support.random_history import Told

COLUMNS = ("position", "recorded_at", "stream", "type", "data", "by", "on_behalf_of", "origin")
GOALS = {"objective", "key_result", "kpi"}


class Event:
    """An event, the columns of its row in the log, its texts, and the rows around it."""

    def __init__(self, row: dict[str, Any], texts: dict[str, str], before: Any, after: Any) -> None:
        self.row = row
        self.texts = texts
        self.before = before
        self.after = after
        self.noun = row["type"].partition(".")[0]

    @property
    def things(self) -> Iterator[str]:
        """What it is about: a reading about what it measures, a move also about what follows."""
        stream = self.row["stream"]
        if self.noun == "reading":
            yield self.after["reading"][stream]["measured_id"]
            return
        yield stream
        if self.row["type"] == "key_result.moved":
            for id_, objective in self.after["objective"].items():
                if objective["aligned_to_key_result_id"] == stream:
                    yield id_

    def around(self) -> Iterator[dict[str, Any]]:
        """The rows right before it and right after it."""
        yield self.before
        yield self.after


def events(told: Told) -> list[Event]:
    """All events of a told history."""
    found: list[Event] = []
    rows, texts = plain.fold([]), encrypted_texts(told)
    for stored, fact in zip(told.okr.log.rows(0, 10_000, COLUMNS), told.facts(), strict=True):
        row = dict(zip(COLUMNS, stored, strict=True))
        before = found[-1].after if found else copied(rows)
        plain.happens(rows, row["position"], fact)
        found.append(Event(row, texts.get(row["position"], {}), before, copied(rows)))
    return found


def copied(rows: plain.Rows) -> plain.Rows:
    """Rows that stay as they are."""
    return {table: {id_: dict(row) for id_, row in each.items()} for table, each in rows.items()}


def encrypted_texts(told: Told) -> dict[int, dict[str, str]]:
    """What can still be decrypted, by position."""
    columns = ("position", "command_id", "stream", "version", "encrypted")
    rows = [row for row in told.okr.log.rows(0, 10_000, columns) if row[4] is not None]
    opened = told.okr.directory.texts.decrypt(
        EncryptedText(f"{stream}/{version}", bytes(encrypted), UUID(str(command)))
        for _, command, stream, version, encrypted in rows
    )
    return {row[0]: texts for row, texts in zip(rows, opened, strict=True)}


def meets(event: Event, search: dict[str, Any], zone: ZoneInfo) -> bool:
    """Whether an event meets all that a search asks for."""
    tests = {
        "goal_id": is_about_goal, "team_id": is_about_team, "cycle": is_about_cycle,
        "person_id": is_about_person, "acted_by": is_done_by, "type": is_of_type,
        "origin": came_from, "text": says,
    }  # fmt: skip
    days = {name: search[name] for name in search if name.startswith("about_")}
    times = {name: search[name] for name in search if name.startswith("recorded_")}
    return (
        all(test(event, search[name]) for name, test in tests.items() if name in search)
        and (not days or is_about_day(event, **days))
        and is_recorded(event, zone, **times)
    )


def is_about_goal(event: Event, goal: UUID) -> bool:
    return any(str(goal) in chain(rows, thing) for rows in event.around() for thing in event.things)


def chain(rows: Any, id_: str) -> set[str]:
    """A goal and all above it: a KPI may feed several key results, and so have several above."""
    found, fresh = set(), {id_}
    while fresh:
        found |= fresh
        fresh = {above for each in fresh for above in aboves(rows, each)} - found
    return found


def aboves(rows: Any, id_: str) -> Iterator[str]:
    if id_ in rows["objective"]:
        served = rows["objective"][id_]["parent_objective_id"]
        yield from [served] if served else []
    elif id_ in rows["key_result"]:
        yield rows["key_result"][id_]["objective_id"]
    elif id_ in rows["kpi"]:
        yield from (k for k, row in rows["key_result"].items() if row["kpi_id"] == id_)


def objectives_above(rows: Any, id_: str) -> Iterator[dict[str, Any]]:
    """The objectives a thing belongs to: itself, or those of its key results."""
    if id_ in rows["objective"]:
        yield rows["objective"][id_]
    else:
        for above in aboves(rows, id_):
            yield from objectives_above(rows, above)


def is_about_cycle(event: Event, cycle: UUID) -> bool:
    request = event.after["approval"].get(event.row["stream"], {"cycle_id": None})
    return request["cycle_id"] == str(cycle) or any(
        thing == str(cycle) or str(cycle) in {o["cycle_id"] for o in objectives_above(rows, thing)}
        for rows in event.around()
        for thing in event.things
    )


def is_about_team(event: Event, team: UUID) -> bool:
    """Whether it is about the team, all below it, or a plan that was committed of one of them."""
    commits = event.after["cycle"].get(event.row["stream"], {"plan_commits": []})["plan_commits"]
    if event.row["type"] == "cycle.plan_committed" and any(
        str(team) in teams_above(event.after, each) for each in commits[-1]["teams"]
    ):
        return True
    return any(
        str(team) in teams_above(rows, whose)
        for rows in event.around()
        for thing in event.things
        for whose in teams_of(rows, thing)
    )


def teams_of(rows: Any, id_: str) -> Iterator[str]:
    """The teams a thing belongs to."""
    if id_ in rows["team"]:
        yield id_
    if id_ in rows["kpi"] and rows["kpi"][id_]["team_id"]:
        yield rows["kpi"][id_]["team_id"]
    yield from (objective["team_id"] for objective in objectives_above(rows, id_))


def teams_above(rows: Any, team: str | None) -> Iterator[str]:
    while team is not None:
        yield team
        team = rows["team"].get(team, {}).get("parent_id")


def is_about_person(event: Event, person: UUID) -> bool:
    owners = {
        rows.get(event.noun, {}).get(event.row["stream"], {}).get("owner_id")
        for rows in event.around()
    }
    handed = event.row["type"].endswith(".reassigned") and str(person) in owners
    whose = {event.row[name] for name in ("by", "on_behalf_of", "stream")}
    return str(person) in whose or str(person).encode() in bytes(event.row["data"]) or handed


def is_done_by(event: Event, person: UUID) -> bool:
    return str(person) in {event.row["by"], event.row["on_behalf_of"]}


def is_of_type(event: Event, kind: str) -> bool:
    return kind in {event.row["type"], event.noun}


def came_from(event: Event, origin: str) -> bool:
    return event.row["origin"] == origin


def says(event: Event, text: str) -> bool:
    sought = plainly(text)
    return any(sought in plainly(each) for each in event.texts.values())


def plainly(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def is_about_day(event: Event, about_from: date = date.min, about_to: date = date.max) -> bool:
    if event.noun != "reading":
        return False
    day = date.fromisoformat(event.after["reading"][event.row["stream"]]["as_of"])
    return about_from <= day <= about_to


def is_recorded(
    event: Event, zone: ZoneInfo, recorded_from: str | None = None, recorded_to: str | None = None
) -> bool:
    at = datetime.fromisoformat(event.row["recorded_at"])
    first = (
        datetime.min.replace(tzinfo=UTC) if recorded_from is None else start(recorded_from, zone)
    )
    if recorded_to is None:
        return first <= at
    if "T" in recorded_to:
        return first <= at <= start(recorded_to, zone)
    return first <= at and at.astimezone(zone).date() <= date.fromisoformat(recorded_to)


def start(text: str, zone: ZoneInfo) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text)
    return datetime.combine(date.fromisoformat(text), time(), zone)
