"""Where references stand in an answer, found once from its type; and the walk that collects them.

A reference is an object whose type marks a field as `Filled`. The walk copies what it passes, so
that nothing of an answer is changed in place, and puts one object in the place of all references
to the same thing; what these are called is filled into them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from projections.as_of.answers import ITSELF, Filled, NamesAsOf
from projections.read_model.tables import Row

Visit = Callable[[Any, "References"], Any]

# Of which kind what a changed field refers to is, under the names of answers and of events.
KIND_OF_FIELD = {
    "owner": "person", "owner_id": "person", "person_id": "person", "deputy_id": "person",
    "created_by": "person", "asked_by": "person", "asked_for": "person",
    "team": "team", "team_id": "team", "parent_id": "team",
    "cycle": "cycle", "cycle_id": "cycle", "kpi": "kpi", "kpi_id": "kpi",
    "objective": "objective", "objective_id": "objective",
    "aligned_to_objective_id": "objective", "aligned_to_key_result_id": "key_result",
    "measured_id": "goal", "carried_from": "goal", "carried_to": "goal",
}  # fmt: skip
NAMED = frozenset({"person", "team", "cycle", "kpi"})  # the others have a title
ABOVE = "aligned_to"  # what it refers to is named with its cycle and owner


class Wanted(NamedTuple):
    """What has to be called by its name: a thing of a kind, as of a position of the log."""

    kind: str
    id: str
    at: int


class References:
    """The references of an answer, as of a position of the log at which things are named.

    `tables` has one object for all references to a thing, by its id and by where they stand;
    `to_fill` the other objects that get a name, with the field for it; `here` the objectives that
    the answer itself shows. All of them are those of the position: `visited` puts others in place.
    """

    def __init__(self, at: int, sides: dict[str, int]) -> None:
        self.sides = sides
        self.everywhere: dict[int, tuple[Tables, list[ToFill], dict[str, Row]]] = {}
        self.move(at)

    def move(self, at: int) -> None:
        """Name things as of a position from now on."""
        found = self.everywhere.get(at)
        if found is None:
            found = self.everywhere[at] = ({}, [], {})
        self.at = at
        self.tables, self.to_fill, self.here = found

    def visited(self, visit: Visit, value: Any, where: str, within: Row) -> Any:
        """Return a value with names as of a side of the answer, or of the object it is within."""
        before = self.at
        at = within["position"] if where == "position" else self.sides.get(where, before)
        if at == before:
            return visit(value, self)
        self.move(at)
        named = visit(value, self)
        self.move(before)
        return named


class Reference:
    """Puts the shared reference in the place of one that has nothing beside its name."""

    def __init__(self, kind: str | None, field: str, *, with_more: bool = False) -> None:
        self.kind = kind
        self.field = field
        self.with_more = with_more

    def __call__(self, found: Row, references: References) -> Row:
        table = references.tables.setdefault(self, {})
        key = found["id"] if self.kind else (found["kind"], found["id"])
        shared = table.get(key)
        if shared is None:
            shared = table[key] = {**found, self.field: None}
        return shared


Tables = dict[Reference, dict[Any, Row]]
ToFill = tuple[Wanted, Row, str]


class Object:
    """Names what is in an object, by its fields; and the object itself, if it is a reference."""

    def __init__(self) -> None:
        self.direct: list[tuple[str, Reference]] = []
        self.inner: list[tuple[str, Visit]] = []
        self.elsewhere: list[tuple[str, Visit, str]] = []  # named as of another position
        self.of_its_kind: list[tuple[str, dict[str, Visit], str]] = []  # so too, of its own kind
        self.filled: list[tuple[str, str | None]] = []
        self.is_objective = False
        self.has_more = False

    def __call__(self, found: Row, references: References) -> Row:
        named, tables = dict(found), references.tables
        for field, reference in self.direct:  # as `Reference` does, but most are there already
            value = named.get(field)
            if value is not None:
                try:
                    named[field] = tables[reference][value["id"]]
                except KeyError:
                    named[field] = reference(value, references)
        for field, visit in self.inner:
            value = named.get(field)
            if value is not None:
                named[field] = visit(value, references)
        if self.has_more:
            self.name_more(found, named, references)
        return named

    def name_more(self, found: Row, named: Row, references: References) -> None:
        """Name what few objects have: what is called as of another moment, and themselves."""
        for field, visit, where in self.elsewhere:
            value = named.get(field)
            if value is not None:
                named[field] = references.visited(visit, value, where, found)
        for field, visits, where in self.of_its_kind:
            value = named.get(field)
            if value is not None:
                named[field] = references.visited(visits[found["kind"]], value, where, found)
        for field, kind in self.filled:
            named[field] = None
            if found["id"] is not None:
                wanted = Wanted(kind or found["kind"], str(found["id"]), references.at)
                references.to_fill.append((wanted, named, field))
        if self.is_objective:
            references.here[found["id"]] = named


class Change:
    """Names what a field referred to before and after, by the name of the field."""

    def __init__(self, asked: dict[str, str]) -> None:
        self.asked = asked  # the fields with the values, and which side they are of, if any

    def listed(self, found: Any, references: References) -> list[Any]:
        """Name what each change of a list is of; most are of nothing that has a name."""
        return [self(each, references) if each["field"] in BY_FIELD else each for each in found]

    def __call__(self, found: Row, references: References) -> Row:
        if (visits := BY_FIELD.get(found["field"])) is None:
            return found
        named = dict(found)
        for field, where in self.asked.items():
            value = found[field]
            if isinstance(value, dict):
                named[field] = references.visited(visits[0], value, where, found)
            elif isinstance(value, str):
                kind = KIND_OF_FIELD[found["field"]]
                named[field] = visits[1]({"kind": kind, "id": value}, references)
        return named


class Listed:
    """Names what is in each object of a list."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def __call__(self, found: Any, references: References) -> list[Any]:
        visit = self.visit
        return [visit(each, references) for each in found]


# Of a changed field: what visits a reference, and what visits an id alone.
ANY_KIND = Reference(None, "title")
BY_FIELD: dict[str, tuple[Visit, Visit]] = {
    field: (Reference(kind, "name" if kind in NAMED else "title"), ANY_KIND)
    for field, kind in KIND_OF_FIELD.items()
}
BY_FIELD[ABOVE] = (Reference(None, "title", with_more=True), ANY_KIND)


def shape_of(answer: Any, known: dict[Any, Visit | None] | None = None) -> Visit | None:
    """Return what names all that an answer of a type refers to; None where it refers to nothing."""
    known = {} if known is None else known
    if get_origin(answer) is Annotated:
        return shape_of(get_args(answer)[0], known)
    if get_origin(answer) in (Union, UnionType):
        found = [shape_of(each, known) for each in get_args(answer)]
        return merged([each for each in found if each is not None])
    if get_origin(answer) is list:
        inner = shape_of(get_args(answer)[0], known)
        if isinstance(inner, Change):
            return inner.listed
        return None if inner is None else Listed(inner)
    if not is_typeddict(answer):
        return None
    if answer not in known:
        known[answer] = made = Object()  # found while its fields are looked at: a tree
        known[answer] = shape_of_object(answer, made, known)
    return known[answer]


def shape_of_object(answer: Any, made: Object, known: dict[Any, Visit | None]) -> Visit | None:
    """Return what names all that an object refers to, and itself; `made` becomes it."""
    hints = get_type_hints(answer, include_extras=True)
    marks = {name: list(metadata_of(hint)) for name, hint in hints.items()}
    filled = {name: each.kind for name, found in marks.items() for each in found
              if isinstance(each, Filled)}  # fmt: skip
    where = {name: each for name, found in marks.items() for each in found
             if isinstance(each, NamesAsOf)}  # fmt: skip
    if "field" in hints and filled:
        return Change({name: where[name].where if name in where else "" for name in filled})
    for name, hint in hints.items():
        if name in filled or (visit := shape_of(hint, known)) is None:
            continue
        if name in where and where[name].of_its_kind:
            made.of_its_kind.append((name, goals_by_kind(), where[name].where))
        elif name in where:
            made.elsewhere.append((name, visit, where[name].where))
        elif isinstance(visit, Reference) and visit.kind is not None:
            made.direct.append((name, visit))
        else:
            made.inner.append((name, visit))
    if filled and hints.keys() <= {"kind", "id", *filled, *MORE}:
        ((field, kind),) = filled.items()
        return Reference(kind, field, with_more=hints.keys() >= MORE)
    made.filled += filled.items()
    made.is_objective = any(each is ITSELF for found in marks.values() for each in found)
    is_moved = made.elsewhere or made.of_its_kind
    made.has_more = bool(is_moved or made.filled or made.is_objective)
    return made if made.direct or made.inner or made.has_more else None


MORE = {"cycle", "owner"}  # of what is aligned to


@cache
def goals_by_kind() -> dict[str, Visit]:
    """Return what names a reference to a goal, by the kind of the goal."""
    return {kind: Reference(kind, "title") for kind in ("objective", "key_result", "kpi")}


def metadata_of(hint: Any) -> Iterator[Any]:
    """Yield all that is annotated of a field, also within an annotation."""
    while get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        yield from metadata
        hint = inner


def merged(found: list[Visit]) -> Visit | None:
    """Return what names an object that is of one of several types."""
    if len(found) < 2:
        return found[0] if found else None
    both, names = Object(), set[str]()
    for each in found:
        if not isinstance(each, Object):
            raise TypeError("A union of references cannot be told apart.")
        inner: list[tuple[str, Visit]] = [*each.direct, *each.inner]
        both.inner += [pair for pair in inner if pair[0] not in names]
        names |= {name for name, _ in inner}
    return both
