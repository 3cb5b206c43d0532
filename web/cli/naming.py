"""Names of what receipts and dry runs refer to by id alone: asked for one by one, where they may
be read. People are not named: a look at their names is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

if TYPE_CHECKING:
    from okr_es.context import WarningAnswer
    from okr_es.dry_run import Outcome, WouldRecord

MOST_NAMED = 40  # things of a receipt whose names are looked up
NAMED = {
    "objective": "title", "key_result": "title", "kpi": "name", "team": "name", "cycle": "name",
}  # fmt: skip
Called = dict[str, str]  # names by id
Of = tuple[str, str]  # the kind and the id of a thing


def names_in(found: Outcome) -> Called:
    """Return the names of what a receipt or a dry run refers to, for who called the command."""
    from okr_es.dry_run import DryRun

    of = list(warned_of(found.warnings))
    if isinstance(found, DryRun):
        of += [each for event in found.would_record for each in named_in(event)]
    return called(of)


def called(of: Iterable[Of]) -> Called:
    """Return the names of things, for who called the command; without those of people."""
    asked = [each for each in dict.fromkeys(of) if each[0] in NAMED][:MOST_NAMED]
    context = click.get_current_context(silent=True)
    if not asked or context is None:
        return {}
    by = context.params.get("by")
    return looked_up(context.obj, by if isinstance(by, UUID) else None, asked)


def warned_of(warnings: Iterable[WarningAnswer]) -> Iterator[Of]:
    """Yield what warnings are about."""
    from web.cli.output import MOST_THINGS

    for each in warnings:
        yield from ((thing.kind, str(thing.id)) for thing in each.things[:MOST_THINGS])


def named_in(event: WouldRecord) -> Iterator[Of]:
    """Yield what the fields of an event name by id."""
    if isinstance(event.fields, dict):
        for field, value in event.fields.items():
            kind = event.about.kind if field == "carried_from" else kind_of(field)
            if isinstance(value, str) and kind is not None:
                yield kind, value


def kind_of(field: str) -> str | None:
    """Return the kind of thing whose id a field holds; None for other fields, and for people."""
    word = field.removesuffix("_id")
    if word == field:
        return None
    return (
        "team" if word == "parent" else next((kind for kind in NAMED if word.endswith(kind)), None)
    )


def looked_up(session: Any, by: UUID | None, asked: Iterable[Of]) -> Called:
    """Return the names of things; without those that may not be read, or are not there yet."""
    from okr_es.domain.refusals import Refusal
    from projections.read_model.generations import NotReady

    found: Called = {}
    try:
        with session.queries(by) as queries:
            for kind, id_ in asked:
                if name := name_of(getattr(queries, kind), id_, NAMED[kind]):
                    found[id_] = name
    except (Refusal, NotReady, click.ClickException):
        return found
    return found


def name_of(ask: Callable[[UUID], Any], id_: str, field: str) -> str | None:
    """Return the name of a thing; None where there is none to be read."""
    from okr_es.domain.refusals import Refusal

    try:
        name: str | None = ask(UUID(id_)).get(field)
    except (Refusal, click.ClickException, ValueError):
        return None
    return name
