"""What stored receipts hold: ids, codes, days and numbers, and never a word of anybody's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

from sqlalchemy import select

from okr_es.application import Okr
from okr_es.context import ThingKind
from okr_es.log.schema import commands
from okr_es.warning_catalogue import WARNINGS

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
NUMBER = r"-?[0-9]+(\.[0-9]+)?"
PLAIN = re.compile(f"{ID}|{DAY}|{NUMBER}")
WORDS = {*WARNINGS, *get_args(ThingKind)}
FIELDS = {
    "id", "version", "warnings", "approval_id", "code", "count", "things", "kind", "facts",
}  # fmt: skip


def receipts(okr: Okr) -> list[Any]:
    """All receipts as they are stored."""
    with okr.database.reader.connect() as connection:
        rows = connection.execute(select(commands.c.receipt)).scalars().all()
    return [json.loads(bytes(each)) for each in rows]


def told(receipt: Any) -> Iterator[str]:
    """What a receipt says that is no id, code, day or number, or what it says it in."""
    match receipt:
        case dict():
            for name, value in receipt.items():
                if name != "facts":
                    yield from () if name in FIELDS else (name,)
                yield from told(value if name != "facts" else [*value.values()])
        case list():
            for each in receipt:
                yield from told(each)
        case str() if receipt not in WORDS and not PLAIN.fullmatch(receipt):
            yield receipt


def warned(receipt: dict[str, Any]) -> set[str]:
    """The codes of the warnings of a stored receipt."""
    return {each["code"] for each in receipt.get("warnings", ())}
