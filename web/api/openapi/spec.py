"""The OpenAPI page of the API, made from the routes, and the page of documentation in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import fields

from web import version
from web.api import evidence, feed, imports, preferences, problems, queries, sessions
from web.api.bulk_answers import LineVerdict
from web.api.exact_json import JSON, encode
from web.api.fields import Field
from web.api.openapi.components import components
from web.api.openapi.finish import finish
from web.api.openapi.operations import DEFAULT, PARAMETERS, RESPONSES
from web.api.representation import Done, Outcome

TITLE = "okr-es"
ANSWERS = (
    problems.ProblemAnswer,
    Done,
    LineVerdict,
    Outcome,
    *(route.answer for route in queries.ROUTES),
    *evidence.ANSWERS,
    *imports.ANSWERS,
    *preferences.ANSWERS,
    sessions.SessionsAnswer,
    feed.FeedEventAnswer,
)
INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class ApiSpec(Api):
    """flask-smorest with our own problems, fields and components."""

    def __init__(self, app: Flask, prefix: str) -> None:
        app.config.update(
            API_TITLE=TITLE,
            API_VERSION=version(),
            OPENAPI_VERSION="3.1.0",
            OPENAPI_URL_PREFIX=prefix,
            OPENAPI_JSON_PATH="openapi.json",
        )
        self._page, self._prefix = b"", prefix
        self._to_describe: list[Blueprint] = []
        self._describing = threading.Lock()
        super().__init__(app)
        self.ma_plugin.converter.add_attribute_function(described)
        for name in ("uuid", "cycle"):
            self.register_converter(app.url_map.converters[name], lambda each: dict(each.openapi))
        for name, parameter in PARAMETERS.items():
            self.spec.components.parameter(name, "header", {"name": name, **parameter})

    def _register_error_handlers(self) -> None:
        problems.register(self._app)

    def _register_responses(self) -> None:
        for name, response in {**RESPONSES, self.DEFAULT_ERROR_RESPONSE_NAME: DEFAULT}.items():
            self.spec.components.response(name, response, lazy=True)

    def _register_etag_headers(self) -> None:
        """Leave out flask-smorest's own; PARAMETERS has ours."""

    def _register_pagination_header(self) -> None:
        """Leave it out: nothing here is paged by it, and it documents a header as an object."""

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Register its routes; they are described once somebody asks for the page."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._to_describe.append(blueprint)

    def _openapi_json(self) -> Response:
        with self._describing:
            if not self._page:
                self._page = self._described()
        return Response(self._page, content_type=JSON)

    def _described(self) -> bytes:
        """Return the page, made of all routes; that takes a fifth of a second, once."""
        for each in self._to_describe:
            each.register_views_in_doc(self, self._app, self.spec, name=each.name, parameters=None)
        document = self.spec.to_dict()
        parts = document["components"]
        parts["schemas"] = parts["schemas"] | components(ANSWERS)
        return encode(finish(document, self._prefix))


def described(_: Any, field: fields.Field[Any], **__: Any) -> dict[str, Any]:
    """Return what OpenAPI says of a field of ours, null included where it may be null."""
    if not isinstance(field, Field):
        return {}
    schema: dict[str, Any] = dict(field.openapi)
    if field.allow_none:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*kinds, "null"]
    limits = dict(field.metadata)
    for bound in ("minimum", "maximum"):  # one of each kind is enough
        exclusive = f"exclusive{bound.capitalize()}"
        if limits.keys() & {bound, exclusive}:
            schema = {name: said for name, said in schema.items() if name not in {bound, exclusive}}
    return schema | limits


def documentation(app: Flask, prefix: str) -> None:
    """Serve the documentation page from files of the package; it loads nothing from other sites."""
    pages = get_swaggerui_blueprint(
        f"{prefix}/docs",
        f"{prefix}/openapi.json",
        config={"app_name": TITLE, "validatorUrl": None, "oauth2RedirectUrl": ""},
    )
    pages.after_request(allow_scripts)
    app.register_blueprint(pages)


def allow_scripts(response: Response) -> Response:
    """Let the page run its own scripts, the one written into it by its hash, and no others."""
    allowed = "'self'"
    if response.mimetype == "text/html":
        for script in INLINE_SCRIPT.findall(response.get_data()):
            digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
            allowed += f" 'sha256-{digest}'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response
