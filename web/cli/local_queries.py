"""The questions of the command line, asked of the database itself, with names in the answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from projections.queries import Queries


class LocalQueries:
    """Answers as a server does: what an answer refers to has its name."""

    def __init__(self, queries: Queries) -> None:
        self.queries = queries

    def __getattr__(self, name: str) -> Any:
        """Return what asks a question; anything else is that of the queries themselves."""
        from okr_es.access.lines import QUESTIONS

        found = getattr(self.queries, name)
        return partial(self.ask, name) if name in QUESTIONS else found

    def ask(self, question: str, *positional: Any, **given: Any) -> Any:
        """Ask a question with the arguments of its method; return the answer with names."""
        found = getattr(self.queries, question)(*positional, **given)
        return self.queries.named(question, found)
