"""A comparison: the figures of both sides, then what differs, a line for each change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from web.cli.text.goals import Names, in_plain_words, name_of, shown
from web.cli.text.scoreboard import table_lines

if TYPE_CHECKING:
    from projections.retrospect.answers import SideAnswer
    from projections.retrospect.scoreboard_answers import CompareAnswer


def compare_lines(found: CompareAnswer, names: Names) -> Iterable[str]:
    """Yield what differs, a line for each change."""
    sides = [
        f"{side['asked']} ({side['position']}, {side['day']}, {side['zone']})"
        for side in both(found)
    ]
    yield " against ".join(sides) + limits(found, names)
    if found["scoreboard"] is not None:
        yield from table_lines(found["scoreboard"], names)
    counts = [f"{each['goals']} {in_plain_words(each['what'])}" for each in found["counts"]]
    yield ", ".join(counts) or "equal"
    for each in found["entries"]:
        also = "" if each["comparable"] else ", not comparable"
        what = ", ".join(map(in_plain_words, each["what"])) or "changed"
        yield f"{what}{also}: {each['title'] or '(confidential)'}"
        for change in each["changes"] if each["before"] else ():
            before, after = shown(change["before"], names), shown(change["after"], names)
            yield f"    {in_plain_words(change['field'])}: {before} → {after}"


def limits(found: CompareAnswer, names: Names) -> str:
    """Return what both sides of a comparison are limited to."""
    before, after = (side["cycle"] for side in both(found))
    limited_to = found["limited_to"]
    limited = [limited_to["team"], limited_to["person"], limited_to["goal"]]
    if before and after and before["id"] == after["id"]:
        limited.insert(0, after)
    names_of_limits = [name_of(each, names) for each in limited if each]
    return f", limited to {', '.join(names_of_limits)}" if names_of_limits else ""


def both(found: CompareAnswer) -> tuple[SideAnswer, SideAnswer]:
    """Return both sides of a comparison."""
    return found["from"], found["to"]
