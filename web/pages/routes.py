"""All pages of who is signed in, on one page; and what they answer when something is refused."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from web.pages import (
    approvals,
    audit,
    board,
    check_ins,
    compare,
    deeds,
    display,
    explanation,
    home,
    key_result,
    kpis,
    objective,
    patterns,
    people,
    replay,
    review,
    search,
    settings,
    settings_deeds,
    teams,
    tree,
    troubles,
)
from web.pages.frame import assets, language
from web.pages.frame.drawings import bar
from web.pages.frame.formats import FILTERS
from web.pages.frame.happened import happened
from web.pages.frame.site import Site
from web.pages.frame.words import FUNCTIONS

PAGES = (
    home,
    board,
    check_ins,
    objective,
    key_result,
    kpis,
    explanation,
    deeds,
    tree,
    teams,
    people,
    search,
    approvals,
    replay,
    compare,
    review,
    audit,
    settings,
    settings_deeds,
    patterns,
    display,
)


def blueprint(site: Site) -> Blueprint:
    """Return the routes of all pages within the frame."""
    made = Blueprint("pages", __name__, template_folder="templates")
    made.before_request(site.require_somebody)
    for each in PAGES:
        each.add_to(made, site)
    troubles.add_to(made, site)
    return made


def prepare_templates(state: BlueprintSetupState) -> None:
    """Give all templates the words, the formats and the drawings."""
    environment = state.app.jinja_env
    language.add_to(environment)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(FILTERS)
    environment.globals.update(
        FUNCTIONS, **kpis.FUNCTIONS, older_readings=key_result.older_readings
    )
    environment.globals.update(bar_of=bar, asset=assets.address, happened=happened)
    environment.globals["translated"] = language.gettext  # texts with a % in them too
