"""A newer program, for tests: one more migration of an area, and a version more to need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from okr_es import areas
from okr_es.database import schema_versions

MIGRATION = '''
"""Planted by a test."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, safe = "{newer:04}", "{older:04}", {safe}

def upgrade():
{body}
'''
TABLES = {
    "log": "events",
    "directory": "people",
    "access_log": "accesses",
    "jobs": "runs",
    "sessions": "links",
}
USED_BY = {
    "log": ("", "okr_es.log.recorder.AREA"),
    "directory": ("directory", "okr_es.people.directory.AREA"),
    "access_log": ("access", "okr_es.access_log.AREA"),
    "jobs": ("jobs", "okr_es.jobs.AREA"),
    "sessions": ("sessions", "okr_es.access.sessions.AREA"),
}


def plant(
    patch: pytest.MonkeyPatch, folder: Path, area: str, *statements: str, safe: bool = False
) -> None:
    """Let the program need a version more of an area, and have these statements lead there."""
    key, used_by = USED_BY[area]
    older = areas.AREAS[key].version
    body = "\n".join(f"    {statement}" for statement in statements)
    there = folder / "migrations" / area
    there.mkdir(parents=True)
    text = MIGRATION.format(older=older, newer=older + 1, safe=safe, body=body)
    (there / f"{older + 1:04}_planted.py").write_text(text)
    folders_of = schema_versions.folders_of
    patch.setattr(
        schema_versions,
        "folders_of",
        lambda name: [*folders_of(name), *([there] if name == area else [])],
    )
    newer = replace(areas.AREAS[key], version=older + 1)
    for known in (areas.AREAS, areas.RECORDED):
        if key in known:
            patch.setitem(known, key, newer)
    patch.setattr(used_by, newer)
