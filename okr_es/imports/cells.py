"""Cells: what is left of one without what stands for nothing, and one that cannot be used."""

from __future__ import annotations

import re

from okr_es.imports.mapping import Mapping
from okr_es.imports.words import blank_word

LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
AROUND = re.compile(r"^[\s\u00ad\u200b\u2060\ufeff]+|[\s\u00ad\u200b\u2060\ufeff]+$")


class BadCell(Exception):
    """A cell that cannot be used, by the field it stands for, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def cleaned(cell: str, mapping: Mapping) -> str:
    """Return a cell in one line and without blanks around it; blank words as nothing."""
    bare = LINE_BREAK.sub(" ", AROUND.sub("", cell))
    return "" if mapping.blanks and blank_word(bare) in mapping.blanks else bare
