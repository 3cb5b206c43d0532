"""Teams on a day: what each was called, and below which it was.

Names, kinds and what was disbanded are as recorded by the end of the day; what a team was below
counts from its effective day, also where that was recorded later.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.effective_days import on, parents
from okr_es.domain.refusals import NotFound
from projections.as_of.answers import NamedRef
from projections.as_of.pages import Walk
from projections.as_of.rows import columns
from projections.as_of.view import View, as_of_fields
from projections.goals.finding import require_text
from projections.organisation_answers import TeamAnswer, TeamBody, TeamsAnswer
from projections.read_model.folding import folded, title_key
from projections.read_model.tables import Row, plain

VERSIONS = f"SELECT {columns('team')} FROM team WHERE known_from <= :known ORDER BY known_from"


class Placed(NamedTuple):
    """A team on a day: its row, the team above it, and when that was recorded, if later."""

    row: Row
    parent_id: str | None
    recorded_later: date | None


def teams(
    view: View,
    walk: Walk,
    team_id: UUID | None = None,
    state: str | None = None,
    text: str | None = None,
) -> TeamsAnswer:
    """Return a page of the teams of the day by name, each with the team it was below.

    `team_id` is one of them, with all below it; `state` is living or disbanded.
    """
    require_text(text)
    found = placed_teams(view)
    within = set(found) if team_id is None else below(found, str(team_id))
    page, following = walk.page_of(
        view.moment,
        (
            body(found, id_)
            for id_ in within
            if (state is None or found[id_].row["disbanded"] == (state == "disbanded"))
            and (text is None or folded(text) in folded(found[id_].row["name"]))
        ),
        lambda each: title_key(each["name"]),
        lambda each: each["id"],
    )
    return {**as_of_fields(view), "teams": page, "next": following}


def below(found: dict[str, Placed], id_: str) -> set[str]:
    """Return a team of the day and all below it; raise NotFound."""
    if id_ not in found:
        raise NotFound(f"There is no team {id_} by then.", field="team_id")
    within, waiting = set[str](), [id_]
    while waiting:
        each = waiting.pop()
        if each not in within:
            within.add(each)
            waiting += [other for other, team in found.items() if team.parent_id == each]
    return within


def team(view: View, id_: UUID) -> TeamAnswer:
    """Return one team of the day, with those directly below it; raise NotFound."""
    found = placed_teams(view)
    if str(id_) not in found:
        raise NotFound(f"There is no team {id_} by then.", field="id")
    under = [named(found, each) for each, team in found.items() if team.parent_id == str(id_)]
    return {
        **as_of_fields(view),
        **body(found, str(id_)),
        "teams_below": sorted(under, key=lambda each: (each["name"], each["id"])),
    }


def body(found: dict[str, Placed], id_: str) -> TeamBody:
    """Return a team as answers have it."""
    row, parent_id, recorded_later = found[id_]
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "kind": row["kind"],
        "disbanded": row["disbanded"],
        "parent": None if parent_id is None else named(found, parent_id),
        "recorded_later": recorded_later,
    }


def named(found: dict[str, Placed], id_: str) -> NamedRef:
    """Return a reference to a team of the day."""
    return {"id": id_, "name": found[id_].row["name"]}


def placed_teams(view: View) -> dict[str, Placed]:
    """Return the teams of the view's day by id, as known at its moment.

    One that was formed later is there where a team of the day was below it, as it was at first.
    """
    versions: dict[str, list[Row]] = defaultdict(list)
    for stored in view.rows(VERSIONS, known=view.moment.known):
        row = plain("team", stored)
        versions[row["id"]].append(row)
    days = view.days(row["known_from"] for rows in versions.values() for row in rows)
    found: dict[str, Placed] = {}
    waiting = [id_ for id_, rows in versions.items() if rows[0]["known_from"] <= view.moment.plan]
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found[id_] = placed(view, versions[id_], days)
            waiting += [each for each in [found[id_].parent_id] if each is not None]
    return found


def placed(view: View, rows: list[Row], days: dict[int, date]) -> Placed:
    """Return a team on the view's day, from its versions, the oldest first."""
    plan, day = view.moment.plan, view.moment.day
    # Without a day of its own a move holds from its position on, which had not come yet.
    recorded = {
        row["known_from"]: date.max
        if row["effective"] is None and row["known_from"] > plan
        else days[row["known_from"]]
        for row in rows
    }
    held = on(parents(rows, recorded), day)
    believed = [row for row in rows if row["known_from"] <= plan]
    if not believed:
        return Placed(rows[0], held.value, days[rows[0]["known_from"]])
    is_later = held.value != believed[-1]["parent_id"]
    return Placed(believed[-1], held.value, held.recorded if is_later else None)
