"""Numbers as people and programs write them, made exact."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from okr_es.domain import values
from okr_es.domain.refusals import Refusal
from okr_es.imports.cells import BadCell
from okr_es.imports.mapping import Mapping

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
BLANK = re.compile(r"\s")
# What looks like a sign of numbers, and the sign it stands for: minus, percent, thousands.
LOOK_ALIKE_SIGNS = str.maketrans({
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"),
    "\uff0b": "+",
    **dict.fromkeys("\uff05\ufe6a", "%"),
    **dict.fromkeys("\u2019\u02bc\u2032\uff07", "'"),
})  # fmt: skip


class Number(NamedTuple):
    """A number, and whether it was written with a percent sign."""

    value: Decimal
    is_share: bool


def plain(text: str) -> str:
    """Return text with simple signs and blanks in the place of those that look like them."""
    return BLANK.sub(" ", text.translate(LOOK_ALIKE_SIGNS)).strip()


def number(cell: str, of: str, mapping: Mapping) -> Number:
    """Return the exact number a cell holds; raise BadCell for any other text."""
    written = plain(cell)
    is_share = written.endswith("%")
    if is_share and not mapping.percent:
        raise BadCell(of, f"{cell!r} has a percent sign; percent = true in the map allows it.")
    digits = ungrouped(written.removesuffix("%").rstrip(), cell, of, mapping)
    if NUMBER.fullmatch(digits) is None:
        raise BadCell(of, f"{cell!r} is no number{advice(written)}.")
    found = Decimal(digits)
    if is_share:
        sign, figures, exponent = found.as_tuple()
        found = Decimal((sign, figures, int(exponent) - 2))
    try:
        return Number(values.exact(found, of), is_share)
    except Refusal as refusal:
        raise BadCell(of, refusal.message) from refusal


def ungrouped(written: str, cell: str, of: str, mapping: Mapping) -> str:
    """Return a number's text with a point and without marks between its thousands."""
    whole, point, rest = written.partition(mapping.decimal)
    mark = plain(mapping.thousands) or " " * len(mapping.thousands)
    if mark and mark in whole:
        if re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(mark)}\d{{3}})+", whole, re.ASCII) is None:
            raise BadCell(of, f"{cell!r} has {mark!r} elsewhere than between thousands.")
        whole = whole.replace(mark, "")
    elif not mark and "," in written and mapping.decimal != ",":
        raise BadCell(
            of, f"{cell!r} has a comma; thousands or decimal in the map says its meaning."
        )
    if mapping.decimal != "." and "." in whole + rest:
        raise BadCell(of, f"{cell!r} is no number.")
    return whole + ("." if point else "") + rest


def advice(written: str) -> str:
    """Return what to do about a text that is no number, where that can be guessed."""
    if written.startswith("(") and written.endswith(")"):
        return "; below zero it is written with a minus sign, not in parentheses"
    if not any(sign.isdigit() for sign in written):
        return "; where it stands for a blank cell, add it to blanks in the map"
    if " " in written:
        return "; a blank between thousands is allowed by thousands in the map"
    return ""
