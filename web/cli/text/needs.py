"""What needs a person, a line for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from web.cli.short_ids import shortened
from web.cli.text.goals import Names, as_of_line, in_plain_words, name_of

if TYPE_CHECKING:
    from projections.needs_answers import Need, NeedsAnswer

KINDS = {"reading_overdue": "reading overdue", "approval": "request to decide"}


def needs_lines(found: NeedsAnswer, names: Names) -> Iterator[str]:
    """Yield what needs a person, what is late first."""
    yield f"{name_of(found['person'], names)}, {as_of_line(found)}"
    if not found["needs"]:
        yield "nothing waits"
    short = shortened(thing_of(each)["id"] for each in found["needs"] if thing_of(each)["id"])
    for each in found["needs"]:
        thing = thing_of(each)
        id_ = short(thing["id"]) if thing["id"] else ""
        kind = KINDS.get(each["what"], in_plain_words(each["what"]))
        yield f"{kind:<18}  {id_:<8}  {thing['title']}{notes(each, names)}"


def thing_of(each: Need) -> dict[str, Any]:
    """Return what is to be looked at: the request where there is one, else the goal."""
    goal = each["goal"]
    title = (goal["title"] or "(confidential)") if goal else "a request"
    return {"id": each["approval_id"] or (goal and goal["id"]), "title": title}


def notes(each: Need, names: Names) -> str:
    """Return the cycle, the days and the person stood in for, in brackets."""
    whom = each["on_behalf_of"]
    said = [
        each["cycle"]["name"] if each["cycle"] else "",
        f"by {each['by_day']}" if each["by_day"] else "",
        f"waits since {each['since']}" if each["since"] else "",
        f"for {name_of(whom, names)}" if whom else "",
    ]
    return f"  ({', '.join(filter(None, said))})" if any(said) else ""
