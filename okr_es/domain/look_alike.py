"""Texts that a reader takes for the same."""

from __future__ import annotations

import re

from okr_es.domain.values import folded

# Shown as a blank without being one: Mongolian vowel separator, Braille blank, Hangul filler.
BLANKS = re.compile(r"[\s\u180e\u2800\u3164]+")
# Shown as nothing: soft hyphen, zero-width blank and joiners, marks of direction and byte order.
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def look_alike(text: str) -> str:
    """Return one text for all that look like this one.

    Neither case nor the way a letter is composed counts, nor what kind of blank stands between
    two words, nor how many. A letter with a mark stays another letter: å is not a.
    """
    return BLANKS.sub(" ", folded(UNSEEN.sub("", text))).strip()
