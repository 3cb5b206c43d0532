"""The Flask application: thin, all of it put together here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from okr_es.application import Okr

from . import command_routes, evidence_routes, health, query_routes
from .exact import MIB, ExactJson
from .fields import cycle_by
from .headers import guarded
from .openapi import Door, documentation

if TYPE_CHECKING:
    from projections.queries import Queries

PREFIX = "/api/v1"


class CycleConverter(BaseConverter):
    """A cycle in a path, by its id or by a name such as 2025-Q3."""

    def to_python(self, value: str) -> UUID:
        """Return the id of the cycle."""
        found = cycle_by(value)
        if found is None:
            raise ValidationError
        return found

    def to_url(self, value: Any) -> str:
        """Return the cycle as it stands in a path."""
        return str(value)


def create_app(okr: Okr, queries: Queries, *, default_actor: UUID | None = None) -> Flask:
    """Return the door to an okr-es: commands, queries, documentation and health."""
    app = Flask(__name__, static_folder=None)
    app.json = ExactJson(app)
    app.config["MAX_CONTENT_LENGTH"] = MIB
    app.url_map.converters["cycle"] = CycleConverter
    door = Door(app, PREFIX)
    door.register_blueprint(command_routes.blueprint(okr, PREFIX, default_actor))
    door.register_blueprint(query_routes.blueprint(okr, queries, PREFIX, default_actor))
    door.register_blueprint(evidence_routes.blueprint(okr, queries, PREFIX, default_actor))
    app.register_blueprint(health.blueprint(queries))
    documentation(app, f"{PREFIX}")
    app.wsgi_app = guarded(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app
