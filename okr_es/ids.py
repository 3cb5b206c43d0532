"""Ids for new things, ordered by time (UUID version 7) so that indexes grow at their end."""

from uuid import UUID

from uuid_utils.compat import uuid7 as ordered_id

__all__ = ["event_id", "ordered_id"]


def event_id(stream: UUID | str, version: int) -> str:
    """Return the id of an event as text: `stream/version`."""
    return f"{stream}/{version}"
