"""Whether the process is up, and whether it is ready to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from web.api.exact_json import JSON, encode
from web.api.problems import being_made_ready

if TYPE_CHECKING:
    from okr_es.application import Okr
    from projections.queries import Queries

MOST_BEHIND = 10_000


def blueprint(okr: Okr, queries: Queries) -> Blueprint:
    """Return the two health routes."""
    made = Blueprint("health", __name__, url_prefix="/health")

    @made.get("/live")
    def live() -> Response:
        return Response(encode({"status": "live"}), content_type=JSON)

    @made.get("/ready")
    def ready() -> Response:
        okr.database.require_writable()
        position = queries.position()
        if position["behind"] > MOST_BEHIND:
            raise being_made_ready(
                f"It is {position['behind']} events behind; more than {MOST_BEHIND} is too many.",
                position=position,
            )
        return Response(encode({"status": "ready", **position}), content_type=JSON)

    return made
