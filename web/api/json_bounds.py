"""What a body may say: so much, counted before it is read, and nothing twice.

So memory has a bound, and no value is lost in silence.
"""

from __future__ import annotations

import json
import re
from typing import Any

from web.api.problems import Problem

MOST_VALUES = 500_000
FEW_BYTES = 64 * 1024  # a body of this size holds few values in any case
STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def require_few_values(data: bytes) -> None:
    """Refuse JSON with too many values; what stands in texts does not count."""
    if len(data) <= FEW_BYTES or few_values(data) or few_values(STRINGS.sub(b"", data)):
        return
    raise Problem(
        "too-many-values",
        413,
        "The body has too many values.",
        f"It has more than {MOST_VALUES} values: send less, or in several requests.",
    )


def few_values(data: bytes) -> bool:
    """Return whether so many commas and brackets are within the bound."""
    return data.count(b",") + data.count(b"{") + data.count(b"[") <= MOST_VALUES


def require_each_key_once(data: bytes, found: Any) -> None:
    """Refuse JSON in which an object has a key twice; `found` is what was read of it.

    Outside texts a colon stands after each key and nowhere else.
    """
    if STRINGS.sub(b"", data).count(b":") != keys_in(found):
        json.loads(data, object_pairs_hook=require_different, parse_int=str, parse_float=str)


def keys_in(found: Any) -> int:
    """Return how many keys all objects have together."""
    count, left = 0, [found]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            count += len(value)
            left += [each for each in value.values() if isinstance(each, dict | list)]
        elif isinstance(value, list):
            left += [each for each in value if isinstance(each, dict | list)]
    return count


def require_different(pairs: list[tuple[str, Any]]) -> None:
    """Refuse the members of an object if two have the same key."""
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise Problem(
                "key-is-there-twice",
                400,
                "An object in the body has the same key twice.",
                f"{key} stands there twice, and one of the two would be lost: send one.",
                field=key,
            )
        seen.add(key)
