"""What a kind of warnings is made of."""

from __future__ import annotations

from typing import NamedTuple

# What is said of one, and of any other number; one text where the number is not said.
Sentence = str | tuple[str, str]


class WarningKind(NamedTuple):
    """A kind of warnings: what its things are, and its sentence in each language.

    `counted` is the kind of its things that its count is of, each once; None: of anything else.
    """

    things: str
    en: Sentence
    sv: Sentence
    counted: str | None = None
