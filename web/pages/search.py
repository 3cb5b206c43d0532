"""Search over titles and names: goals, KPIs, cycles, teams and people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es.domain.refusals import NotAllowed
from web.api.parameters import TEXT
from web.pages.frame.filters import filters_of_page
from web.pages.frame.site import Site

MOST = 10  # of each kind
KINDS = ("objectives", "key_results", "kpis", "cycles", "teams", "people")


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of search."""

    @made.get("/search")
    def search() -> Response:
        """Show what has the words in its title or name, the first of each kind."""
        text = filters_of_page((TEXT,)).get("text", "").strip()
        groups = {kind: found(site, kind, text) for kind in KINDS} if text else {}
        return site.page("search.html", text=text, groups={k: v for k, v in groups.items() if v})


def found(site: Site, kind: str, text: str) -> list[dict[str, Any]]:
    """Return what of a kind has the words; nothing where it is not for who looks."""
    try:
        rows: list[dict[str, Any]] = site.ask(kind, text=text, limit=MOST)[kind]
    except NotAllowed:
        return []
    return rows
