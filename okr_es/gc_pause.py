"""Pauses of Python's garbage collector where it costs time and frees nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused(bulk: bool) -> Iterator[None]:  # noqa: FBT001
    """Pause garbage collection while thousands of events or answers are made, all still in use.

    They join the oldest generation without a look at any of them: references free most of them
    soon, and a collection of that generation finds what is left.
    """
    pause = bulk and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
