"""Failures by client address: who fails too often gets 429 and has to wait.

What is right is accepted all the same: the secrets that are tried have 256 random bits, so nobody
guesses one, and people behind one address do not lock each other out. Each process counts alone.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from web.api.problems import Problem

MOST, WITHIN_SECONDS = 20, 60.0
MOST_ADDRESSES = 4_096
OF_ONE_NETWORK = 64  # bits of an IPv6 address that one customer of a provider has for themselves


class Failures:
    """How often each address failed in its last minute; of so many addresses at most."""

    def __init__(
        self,
        most: int = MOST,
        within_seconds: float = WITHIN_SECONDS,
        most_addresses: int = MOST_ADDRESSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most, self.within_seconds = most, within_seconds
        self.most_addresses = most_addresses
        self.clock = clock
        self.counted: OrderedDict[str, tuple[float, int]] = OrderedDict()  # the oldest first
        self.lock = threading.Lock()

    def note(self, address: str | None) -> int:
        """Count a failure; return the seconds until the next may be made, 0 for at once."""
        now, who = self.clock(), network_of(address)
        with self.lock:
            began, count = self.counted.get(who, (now, 0))
            if now - began >= self.within_seconds:
                self.counted.pop(who)
                began, count = now, 0
            self.counted[who] = began, min(count, self.most) + 1
            if len(self.counted) > self.most_addresses:
                self.counted.popitem(last=False)
        return 0 if count < self.most else ceil(began + self.within_seconds - now)

    def require_few(self, address: str | None) -> None:
        """Count a failure; raise a Problem with 429 and Retry-After where there are too many."""
        if seconds := self.note(address):
            raise Problem(
                "too-many-failures",
                429,
                "Too many attempts from this address have failed.",
                f"Try again in {seconds} seconds.",
                headers=retry_after(seconds),
            )


def retry_after(seconds: int) -> dict[str, str]:
    """Return the header that says when to try again."""
    return {"Retry-After": str(seconds)}


def network_of(address: str | None) -> str:
    """Return what counts as one address: of IPv6 the network of a customer."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if found.version == 6:
        return str(ipaddress.ip_network((found, OF_ONE_NETWORK), strict=False))
    return str(found)
