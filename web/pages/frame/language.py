"""The language of a page: what the person prefers, else what the browser accepts best.

Texts stand in English where they are used; `locale/<language>/messages.po` has the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g
from jinja2 import Environment

from web.api.parameters import CHOSEN_LANGUAGE, accepted_language

FOLDER = Path(__file__).parent.parent / "locale"
# With their countries: `sv` alone counts weeks in another way than Sweden does.
LOCALES = {"en": Locale("en", "GB"), "sv": Locale("sv", "SE")}
ORIGINAL = "en"


def choose(language: str | None) -> None:
    """Let the rest of the request be answered in a language; None: what the browser accepts."""
    g.pop(CHOSEN_LANGUAGE, None)
    if language is not None:
        setattr(g, CHOSEN_LANGUAGE, language)


def locale() -> Locale:
    """Return the locale of the page that is being made."""
    return LOCALES[accepted_language()]


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the texts of a language; those of the original are what stands in the code."""
    if language == ORIGINAL:
        return NullTranslations()
    with (FOLDER / language / "messages.po").open("rb") as file:
        texts = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str) -> str:
    """Return a text in the language of the page."""
    return catalogue(accepted_language()).ugettext(text)


def ngettext(one: str, several: str, count: int) -> str:
    """Return the one or the other text in the language of the page, as its grammar has it."""
    return catalogue(accepted_language()).ungettext(one, several, count)


def said(text: str, values: Mapping[str, Any]) -> str:
    """Return a text in the language of the page, with values for its `%(name)s`."""
    return gettext(text) % values


def add_to(environment: Environment) -> None:
    """Let templates write `_("text")` and `{% trans %}`."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
