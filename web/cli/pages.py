"""Pages of an answer: one, or all of them in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

CURSORS = {"next_before": "before", "next_after": "after", "next": "after"}


def note_all(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Note in the session that all pages are wanted."""
    if wanted and context.obj is not None:
        context.obj.all_pages = True


def paged() -> Iterator[click.Option]:
    """Yield the option of an answer that has pages."""
    yield click.Option(
        ["--all"], is_flag=True, expose_value=False, callback=note_all, help="All pages, in a row."
    )


def with_all(command: Any) -> Any:
    """Add the option of an answer that has pages to a function."""
    option = click.option(
        "--all", is_flag=True, expose_value=False, callback=note_all, help="All pages, in a row."
    )
    return option(command)


def every_page(session: Any, ask: Callable[[dict[str, Any]], Any], asked: Mapping[str, Any]) -> Any:
    """Return an answer; where all pages are wanted, with the rows of those behind it."""
    found = ask({**asked})
    while session.all_pages and (cursor := cursor_of(found)):
        page = ask({**asked, **cursor})
        rows = next(name for name, value in page.items() if isinstance(value, list))
        found = {**found, rows: [*found[rows], *page[rows]]}
        found |= {name: page.get(name) for name in CURSORS if name in found}
    return found


def cursor_of(found: Any) -> dict[str, Any]:
    """Return what asks for the next page; nothing where there is none."""
    for name, parameter in CURSORS.items():
        if isinstance(found, Mapping) and found.get(name) is not None:
            return {parameter: found[name]}
    return {}


def say_there_is_more(session: Any, found: Any) -> None:
    """Say on standard error that there are further pages, and how to see them."""
    for parameter, value in cursor_of(found).items():
        if not session.all_pages:
            click.echo(f"there may be more: --all, or --{parameter} {value}", err=True)
