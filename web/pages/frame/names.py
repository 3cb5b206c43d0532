"""The present name of a person, for a page about somebody who may know it."""

from __future__ import annotations

from uuid import UUID

from okr_es.application import Okr


def name_of(okr: Okr, person: UUID) -> str:
    """Return the name of a person, as the directory has it; the id where it has none."""
    entry = okr.directory.entries([person]).get(person)
    return entry.name if entry else str(person)
