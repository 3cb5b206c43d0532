"""The review of a cycle, of a team or a person: promised, changed on the way, came out."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from okr_es.domain.cycle import CycleRef
from web.api.parameters import KNOWN_AT, PERSON_ID, TEAM
from web.pages.compare import FIGURES
from web.pages.frame.cycles import MOST, days_of
from web.pages.frame.filters import filters_of_page
from web.pages.frame.language import gettext, ngettext
from web.pages.frame.moments import here
from web.pages.frame.sheets import as_percent, workbook
from web.pages.frame.site import Site
from web.pages.frame.words import title, word

DISCIPLINE = ("on_time", "late", "missing")


def _(text: str) -> str:
    return text


def several(one: str, more: str) -> tuple[str, str]:
    """Return the text of one and that of several: the catalogue has to hold both."""
    return one, more


# What can have happened to a goal since its plan was committed: one of it, and several.
HAPPENED = {
    "retargets": several("%(num)s new target", "%(num)s new targets"),
    "eased_targets": several("%(num)s eased target", "%(num)s eased targets"),
    "reassignments": several("%(num)s hand-over", "%(num)s hand-overs"),
    "realignments": several("%(num)s re-alignment", "%(num)s re-alignments"),
    "retitlings": several("%(num)s new title", "%(num)s new titles"),
    "reschedulings": several("%(num)s new due day", "%(num)s new due days"),
    "commitment_changes": several("%(num)s other expectation", "%(num)s other expectations"),
    "reweightings": several("%(num)s new weight", "%(num)s new weights"),
    "moves": several("%(num)s moved key result", "%(num)s moved key results"),
    "links": several("%(num)s other link to a KPI", "%(num)s other links to KPIs"),
    "promise_corrections": several("%(num)s corrected promise", "%(num)s corrected promises"),
    "corrections": several("%(num)s corrected reading", "%(num)s corrected readings"),
    "retractions": several("%(num)s reading taken back", "%(num)s readings taken back"),
}


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of a review, and its workbook."""

    @made.get("/review")
    def last_review() -> Response:
        """Lead to the review of the cycle that was closed last."""
        cycles = site.ask("cycles", limit=MOST)["cycles"]
        if not cycles:
            return site.page("no_cycles.html")
        closed = [each for each in cycles if each["closed"]] or cycles
        last = max(closed, key=lambda each: (str(each["ends"]), -days_of(each)))
        return redirect(f"/review/{last['name']}", HTTPStatus.SEE_OTHER)

    @made.get("/review/<cycle:id>")
    def review(id: CycleRef) -> Response:
        """Show the review of a cycle, as far as it is for who looks: it is a recorded read."""
        found = site.ask("review", id, **filters_of_page((TEAM, PERSON_ID, KNOWN_AT)))
        cycle = found["cycle"]
        if request.args.get("format") == "xlsx":
            return workbook(f"review-{cycle['name']}", [(gettext("Review"), [*rows_of(found)])])
        return site.page(
            "review.html", found=found, cycle=cycle, figures=FIGURES[:3], total=total_of(found),
            cycles=site.ask("cycles", limit=MOST)["cycles"], on_the_way=on_the_way, strip=strip,
            teams=site.ask("teams", limit=MOST)["teams"], team=request.args.get("team", ""),
            of_person=request.args.get("person_id", ""), workbook=here(format="xlsx"),
        )  # fmt: skip


def total_of(found: Any) -> Any:
    """Return the total of all, or of the one team or person it is about; None: of several."""
    if found["total"] is not None:
        return found["total"]
    kind = "person" if "person_id" in request.args else "team"
    parts = found["people"] if kind == "person" else found["teams"]
    asked = request.args.get("person_id") or request.args.get("team")
    return next((each for each in parts if str(each[kind]["id"]) == asked), None)


def on_the_way(counts: Any) -> list[str]:
    """Return in words what happened to a goal since its plan was committed."""
    if counts is None:
        return []
    return [
        ngettext(*words, counts[name]) % {"num": counts[name]}
        for name, words in HAPPENED.items()
        if counts[name]
    ]


def strip(discipline: Any) -> list[tuple[str, float, float]]:
    """Return the readings that were due as parts of a strip of 100 units: kind, where, how wide."""
    due = discipline and discipline["due"]
    if not due:
        return []
    found, at = [], 0.0
    for name in DISCIPLINE:
        width = round(100 * discipline[name] / due, 1)
        found.append((name, at, width))
        at = round(at + width, 1)
    return found


def rows_of(found: Any) -> Iterator[list[Any]]:
    """Yield a review as the rows of a table, its heading first."""
    yield [gettext(each) for each in (
        _("Goal"), _("Team"), _("Owner"), _("Promised as"), _("score as committed"),
        _("score as ended"), _("Outcome"), _("Ended by"), _("On the way"),
    )]  # fmt: skip
    for goal in found["goals"]:
        ended, promised, scores = goal["ended_as"], goal["promised"], goal["scores"]
        yield [
            title(goal), title((ended or promised or goal)["team"]),
            title((ended or promised)["owner"]) if ended or promised else None,
            title(promised) if promised else gettext("not promised"),
            as_percent(scores["committed"] and scores["committed"]["score"]),
            as_percent(scores["ended"] and scores["ended"]["score"]),
            word(goal["outcome"], "outcome"), word(goal["ended_by"], "ended_by"),
            ", ".join(on_the_way(goal["counts"])),
        ]  # fmt: skip
