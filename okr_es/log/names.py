"""Names that streams take for good: unique among those of a kind, and never free again.

They are derived: the events say which there are (`evidence/verify_states.py`).
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class Name(NamedTuple):
    """A name that a stream takes, folded: no other stream of the kind can have it."""

    kind: str
    name: str
    stream: UUID
