"""Lists of cycles, teams and people."""

from __future__ import annotations

from uuid import UUID

from okr_es.people.directory import FORMER_COLLEAGUE, Directory
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View
from projections.goals.loading import unpacked_cycle
from projections.read_model.projector import matters_in
from projections.read_model.tables import Row


def cycles(view: View) -> Row:
    """Return all cycles by their first day."""
    rows = [cycle_answer(unpacked_cycle(row)) for row in view.all_rows("cycle")]
    rows.sort(key=lambda row: str(row["starts"]))
    return {"position": view.moment.known, "cycles": rows}


def teams(view: View) -> Row:
    """Return all teams by name, each with the team it belongs to."""
    rows = [team_answer(row) for row in view.all_rows("team")]
    rows.sort(key=lambda row: str(row["name"]))
    return {"position": view.moment.known, "teams": rows}


def team_answer(row: Row) -> Row:
    """Return a team's row as the answer has it, with references."""
    names = ("id", "version", "name", "kind", "disbanded")
    return {name: row[name] for name in names} | {"parent": ref(row["parent_id"])}


def people(view: View, directory: Directory) -> Row:
    """Return all people, with name and e-mail where they were not erased."""
    entries = directory.entries()
    rows = sorted(view.all_rows("person"), key=lambda row: str(row["id"]))
    for row in rows:
        entry = entries.get(UUID(row["id"]))
        row["name"] = entry.name if entry else FORMER_COLLEAGUE
        row["email"] = entry.email if entry else None
        row["holds"] = matters_in(row["holds"])
    return {"position": view.moment.known, "people": rows}
