"""The document that a reading or a grade was taken from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from okr_es.domain import values
from okr_es.domain.refusals import Invalid

WEB = re.compile(r"https?://[^\s/@?#]+([/?#].*)?", re.IGNORECASE | re.DOTALL)
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Evidence:
    """The document it was taken from: a link to it, and its SHA-256 in hexadecimal."""

    link: str
    sha256: str

    def checked(self) -> Evidence:
        """Return it trimmed, the digest in small letters; refuse what is no web address without
        credentials, or no SHA-256.
        """
        digest = self.sha256.strip().lower()
        if SHA256.fullmatch(digest) is None:
            raise Invalid("A SHA-256 is 64 hexadecimal digits.", field="evidence")
        link = values.text(self.link, "evidence")
        if WEB.fullmatch(link) is None:
            raise Invalid(
                "A link begins with http:// or https://, and has no name or password.",
                field="evidence",
            )
        return Evidence(link, digest)


Document = Evidence | None


def maybe_checked(evidence: Document) -> Document:
    """Return evidence checked; None stays None."""
    return None if evidence is None else evidence.checked()


def none_named(state: dict[str, Any]) -> None:
    """Add to an event from before: it named no document."""
    state["evidence"] = None
