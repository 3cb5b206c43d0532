"""Corrections of what is promised: each is noted on the versions of a row that it is about.

A version keeps what was said; its column `corrected` has what was meant, with the positions from
which that is known: so each day is read as corrected by then (`as_of/corrected.py`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from okr_es.domain.corrections import renamed_steps
from projections.read_model.batch import Batch, listed_value
from projections.read_model.definitions import plain_steps
from projections.read_model.writers import Corrected

# Of which table the rows are that an event corrects.
CORRECTING = {
    "key_result.corrected": "key_result",
    "objective.corrected": "objective",
    "kpi.target_corrected": "kpi_target",
}
NUMBERS = ("target", "minimum", "maximum")
Values = dict[str, Any]


class Correction(NamedTuple):
    """What an event corrects, from one version of its stream until before another; None: all."""

    since: int
    until: int | None
    said: Values
    meant: Values

    @property
    def in_force(self) -> Values:
        """What holds from the event on."""
        return self.meant if self.until is None else {}


def correction_of(kind: str, data: Values) -> Correction:
    """Return what an event corrects, by the columns of its row."""
    said, meant = data["said"], data["meant"]
    if kind == "key_result.corrected":
        said, meant = (
            {name: ({**each, **each["measure"]})[name] for name in data["what"]}
            for each in (said, meant)
        )
    elif kind == "objective.corrected":
        said, meant = {"weight": said}, {"weight": meant}
    elif kind == "kpi.target_corrected":
        said, meant = ({name: each[name] for name in NUMBERS} for each in (said, meant))
    return Correction(data["since"], data["until"], in_columns(said), in_columns(meant))


def in_columns(values: Values) -> Values:
    """Return values of an event as columns have them."""
    return {name: listed_value(value) for name, value in values.items()}


def fields_corrected(batch: Batch, id_: str, position: int, kind: str, data: Values) -> Values:
    """Return the fields of the row that a correction begins, and note it on those before.

    The row has what is in force, and says what it corrects.
    """
    table, found = CORRECTING[kind], correction_of(kind, data)
    before = batch.current[table, id_]
    said = found.said.items()
    changes = [
        [name, value, found.meant[name]] for name, value in said if value != found.meant[name]
    ]
    fields: Values = {"corrects": msgspec.json.encode(changes).decode()}
    batch.corrected.append(
        Corrected(noted(position, found.meant), table, id_, *found[:2], position)
    )
    if "steps" in found.said:
        names = renamed(before, found)
        batch.corrected.append(
            Corrected(noted(position, names), table, id_, found.since, None, position)
        )
        fields |= names | {"earlier_steps": with_steps(before["earlier_steps"], found)}
    return found.in_force | fields


def noted(position: int, meant: Values) -> str:
    """Return what was meant as it is noted: with the position from which that is known."""
    return msgspec.json.encode([position, meant]).decode()


def renamed(before: Values, correction: Correction) -> Values:
    """Return by which names the steps of a milestone go now, where as many are meant as were said.

    Who checked in on a step by its wrong name did the one that was meant.
    """
    said, meant = (plain_steps(each["steps"]) for each in (correction.said, correction.meant))
    names = renamed_steps(said, meant)
    earlier = msgspec.json.decode(before["renamed_steps"] or "{}")
    names = {old: names.get(new, new) for old, new in earlier.items()} | names
    return {"renamed_steps": msgspec.json.encode(names).decode() if names else None}


def with_steps(earlier_steps: str | None, correction: Correction) -> str | None:
    """Return the steps a milestone has had, those meant in the place of those said."""
    if earlier_steps is None:
        return None
    said, meant = (plain_steps(each["steps"]) for each in (correction.said, correction.meant))
    earlier = msgspec.json.decode(earlier_steps)
    return msgspec.json.encode(
        [[until, meant if steps == said else steps] for until, steps in earlier]
    ).decode()
