"""The api keys of programs, as known at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import msgspec

from okr_es.people.directory import Directory, Entry
from projections.api_keys_answers import ApiKeyAnswer, ApiKeysAnswer
from projections.as_of.references import ref
from projections.as_of.view import View, as_of_fields
from projections.read_model.tables import Row

IDLE = timedelta(days=90)
Used = Mapping[UUID, str]  # the last minute of each key


def api_keys(view: View, directory: Directory, used: Used) -> ApiKeysAnswer:
    """Return all api keys by their ids, with their names, and when they were used, of now."""
    rows = sorted(view.all_rows("api_key"), key=lambda row: str(row["id"]))
    names = directory.entries({UUID(row["id"]) for row in rows})
    found = [answer_of(row, names, used, view.moment.day) for row in rows]
    return {**as_of_fields(view), "keys": found}


def answer_of(row: Row, names: Mapping[UUID, Entry], used: Used, day: date) -> ApiKeyAnswer:
    """Return an api key as it is answered."""
    id_ = UUID(row["id"])
    entry, last_used = names.get(id_), used.get(id_)
    works = not row["revoked"] and day.isoformat() <= row["ends"]
    is_idle = last_used is not None and last_used < (day - IDLE).isoformat()
    return {
        "id": row["id"],
        "version": row["version"],
        "name": None if entry is None else entry.name,
        "role": row["role"],
        "team": ref(row["team_id"]),
        "kpis": [ref(id_) for id_ in msgspec.json.decode(row["kpi_ids"], type=list[str])],
        "ends": row["ends"],
        "last_used": last_used,
        "created_by": ref(row["created_by"]),
        "revoked": row["revoked"],
        "works": works,
        "idle": works and is_idle,
    }
