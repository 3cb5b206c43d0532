"""The story of a goal in sentences, from its history, and who owned it when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from okr_es.domain.refusals import NotAllowed, NotFound
from web.api.parameters import accepted_language
from web.pages.frame.moments import PageMoment
from web.pages.frame.site import Site

Row = Mapping[str, Any]
MOST = 200
READINGS = frozenset({"reading.recorded", "reading.checked_in"})


def story(site: Site, goal: UUID, found: Row, moment: PageMoment) -> Row:
    """Return the history of a goal with sentences, the newest first; of the past, up to then."""
    before = found["position"] + 1 if moment.known_at else None
    told: Row = site.ask("history", goal, limit=MOST, before=before, language=accepted_language())
    entries = [{**each, "is_reading": each["type"] in READINGS} for each in told["entries"]]
    return {**told, "entries": entries}


def explained(changes: Iterable[Row], told: Row) -> list[dict[str, Any]]:
    """Return the numbered changes of a chart, each with its sentence where the story has one."""
    sentences = {each["position"]: each["sentence"] for each in told["entries"]}
    return [{**each, "sentence": sentences.get(each["position"])} for each in changes]


def owners(site: Site, found: Row, told: Row, moment: PageMoment) -> list[dict[str, Any]]:
    """Return who owned an objective and when; with progress for who may read its review."""
    if found["state"] == "draft":
        return hand_overs(found, told)
    try:
        reviewed = site.ask(
            "review", UUID(str(found["cycle"]["id"])), objective_id=UUID(str(found["id"])),
            known_at=moment.known_at,
        )  # fmt: skip
    except (NotAllowed, NotFound):  # not theirs to read, or in no plan on that day
        return hand_overs(found, told)
    goals: list[Row] = reviewed["goals"]
    return list(goals[0]["owners"]) if goals else hand_overs(found, told)


def hand_overs(found: Row, told: Row) -> list[dict[str, Any]]:
    """Return who owned it and from when, by its history alone."""
    intervals: list[dict[str, Any]] = []
    for entry in reversed(told["entries"]):
        if not entry["type"].startswith("objective."):
            continue
        changed = {each["field"]: each["after"] for each in entry["changes"]}
        owner = changed.get("owner_id")
        if isinstance(owner, Mapping):
            day = str(changed.get("effective") or entry["recorded_at"])[:10]
            if intervals:
                intervals[-1]["until"] = day
            intervals.append(
                {"owner": {"id": owner["id"], "name": owner["title"]}, "from": day, "until": None}
            )
    return intervals or [{"owner": found["owner"], "from": None, "until": None}]
