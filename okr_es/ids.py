"""Ids for new things: ordered by time (UUID version 7), so that indexes grow at their end."""

from uuid_utils.compat import uuid7 as ordered_id

__all__ = ["ordered_id"]
