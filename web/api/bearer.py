"""Api keys: what a program sends as `Authorization: Bearer okres_…`, and whether it is let in.

Whatever is wrong with a key, the answer is the same. It is looked up in the log each time, so one
that was revoked is refused at once.
"""

from __future__ import annotations

from flask import current_app, g, request

from okr_es.access.bearer import Bearer, read_bearer
from okr_es.access.rights import INGEST_KEY, Held
from okr_es.application import TRIES, Okr
from okr_es.context import Context
from okr_es.domain.api_key import ApiKey
from okr_es.log.append import StaleDecision
from web.api.command_ids import COMMANDS
from web.api.entrance import entrance
from web.api.problems import Problem
from web.api.signed_in import cookie_name
from web.api.throttle import Failures, retry_after

HEADER, SCHEME = "Authorization", "Bearer"
NO_HASH = "0" * 64  # compared where there is no key, so that this takes as long
CHALLENGE = {"WWW-Authenticate": f'{SCHEME} realm="okr-es"'}
# What an ingest key may ask: about its KPIs, and what became of a command.
OF_A_KPI = frozenset(f"queries.kpis_{each}" for each in ("kpi", "readings", "kpi_plan_and_actual"))
OF_ANY_KEY = frozenset({COMMANDS, "bulk", "receipts", "api-docs", "swagger_ui"})  # blueprints
FAILURES = "okr_es_key_failures"  # among the extensions of an application


def key_of_request() -> ApiKey | None:
    """Return the api key that a request brings, None where it brings none.

    Looked up once a request. Raises a Problem where the key is none that works, or the request
    comes with the cookie of a session as well, or too many came with the key.
    """
    if "api_key" not in g:
        g.api_key = None if HEADER not in request.headers else looked_up()
    found: ApiKey | None = g.api_key
    return found


def looked_up() -> ApiKey:
    """Return the api key of a request, as `key_of_request` does."""
    if request.cookies.get(cookie_name()):
        raise Problem(
            "known-twice", 400, "A request comes with a key or with a session, not with both.",
            f"Leave out {HEADER}, or the cookie.", field=HEADER,
        )  # fmt: skip
    to = entrance()
    scheme, _, sent = request.headers[HEADER].partition(" ")
    bearer = read_bearer(sent.strip()) if scheme.lower() == SCHEME.lower() else None
    key = None if bearer is None else opened_key(to.okr, bearer)
    if key is None:
        failures: Failures = current_app.extensions[FAILURES]
        failures.require_few(request.remote_addr)
        raise Problem(
            "api-key-is-unknown", 401, "There is no such api key, or it works no more.",
            "It may be written wrongly, revoked, or over; ask an administrator for another.",
            field=HEADER, headers=CHALLENGE,
        )  # fmt: skip
    if to.key_uses is not None and (seconds := to.key_uses.take(key.id)):
        raise Problem(
            "too-many-requests", 429, "Too many requests came with this api key.",
            f"Try again in {seconds} seconds.", headers=retry_after(seconds),
        )  # fmt: skip
    g.person_signed_in = key.id
    return key


def opened_key(okr: Okr, bearer: Bearer) -> ApiKey | None:
    """Return the key that was sent, if it works today; None else."""
    for _ in range(TRIES):
        work = okr.work(Context(bearer.key_id))
        try:
            key = work.find(ApiKey, bearer.key_id)
        except StaleDecision:  # the log was replaced
            continue
        is_it = bearer.opens(NO_HASH if key is None else key.secret_hash)
        return key if key is not None and is_it and key.works_on(work.today) else None
    return None


def roles_of(key: ApiKey) -> tuple[Held, ...]:
    """Return the roles of a key, as the table of rights asks for them."""
    return (Held(str(key.role), key.team_id, frozenset(key.kpi_ids)),)


def require_own_kpis(key: ApiKey) -> None:
    """Refuse an ingest key what is not about its KPIs; of its commands the table decides."""
    if key.role != INGEST_KEY or request.blueprint in OF_ANY_KEY:
        return
    asked = (request.view_args or {}).get("id")
    if request.endpoint not in OF_A_KPI or asked not in key.kpi_ids:
        raise Problem(
            "api-key-may-not", 403, "The api key may not ask this.",
            "It may ask about its KPIs, and nothing else.", field=HEADER,
        )  # fmt: skip
