"""A comparison: the figures of both sides, then what differs, then what is in one cycle alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from web.cli.text.goals import Names, in_plain_words, name_of, noted, share, shown
from web.cli.text.scoreboard import table_lines

if TYPE_CHECKING:
    from projections.retrospect.answers import ComparedAnswer, SideAnswer
    from projections.retrospect.scoreboard_answers import CompareAnswer

ALONE = "not_in_the_other_cycle"
SHARES = {"progress", "score", "expected", "coverage", "rolled_up"}
IN_WORDS = {"status", "state", "outcome", "ended_by", "commitment", "direction"}


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
    of_both = [each for each in found["entries"] if ALONE not in each["what"]]
    for each in of_both:
        also = "" if each["comparable"] else ", not comparable"
        what = ", ".join(map(in_plain_words, each["what"])) or "changed"
        yield f"{what}{also}: {each['title'] or '(confidential)'}"
        for change in each["changes"] if each["before"] else ():
            was_is = (side(change["field"], change[each], names) for each in ("before", "after"))
            yield f"    {in_plain_words(change['field'])}: {' → '.join(was_is)}"
    for one, is_before in zip(both(found), (True, False), strict=True):
        alone = [
            each
            for each in found["entries"]
            if ALONE in each["what"] and (each["before"] is not None) == is_before
        ]
        if alone:
            yield f"only in {name_of(one['cycle'], names)}"
        yield from lines_of_alone(alone)


def lines_of_alone(entries: Iterable[ComparedAnswer]) -> Iterable[str]:
    """Yield goals of one of two cycles that none of the other goes with, by objective."""
    above = None
    for each in entries:
        objective, title = each["objective"], each["title"] or "(confidential)"
        words = [in_plain_words(word) for word in each["what"] if word != ALONE]
        if each["kind"] == "objective":
            above = objective["id"]
            yield f"  {noted(title, words)}"
        else:
            if objective["id"] != above:
                words.append(f"of “{objective['title'] or '(confidential)'}”")
            yield f"    · {noted(title, words)}"


def side(field: str, value: Any, names: Names) -> str:
    """Return what a field was on one side: shares as percentages, words without underscores."""
    if field in SHARES and value is not None:
        return share(value)
    return in_plain_words(str(value)) if field in IN_WORDS and value else shown(value, names)


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
