"""Which ids in an answer come without the name or the title of what they are ids of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CALLED = ("name", "title")

# Objects with an id that have no name, by the field they stand in, and why.
THINGS = {
    "reading": "a reading has its day and value",
    "readings": "so have the readings of a page",
    "started_at": "so has the reading before a cycle",
    "grants": "a grant is a role of a person, from a day on",
    "grant": "so is one by which somebody could do something",
    "approvals": "a request has what it asks for, in a sentence",
    "pending_requests": "so has one that waits",
    "": "the answer is about the thing itself: a request, the calendar, the scoring policy",
}
# Fields that are an id by themselves, and why.
FIELDS = {
    "command_id": "a command has no name",
    "approval_id": "a request has none",
    "fields": "what a command that waits was sent with: `subject` and `changes` name it",
}


def nameless(value: Any, field: str = "", path: str = "answer") -> Iterator[str]:
    """Yield where an id has no name beside it, though it is one of something that has one."""
    if field in FIELDS:
        return
    if isinstance(value, list):
        for each in value:
            yield from nameless(each, field, path)
    elif isinstance(value, dict):
        is_called = any(name in value for name in CALLED)
        changed = value.get("field")  # before and after are values of that
        for name, each in value.items():
            if name != "id":
                of = changed if changed and name in {"before", "after"} else name
                yield from nameless(each, of, f"{path}.{name}")
            elif is_id(each) and not is_called and field not in THINGS:
                yield f"{path}.id"
    elif is_id(value):
        yield path


def is_id(value: Any) -> bool:
    return isinstance(value, str) and AN_ID.fullmatch(value) is not None
