"""Quarters side by side: the scoreboard by organisation, team and person; then goals by lineage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from okr_es.domain.refusals import NotAllowed
from web.api.list_parameters import CYCLES
from web.api.parameters import PERSON_ID, TEAM
from web.pages.frame.cycles import MOST, days_of
from web.pages.frame.filters import filters_of_page
from web.pages.frame.language import gettext
from web.pages.frame.moments import here
from web.pages.frame.sheets import as_percent, workbook
from web.pages.frame.site import Site
from web.pages.frame.words import WORDS, title

AT_FIRST = 3  # cycles that are compared where the address names none
MOST_GOALS = 200
SCORES = ("committed", "ended")


def _(text: str) -> str:
    return text


class Figure(NamedTuple):
    """A line of figures: its words, where it stands in a total, and whether it is a share."""

    words: str
    path: tuple[str, ...]
    is_share: bool = False

    def of(self, total: Any) -> Any:
        """Return it of a total; None where it is not shown."""
        for name in self.path:
            total = None if total is None else total[name]
        return total

    def all_of(self, totals: Sequence[Any]) -> list[Any]:
        """Return it of each total."""
        return [self.of(each) for each in totals]


FIGURES = (
    Figure(_("score as committed"), ("scores", "committed"), is_share=True),
    Figure(_("score as ended"), ("scores", "ended"), is_share=True),
    Figure(_("coverage"), ("coverage", "ended"), is_share=True),
    Figure(_("objectives"), ("objectives",)),
    Figure(_("key results"), ("key_results",)),
    Figure(_("met"), ("outcomes", "met")),
    Figure(_("partly met"), ("outcomes", "partly_met")),
    Figure(_("missed"), ("outcomes", "missed")),
    Figure(_("not measured"), ("outcomes", "not_measured")),
    Figure(_("abandoned"), ("ended_by", "abandoned")),
    Figure(_("carried in"), ("carried_in",)),
    Figure(_("carried out"), ("carried_out",)),
    Figure(_("added mid-cycle"), ("added",)),
    Figure(_("adjusted grades"), ("adjusted_grades",)),
    Figure(_("new targets"), ("counts", "retargets")),
    Figure(_("eased targets"), ("counts", "eased_targets")),
    Figure(_("re-alignments"), ("counts", "realignments")),
    Figure(_("hand-overs"), ("counts", "reassignments")),
    Figure(_("corrections of readings"), ("counts", "corrections")),
    Figure(_("readings due"), ("counts", "discipline", "due")),
    Figure(_("on time"), ("counts", "discipline", "on_time")),
    Figure(_("late"), ("counts", "discipline", "late")),
    Figure(_("missing"), ("counts", "discipline", "missing")),
)


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of comparisons, and its workbook."""

    @made.get("/compare")
    def compare() -> Response:
        """Show cycles side by side, the last closed ones if the address names none."""
        cycles = site.ask("cycles", limit=MOST)["cycles"]
        asked = filters_of_page((CYCLES, TEAM, PERSON_ID))
        chosen = asked.pop("cycle", None) or usual(cycles)
        if not chosen:
            return site.page("no_cycles.html")
        try:
            found = site.ask("scoreboard", chosen, **asked)
        except NotAllowed:
            found = None
        sides = [each["cycle"] for each in found["columns"]] if found else named(cycles, chosen)
        if found and request.args.get("format") == "xlsx":
            return workbook("compare", sheets(found))
        goals = goals_by_lineage(site, sides, asked) if len(sides) == 2 else None
        return site.page(
            "compare.html", found=found, sides=sides, cycles=cycles, figures=FIGURES,
            parts=list(parts(found)) if found else [], goals=goals, most=MOST_GOALS,
            teams=site.ask("teams", limit=MOST)["teams"], line=line,
            team=request.args.get("team", ""), workbook=here(format="xlsx"),
            what=what_differs,
        )  # fmt: skip


def usual(cycles: Sequence[Any]) -> tuple[UUID, ...]:
    """Return the last closed cycles of the shortest kind, the earliest first; else others."""
    closed = [each for each in cycles if each["closed"]] or list(cycles)
    if not closed:
        return ()
    shortest = min(map(days_of, closed))
    alike = [each for each in closed if days_of(each) <= 1.2 * shortest]
    last = sorted(alike, key=lambda each: str(each["starts"]))[-AT_FIRST:]
    return tuple(UUID(str(each["id"])) for each in last)


def named(cycles: Sequence[Any], chosen: Sequence[Any]) -> list[Any]:
    """Return the cycles that were chosen, by id or by name."""
    keys = {str(each) for each in chosen}
    return [each for each in cycles if str(each["id"]) in keys or each["name"] in keys]


def parts(found: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each part of a scoreboard: its name, its address, and its columns."""
    if found["total"] is not None:
        yield gettext("Whole organisation"), "", found["total"]
    for each in found["teams"]:
        yield str(each["team"]["name"]), f"/teams/{each['team']['id']}", each
    for each in found["people"]:
        yield title(each["person"]), f"/people/{each['person']['id']}", each


def line(values: Sequence[Any]) -> list[tuple[float, float]]:
    """Return the points of a small line over columns, of 90 by 22 units; what is not there is
    left out.
    """
    shares = [(n, float(Decimal(str(each)))) for n, each in enumerate(values) if each is not None]
    step = 80 / max(len(values) - 1, 1)
    return [(round(5 + n * step, 1), round(20 - 18 * min(max(s, 0), 1.1) / 1.1, 1))
            for n, s in shares]  # fmt: skip


def goals_by_lineage(site: Site, sides: Sequence[Any], asked: dict[str, Any]) -> Any:
    """Return what differs between the goals of two cycles, those that go on first."""
    first, second = (str(each["name"]) for each in sides)
    return site.ask("compare", from_=first, to=second, scoreboard=False, **asked)


def what_differs(entry: Any) -> str:
    """Return in words how a goal differs between two sides."""
    return ", ".join(gettext(WORDS["differs"].get(each, each)) for each in entry["what"])


def sheets(found: Any) -> list[tuple[str, list[list[Any]]]]:
    """Return a scoreboard as the sheets of a workbook: figures by part, and KPIs."""
    names = [str(each["cycle"]["name"]) for each in found["columns"]]
    rows: list[list[Any]] = [[gettext("Part"), gettext("Figure"), *names]]
    for name, _address, part in parts(found):
        for figure in FIGURES:
            values = [figure.of(total) for total in part["totals"]]
            shown = [as_percent(each) if figure.is_share else each for each in values]
            rows.append([name, gettext(figure.words), *shown])
    kpis: list[list[Any]] = [[gettext("KPI"), gettext("Unit"), *names]]
    for each in found["kpis"]:
        values = [cell and cell["value"] for cell in each["figures"]]
        kpis.append([each["kpi"], each["unit"], *(v and Decimal(str(v)) for v in values)])
    return [(gettext("Figures"), rows), (gettext("KPIs"), kpis)]
