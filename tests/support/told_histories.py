"""Properties of random histories: of new ones each, or of those that all of a file share.

To tell a history takes longer than to look at it. So each file draws some, which are told once and
copied for each of its properties, as often as it asks: as many as if it had drawn its own. The deep
profile draws new ones for each property, and looks for the shortest that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache, partial
from typing import Any, NamedTuple

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.support.begun import Begun, First
from tests.support.random_history import Told, begin_history, histories, zones

DOZEN = 12
Property = Callable[..., None]
Enough = Callable[[], bool] | None  # whether a property has seen all that it looks for
More = dict[str, st.SearchStrategy[Any]]


class Drawn(NamedTuple):
    """A history that was drawn for a file, its number there, and the time zone it plays in."""

    file: str
    number: int
    history: Any
    timezone: str

    @contextmanager
    def told(self, begun: Begun) -> Iterator[Told]:
        """The world once it was told, its clock where it stood then."""
        name = f"{self.file} {self.number}"
        fresh = begun.fresh(name, self.tell, beginning(self.timezone))
        with fresh as url, closing(Told(url, self.timezone)) as told:
            told.waits(self.history)
            yield told

    def tell(self, url: str) -> None:
        """Tell it to those for whom the small world has begun."""
        with closing(Told(url, self.timezone)) as told:
            told.plays(self.history)


def beginning(timezone: str) -> First:
    """How the small world began in a time zone."""
    return timezone.replace("/", "-"), partial(begin_history, timezone=timezone)


def try_new_ones(
    begun: Begun, holds: Property, name: str, examples: int, more: More, enough: Enough
) -> None:
    """Try a property on histories of its own."""

    def check(history: Any, timezone: str, **drawn: Any) -> None:
        if enough is not None and enough():
            return
        with begun.fresh(*beginning(timezone)) as url, closing(Told(url, timezone)) as told:
            told.plays(history)
            holds(told, **drawn)

    check.__name__ = name
    drawn = {"history": histories, "timezone": zones, **more}
    settings(max_examples=examples)(given(**drawn)(check))()


def try_shared_ones(
    begun: Begun, holds: Property, drawn: list[Drawn], name: str, more: More, enough: Enough
) -> None:
    """Try a property on histories that a file shares, each with something of its own besides."""
    others = draws(name, len(drawn), **more) if more else [{} for _ in drawn]
    for each, other in zip(drawn, others, strict=False):
        if enough is not None and enough():
            return
        with each.told(begun) as told:
            try:
                holds(told, **other)
            except Exception as error:
                error.add_note(f"{each}\nbesides: {other}")
                raise


def drawn_for(file: str, number: int) -> list[Drawn]:
    """So many histories, the same ones in each process; no more are drawn than are asked for."""
    found = known(file)
    draw_on(found, file, number, DOZEN, history=histories, timezone=zones)
    return [Drawn(file, n, **each) for n, each in enumerate(found[:number])]


@cache
def known(_: str) -> list[dict[str, Any]]:
    """The histories of a file that were drawn so far."""
    return []


def draws(name: str, number: int, **strategies: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    """What a property is tried with, the simplest first; the same for the same name and number."""
    found: list[dict[str, Any]] = []
    draw_on(found, name, number, min(number, DOZEN), **strategies)
    return found[:number]


def draw_on(
    found: list[dict[str, Any]],
    name: str,
    number: int,
    at_once: int,
    **strategies: st.SearchStrategy[Any],
) -> None:
    """Draw until there are so many.

    After a dozen, Hypothesis goes on with variations of what it drew before. So it draws a dozen
    again and again, each of which begins with the simplest.
    """

    def draw(**drawn: Any) -> None:
        if drawn not in found[:1]:
            found.append(drawn)

    some = settings(max_examples=at_once)(given(**strategies)(draw))
    while len(found) < number:
        seed(f"{name} from {len(found)}")(some)()
