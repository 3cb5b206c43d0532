"""Pages of lists: where one ended, as a text that is sent back as it is for the next.

All pages of a walk are of one moment, that of the first page, whatever is recorded meanwhile. A
cursor names it, and what the list was limited to and sorted by: with other filters it is refused.
It may stand in the log of a proxy, so it has no word of a title or a name: the place of a goal is
its title at that moment, looked up again, and the place in a list by names is how many come before.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import msgspec

from okr_es.domain.refusals import Invalid
from projections.as_of.moments import Moment, require_year
from projections.read_model.tables import FOREVER

Value = str | int | Decimal | None
T = TypeVar("T")

USUAL_ROWS, MOST_ROWS = 100, 500
LONGEST_CURSOR = 2_000
LONGEST_NUMBER = 20  # digits of a position
CURSOR = re.compile(r"[A-Za-z0-9_-]+")
DIGEST_DIGITS = 16
TITLE, NAME = "title", "name"  # the kinds of what no cursor holds
NO_CURSOR = "after is no `next` of a page of this list."
OTHER_FILTERS = (
    "after is of a list with other filters, another sort or another moment: ask for its first page "
    "without after, and for the next ones with the same parameters."
)


class Last(NamedTuple):
    """The last item of a page: what it is sorted by, and its id."""

    value: Value
    id: str


class Sort(NamedTuple):
    """What a list is sorted by, and whether from the last to the first; what has none is last."""

    name: str
    descending: bool = False

    @classmethod
    def of(cls, text: str | None, usual: str) -> Sort:
        """Return the sort of a parameter: a name, with `-` in front from the last to the first."""
        written = text or usual
        return cls(written.removeprefix("-"), written.startswith("-"))

    def is_after(self, value: Value, id_: str, last: Last) -> bool:
        """Return whether an item comes after another one."""
        if value is None or last.value is None:
            if (value is None) != (last.value is None):
                return value is None
            one, other = (id_,), (last.id,)
            return one < other if self.descending else one > other
        mine: Any = (value, id_)
        theirs: Any = (last.value, last.id)
        return bool(mine < theirs if self.descending else mine > theirs)


class Cursor(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a cursor holds: a digest of the question, a moment, and the last item of a page.

    `value` is what that is sorted by. By title it is null, or empty where no word was shown; by
    name it is the number of items up to the last.
    """

    question: str
    plan: int
    known: int
    day: date
    until: date
    fixed: bool
    kind: str
    value: str | None
    id: str

    @property
    def moment(self) -> Moment:
        """The moment of the first page, and so of all."""
        return Moment(self.plan, self.known, self.day, self.until, self.fixed)

    @property
    def last(self) -> Last:
        """The last item of the page before; raise ValueError where there is no such value."""
        if self.value is None:
            return Last(None, self.id)
        return Last(KINDS[self.kind](self.value), self.id)


def number(text: str) -> Decimal:
    """Return a finite number; raise ValueError for any other text."""
    try:
        found = Decimal(text)
    except ArithmeticError:
        raise ValueError(text) from None
    if not found.is_finite():
        raise ValueError(text)
    return found


def position(text: str) -> int:
    """Return a number that a database can hold; raise ValueError for any other text."""
    found = int(text[:LONGEST_NUMBER])
    if not 0 <= found < FOREVER or len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    return found


KINDS: Mapping[str, Callable[[str], Value]] = {
    "str": str, "int": position, "Decimal": number, TITLE: str, NAME: position,
}  # fmt: skip


class Walk(NamedTuple):
    """A walk through the pages of a list: which list, and where the page before ended, if one did.

    `kind` is the name of the type of what it is sorted by, `limit` the items of a page; None: all.
    """

    question: str
    sort: Sort
    kind: str
    limit: int | None
    cursor: Cursor | None

    @property
    def last(self) -> Last | None:
        """The last item of the page before; None on the first page."""
        return None if self.cursor is None else self.cursor.last

    def placed(self, title_of: Callable[[str], str | None]) -> Walk:
        """Return the same walk with the title at which the page before ended, of the goal named.

        Raises Invalid where there is no such goal.
        """
        if self.cursor is None or self.kind != TITLE or self.cursor.value is not None:
            return self
        title = title_of(self.cursor.id)
        if title is None:
            raise Invalid(NO_CURSOR, field="after")
        return self._replace(cursor=msgspec.structs.replace(self.cursor, value=title))

    def page(self, items: Iterable[T], value: Callable[[T], Value], id_of: Callable[[T], str]
             ) -> tuple[list[T], list[T]]:  # fmt: skip
        """Return the items of a page in order, of all there are, and one more if there is one."""
        last = None if self.kind == NAME else self.last
        left = [
            each
            for each in items
            if last is None or self.sort.is_after(value(each), id_of(each), last)
        ]

        def order(each: T) -> Any:
            return value(each), id_of(each)

        down = self.sort.descending
        found = sorted((each for each in left if value(each) is not None), key=order, reverse=down)
        found += sorted((each for each in left if value(each) is None), key=id_of, reverse=down)
        return self.cut(found[self.before :])

    @property
    def before(self) -> int:
        """How many items came before the page, where they are counted: in a list by names."""
        return 0 if self.cursor is None or self.kind != NAME else position(self.cursor.value or "0")

    def page_of(
        self,
        moment: Moment,
        items: Iterable[T],
        value: Callable[[T], Value],
        id_of: Callable[[T], str],
    ) -> tuple[list[T], str | None]:
        """Return the items of a page, of all there are, and the cursor of the page after it."""
        found, more = self.page(items, value, id_of)
        if not more:
            return found, None
        counted = self.kind == NAME
        ended = self.before + len(found) if counted else value(found[-1])
        return found, self.next(moment, Last(ended, id_of(found[-1])))

    def cut(self, found: list[T]) -> tuple[list[T], list[T]]:
        """Return the items of a page, of those in order from its first on, and the one after."""
        if self.limit is None:
            return found, []
        return found[: self.limit], found[self.limit : self.limit + 1]

    def next(self, moment: Moment, last: Last) -> str:
        """Return the cursor of the page after one that ended with an item."""
        is_said = last.value is not None and (self.kind != TITLE or not last.value)
        value = str(last.value) if is_said else None
        cursor = Cursor(self.question, *moment, self.kind, value, last.id)
        return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def walk(
    question: str,
    asked: Mapping[str, Any],
    sort: Sort,
    kind: str,
    limit: int | None,
    after: str | None,
) -> Walk:
    """Return the walk that a page belongs to; raise Invalid for a cursor of another one.

    `asked` is what the list is limited to, its moment as it was written included.
    """
    require_limit(limit)
    named = {name: text_of(value) for name, value in asked.items() if value not in (None, ())}
    named["sort"] = f"{'-' * sort.descending}{sort.name}"
    written = msgspec.json.encode([question, named], order="sorted")
    digest = hashlib.sha256(written).hexdigest()[:DIGEST_DIGITS]
    cursor = None if after is None else cursor_in(after)
    if cursor is not None:
        if cursor.question != digest or cursor.kind != kind:
            raise Invalid(OTHER_FILTERS, field="after")
        try:
            _ = cursor.last
        except ValueError:
            raise Invalid(NO_CURSOR, field="after") from None
    return Walk(digest, sort, kind, limit, cursor)


def require_limit(limit: int | None) -> None:
    """Refuse a page of no items; None: one of all."""
    if limit is not None and limit < 1:
        raise Invalid("A page has one item at least.", field="limit")


def text_of(value: Any) -> Any:
    """Return a filter as the digest has it; of several in one order."""
    return sorted(map(str, value)) if isinstance(value, tuple) else str(value)


def cursor_in(text: str) -> Cursor:
    """Return what a cursor holds; raise Invalid for any other text."""
    if len(text) <= LONGEST_CURSOR and CURSOR.fullmatch(text):
        try:
            written = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            cursor = msgspec.json.decode(written, type=Cursor)
        except (ValueError, msgspec.MsgspecError):
            raise Invalid(NO_CURSOR, field="after") from None
        for day in (cursor.day, cursor.until):
            require_year(day, "after")
        has_nul = "\x00" in cursor.id or "\x00" in (cursor.value or "")
        if 0 <= cursor.plan <= cursor.known and not has_nul:
            return cursor
    raise Invalid(NO_CURSOR, field="after")
