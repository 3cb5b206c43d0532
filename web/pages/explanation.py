"""Why a score changed: from what it was to what it is, by key result and by cause."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from web.api.parameters import SPAN
from web.pages.frame import charts
from web.pages.frame.charts import BLUE, GREEN, GREY, RED
from web.pages.frame.filters import filters_of_page
from web.pages.frame.language import gettext, said
from web.pages.frame.site import Site
from web.pages.frame.words import title, word

Row = Mapping[str, Any]
LONGEST_LABEL = 24
BAR = 26  # units of height


def _(text: str) -> str:
    return text


OTHERS = {
    "objective": _("the objective itself"),
    "cycle": _("its cycle"),
    "scoring_policy": _("scoring policy"),
    "days": _("days that passed"),
}


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page that explains a score."""

    @made.get("/objectives/<uuid:id>/explanation")
    def explanation(id: UUID) -> Response:
        """Show why the score of an objective changed between two moments."""
        found = site.ask("explanation", id, **filters_of_page(SPAN))
        parts = parts_of(found)
        causes = [
            {"title": word(each["cause"], "cause"), "change": each["change"]}
            for each in found["causes"]
        ]
        return site.page(
            "explanation.html", found=found, parts=parts, causes=causes,
            by_part=waterfall(found, parts, _("By key result: %(title)s")),
            by_cause=waterfall(found, causes, _("By cause: %(title)s")),
            typed={name: request.args.get(name, "") for name in ("from", "to")},
        )  # fmt: skip


def parts_of(found: Row) -> list[dict[str, Any]]:
    """Return the parts of a change, each with its name and its events."""
    parts = [{**each, "title": title(each["key_result"])} for each in found["key_results"]]
    parts += [{**each, "title": title(each["objective"])} for each in found["aligned"]]
    parts += [{**each, "title": gettext(OTHERS[each["what"]])} for each in found["others"]]
    return parts


def waterfall(found: Row, parts: list[dict[str, Any]], words: str) -> Markup | None:
    """Return a bar for each part, from the score before to that after; None: nothing moved it."""
    moved = [each for each in parts if exact(each) != 0]
    if not moved:
        return None
    rows = bars_of(found, moved)
    spec = {
        "height": BAR * len(rows),
        "data": {"values": rows},
        "mark": {"type": "bar", "height": {"band": 0.6}},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None,
                  "axis": {"labelLimit": 260, "domain": False, "ticks": False}},
            "x": {"field": "low", "type": "quantitative", "title": None,
                  "axis": {"format": "~%", "tickCount": 6}},
            "x2": {"field": "high"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }  # fmt: skip
    return charts.chart(
        spec,
        title=said(words, {"title": title(found)}),
        description=gettext(_("A bar for each part, from the score before to the score after. The "
                              "table has the exact figures.")),
    )  # fmt: skip


def bars_of(found: Row, moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the bars: the score before, each part behind the one before it, the score after."""
    total = end = Fraction(found["before"] or 0)
    rows = [bar(gettext("before"), Fraction(0), total, GREY)]
    for number, each in enumerate(moved, 1):
        end = total + exact(each)
        colour = GREEN if end > total else RED
        rows.append(bar(f"{number}. {shortened(each['title'])}", total, end, colour))
        total = end
    return [*rows, bar(gettext("after"), Fraction(0), end, BLUE)]


def bar(name: str, from_: Fraction, to: Fraction, colour: str) -> dict[str, Any]:
    """Return a bar between two shares."""
    low, high = sorted((float(from_), float(to)))
    return {"name": name, "low": low, "high": high, "colour": colour}


def exact(part: Row) -> Fraction:
    """Return by how much a part moved the score."""
    return Fraction(part["change"]["exact"])


def shortened(text: str) -> str:
    """Return a text that fits beside a bar."""
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
