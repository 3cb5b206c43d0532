"""The alignment tree of a cycle on a day: what is aligned to what, and what moved since another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from okr_es.domain.cycle import CycleRef
from web.api.list_parameters import TREE
from web.pages.frame.cycles import MOST, present_cycle
from web.pages.frame.filters import fields_of_page, filters_of_page
from web.pages.frame.moments import (
    OURS,
    at_moment,
    here,
    moment_of_page,
    other_way,
    plain_here,
    time_bar,
)
from web.pages.frame.site import Site

FILTERS = tuple(each for each in TREE if each.name not in {"limit", "after"})
SINCE = "since"


class Moved(NamedTuple):
    """What moved in a tree since a day: goals by their ids."""

    since: date
    new: set[str]
    gone: list[dict[str, Any]]
    realigned: dict[str, str]  # what each was aligned to, by its title; empty: to nothing
    handed_over: dict[str, str]  # who owned each

    @property
    def moves(self) -> int:
        """How many moves there are."""
        return sum(map(len, (self.new, self.gone, self.realigned, self.handed_over)))


def add_to(made: Blueprint, site: Site) -> None:
    """Add the pages of the tree."""

    @made.get("/tree")
    def present_tree() -> Response:
        """Lead to the tree of the present cycle."""
        cycle = present_cycle(site)
        if cycle is None:
            return site.page("no_cycles.html")
        return redirect(f"/tree/{cycle['name']}", HTTPStatus.SEE_OTHER)

    @made.get("/tree/<cycle:id>")
    def tree(id: CycleRef) -> Response:
        """Show the tree of a cycle."""
        moment, filters = moment_of_page(), filters_of_page(FILTERS)
        found = site.ask("tree", id, **filters, **moment.asked)
        changes = site.ask("changes_by_day", id)
        since = request.args.get(SINCE) or None
        before = since and site.ask("tree", id, known_at=since, **filters)
        return site.page(
            "tree.html",
            found=found,
            cycle=found["cycle"],
            cycles=site.ask("cycles", limit=MOST)["cycles"],
            teams=site.ask("teams", limit=MOST, **moment.asked)["teams"],
            moment=moment,
            at=at_moment(moment),
            now=here(),
            other=here(other_way(moment, found["day"])),
            bar=time_bar(changes, moment, found["day"], changes["day"]),
            fields=fields_of_page({*OURS, "after"}),
            asked=filters,
            clear=plain_here(moment),
            moved=moved(before, found) if before else None,
        )


def moved(before: Any, now: Any) -> Moved:
    """Return what moved between two trees of a cycle."""
    then = {str(each["id"]): (each, above) for each, above in branches(before["objectives"])}
    here_ = {str(each["id"]): (each, above) for each, above in branches(now["objectives"])}
    both = then.keys() & here_.keys()
    return Moved(
        before["day"],
        set(here_.keys() - then.keys()),
        [then[id_][0] for id_ in then.keys() - here_.keys()],
        {id_: aligned_title(then[id_][0]) for id_ in both
         if aligned_id(then[id_][0]) != aligned_id(here_[id_][0])},
        {id_: str(then[id_][0]["owner"]["name"]) for id_ in both
         if then[id_][0]["owner"]["id"] != here_[id_][0]["owner"]["id"]},
    )  # fmt: skip


def branches(
    found: list[Any], above: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, Mapping[str, Any] | None]]:
    """Yield all objectives of a tree, each with the one above it."""
    for each in found:
        yield each, above
        yield from branches(each["aligned"], each)


def aligned_id(objective: Any) -> str | None:
    """Return the id of what an objective is aligned to."""
    to = objective["aligned_to"]
    return str(to["id"]) if to else None


def aligned_title(objective: Any) -> str:
    """Return the title of what an objective is aligned to."""
    to = objective["aligned_to"]
    return str(to["title"] or "") if to else ""
