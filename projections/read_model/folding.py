"""Text as a search compares it: without regard to case, accents, or how letters are composed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Letters that Unicode does not take apart, with what is searched for in their place.
LETTERS = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
    "\u0131": "i",
})  # fmt: skip
TITLE_CHARACTERS = 200  # of a folded title that titles are sorted by: an index bears no more


def folded(text: str) -> str:
    """Return a text as texts are compared: lower case, no accents, blanks as one.

    A ligature is its letters, `ß` is `ss`, `Å` is `a`, in whichever way it was typed. Folding what
    is folded changes nothing.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    again = unicodedata.normalize("NFKD", bare.casefold().translate(LETTERS))
    return " ".join(again.split())


# Of titles and descriptions, which are no secrets: most versions of a goal have those of the last.
folded_again = lru_cache(maxsize=4_096)(folded)


def title_key(title: str) -> str:
    """Return what a title, or a name, is sorted by."""
    return folded_again(title)[:TITLE_CHARACTERS]


def words(title: str, description: str | None) -> str:
    """Return what a search looks through: title and description, on lines of their own."""
    found = folded_again(title)
    return found if description is None else f"{found}\n{folded_again(description)}"
