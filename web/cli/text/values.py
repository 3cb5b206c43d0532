"""What a key result or KPI stands at, and what it promises, in words with units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from web.cli.short_ids import shortened

Row = Any
TO_KEEP = {"at_least": "at least {target}", "at_most": "at most {target}",
           "within": "{minimum} to {maximum}"}  # fmt: skip


def stands_at(row: Row) -> str:
    """Return the value of a key result beside what it promises."""
    kind = row["kind"]
    if kind == "ordinal":
        reading = row["reading"]
        return f"zone {reading['zone']}" if reading and reading["zone"] else "no zone yet"
    if kind == "milestone":
        done = row["value"] or "0"
        if row["steps"]:
            return f"{done} of {len(row['steps'])} steps"
        return "done" if done != "0" else "not done"
    value = "no value yet" if row["value"] is None else row["value"]
    return f"{value}, {promise_of(row)}"


def promise_of(row: Row) -> str:
    """Return what a metric promises, with its unit."""
    unit = f" {row['unit']}" if row["unit"] else ""
    if row["direction"] in TO_KEEP:
        return TO_KEEP[row["direction"]].format(**row) + unit
    return f"{row['baseline']} to {row['target']}{unit}"


def kpi_promise(row: Row) -> str:
    """Return the present target of a KPI with its unit, and where it started; empty without one."""
    span = row["target"]
    if span is None or (span["target"] is None and span["minimum"] is None):
        return ""
    target = f"{span['minimum']} to {span['maximum']}" if span["target"] is None else span["target"]
    baseline = "" if row["baseline"] is None else f", from {row['baseline']}"
    return f", target {target} {row['unit']}{baseline}"


def id_column(rows: Iterable[Row]) -> Callable[[Row], str]:
    """Return what gives each row its short id, all as wide as the widest."""
    ids = [str(row["id"]) for row in rows]
    short = shortened(ids)
    width = max((len(short(each)) for each in ids), default=0)
    return lambda row: short(row["id"]).ljust(width)
