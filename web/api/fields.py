"""The fields of requests: how each is checked, its error in a sentence, its OpenAPI schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from marshmallow import ValidationError, fields

from okr_es.domain.cycle import NAME, CycleRef, parse_cycle
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import (
    DIGITS_AFTER,
    DIGITS_BEFORE,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_TEXT,
    exact_id,
)
from web.api.exact_json import number

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BIGGEST_INTEGER = 2**63 - 1
FLOAT_DIGITS = 15  # significant decimal digits that a 64-bit binary float (IEEE 754) always keeps


class Field(fields.Field[Any]):
    """A field with what OpenAPI should say of it."""

    openapi: Mapping[str, Any] = {}


class Text(Field):
    """Text, not empty, without NUL."""

    default_error_messages = {  # noqa: RUF012  - marshmallow merges it along the classes
        "type": "Not text.",
        "nul": "Holds a NUL character.",
        "length": "Not 1 to {longest} characters.",
    }
    openapi = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("type")
        if "\x00" in value:
            raise self.make_error("nul")
        longest = self.metadata.get("maxLength", LONGEST_TEXT)
        if not 1 <= len(value) <= longest:
            raise self.make_error("length", longest=longest)
        return value


class Exact(Field):
    """A number as JSON number or as text, kept digit by digit.

    A JSON number with more digits than every binary float keeps is refused: most programs have
    changed it before they send it (0.1 + 0.2 is 0.30000000000000004). As text it is meant.
    """

    default_error_messages = {  # noqa: RUF012  - marshmallow merges it along the classes
        "type": "Not a number.",
        "finite": "Not a finite number.",
        "digits": f"More than {DIGITS_BEFORE} digits before or {DIGITS_AFTER} after the point.",
        "significant": (
            f"A JSON number with more than {FLOAT_DIGITS} significant digits: send it as text,"
            " in quotation marks."
        ),
    }
    openapi = {  # noqa: RUF012
        "type": ["string", "number"],
        "pattern": f"^{NUMBER.pattern}$",
        "description": (
            "A decimal, as text or number; it is kept digit by digit. One with more than "
            f"{FLOAT_DIGITS} significant digits is only taken as text. Up to {DIGITS_BEFORE} "
            f"digits before the point and {DIGITS_AFTER} after it."
        ),
        "exclusiveMinimum": -(10.0**DIGITS_BEFORE),
        "exclusiveMaximum": 10.0**DIGITS_BEFORE,
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        is_text = isinstance(value, str)
        if is_text and NUMBER.fullmatch(value):
            value = number(value)
        elif type(value) is int:
            value = Decimal(value)
        if not isinstance(value, Decimal):
            raise self.make_error("type")
        if not value.is_finite():
            raise self.make_error("finite")
        if -int(value.as_tuple().exponent) > DIGITS_AFTER or value.adjusted() >= DIGITS_BEFORE:
            raise self.make_error("digits")
        if not is_text and significant_digits(value) > FLOAT_DIGITS:
            raise self.make_error("significant")
        return value


def significant_digits(value: Decimal) -> int:
    """Return how many digits of a number count: zeros at the end of a whole number do not."""
    _, digits, exponent = value.as_tuple()
    written = "".join(map(str, digits))
    return len(written.rstrip("0") if int(exponent) >= 0 else written.lstrip("0")) or 1


class Whole(Field):
    """A whole number: no bool, no text, no 3.0."""

    default_error_messages = {  # noqa: RUF012  - marshmallow merges it along the classes
        "type": "Not a whole number.",
        "size": "Too big.",
        "negative": "Below 0.",
    }
    openapi = {"type": "integer", "minimum": -BIGGEST_INTEGER, "maximum": BIGGEST_INTEGER}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int:
            raise self.make_error("type")
        if abs(value) > BIGGEST_INTEGER:
            raise self.make_error("size")
        if value < 0 == self.metadata.get("minimum"):
            raise self.make_error("negative")
        return value


class Flag(Field):
    """True or false: no number and no text."""

    default_error_messages = {"type": "Neither true nor false."}  # noqa: RUF012
    openapi = {"type": "boolean"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("type")
        return value


class Day(Field):
    """A date, YYYY-MM-DD."""

    default_error_messages = {  # noqa: RUF012  - marshmallow merges it along the classes
        "day": f"Not a day as YYYY-MM-DD in the years {FIRST_YEAR} to {LAST_YEAR}."
    }
    openapi = {"type": "string", "format": "date", "pattern": "^(19|2[0-9])"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        try:
            day = date.fromisoformat(value if DAY.fullmatch(value) else "")
        except (TypeError, ValueError):
            raise self.make_error("day") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise self.make_error("day")
        return day


class Id(Field):
    """A UUID, written out."""

    default_error_messages = {"id": "Not a UUID."}  # noqa: RUF012
    openapi = {"type": "string", "format": "uuid"}  # noqa: RUF012

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> UUID:
        found = exact_id(value) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("id")
        return found


class Drafts(Field):
    """The word `all`, or a list of ids."""

    default_error_messages = {"drafts": "Neither all nor a list of ids."}  # noqa: RUF012
    openapi = {  # noqa: RUF012
        "oneOf": [
            {"type": "string", "enum": ["all"]},
            {"type": "array", "items": {"type": "string", "format": "uuid"}},
        ],
        "description": "The drafts that are committed along: all of the plan, or those named.",
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Literal["all"] | tuple[UUID, ...]:
        if value == "all":
            return "all"
        found = [exact_id(each) for each in value] if is_texts(value) else [None]
        ids = tuple(each for each in found if each is not None)
        if len(ids) < len(found):
            raise self.make_error("drafts")
        return ids


def is_texts(value: Any) -> bool:
    """Return whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


class Cycle(Field):
    """A cycle by its id or its name."""

    default_error_messages = {"type": "Not text."}  # noqa: RUF012
    openapi = {  # noqa: RUF012
        "type": "string",
        "pattern": f"^{NAME.pattern}$",
        "description": "The id or the name of a cycle.",
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> CycleRef:
        if not isinstance(value, str):
            raise self.make_error("type")
        try:
            return parse_cycle(value)
        except Invalid as error:
            raise ValidationError(error.message) from None
