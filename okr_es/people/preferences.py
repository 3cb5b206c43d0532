"""What a person prefers: the language of pages, and which page comes first.

It lies in the encrypted entry of the person in the directory, outside the log, and goes with it.
It is nobody's decision about goals, so no event records it, and no earlier one is kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from okr_es.people.directory import Directory

PREFERENCES = "preferences"
LANGUAGES = ("en", "sv")
FIRST_PAGES = ("home", "board", "tree", "kpis", "teams", "compare", "review", "audit")
ALLOWED = {"language": LANGUAGES, "first_page": FIRST_PAGES}


class Preferences(NamedTuple):
    """What a person prefers; None: nothing, so the browser says the language, and home is first."""

    language: str | None = None
    first_page: str | None = None


def preferences_of(directory: Directory, person_id: UUID) -> Preferences:
    """Return what a person prefers; nothing of somebody who is not in the directory."""
    return read(directory.texts_of([person_id]).get(person_id, {}))


def read(texts: dict[str, Any]) -> Preferences:
    """Return the preferences in an entry; what is none of today's words is left out."""
    kept = texts.get(PREFERENCES, {})
    return Preferences(
        **{name: kept.get(name) if kept.get(name) in words else None
           for name, words in ALLOWED.items()}
    )  # fmt: skip


def keep_preferences(directory: Directory, person_id: UUID, preferred: Preferences) -> None:
    """Keep what a person prefers, in the place of what was kept; nothing of who was erased."""
    kept = {name: value for name, value in preferred._asdict().items() if value is not None}

    def changed(texts: dict[str, Any]) -> dict[str, Any]:
        others = {name: value for name, value in texts.items() if name != PREFERENCES}
        return others | ({PREFERENCES: kept} if kept else {})

    directory.rewrite_entry(person_id, changed)
