"""Whether the process is up, and whether it is ready to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from web.api.exact_json import JSON, encode
from web.api.problems import being_made_ready

if TYPE_CHECKING:
    from okr_es.application import Okr
    from projections.queries import Queries

MOST_BEHIND = 10_000
WATCHES = "okr_es.watches"  # in the environment of a request: who asks may see positions


def blueprint(okr: Okr, queries: Queries) -> Blueprint:
    """Return the two health routes. Strangers learn whether it is ready, and no more."""
    made = Blueprint("health", __name__, url_prefix="/health")

    @made.get("/live")
    def live() -> Response:
        return Response(encode({"status": "live"}), content_type=JSON)

    @made.get("/ready")
    def ready() -> Response:
        okr.database.require_writable()
        position, watches = queries.position(), request.environ.get(WATCHES, True)
        if position["behind"] > MOST_BEHIND:
            behind = f"{position['behind']} events" if watches else "too many events"
            why = f"It is {behind} behind; more than {MOST_BEHIND} is too many."
            raise being_made_ready(why, **({"position": position} if watches else {}))
        shown = {"status": "ready", **(position if watches else {})}
        return Response(encode(shown), content_type=JSON)

    return made
