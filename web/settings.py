"""The settings of the server and the command line: environment variables, read in one place."""

from __future__ import annotations

import os
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

if TYPE_CHECKING:
    from okr_es.access.sessions import Limits
    from okr_es.application import Okr
    from okr_es.log.clocks import ClockLimits

DATABASE = "OKR_ES_DATABASE"
KEYS_DATABASE = "OKR_ES_KEYS_DATABASE"
TIMEZONE = "OKR_ES_TIMEZONE"
DEFAULT_ACTOR = "OKR_ES_DEFAULT_ACTOR"
CLOCK_AHEAD = "OKR_ES_CLOCK_AHEAD"
CLOCK_GAP = "OKR_ES_CLOCK_GAP"
URL = "OKR_ES_URL"
OIDC = "OKR_ES_OIDC"
SMTP = "OKR_ES_SMTP"
MAIL_FROM = "OKR_ES_MAIL_FROM"
DEVELOPMENT = "OKR_ES_DEVELOPMENT"
SESSION_IDLE = "OKR_ES_SESSION_IDLE_MINUTES"
SESSION_LONGEST = "OKR_ES_SESSION_HOURS"
KEY_REQUESTS = "OKR_ES_KEY_REQUESTS"
MOST = 1e6
DEFAULT_DATABASE = "sqlite:///okr.db"


class Unusable(Exception):
    """A setting or an address cannot be used; the message says why."""


def opened() -> Okr:
    """Return the application the environment names; who leaves or is erased is signed out."""
    from okr_es.access.leaving import sign_out_leavers
    from okr_es.application import Okr
    from okr_es.database.timeouts import NoTimeout
    from okr_es.domain.refusals import Invalid, ZoneContradicts

    timezone = os.environ.get(TIMEZONE) or None
    url = named_database()
    try:
        okr = Okr(url, timezone=timezone, clock_limits=clock_limits())
        okr.on_commit.append(sign_out_leavers(url, okr.clock))
        return okr
    except Invalid as error:
        if error.field != "zone":
            raise
        raise Unusable(f"{TIMEZONE} is no time zone: {timezone}.") from None
    except NoTimeout as error:
        raise Unusable(str(error)) from None
    except ZoneContradicts as error:
        raise Unusable(f"{TIMEZONE} cannot be used: {error.message}") from None


def named_database() -> str:
    """Return the URL of the database the environment names, and of its keys if they are apart.

    Raises UnusableDatabase.
    """
    return with_keys(os.environ.get(DATABASE), os.environ.get(KEYS_DATABASE))


def with_keys(url: str | None, keys: str | None) -> str:
    """Return the URL of a database, or of the one used where none is named, and of its keys."""
    from okr_es.database.engines import with_keys_at

    url = url or DEFAULT_DATABASE
    return with_keys_at(url, keys) if keys else url


def clock_limits() -> ClockLimits:
    """Return how far the server's clock may be from others."""
    from okr_es.log.clocks import ClockLimits

    limits = ClockLimits()
    return ClockLimits(
        timedelta(seconds=number(CLOCK_AHEAD, limits.ahead.total_seconds())),
        timedelta(days=number(CLOCK_GAP, limits.gap.days)),
    )


def session_limits() -> Limits:
    """Return how long sessions last."""
    from okr_es.access.sessions import Limits

    limits = Limits()
    return Limits(
        idle=timedelta(minutes=number(SESSION_IDLE, limits.idle / timedelta(minutes=1))),
        longest=timedelta(hours=number(SESSION_LONGEST, limits.longest / timedelta(hours=1))),
    )


def key_requests() -> int:
    """Return how many requests an api key may send in a minute: a whole number, 1 at least."""
    from okr_es.access.key_uses import PER_MINUTE

    return max(1, int(number(KEY_REQUESTS, PER_MINUTE)))


def number(name: str, otherwise: float) -> float:
    """Return a setting that is a number above 0."""
    written = os.environ.get(name)
    try:
        found = float(written) if written else otherwise
    except ValueError:
        found = 0.0
    if not 0 < found < MOST:
        raise Unusable(f"{name} is no number above 0: {written}.")
    return found


def default_actor() -> UUID | None:
    """Return the person who acts where nobody is named, if the environment names one."""
    written = os.environ.get(DEFAULT_ACTOR)
    try:
        return UUID(written) if written else None
    except ValueError:
        raise Unusable(f"{DEFAULT_ACTOR} is no UUID: {written}.") from None


def in_development() -> bool:
    """Return whether the server is for trying okr-es on this machine: nobody has to sign in."""
    return os.environ.get(DEVELOPMENT) == "1"


def providers_file() -> Path | None:
    """Return the file of the providers of identity, if the environment names one."""
    written = os.environ.get(OIDC)
    return Path(written) if written else None


def server_url() -> str:
    """Return where the server answers, without a slash at its end; for what leads back to it."""
    written = os.environ.get(URL)
    if not written:
        raise Unusable(f"{URL} must say where the server answers, such as https://okr.example.")
    return address_in(written)


def address_in(written: str) -> str:
    """Return the address of a server, without a slash at its end; raise Unusable for none."""
    try:
        parts = urlsplit(written)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one or parts.query or parts.fragment:
        raise Unusable(f"{URL} is no URL such as https://okr.example.org: {written}.")
    return written.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Return whether a host is a name or an address of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def mail_settings() -> tuple[str | None, str | None]:
    """Return the URL of the server of mail, and who mail is from, where they are set."""
    return os.environ.get(SMTP), os.environ.get(MAIL_FROM)
