"""Python's garbage collector, and when it only costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused(bulk: bool) -> Iterator[None]:  # noqa: FBT001
    """Let no garbage collector walk over events or answers by the thousand, all still in use."""
    pause = bulk and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()
