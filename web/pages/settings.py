"""Settings: cycles from their opening to their closing, teams, and people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.commands import Command
from okr_es.domain.values import TeamKind
from web.pages.frame.cycles import MOST
from web.pages.frame.forms import Form, led_on, sent
from web.pages.frame.site import Site
from web.pages.frame.words import word


class Place(NamedTuple):
    """A page with a form: its address, the command that the form sends, and what shows it."""

    address: str
    command: type[Command]
    page: Callable[..., Response]
    leads_to: str = "/settings"


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of settings."""
    add_places(made, site, PLACES)


def add_places(made: Blueprint, site: Site, places: Iterable[Place]) -> None:
    """Add pages with a form."""
    for place in places:
        name = f"settings_{place.command.__name__}"
        made.add_url_rule(place.address, name, partial(look, site, place))
        made.add_url_rule(
            place.address, f"{name}_sent", partial(record, site, place), methods=["POST"]
        )


def look(site: Site, place: Place, **path: UUID) -> Response:
    """Show a page of settings with its form."""
    return place.page(site, Form(), **path)


def record(site: Site, place: Place, **path: UUID) -> Response:
    """Carry out what a form of settings asks for; show it again where it is refused."""
    drafts = {"with_drafts": "all"} if request.form.get("all_drafts") else {}
    outcome = sent(site, place.command, **drafts)
    if isinstance(outcome, Form):
        return place.page(site, outcome, **path)
    return led_on(place.leads_to, outcome)


def settings_page(site: Site, form: Form) -> Response:
    """Return the page of all cycles."""
    cycles = site.ask("cycles", limit=MOST)["cycles"]
    return site.page("settings.html", form.status, form=form, cycles=[*reversed(cycles)])


def cycle_page(site: Site, form: Form, cycle_id: UUID, *, deed: str) -> Response:
    """Return the page on which a plan is committed or a cycle closed, with what to look at."""
    board = site.ask("board", cycle_id)
    goals: list[Any] = board["objectives"]
    committed = [each for each in goals if each["state"] == "committed"]
    return site.page(
        "settings_cycle.html", form.status, form=form, deed=deed, cycle=board["cycle"],
        options_of=options_of,
        day=board["day"], teams=site.ask("teams", limit=MOST)["teams"],
        drafts=[each for each in goals if each["state"] == "draft"],
        bare=[each for each in goals if not each["key_results"]],
        ungraded=[each for each in committed if not each["graded"]],
        unmeasured=[each for each in committed if each["score"] is None],
    )  # fmt: skip


def options_of(teams: list[Any]) -> list[tuple[str, str]]:
    """Return the teams that live, as the options of a choice."""
    return [(str(each["id"]), str(each["name"])) for each in teams if not each["disbanded"]]


def teams_page(site: Site, form: Form) -> Response:
    """Return the page of all teams."""
    teams = site.ask("teams", limit=MOST)["teams"]
    kinds = [(each.value, word(each.value, "team")) for each in TeamKind]
    return site.page("settings_teams.html", form.status, form=form, teams=teams, kinds=kinds,
                     options_of=options_of)  # fmt: skip


def people_page(site: Site, form: Form) -> Response:
    """Return the page of all people; to list them is a recorded read."""
    people = site.ask("people", limit=MOST, sort="name")["people"]
    return site.page("settings_people.html", form.status, form=form, people=people)


PLACES = (
    Place("/settings", c.OpenCycle, settings_page),
    Place("/settings/cycles/<uuid:cycle_id>/commit", c.CommitPlan,
          partial(cycle_page, deed="commit")),
    Place("/settings/cycles/<uuid:cycle_id>/close", c.CloseCycle,
          partial(cycle_page, deed="close")),
    Place("/settings/teams", c.FormTeam, teams_page, "/settings/teams"),
    Place("/settings/people", c.RegisterPerson, people_page, "/settings/people"),
)  # fmt: skip
