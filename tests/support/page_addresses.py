"""Each page of the application, with an address of it in the example company."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Flask

from okr_es.domain.cycle import parse_cycle
from projections.queries import Queries

CYCLE = "2026-Q1"
PART = re.compile(r"<(?:\w+:)?(\w+)>")
# Pages that stand outside the frame, and what leads to another page only.
BESIDE = ("choose.look", "me.look", "sign_in.look", "sign_out.look")
NOT_IN_EXAMPLE = {"/approvals/<uuid:id>"}  # nothing in it waits for somebody else
LEADS_ON = {"/board", "/tree", "/replay", "/go"}


def addresses(app: Flask, queries: Queries) -> dict[str, str]:
    """Return an address by the name of its page; a page without one is a failure."""
    fill = things(queries)
    found = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        of_ours = rule.endpoint.startswith("pages.") or rule.endpoint in BESIDE
        if of_ours and "GET" in (rule.methods or ()) and rule.rule not in LEADS_ON | NOT_IN_EXAMPLE:
            found[name_of(rule.rule)] = filled(rule.rule, fill)
    return found


def name_of(route: str) -> str:
    """Return what a page is called: `/objectives/<uuid:id>` is objectives-id."""
    return PART.sub(r"\1", route).strip("/").replace("/", "-").replace("_", "-")


def filled(route: str, fill: dict[str, str]) -> str:
    """Return a route with something of the example in place of what varies."""

    def one(match: re.Match[str]) -> str:
        if match[0].startswith("<cycle:"):
            return CYCLE
        kind = route[: match.start()].rstrip("/").rpartition("/")[2]
        assert kind in fill, f"{route} has no picture: nothing in the example is known for it"
        return fill[kind]

    return PART.sub(one, route)


def things(queries: Queries) -> dict[str, str]:
    """Return an id for each kind of thing that has a page."""
    board: Any = queries.board(parse_cycle(CYCLE), limit=50)
    shown: Any = next(each for each in board["objectives"] if each["key_results"])
    kpi: Any = queries.kpis()["kpis"][0]
    reading: Any = queries.readings(UUID(str(kpi["id"])))["readings"][0]
    return {
        "objectives": str(shown["id"]),
        "key-results": str(shown["key_results"][0]["id"]),
        "kpis": str(kpi["id"]),
        "readings": str(reading["id"]),
        "people": str(shown["owner"]["id"]),
        "cycles": str(board["cycle"]["id"]),
        "teams": str(shown["team"]["id"]),
        "grants": str(queries.grants()["grants"][0]["id"]),
    }
