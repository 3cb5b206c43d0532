"""What teams were called on a day."""

from __future__ import annotations

from projections.as_of.view import View

NAMES = "SELECT id, name, known_from FROM team WHERE known_from <= :known ORDER BY known_from"


def team_names(view: View) -> dict[str, str]:
    """Return the names of all teams at the moment, by id; of one formed later its first name."""
    found: dict[str, str] = {}
    for id_, name, known_from in view.rows(NAMES, known=view.moment.known):
        if known_from <= view.moment.plan or id_ not in found:
            found[id_] = name
    return found
