"""A cache keeps the last values that were put in, also while threads use it at once."""

import time
from concurrent.futures import ThreadPoolExecutor

from projections.as_of.bounded_cache import BoundedCache


class Key(int):
    """A key at which threads take turns whenever it is looked up."""

    def __hash__(self) -> int:
        time.sleep(0)
        return hash(int(self))


def test_of_more_than_it_holds_the_first_are_dropped() -> None:
    cache: BoundedCache[int, str] = BoundedCache(3)
    cache.put({1: "one", 2: "two", 3: "three"})
    cache.put({1: "one again", 4: "four"})
    assert [cache.get(n) for n in (1, 2, 3, 4)] == ["one again", None, "three", "four"]
    assert len(cache) == 3


def test_of_many_at_once_the_last_are_kept() -> None:
    cache: BoundedCache[int, int] = BoundedCache(3)
    cache.put({n: n for n in range(10)})
    assert [n for n in range(10) if cache.get(n) is not None] == [7, 8, 9]


def test_threads_share_it() -> None:
    """None of them fails because another one dropped something, and it never holds too many."""
    cache: BoundedCache[Key, int] = BoundedCache(8)

    def use(first: int) -> bool:
        for n in range(first, first + 300):
            cache.put({Key(n % 50): n % 50})
            found = cache.get(Key(n % 50))
            if len(cache) > 9 or found not in (None, n % 50):
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(8)))
    assert len(cache) == 8


def test_what_it_holds_can_be_seen() -> None:
    """A search through all that a process remembers must find what is cached here."""
    cache: BoundedCache[int, str] = BoundedCache(3)
    cache.put({1: "a name"})
    assert "a name" in repr(cache)
