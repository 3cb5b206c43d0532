"""What who looks may do about a goal: the commands that the table of rights gives them.

A page shows no button that would be refused; whether the state of a goal allows a deed is the
page's own to say. A command itself is looked at again when it is sent.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from okr_es.access.lines import COMMANDS
from okr_es.access.rights import Answer, may
from projections.about_requests import roles_of
from projections.as_of.about import about_goal
from projections.grants import deputies_of
from web.pages.frame.site import Site


def allowed(site: Site, goal: UUID) -> frozenset[str]:
    """Return the names of the commands that who looks may send about a goal, perhaps to be
    approved by somebody else.
    """
    view = site.queries.reader.at()
    roles = roles_of(view, site.person)
    about, _ = about_goal(view, goal)
    owners = [view.one("person", each, "person") for each in about.owners]
    about = replace(about, deputies=deputies_of(owners, about.owners, view.moment.day))
    return frozenset(
        name
        for name, (line, part) in COMMANDS.items()
        if may(line, site.person, roles, replace(about, part=part)) != Answer.NO
    )
