"""A week's check-ins on one page: recorded row by row, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.domain.reading import HIGHEST_CONFIDENCE
from web.api.parameters import PERSON_ID, TEAM, WEEK
from web.pages.frame.cycles import MOST
from web.pages.frame.filters import filters_of_page
from web.pages.frame.forms import Form, attempt, received
from web.pages.frame.moments import here
from web.pages.frame.site import Site

CONFIDENCES = range(HIGHEST_CONFIDENCE + 1)
SAID = ("value", "zone", "confidence", "comment", "done_steps")
A_WEEK = timedelta(days=7)


class Row(NamedTuple):
    """A row of the week: what is to be read, what was typed, and what became of it."""

    thing: Mapping[str, Any]
    kind: str
    form: Form
    recorded: bool = False


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of a week's check-ins."""

    @made.get("/check-ins")
    def week() -> Response:
        """Show what is to be read in a week."""
        found = of_week(site)
        return week_page(site, found, [Row(*each, Form()) for each in things_of(found)])

    @made.post("/check-ins")
    def week_sent() -> Response:
        """Record each row in which something stands; those that cannot be recorded stay."""
        whole, found = received(), of_week(site)
        rows = [sent_row(site, each, kind, whole) for each, kind in things_of(found)]
        return week_page(site, of_week(site), rows, whole)


def of_week(site: Site) -> Any:
    """Return the week of the address: of who is signed in, unless it names a person or a team."""
    asked = filters_of_page((WEEK, PERSON_ID, TEAM))
    if asked.keys().isdisjoint({"person_id", "team_id"}):
        asked["person_id"] = site.person
    return site.ask("check_ins", **asked)


def things_of(found: Any) -> Iterator[tuple[Any, str]]:
    """Yield what is to be read in the week, each with its kind; late ones first."""
    rows = [(each, "key_result") for each in found["key_results"]]
    rows += [(each, "kpi") for each in found["kpis"]]
    yield from sorted(rows, key=lambda row: row[0]["late_since"] is None)


def sent_row(site: Site, thing: Any, kind: str, whole: Form) -> Row:
    """Record what was typed into a row, under a key of its own: sent twice it is recorded once."""
    typed = typed_in(thing)
    form = Form(typed, key=f"{whole.key}-{thing['id']}")
    if not any(typed.get(name, "").strip() for name in SAID):
        return Row(thing, kind, form)
    outcome = attempt(site, *command_of(thing, kind), form, {})
    if isinstance(outcome, Form):
        return Row(thing, kind, outcome)
    return Row(thing, kind, Form(), recorded=True)


def command_of(thing: Any, kind: str) -> tuple[Any, dict[str, UUID]]:
    """Return the command of a row, and the field that says what it is about."""
    id_ = UUID(str(thing["id"]))
    if kind == "kpi":
        return c.RecordReading, {"kpi_id": id_}
    return c.CheckIn, {"key_result_id": id_}


def typed_in(thing: Any) -> MultiDict[str, str]:
    """Return the fields of a row, which have its id behind; steps as they were say nothing."""
    found: MultiDict[str, str] = MultiDict()
    for name in (*SAID, "as_of"):
        for text in request.form.getlist(f"{name}.{thing['id']}"):
            found.add(name, text)
    if thing.get("steps"):
        steps = found.getlist("done_steps")
        if set(steps) == set(steps_done(thing)):
            found.poplist("done_steps")
        elif not steps:
            found["value"] = "0"  # none of them is done any more
    return found


def steps_done(thing: Any) -> list[str]:
    """Return the steps of a milestone that are done by its last reading."""
    return (thing["reading"] and thing["reading"]["done_steps"]) or []


def week_page(site: Site, found: Any, rows: list[Row], whole: Form | None = None) -> Response:
    """Return the page of a week, with what was recorded and what was not."""
    wrong = [row for row in rows if row.form.problem is not None]
    first: date = found["first"]
    return site.page(
        "check_ins.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        found=found,
        rows=rows,
        wrong=wrong,
        recorded=sum(row.recorded for row in rows),
        sent=whole is not None,
        form=Form(),
        confidences=CONFIDENCES,
        teams=site.ask("teams", limit=MOST)["teams"],
        day=found["last"].isoformat() if found["last"] < found["day"] else "",
        back=here(week=iso_week(first - A_WEEK)),
        on=here(week=iso_week(first + A_WEEK)),
        team=request.args.get("team", ""),
    )


def iso_week(day: date) -> str:
    """Return the week of a day, as ISO 8601 writes it."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
