"""The documents that readings and grades were taken from."""

from __future__ import annotations

from typing import Annotated, TypedDict

import msgspec

from projections.as_of.answers import doc


class ReadEvidence(TypedDict):
    """The document a reading or a grade was taken from."""

    link: Annotated[str, doc("Where it is.")]
    sha256: Annotated[str, doc("Of its bytes, in hexadecimal.")]


Document = Annotated[ReadEvidence | None, doc("Its document; null: none was named.")]


def evidence_of(text: str | None) -> ReadEvidence | None:
    """Return the link and the SHA-256 of a document; None where there is none."""
    return None if text is None else msgspec.json.decode(text, type=ReadEvidence)
