"""Whether there is a read model to be served, seen from outside; nothing is changed or built."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from okr_es.database.database import Database
from projections.read_model import tables
from projections.read_model.generations import area

SERVED = "SELECT generation FROM read_model WHERE name = :name AND version = :version AND served"


def served_position(url: str) -> int | None:
    """Return the position of the read model that is served, None if there is none.

    Raises DBAPIError or FileNotFoundError where the one that should be served cannot be read.
    """
    generation = served_generation(url)
    if generation is None:
        return None
    model = Database(url, area(generation, tables.VERSION), disposable=True)
    try:
        if model.lacks_file():
            raise FileNotFoundError(2, "the file of the read model is missing", str(model.path))
        ((position,),) = model.rows("SELECT position FROM progress", {})
        return int(position)
    finally:
        model.dispose()


def served_generation(url: str) -> int | None:
    """Return the generation that is registered as served, None if there is none."""
    registry = Database(url, tables.REGISTRY, disposable=True)
    try:
        if registry.lacks_file():
            return None
        found = registry.rows(SERVED, {"name": tables.NAME, "version": tables.VERSION})
    except DBAPIError:  # nothing was registered yet
        return None
    finally:
        registry.dispose()
    return int(found[0][0]) if found else None
