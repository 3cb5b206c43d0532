"""The document that a reading or a grade was taken from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from okr_es.domain import values
from okr_es.domain.refusals import Invalid

SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Evidence:
    """The document it was taken from: a link to it, and its SHA-256 in hexadecimal."""

    link: str
    sha256: str

    def checked(self) -> Evidence:
        """Return it trimmed, in small letters; refuse an empty link or what is no SHA-256."""
        digest = self.sha256.strip().lower()
        if SHA256.fullmatch(digest) is None:
            raise Invalid("A SHA-256 is 64 hexadecimal digits.", field="evidence")
        return Evidence(values.text(self.link, "evidence"), digest)


Document = Evidence | None


def maybe_checked(evidence: Document) -> Document:
    """Return evidence checked; None stays None."""
    return None if evidence is None else evidence.checked()


def none_named(state: dict[str, Any]) -> None:
    """Add to an event from before: it named no document."""
    state["evidence"] = None
