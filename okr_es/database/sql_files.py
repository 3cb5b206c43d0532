"""SQL of triggers and functions, kept in files beside the code that needs it."""

from __future__ import annotations

from functools import cache
from importlib import resources


def statements_of(package: str, name: str, **words: str) -> list[str]:
    """Return the statements of a file in a package's folder `sql`; a blank line ends each.

    Each {word} in them is replaced.
    """
    text = text_of(package, name)
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text.strip().split("\n\n")


@cache
def text_of(package: str, name: str) -> str:
    """Return the text of a file: tables of a read model are made again and again."""
    return (resources.files(package) / "sql" / name).read_text(encoding="utf-8")
