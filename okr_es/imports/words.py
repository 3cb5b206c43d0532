"""Words of maps and files, as they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from okr_es.domain import look_alike as domain

DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
NEAR = 0.6

# A file says the same words in row after row.
look_alike = lru_cache(maxsize=10_000)(domain.look_alike)


@lru_cache(maxsize=10_000)
def folded(word: str) -> str:
    """Return a word without its case, and with single blanks for what stands between its parts."""
    return domain.look_alike(word.replace("_", " "))


@lru_cache(maxsize=10_000)
def blank_word(word: str) -> str:
    """Return a word that may stand for a blank cell, whatever dash it is written with."""
    return DASHES.sub("-", domain.look_alike(word))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a question for the known word that is most like an unknown one, or nothing."""
    by_look = {look_alike(each): each for each in known}
    found = get_close_matches(look_alike(word), by_look, 1, NEAR)
    return f" (did you mean {by_look[found[0]]!r}?)" if found else ""
