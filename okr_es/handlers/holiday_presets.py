"""Holidays of countries, from the library `holidays`, chosen once and then recorded.

A newer library never moves what was chosen. Days that are no public holidays, but on which nobody
works in fact, are among them: in Sweden Midsummer Eve, Christmas Eve and New Year's Eve.
"""

from __future__ import annotations

import re

from okr_es.domain.calendar import Holiday
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import FIRST_YEAR, LAST_YEAR

PLACE = re.compile(r"(?P<country>[A-Z]{2})(?:-(?P<part>[A-Z0-9]{1,4}))?")
CATEGORIES = ("public", "de_facto")
MOST_YEARS = 50


def preset(place: str, first_year: int, last_year: int) -> tuple[Holiday, ...]:
    """Return the holidays of a country (`SE`) or a part of it (`DE-BY`) in some years.

    Names are in the first language of the country. Raises Invalid with the field at fault.
    """
    import holidays  # takes a tenth of a second, and is needed for few commands

    require_years(first_year, last_year)
    found = PLACE.fullmatch(place)
    known = holidays.list_supported_countries()
    if found is None or found["country"] not in known:
        raise Invalid(f"No holidays of {place} are known: write SE, or DE-BY.", field="holidays_of")
    if found["part"] is not None and found["part"] not in known[found["country"]]:
        parts = ", ".join(known[found["country"]]) or "none"
        raise Invalid(f"{place} is no part of it; known are: {parts}.", field="holidays_of")
    country = getattr(holidays, found["country"])
    days = country(
        subdiv=found["part"],
        years=range(first_year, last_year + 1),
        categories=[each for each in CATEGORIES if each in country.supported_categories],
        language=country.default_language,
    )
    return tuple(
        Holiday(day, name)
        for day, name in sorted(days.items())
        if first_year <= day.year <= last_year
    )


def require_years(first_year: int, last_year: int) -> None:
    """Refuse years far from any goal, and more of them than anybody plans for."""
    for field, year in (("preset_from", first_year), ("preset_to", last_year)):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Invalid(f"{field} is outside the years {FIRST_YEAR}–{LAST_YEAR}.", field=field)
    if not 0 <= last_year - first_year < MOST_YEARS:
        raise Invalid(
            f"preset_to lies before preset_from, or more than {MOST_YEARS} years behind it.",
            field="preset_to",
        )
