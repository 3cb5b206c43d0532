"""Ids that tests give to what they begin, so that they can name it before it is there."""

from uuid import UUID, uuid5

CYCLES = UUID("2c1f7f1e-8f3a-5b60-9d55-6f1d3a0c0be7")


def cycle_uuid(name: str) -> UUID:
    """The id a test opens the cycle of a name with."""
    return uuid5(CYCLES, name)
