"""The projector: a batch of events into finished rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from okr_es.log.mapper import decode_plain
from projections.read_model import definitions
from projections.read_model.batch import Batch
from projections.read_model.changes import CHANGES, OF_THE_LOG, in_text
from projections.read_model.corrections import fields_corrected
from projections.read_model.people import OF_PEOPLE
from projections.read_model.promises import COMMIT, make_promises, promise_of_moved
from projections.read_model.revisions import CORRECTIONS, revised
from projections.read_model.tables import FIRST_DAY, FOREVER
from projections.read_model.writers import Stored, Writer

COLUMNS = ("position", "stream", "version", "type", "schema_version", "data", "recorded_at", "hash")
LINKED_BELOW = frozenset({"key_result.added", "key_result.moved"})
DEFINED = frozenset({"key_result.added", "key_result.retargeted"})
REMEASURED = frozenset({"key_result.retargeted", "key_result.rebased"})
KPI_TARGETS = frozenset({"kpi.target_set", "kpi.retargeted", "kpi.span_split"})
TARGET_CORRECTED = "kpi.target_corrected"
KPI_SPANS = KPI_TARGETS | {TARGET_CORRECTED}
KPI_DEFINITIONS = frozenset({"kpi.defined", "kpi.redefined"})
DEFINITION = ("counts", "aggregation")

BACKDATED = frozenset({"objective", "team", "person"})
CYCLE_LISTS = {COMMIT: "plan_commits", "cycle.closed": "closings"}

# The columns that have when something was recorded, since its day is asked for often.
TIMES = {"objective.committed": "committed_time", "key_result.added": "added_time"}
TIMES |= dict.fromkeys(("key_result.linked", "key_result.unlinked"), "linked_time")

ToProject = tuple[int, str, int, str, dict[str, Any], str]


def decoded(rows: Sequence[Sequence[Any]]) -> list[ToProject]:
    """Return log rows (COLUMNS) as position, stream, version, type, data, time of record."""
    return [
        (position, stream, version, kind, decode_plain(kind, written_under, data), recorded_at)
        for position, stream, version, kind, written_under, data, recorded_at, _ in rows
    ]


def project(writer: Writer, events: list[ToProject]) -> None:
    """Project events into the read model."""
    batch = Batch(writer)
    changed = prefetch(batch, events)
    for position, stream, version, kind, data, recorded_at in events:
        if (finished := NEW_READINGS.get(kind)) is not None:
            if stream in changed:
                project_new_reading(batch, position, stream, data)
            else:
                batch.readings.append(finished(batch, position, stream, data))
        elif kind.startswith("reading."):
            project_changed_reading(batch, position, stream, version, kind, data)
        elif kind not in OF_THE_LOG:
            if (column := CYCLE_LISTS.get(kind)) is not None:
                listed = {"position": position, "at": recorded_at, **data}
                data[column] = appended(batch.current["cycle", stream][column], listed)
            elif (time := TIMES.get(kind)) is not None:
                data[time] = recorded_at
            elif kind in REMEASURED:
                before = batch.current["key_result", stream]
                data.update(definitions.steps_before(before, data, recorded_at))
            elif kind == "key_result.cadence_replaced":
                before = batch.current["key_result", stream]
                data.update(definitions.cadences_before(before, recorded_at))
            project_other(batch, position, stream, version, kind, data)
            make_promises(batch, position, stream, kind, data)
    batch.flush()


def project_other(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Project an event of anything but a reading."""
    table, change = CHANGES[kind]
    fields = {**change(data, position), "version": version}
    fields |= definition_after(batch, stream, kind, data)
    fields |= revised(batch, table, stream, kind, position)
    if kind in CORRECTIONS:
        fields |= fields_corrected(batch, stream, position, kind, data)
    if kind in DEFINED:
        define(batch, stream, position, fields)
    fields |= from_others(batch, position, stream, kind, data)
    put_linked(batch, table, stream, position, fields)
    if kind in LINKED_BELOW:
        note_first_key_result(batch, data["objective_id"], position)
    if table == "kpi":
        project_parts_of_kpi(batch, position, stream, version, kind, data)
    elif kind == "key_result.moved":
        for row in aligned_to_key_result(batch, stream):
            now_aligned = {"parent_objective_id": data["objective_id"]}
            put_linked(batch, "objective", row["id"], position, now_aligned)


def from_others(
    batch: Batch, position: int, stream: str, kind: str, data: dict[str, Any]
) -> dict[str, Any]:
    """Return the fields of a row that an event gives it by way of other rows."""
    if kind == "objective.realigned":
        return {"parent_objective_id": parent_objective(batch, data)}
    if kind == "key_result.added":
        return {"cycle_id": batch.current["objective", data["objective_id"]]["cycle_id"]}
    if kind == "key_result.moved":
        return promise_of_moved(batch, position, stream, data["objective_id"])
    if kind == "objective.drafted":
        return {"lineage": lineage(batch, stream, data)}
    if kind in OF_PEOPLE:
        return OF_PEOPLE[kind](batch.current["person", stream], data)
    return {}


def define(batch: Batch, key_result_id: str, position: int, fields: dict[str, Any]) -> None:
    """Add to the fields of a key result what its definition is, and where it became another."""
    before = batch.current.get(("key_result", key_result_id))
    fields["definition"] = definitions.definition_after(before, fields)
    if before is not None and before["definition"] != fields["definition"]:
        fields["redefined_at"] = position


def lineage(batch: Batch, objective_id: str, data: dict[str, Any]) -> str:
    """Return the first of the objectives a drafted one continues; itself if it continues none."""
    before = batch.current.get(("objective", data["carried_from"] or ""))
    found: str = objective_id if before is None else before["lineage"]
    return found


def note_first_key_result(batch: Batch, objective_id: str, position: int) -> None:
    """Note where an objective had its first key result, once."""
    if batch.current["objective", objective_id]["first_key_result"] is None:
        fields = {"first_key_result": position, "effective": None}
        put_linked(batch, "objective", objective_id, position, fields)


def appended(before: str, listed: dict[str, Any]) -> str:
    """Return the commits or closings of a cycle as JSON, one more at the end."""
    return in_text([*msgspec.json.decode(before), listed])


def put_linked(
    batch: Batch, table: str, stream: str, position: int, fields: dict[str, Any]
) -> None:
    """Begin a new version, and link it to its parent.

    The day from which a version holds is of that version alone.
    """
    if table in BACKDATED:
        fields.setdefault("effective", None)
    before = batch.current.get((table, stream), {})
    after = batch.put(table, stream, position, fields)
    if table == "objective":
        parent_before, parent = before.get("parent_objective_id"), after["parent_objective_id"]
        if parent != parent_before:
            other_cycle = parent is not None and is_of_other_cycle(batch, after)
            batch.link(
                stream, parent_before, parent, "objective", position, other_cycle=other_cycle
            )
    elif table == "key_result":
        whose = before.get("objective_id")
        batch.link(stream, whose, after["objective_id"], "key_result", position)
        fed_before, feeds = before.get("kpi_id"), after["kpi_id"]
        if fed_before != feeds and fed_before is not None:
            batch.link(fed_before, stream, None, "kpi", position)
        if fed_before != feeds and feeds is not None:
            batch.link(feeds, None, stream, "kpi", position)


def is_of_other_cycle(batch: Batch, row: dict[str, Any]) -> bool:
    """Return whether an objective is aligned to one of another cycle."""
    return bool(
        batch.current["objective", row["parent_objective_id"]]["cycle_id"] != row["cycle_id"]
    )


def project_parts_of_kpi(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Begin the targets and definitions that an event of a KPI sets."""
    if kind in KPI_TARGETS:
        for target in targets_of(data):
            row = {**target, "kpi_id": stream, "version": version}
            batch.put("kpi_target", target_key(stream, target), position, row)
    elif kind == TARGET_CORRECTED:
        id_ = target_key(stream, data["now"])
        fields = fields_corrected(batch, id_, position, kind, data)
        batch.put("kpi_target", id_, position, {**fields, "version": version})
    elif kind in KPI_DEFINITIONS:
        put_definition(batch, stream, position, version, data)


def definition_after(batch: Batch, stream: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a new definition of a KPI, unless one from a later day on is there already."""
    if kind != "kpi.redefined" or data["effective"] < batch.current["kpi", stream]["defined_from"]:
        return {}
    return {name: data[name] for name in DEFINITION} | {"defined_from": data["effective"]}


def targets_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the targets an event sets: of one span, or of both parts of a span that is split."""
    return [data[name] for name in ("before", "target", "now") if name in data]


def target_key(kpi_id: str, target: dict[str, Any]) -> str:
    """Return the id of a KPI's target: there is one for each span."""
    return f"{kpi_id}:{target['starts']}"


def put_definition(
    batch: Batch, kpi_id: str, position: int, version: int, data: dict[str, Any]
) -> None:
    """Begin the definition of a KPI from a day on."""
    row = {name: data[name] for name in DEFINITION}
    row |= {"kpi_id": kpi_id, "effective": data.get("effective", FIRST_DAY), "version": version}
    batch.put("kpi_definition", definition_key(kpi_id, data), position, row)


def definition_key(kpi_id: str, data: dict[str, Any]) -> str:
    """Return the id of a KPI's definition: there is one for each day it was changed from."""
    return f"{kpi_id}:{data.get('effective', FIRST_DAY)}"


def parent_objective(batch: Batch, data: dict[str, Any]) -> Any:
    """Return the objective it is aligned to in the end."""
    if key_result_id := data["aligned_to_key_result_id"]:
        return batch.current["key_result", key_result_id]["objective_id"]
    return data["aligned_to_objective_id"]


def aligned_to_key_result(batch: Batch, key_result_id: str) -> list[dict[str, Any]]:
    """Return the objectives that are aligned to a key result."""
    ids = batch.aligned_to_key_result.get(key_result_id, ())
    return [batch.current["objective", id_] for id_ in sorted(ids)]


def prefetch(batch: Batch, events: list[ToProject]) -> set[str]:
    """Load by a few statements what the events are about; return the readings they change."""
    wanted, moved = what_is_needed(events)
    if changed := wanted.pop("reading", set()):
        batch.load_readings(list(changed))
    batch.load("key_result", wanted.pop("key_result", set()))
    wanted["objective"].update(above(batch, "key_result", "objective_id"))
    batch.load("objective", wanted.pop("objective"))
    batch.load("objective", moved, by="aligned_to_key_result_id")
    batch.load("objective", [each[1] for each in events if each[3] == COMMIT], by="cycle_id")
    wanted["cycle"].update(above(batch, "objective", "cycle_id"))
    for table, ids in wanted.items():
        batch.load(table, ids)
    batch.load("key_result", checked_in_on(events) - {id_ for _, id_ in batch.current})
    return changed


def what_is_needed(events: list[ToProject]) -> tuple[dict[str, set[str]], list[str]]:
    """Return the ids of rows the events need, by table, and the key results they move."""
    wanted: dict[str, set[str]] = defaultdict(set)
    moved: list[str] = []
    for _, stream, version, kind, data, _ in events:
        if kind in NEW_READINGS or kind in OF_THE_LOG:
            continue
        if version > 1:
            wanted[CHANGES[kind][0] if kind in CHANGES else "reading"].add(stream)
        for table, id_ in also_needed(stream, kind, data):
            wanted[table].add(id_)
        if kind == "key_result.moved":
            moved.append(stream)
    return wanted, moved


def checked_in_on(events: list[ToProject]) -> set[str]:
    """Return the key results that are checked in on: a check-in is read by their definition."""
    return {data["key_result_id"] for _, _, _, kind, data, _ in events if kind == CHECKED_IN}


def also_needed(stream: str, kind: str, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the rows an event needs beside its own, each with its table."""
    if kind in KPI_SPANS:
        for target in targets_of(data):
            yield "kpi_target", target_key(stream, target)
    elif kind == "kpi.redefined":
        yield "kpi_definition", definition_key(stream, data)
    elif kind == "objective.drafted":
        yield "cycle", data["cycle_id"]
        if (before := data["carried_from"]) is not None:
            yield "objective", before
    elif kind == "objective.realigned":
        for table in ("key_result", "objective"):
            if parent := data[f"aligned_to_{table}_id"]:
                yield table, parent
    elif kind in LINKED_BELOW:
        yield "objective", data["objective_id"]


def above(batch: Batch, table: str, column: str) -> set[str]:
    """Return the ids of the parents of the loaded rows of a table."""
    return {row[column] for (name, _), row in batch.current.items() if name == table}


# ---- readings: each is a row, each correction and retraction a version of it --------------


def recorded(_: Batch, position: int, stream: str, data: dict[str, Any]) -> Stored:
    """Return the finished row of a reading of a KPI that nothing in the batch changes again."""
    about = data["kpi_id"], data["as_of"], data["value"]
    evidence = data["evidence"]
    of_it = data["subject"], None if evidence is None else in_text(evidence), None, None
    return (position, stream, FOREVER, 1, position, *about, None, None, False, *of_it)


def checked_in(batch: Batch, position: int, stream: str, data: dict[str, Any]) -> Stored:
    """Return the finished row of a check-in that nothing in the batch changes again."""
    about = data["key_result_id"], data["as_of"], data["value"], data["zone"], data["confidence"]
    evidence = data["evidence"]
    document = None if evidence is None else in_text(evidence)
    under = made_under(batch, data)
    return (position, stream, FOREVER, 1, position, *about, False, None, document, *under)


def made_under(batch: Batch, data: dict[str, Any]) -> tuple[str, str | None]:
    """Return the definition a check-in was made under, and which steps were done by it."""
    key_result = batch.current["key_result", data["key_result_id"]]
    done = definitions.steps_done(key_result, data["value"], data["done_steps"])
    return key_result["definition"], done


# The beginnings of readings, and how to make a row of them at once: an import is made of these.
CHECKED_IN = "reading.checked_in"
NEW_READINGS: dict[str, Callable[[Batch, int, str, dict[str, Any]], Stored]] = {
    "reading.recorded": recorded,
    CHECKED_IN: checked_in,
}


def project_new_reading(batch: Batch, position: int, stream: str, data: dict[str, Any]) -> None:
    """Project the beginning of a reading that something in the batch changes again."""
    is_check_in = "key_result_id" in data
    definition, done = made_under(batch, data) if is_check_in else (None, None)
    fields = {
        "version": 1,
        "measured_id": data["key_result_id"] if is_check_in else data["kpi_id"],
        "as_of": data["as_of"],
        "value": data["value"],
        "zone": data.get("zone"),
        "confidence": data.get("confidence"),
        "retracted": False,
        "definition": definition,
        "done": done,
        "subject": data.get("subject"),
        "evidence": None,
    }
    if (evidence := data.get("evidence")) is not None:
        fields["evidence"] = in_text(evidence)
    batch.put("reading", stream, position, fields)


def project_changed_reading(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Project a correction or a retraction; a comment is no part of the read model."""
    fields: dict[str, Any] = {"version": version}
    if kind == "reading.retracted":
        fields["retracted"] = True
    elif kind == "reading.corrected":
        fields |= {"value": data["value"], "zone": data["zone"]}
        if (before := batch.current["reading", stream]["done"]) is not None:
            fields["done"] = definitions.steps_corrected(before, data["value"], data["done_steps"])
    elif kind == "reading.evidence_corrected":
        evidence = data["evidence"]
        fields["evidence"] = None if evidence is None else in_text(evidence)
    else:
        fields |= data
    batch.put("reading", stream, position, fields)
