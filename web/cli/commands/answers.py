"""What prints the answer to each question that is made from the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from web.cli.output import width_of_terminal
from web.cli.tables import table_lines
from web.cli.text.goals import as_of_line, goal_lines
from web.cli.text.kpis import kpi_lines
from web.cli.text.needs import needs_lines

OF = {"objective": goal_lines, "key_result": goal_lines, "kpi": kpi_lines,
      "needs": needs_lines}  # fmt: skip


def as_rows(found: Any, names: dict[str, str]) -> Iterator[str]:
    """Yield an answer as a table, below the moment it is about."""
    if "day" in found:
        yield as_of_line(found)
    yield from table_lines(found, names, width_of_terminal())


def lines_of(question: str) -> Callable[[Any, Any], Iterable[str]]:
    """Return what prints the answer to a question, by default as a table."""
    return OF.get(question, as_rows)
