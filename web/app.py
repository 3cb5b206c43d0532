"""The Flask application: thin, all of it put together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Flask, request
from werkzeug.routing import BaseConverter

from okr_es.application import Okr
from okr_es.domain.cycle import CycleRef, parse_cycle
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.values import exact_id
from web.api import (
    answering,
    bulk,
    commands,
    current_state,
    evidence,
    feed,
    health,
    imports,
    preferences,
    receipts,
)
from web.api import sessions as session_routes
from web.api.bearer import FAILURES, key_of_request, require_own_kpis
from web.api.caller import require_caller
from web.api.entrance import EXTENSION, Entrance, Mode, entrance
from web.api.exact_json import MIB, ExactJson
from web.api.fields import Cycle, Id
from web.api.foreign_pages import refuse_foreign_pages
from web.api.given import refuse_where_none_are_taken
from web.api.openapi.spec import ApiSpec, documentation
from web.api.security_headers import guarded
from web.api.signed_in import signed_in
from web.api.throttle import Failures
from web.api.utf8 import utf8_alone
from web.pages import beginning, choose, me, routes, sign_in, sign_out
from web.pages.frame import assets
from web.pages.frame.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from okr_es.access.key_uses import KeyUses
    from okr_es.access.sessions import Sessions
    from projections.queries import Queries
    from web.oidc.exchange import Exchange
    from web.pages.link_by_mail import Post

PREFIX = "/api/v1"


class Unreadable(str):
    """The error message for a text in a path that is no id."""

    __slots__ = ()


class IdConverter(BaseConverter):
    """An id in a path."""

    openapi = Id.openapi

    def to_python(self, value: str) -> CycleRef | Unreadable:
        """Return the id, or why there is none: `require_ids` refuses it by its name."""
        return exact_id(value) or Unreadable(f"{value} is not a UUID.")

    def to_url(self, value: Any) -> str:
        """Return the id as it stands in a path."""
        return str(value)


class CycleConverter(IdConverter):
    """A cycle in a path, by its id or by a name such as 2025-Q3."""

    openapi = Cycle.openapi

    def to_python(self, value: str) -> CycleRef | Unreadable:
        """Return the id or the name, or why it is neither."""
        try:
            return parse_cycle(value)
        except Invalid as error:
            return Unreadable(error.message)


ROUTE, ENDPOINT = "okr_es.route", "okr_es.endpoint"  # in the environment of a request
CONVERTERS = {"uuid": IdConverter, "cycle": CycleConverter}


class App(Flask):
    """Flask, all of whose functions are plain ones: none is looked at to find out, each time."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function."""
        return func


def require_ids() -> None:
    """Refuse a path that has another text in the place of an id: NotFound, with the field."""
    for name, value in (request.view_args or {}).items():
        if isinstance(value, Unreadable):
            raise NotFound(value, field=name)


def name_route() -> None:
    """Name route and command of the request, for figures and logs."""
    rule = request.url_rule
    if rule is not None:
        request.environ |= {ROUTE: rule.rule, ENDPOINT: rule.endpoint}


def look_for_caller() -> None:
    """Find out who calls, whatever of the API is asked for: so a session in use goes on.

    Nobody is said where there is neither a key nor a cookie: that is seen at no cost.
    """
    environ = request.environ
    says = "HTTP_AUTHORIZATION" in environ or "HTTP_COOKIE" in environ
    if not says or not request.path.startswith(f"{PREFIX}/"):  # with one slash, as for routes
        return
    if (key := key_of_request()) is not None:
        require_own_kpis(key)
    elif entrance().sessions is not None:
        signed_in()


def create_app(
    okr: Okr,
    queries: Queries,
    *,
    mode: Mode,
    default_actor: UUID | None = None,
    sessions: Sessions | None = None,
    exchanges: Mapping[str, Exchange] | None = None,
    post: Post | None = None,
    key_uses: KeyUses | None = None,
) -> Flask:
    """Return the Flask application: commands, queries, evidence, documentation and health.

    `mode` says whom it believes, and whether the table of rights holds. `default_actor` calls where
    a request names nobody and that is enough. Without `sessions` nobody can sign in;
    `exchanges` are those with the providers of identity at which people may, `post` sends links to
    those who ask for one. Without `key_uses` no request that comes with an api key is counted.
    """
    app = App(__name__, static_folder=None)
    app.json = ExactJson(app)
    app.config["MAX_CONTENT_LENGTH"] = MIB
    app.url_map.converters |= CONVERTERS
    app.before_request(refuse_foreign_pages)
    app.before_request(name_route)
    app.before_request(require_ids)
    app.before_request(look_for_caller)
    app.extensions[EXTENSION] = Entrance(okr, mode, sessions, key_uses, default_actor)
    app.extensions[FAILURES] = Failures()
    spec = ApiSpec(app, PREFIX)
    spec.register_blueprint(commands.blueprint(okr, PREFIX))
    spec.register_blueprint(bulk.blueprint(okr, PREFIX))
    spec.register_blueprint(receipts.blueprint(okr, queries, PREFIX))
    spec.register_blueprint(answering.blueprint(okr, queries, PREFIX))
    spec.register_blueprint(feed.blueprint(okr, queries, PREFIX))
    spec.register_blueprint(evidence.blueprint(okr, queries, PREFIX))
    spec.register_blueprint(imports.blueprint(okr, queries, PREFIX))
    spec.register_blueprint(preferences.blueprint(okr, PREFIX))
    spec.register_blueprint(session_routes.blueprint(okr, PREFIX))
    current_state.register(app, okr, queries)
    app.register_blueprint(health.blueprint(okr, queries))
    if sessions is not None:
        register_sign_in(app, okr, sessions, exchanges or {}, post)
        app.register_blueprint(me.blueprint(okr, queries, sessions, mode))
        app.register_blueprint(routes.blueprint(Site(okr, queries, sessions, mode)))
        if mode is Mode.DEVELOPMENT:
            app.register_blueprint(choose.blueprint(okr, queries, sessions))
    app.register_blueprint(assets.blueprint())
    app.register_blueprint(beginning.blueprint(mode, has_pages=sessions is not None))
    if mode.enforces:
        app.before_request(require_caller)
    app.before_request(refuse_where_none_are_taken)
    documentation(app, f"{PREFIX}")
    app.wsgi_app = guarded(utf8_alone(app.wsgi_app))  # type: ignore[assignment,method-assign]
    return app


def register_sign_in(
    app: Flask,
    okr: Okr,
    sessions: Sessions,
    exchanges: Mapping[str, Exchange],
    post: Post | None,
) -> None:
    """Register the pages on which people sign in, by links and at providers."""
    ways = [sign_in.Way(each.provider.title, each.begins_at) for each in exchanges.values()]
    app.register_blueprint(sign_in.blueprint(okr, sessions, ways, by_mail=post is not None))
    endings = {
        name: sign_in.Ending(each.provider.title, each.signing_out)
        for name, each in exchanges.items()
    }
    app.register_blueprint(sign_out.blueprint(okr, sessions, endings))
    if post is not None:
        from web.pages import link_by_mail

        app.register_blueprint(link_by_mail.blueprint(okr, sessions, post))
    if exchanges:
        from web.pages import oidc

        app.register_blueprint(oidc.blueprint(okr, sessions, exchanges))
