"""Settings: what can be changed of a team, a person or a role, each with a form of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Role
from web.pages.frame.cycles import MOST
from web.pages.frame.forms import Form
from web.pages.frame.site import Site
from web.pages.frame.words import title, word
from web.pages.settings import Place, add_places, options_of

Find = Callable[[Site, UUID], Any]  # finds by an id what a deed is about


def _(text: str) -> str:
    return text


class Field(NamedTuple):
    """A field of such a form: its name, its words, how it is typed, and what stands in it."""

    name: str
    label: str
    kind: str = "text"  # or date, email, team
    of: str = ""  # the field of the thing that stands in it at first


class Deed(NamedTuple):
    """What its page says: the words of its button, its fields, and what it brings about."""

    button: str
    fields: tuple[Field, ...] = ()
    says: str = ""
    is_final: bool = False


EFFECTIVE = Field("effective", _("From which day"), "date")
RENAME_TEAM = Deed(_("Rename"), (Field("name", _("Name"), of="name"),))
MOVE_TEAM = Deed(_("Move"), (Field("parent_id", _("Below"), "team"), EFFECTIVE))
DISBAND = Deed(
    _("Disband"), (), _("It takes no new goals; what it owned stays in the past."), is_final=True
)
RENAME_PERSON = Deed(_("Rename"), (Field("name", _("Name"), of="name"),))
REPLACE_EMAIL = Deed(_("Another e-mail address"), (Field("email", _("E-mail"), "email", "email"),))
DEACTIVATE = Deed(
    _("Deactivate"), (EFFECTIVE,),
    _("They are signed out, and own nothing new from that day on; what they did stays theirs."),
    is_final=True,
)  # fmt: skip
END_GRANT = Deed(_("End the role"), (EFFECTIVE,), _("It ends with the day before; empty: today."))


def add_to(made: Blueprint, site: Site) -> None:
    """Add these pages, and that of all roles."""
    add_places(made, site, PLACES)


def deed_page(
    site: Site,
    form: Form,
    *,
    deed: Deed,
    thing: Callable[[Site, UUID], Any],
    back: str,
    **path: UUID,
) -> Response:
    """Return the page of a deed about a thing, which `thing` finds by its id."""
    (id_,) = path.values()
    found = thing(site, id_)
    return site.page(
        "settings_deed.html", form.status, form=form, deed=deed, found=found, back=back,
        teams=options_of(site.ask("teams", limit=MOST)["teams"]),
    )  # fmt: skip


def team_of(site: Site, id_: UUID) -> Any:
    """Return a team."""
    return site.ask("team", id_)


def person_of(site: Site, id_: UUID) -> Any:
    """Return a person: it is a recorded read."""
    return site.ask("person", id_)


def grant_of(site: Site, id_: UUID) -> Any:
    """Return a role of somebody, named by both."""
    for each in site.ask("grants")["grants"]:
        if str(each["id"]) == str(id_):
            return {**each, "name": f"{title(each['person'])}: {word(each['role'], 'role')}"}
    raise NotFound(f"There is no role {id_}.", field="grant_id")


def grants_page(site: Site, form: Form) -> Response:
    """Return the page of all roles, with a form to give one."""
    people = site.ask("people", limit=MOST, sort="name", state="active")["people"]
    return site.page(
        "settings_grants.html", form.status, form=form, grants=site.ask("grants")["grants"],
        people=[(str(each["id"]), title(each)) for each in people],
        roles=[(each.value, word(each.value, "role")) for each in Role],
        teams=options_of(site.ask("teams", limit=MOST)["teams"]),
    )  # fmt: skip


def page_of(deed: Deed, thing: Find, back: str) -> Callable[..., Response]:
    """Return what shows the page of a deed."""
    return partial(deed_page, deed=deed, thing=thing, back=back)


TEAMS, PEOPLE, GRANTS = "/settings/teams", "/settings/people", "/settings/grants"
A_TEAM, A_PERSON = f"{TEAMS}/<uuid:team_id>", f"{PEOPLE}/<uuid:person_id>"
PLACES = (
    Place(GRANTS, c.GrantRole, grants_page, GRANTS),
    Place(f"{GRANTS}/<uuid:grant_id>/end", c.EndGrant,
          page_of(END_GRANT, grant_of, GRANTS), GRANTS),
    Place(f"{A_TEAM}/rename", c.RenameTeam, page_of(RENAME_TEAM, team_of, TEAMS), TEAMS),
    Place(f"{A_TEAM}/move", c.MoveTeam, page_of(MOVE_TEAM, team_of, TEAMS), TEAMS),
    Place(f"{A_TEAM}/disband", c.DisbandTeam, page_of(DISBAND, team_of, TEAMS), TEAMS),
    Place(f"{A_PERSON}/rename", c.RenamePerson, page_of(RENAME_PERSON, person_of, PEOPLE), PEOPLE),
    Place(f"{A_PERSON}/email", c.ReplaceEmail, page_of(REPLACE_EMAIL, person_of, PEOPLE), PEOPLE),
    Place(f"{A_PERSON}/deactivate", c.DeactivatePerson,
          page_of(DEACTIVATE, person_of, PEOPLE), PEOPLE),
)  # fmt: skip
