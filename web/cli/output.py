"""Results on stdout, as lines or JSON; progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from okr_es.context import WarningAnswer

Step = Callable[[int, int], None]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def print_text(text: str) -> None:
    """Print a text on stdout, at once."""
    click.echo(text)
    sys.stdout.flush()


def print_result(found: Any, lines: Sequence[str], as_json: bool) -> None:
    """Print `found` as indented JSON where `as_json` is true, else `lines`."""
    if not as_json:
        print_text("\n".join(lines))
        return
    import msgspec

    from okr_es.scoring.shown import written_out

    encoded = msgspec.json.encode(found, enc_hook=written_out)
    print_text(msgspec.json.format(encoded, indent=2).decode())


def warning_lines(warnings: Iterable[WarningAnswer]) -> Iterator[str]:
    """Yield warnings of receipts: the sentence, then what it is about, a line each."""
    for warning in warnings:
        yield f"note: {warning.text}"
        for thing in warning.things:
            yield f"    {thing.kind.replace('_', ' ')} {thing.id}"
        if warning.count > len(warning.things) > 0:
            yield f"    {warning.count} in all"


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
