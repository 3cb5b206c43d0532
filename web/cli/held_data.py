"""What is held about a person, as a file for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.output import as_json, in_words, plain, print_text
from web.cli.session import Session, reading, recording_reads
from web.cli.things import PERSON

if TYPE_CHECKING:
    from projections.held_data_answers import HeldLine


@click.command()
@click.argument("person", type=PERSON)
@reading
@as_json
@click.pass_obj
def export(session: Session, person: UUID, by: UUID | None, as_json: bool) -> None:
    """Print all that is held about a person, to be kept in a file; others are numbered in it."""
    from web.api.exact_json import encode

    with session.queries(by) as queries, recording_reads(queries, by, "held_data") as record:
        found = queries.held_data(person)
        if session.server is None:  # a server records it itself
            record({"position": queries.okr.log.head()}, person_id=person)
        for line in (encode(each).decode() for each in found) if as_json else text_lines(found):
            print_text(line)


def text_lines(found: Iterable[HeldLine]) -> Iterator[str]:
    """Yield it as a person reads it: a headline for each section, a line for each field.

    What is empty is left out. Each thing is followed by an empty line.
    """
    from projections.held_data_answers import SECTIONS

    section = ""
    for each in found:
        if each["section"] != section:
            section = each["section"]
            yield from (SECTIONS[section], "")
        for name, value in each["item"].items():
            if text := plain(value):
                yield f"  {in_words(name)}: {text}"
        yield ""
