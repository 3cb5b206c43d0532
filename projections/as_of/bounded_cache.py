"""A cache of bounded size that threads share."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """At most so many values by key; of more, those that were put in first are dropped.

    Any number of threads may use it at once.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: dict[K, V] = {}
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return the value of a key; None if there is none."""
        return self._values.get(key)

    def put(self, values: Mapping[K, V]) -> None:
        """Cache values by key, as the last ones put in."""
        with self._lock:
            for key, value in values.items():
                self._values.pop(key, None)
                self._values[key] = value
            while len(self._values) > self.most:
                del self._values[next(iter(self._values))]

    def __repr__(self) -> str:
        """Return all that is cached, so that a look at what the process keeps finds it."""
        with self._lock:
            return f"BoundedCache({self._values!r})"

    def __len__(self) -> int:
        return len(self._values)
