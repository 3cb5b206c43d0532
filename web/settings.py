"""The settings of the server and the command line: environment variables, read in one place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from okr_es.application import Okr

DATABASE = "OKR_ES_DATABASE"
TIMEZONE = "OKR_ES_TIMEZONE"
DEFAULT_ACTOR = "OKR_ES_DEFAULT_ACTOR"
DEFAULT_DATABASE = "sqlite:///okr.db"


class Unusable(Exception):
    """A setting or an address cannot be used; the message says why."""


def opened() -> Okr:
    """Return the application the environment names."""
    from okr_es.application import Okr
    from okr_es.database.timeouts import NoTimeout
    from okr_es.domain.refusals import Invalid, ZoneContradicts

    timezone = os.environ.get(TIMEZONE) or None
    try:
        return Okr(os.environ.get(DATABASE, DEFAULT_DATABASE), timezone=timezone)
    except Invalid as error:
        if error.field != "zone":
            raise
        raise Unusable(f"{TIMEZONE} is no time zone: {timezone}.") from None
    except NoTimeout as error:
        raise Unusable(str(error)) from None
    except ZoneContradicts as error:
        raise Unusable(f"{TIMEZONE} cannot be used: {error.message}") from None


def default_actor() -> UUID | None:
    """Return the person who acts where nobody is named, if the environment names one."""
    written = os.environ.get(DEFAULT_ACTOR)
    try:
        return UUID(written) if written else None
    except ValueError:
        raise Unusable(f"{DEFAULT_ACTOR} is no UUID: {written}.") from None
