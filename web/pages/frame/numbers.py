"""Numbers as people type them, in the language of the page: 1,000.5 in English, 1 000,5 in Swedish.

A dot is a decimal point in both: who copies a number from elsewhere means one. A comma in English
stands between thousands, and is refused anywhere else, as it may have been meant as a point.
"""

from __future__ import annotations

import re

from web.pages.frame.formats import MINUS
from web.pages.frame.language import locale

BLANKS = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")
GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def plain_number(typed: str) -> str:
    """Return a number as the API writes it; what is none is returned as it was typed."""
    text = BLANKS.sub("", typed).replace(MINUS, "-").removeprefix("+")
    if locale().language == "sv":
        return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    return text.replace(",", "") if GROUPED.fullmatch(text) else text
