"""Tags of answers (`ETag`): `"version.rest"`; `"rest"` of what has no version.

A tag is another one when the answer is: `rest` is a digest of all that is said, words that are
withheld from who asks left out. Only where the log stood when it was asked (`position`,
`plan_position`, and `next`, which names that moment) counts for nothing, so an answer keeps its tag
while other things happen. Whether there is a next page does count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from projections.as_of.bounded_cache import BoundedCache
from web.api.exact_json import encode

if TYPE_CHECKING:
    from projections.goals.unchanged import Known, Rests
    from projections.names.naming import Named
    from projections.queries import Queries

Answer = dict[str, Any]
DIGEST_BYTES = 8
MOST_CACHED = 4_096
WHERE_THE_LOG_STOOD = ("position", "plan_position", "next")
NOTHING = b"{}"
SIDES = ("from", "to")  # of a comparison: each has its own
# Questions about a cycle, of which it is known what they rest on: see `goals/unchanged.py`.
FOLLOWED = frozenset({"board", "tree", "objective"})


class Tagged(NamedTuple):
    """An answer as JSON, and its tag."""

    body: bytes
    tag: str


def tagged_once(held: Named) -> Tagged:
    """Return an answer that is held as JSON with its tag, made for the first who asks."""
    if held.sent is None:
        held.sent = tagged(held.answer)
    sent: Tagged = held.sent
    return sent


def tagged(found: Answer, shown: Answer | None = None) -> Tagged:
    """Return an answer as JSON with its tag, or what is shown of it with the tag of that.

    JSON is made once, without the fields that count for nothing: they are put in front. The
    version in the tag is always that of the answer.
    """
    shown = found if shown is None else shown
    return with_where(encode(but_where(shown)), shown, found)


def but_where(found: Answer) -> Answer:
    """Return an answer without where the log stood."""
    return {name: value for name, value in found.items() if not is_where(name, value)}


def is_where(name: str, value: Any) -> bool:
    """Return whether a field says where the log stood; null does not."""
    return name in WHERE_THE_LOG_STOOD and value is not None


def with_where(said: bytes, shown: Answer, found: Answer) -> Tagged:
    """Return the JSON of what is shown, of which `said` lacks where the log stood, with its tag."""
    where = {name: shown[name] for name in WHERE_THE_LOG_STOOD if is_where(name, shown.get(name))}
    tag = tag_of(said if SIDES[0] not in shown else encode(without_sides(shown)), found)
    return Tagged(encode(where)[:-1] + (b"," if said != NOTHING else b"") + said[1:], tag)


def without_sides(found: Answer) -> Answer:
    """Return a comparison without where the log stood for its sides."""
    return but_where(found) | {side: but_where(found[side]) for side in SIDES}


def tag_of(said: bytes, found: Answer) -> str:
    """Return the tag of what is said; the version is 0 where nothing was ever changed."""
    digest = hashlib.blake2b(said, digest_size=DIGEST_BYTES).hexdigest()
    return f'"{found["version"] or 0}.{digest}"' if "version" in found else f'"{digest}"'


def is_match(tag: str, sent: str) -> bool:
    """Return whether If-None-Match names the tag, weakly compared."""
    tags = {each.strip().removeprefix("W/") for each in sent.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


class Standing:
    """Answers of which it can be said that they still stand, without making them again."""

    def __init__(self, queries: Queries, question: str) -> None:
        self.queries = queries
        self.question = question
        self.cached: BoundedCache[Hashable, tuple[str, Rests]] = BoundedCache(MOST_CACHED)

    def known(self) -> Known | None:
        """Return where the log stands now; None where the read model cannot say it."""
        try:
            return self.queries.unchanged.follow()
        except DBAPIError:  # the question itself asks again, of another one
            return None

    def still(self, asked: Hashable, known: Known) -> str | None:
        """Return the tag that an answer had and still has; None where that is not known."""
        tag, rests = self.cached.get(asked) or (None, None)
        return tag if rests is not None and self.queries.unchanged.still(rests, known) else None

    def note(self, asked: tuple[Any, ...], known: Known, tag: str) -> None:
        """Note the tag of an answer, which was made after `known` was known.

        The first of what was asked is what it is about.
        """
        with suppress(DBAPIError):
            rests = self.queries.unchanged.rests_of(known, self.question, asked[0])
            self.cached.put({asked: (tag, rests)})
