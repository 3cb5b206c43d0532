"""Results on stdout, as lines or JSON; progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from okr_es.context import WarningAnswer

Step = Callable[[int, int], None]

WORDS = {  # names of fields that say little by themselves
    "by": "done by", "client": "sent with", "address": "sent from the address",
    "client_info": "sent with", "ends": "last day", "starts": "first day", "holds": "holds today",
    "how": "signed in by", "origin": "came by", "seen_at": "used last at", "what": "asked for",
    "showed": "what it shows", "person_id": "of", "sentence": "what happened",
}  # fmt: skip

LISTS = ("objectives", "key_results", "kpis", "teams", "people", "cycles", "readings", "entries",
         "approvals", "grants", "keys")  # fmt: skip

FREE_TEXTS = {"title", "name", "description", "comment", "counts", "purpose", "source", "subject"}
MOST_THINGS = 10  # of a warning; --json has more

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def note_csv(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Note in the session that the answer is wanted as CSV."""
    if wanted and context.obj is not None:
        context.obj.as_csv = True


def note_xlsx(context: click.Context, _: click.Parameter, file: Path | None) -> None:
    """Note in the session into which workbook the answer is to be written."""
    if file is not None and context.obj is not None:
        context.obj.xlsx = file


def as_table(command: Any) -> Any:
    """Add the options of a command that answers a question: as JSON, as CSV, as a workbook."""
    as_csv = click.option(
        "--csv", is_flag=True, expose_value=False, callback=note_csv,
        help="Print the rows as CSV, with all columns.",
    )  # fmt: skip
    as_xlsx = click.option(
        "--xlsx", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
        expose_value=False, callback=note_xlsx, help="Write the rows into a workbook.",
    )  # fmt: skip
    return as_json(as_csv(as_xlsx(command)))


def print_text(text: str) -> None:
    """Print a text on stdout, at once."""
    click.echo(text)
    sys.stdout.flush()


def print_answer(
    session: Any, found: Any, lines: Sequence[str], as_json: bool, names: Mapping[str, str]
) -> None:
    """Print an answer as the call wants it: as lines, JSON, CSV, or into a workbook.

    `names` are those of what the answer refers to by id alone.
    """
    if sum((as_json, session.as_csv, session.xlsx is not None)) > 1:
        raise click.UsageError("It is one of --json, --csv and --xlsx.")
    if session.as_csv:
        from web.cli.tables import write_csv

        write_csv(found, names)
    elif session.xlsx is not None:
        from web.cli.tables import write_xlsx

        print_text(f"{number_of(write_xlsx(session.xlsx, found, names), 'rows')} in {session.xlsx}")
    else:
        print_result(found, lines, as_json)
        if not as_json and is_empty(found):
            click.echo("nothing found", err=True)


def is_empty(found: Any) -> bool:
    """Return whether an answer is a list, or a board, that has nothing on it."""
    is_about_one = found.keys() & {"id", "from", "total"}
    return not is_about_one and any(found.get(name) == [] for name in LISTS)


def number_of(count: int, things: str) -> str:
    """Return a count with what is counted; of one thing in the singular."""
    return f"{count} {things.removesuffix('s') if count == 1 else things}"


def width_of_terminal() -> int | None:
    """Return how many columns a line may have; None where no terminal shows it."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


def print_paged(text: str) -> None:
    """Print a text; on a terminal that it does not fit on, a page at a time."""
    if sys.stdout.isatty() and text.count("\n") >= get_terminal_size().lines:
        click.echo_via_pager(text)
    else:
        print_text(text)


def print_result(found: Any, lines: Sequence[str], as_json: bool) -> None:
    """Print `found` as indented JSON where `as_json` is true, else `lines`."""
    if not as_json:
        if lines:
            print_paged("\n".join(lines))
        return
    import msgspec

    from okr_es.scoring.shown import written_out

    encoded = msgspec.json.encode(found, enc_hook=written_out)
    print_text(msgspec.json.format(encoded, indent=2).decode())


def in_words(field: str) -> str:
    """Return the name of a field as a person reads it."""
    return WORDS.get(field, field.replace("_", " ").removesuffix(" id"))


def plain(value: Any, names: Mapping[str, str] | None = None) -> str:
    """Return a value of an answer as a person reads it, empty where there is none.

    What has a name, or an id that is among the names, is called so; other fields stand in a row.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        called = value.get("name") or value.get("title")
        if name := called or (names or {}).get(str(value.get("id"))):
            return str(name)
        parts = {in_words(name): plain(each, names) for name, each in value.items()}
        return ", ".join(f"{name} {text}" for name, text in parts.items() if text)
    if isinstance(value, (list, tuple)):
        return "; ".join(filter(None, (plain(each, names) for each in value)))
    return "" if value is None else str(value)


def change_line(change: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a changed field: from what to what, or only to what where there was nothing."""
    field = change["field"]
    before, after = (plain(parsed(field, change[each]), names) for each in ("before", "after"))
    sides = [after or "–"] if change["before"] is None else [before or "–", after or "–"]
    return f"{in_words(field)}: {' → '.join(sides)}"


def parsed(field: str, value: Any) -> Any:
    """Return the value of a field; a list or an object also where it is written as JSON."""
    import msgspec

    if field in FREE_TEXTS or not (isinstance(value, str) and value.startswith(("[", "{"))):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


def warning_lines(warnings: Iterable[WarningAnswer], names: Mapping[str, str]) -> Iterator[str]:
    """Yield warnings of receipts: the sentence, then what it is about, a line each."""
    for warning in warnings:
        yield f"note: {warning.text}"
        shown = warning.things[:MOST_THINGS]
        for thing in shown:
            called = f"  {name}" if (name := names.get(str(thing.id))) else ""
            yield f"    {thing.kind.replace('_', ' ')} {thing.id}{called}"
        if warning.count > len(shown) > 0:
            yield f"    … {warning.count} in all"


@contextmanager
def progress(label: str) -> Iterator[Step | None]:
    """Give a callable that moves a progress bar; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield step
