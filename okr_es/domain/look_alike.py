"""Texts that a reader takes for the same."""

from __future__ import annotations

import re
from datetime import date

from okr_es.domain.values import FIRST_YEAR, LAST_YEAR, calendar_span, folded

# Shown as a blank without being one: Mongolian vowel separator, Braille blank, Hangul filler.
BLANKS = re.compile(r"[\s\u180e\u2800\u3164]+")
# Shown as nothing: soft hyphen, zero-width blank and joiners, marks of direction and byte order.
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
WORD_OR_NUMBER = re.compile(r"[^\W\d_]+\d*|\d+")


def look_alike(text: str) -> str:
    """Return one text for all that look like this one.

    Neither case nor the way a letter is composed counts, nor what kind of blank stands between
    two words, nor how many. A letter with a mark stays another letter: å is not a.
    """
    return BLANKS.sub(" ", folded(UNSEEN.sub("", text))).strip()


def alike_cycles(name: str) -> tuple[str, ...]:
    """Return what alike names of cycles have in common: 2026-Q1, 2026q1, Q1_2026, 2026.Q01.

    Words stay in their order, then come years, then other numbers; signs between them say nothing.
    """
    words, years, numbers = [], [], []
    for part in WORD_OR_NUMBER.findall(look_alike(name)):
        letters = part.rstrip("0123456789")
        number = part[len(letters) :].lstrip("0")
        if letters:
            words.append(letters + number)
        elif len(number) == 4 and FIRST_YEAR <= int(number) <= LAST_YEAR:
            years.append(number)
        else:
            numbers.append(number)
    return (*words, *years, *numbers)


def dates_of_alike(name: str) -> tuple[date, date] | None:
    """Return the calendar dates that a name of a cycle, or what looks like it, stands for."""
    match alike_cycles(name):
        case (word, year):
            return calendar_span(f"{year}-{word.upper()}")
        case (year,):
            return calendar_span(year)
    return None
