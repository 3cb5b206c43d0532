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

revision, down_revision, safe = "0002", "0001", {safe}

def upgrade():
{body}
'''
TABLES = {"log": "events", "directory": "people", "access_log": "accesses", "jobs": "runs"}
USED_BY = {
    "log": ("", "okr_es.log.recorder.AREA"),
    "directory": ("directory", "okr_es.people.directory.AREA"),
    "access_log": ("access", "okr_es.access_log.AREA"),
    "jobs": ("jobs", "okr_es.jobs.AREA"),
}


def plant(
    patch: pytest.MonkeyPatch, folder: Path, area: str, *statements: str, safe: bool = False
) -> None:
    """Let the program need version 2 of an area, and have these statements lead there."""
    body = "\n".join(f"    {statement}" for statement in statements)
    there = folder / "migrations" / area
    there.mkdir(parents=True)
    (there / "0002_planted.py").write_text(MIGRATION.format(safe=safe, body=body))
    folders_of = schema_versions.folders_of
    patch.setattr(
        schema_versions,
        "folders_of",
        lambda name: [*folders_of(name), *([there] if name == area else [])],
    )
    key, used_by = USED_BY[area]
    newer = replace(areas.AREAS[key], version=2)
    patch.setitem(areas.AREAS, key, newer)
    patch.setattr(used_by, newer)
