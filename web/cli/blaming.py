"""Refusals that name the option to blame, as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click


class Refused(click.ClickException):
    """A refusal in one line: what it blames, if it blames something, and if something is missing.

    `is_not_found`: there is nothing of what was named.
    """

    def __init__(self, message: str, field: str | None = None, *, is_not_found: bool) -> None:
        super().__init__(message)
        self.field, self.is_not_found = field, is_not_found


@contextmanager
def blaming(options: Mapping[str, str]) -> Iterator[None]:
    """Let a refusal begin with the option whose field it blames; others stay as they are."""
    from okr_es.domain.refusals import NotFound, Refusal

    try:
        yield
    except (Refusal, Refused) as refusal:
        option = options.get(refusal.field or "")
        if option is None:
            raise
        missing = isinstance(refusal, NotFound) or getattr(refusal, "is_not_found", False)
        message = f"{option}: {refusal.message}"
        raise Refused(message, refusal.field, is_not_found=missing) from refusal
