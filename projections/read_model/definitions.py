"""What a check-in was made under: unit or zones of its key result, steps done, and cadence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

Row = dict[str, Any]
DIGEST_BYTES = 8


def definition_of(key_result: Row) -> str:
    """Return what stands for the unit of a metric or the zones of an ordinal; `` for none.

    Takes the row of a key result; its zones may be a dict, or JSON as they are kept. Equal texts
    mean that a reading made under the one counts under the other. A milestone has one definition:
    which of its steps are done is known by their names.
    """
    zones, unit = key_result["zones"], key_result["unit"]
    if zones:
        text = zones if isinstance(zones, str) else msgspec.json.encode(zones).decode()
    elif unit is not None:
        text = f"unit {unit}"
    else:
        return ""
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def definition_after(before: Row | None, after: Row) -> str:
    """Return the definition of a key result that got a measure: another for another unit or zones.

    A correction of them is none: they were meant all along, so the row before keeps its own.
    """
    found = definition_of(after)
    is_same = before is not None and definition_of(before) == found
    return before["definition"] if is_same and before is not None else found


def steps_done(key_result: Row, value: str | None, named: Sequence[str] | None) -> str | None:
    """Return the steps a milestone had when it was checked in on, and those done, as JSON.

    A count alone means the first so many steps. None for other kinds, and for a check-in that has
    no value.
    """
    if key_result["kind"] != "milestone" or value is None:
        return None
    return done_of(plain_steps(key_result["steps"]), value, named)


def steps_corrected(before: str, value: str | None, named: Sequence[str] | None) -> str | None:
    """Return what `steps_done` returned for a check-in, with what a correction says was done."""
    return None if value is None else done_of(msgspec.json.decode(before)["steps"], value, named)


def steps_before(key_result: Row, data: Row, recorded_at: str) -> Row:
    """Return the steps a milestone has had until now, as JSON, where an event gives it others.

    It is a list of each `[until when, steps]`, the oldest first.
    """
    steps = plain_steps(key_result["steps"])
    if steps == list(data["measure"]["steps"] or []):
        return {}
    earlier = msgspec.json.decode(key_result["earlier_steps"] or "[]")
    return {"earlier_steps": msgspec.json.encode([*earlier, [recorded_at, steps]]).decode()}


def cadences_before(key_result: Row, recorded_at: str) -> Row:
    """Return the cadences a key result has had until now, as JSON, where it gets another one.

    It is a list of each `[until when, cadence]`, the oldest first.
    """
    earlier = msgspec.json.decode(key_result["earlier_cadences"] or "[]")
    listed = [*earlier, [recorded_at, key_result["cadence"]]]
    return {"earlier_cadences": msgspec.json.encode(listed).decode()}


def plain_steps(steps: str | Sequence[str] | None) -> list[str]:
    """Return steps as a list, also where they are JSON, or none."""
    return msgspec.json.decode(steps) if isinstance(steps, str) else list(steps or [])


def done_of(steps: Sequence[str], value: str, named: Sequence[str] | None) -> str:
    """Return steps and those done, by name or else the first so many, as JSON."""
    done = list(steps[: int(Decimal(value))]) if named is None else list(named)
    return msgspec.json.encode({"steps": list(steps), "done": done}).decode()
