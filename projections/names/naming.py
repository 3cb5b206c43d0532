"""Names in answers: of goals, teams and cycles as of the answer's moment, of people the present.

Every answer goes this way once it is made, before words are withheld. It costs one statement of the
read model, one of the directory and one of the log, however much the answer refers to. What people
are called follows from the log, so it is kept until another event is seen, and then forgotten: a
name that was corrected or erased is in no later answer, and in no memory once it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from okr_es.log.course import Seen
from okr_es.people.directory import FORMER_COLLEAGUE, Directory
from projections.as_of.bounded_cache import BoundedCache
from projections.names.loading import KINDS, Called, load
from projections.names.shapes import References, ToFill, Visit, Wanted, shape_of
from projections.read_model.runner import Runner
from projections.read_model.tables import Row

LAST = 2**62 - 1  # the position of what has none: as of now
MOST_CACHED = 1_024
NOT_THERE = Called(None)
People = Mapping[str, str | None]


@dataclass(slots=True)
class Named:
    """An answer as it was found and with names, and what a server has made of that."""

    found: Any
    answer: Any
    sent: Any = None


class Kept(NamedTuple):
    """What is kept as long as an event is the last one seen: names of people, named answers."""

    seen: Seen
    people: dict[str, str | None]
    answers: BoundedCache[str, Named]

    @classmethod
    def since(cls, seen: Seen) -> Kept:
        """Return what is kept where nothing was looked up yet."""
        return cls(seen, {}, BoundedCache(MOST_CACHED))


class Naming:
    """Fills names into the answers of questions."""

    def __init__(self, runner: Runner, directory: Directory) -> None:
        self.runner = runner
        self.directory = directory
        self.course = runner.okr.course
        self.course.on_move.append(self.forget)
        self.forget()

    def forget(self) -> None:
        """Forget what people are called: another event was seen, which may say otherwise."""
        self.kept = Kept.since(self.course.seen)

    def kept_for(self, found: Any) -> Kept:
        """Return what is kept for an answer: nothing, unless it is of now, as of the last event."""
        kept = self.kept
        is_of_now = found.get("position") == kept.seen.position and not found.get("fixed")
        return kept if is_of_now else Kept.since(kept.seen)

    def named(self, question: Any, found: Any) -> Any:
        """Return the answer of a question, which says of which type it is, with names.

        A stream is named line by line, as it goes.
        """
        shape = shape_of_question(question)
        if shape is None:
            return found
        if isinstance(found, Iterator):
            return self.named_lines(shape, found)
        return self.filled(shape, found, {}, self.kept_for(found).people)

    def named_lines(self, shape: Visit, lines: Iterator[Any]) -> Iterator[Any]:
        """Yield the lines of a stream with names; what was named in one is not looked up again."""
        called, people = dict[Wanted, Called](), dict[str, str | None]()
        for line in lines:
            yield self.filled(shape, line, called, people)

    def held(self, question: Any, found: Any) -> Named:
        """Return an answer with names that is made once, as long as it is one object that is found.

        That is as long as the log has nothing new.
        """
        kept = self.kept_for(found)
        held = kept.answers.get(found["id"])
        if held is None or held.found is not found:
            held = Named(found, self.named(question, found))
            kept.answers.put({found["id"]: held})
        return held

    def filled(
        self,
        shape: Visit,
        found: Row,
        called: dict[Wanted, Called],
        people: dict[str, str | None],
    ) -> Any:
        """Return an answer with names; `called` and `people` are those known, and become more."""
        references = References(*positions_of(found))
        named = shape(found, references)
        plain, above = list(to_fill(references)), list(aligned_above(references))
        wanted = {each for each, *_ in plain if each not in called}
        further = {each for each, _ in above if called.get(each, NOT_THERE).cycle_id is None}
        if wanted or further:
            called |= load(self.runner.model.database, wanted, further)
        ids = people_in(plain, above, called)
        if missing := [each for each in ids if each not in people]:
            names = self.directory.names(missing, self.runner.okr.database)
            people |= {**dict.fromkeys(missing), **names}
        for each, reference, field in plain:
            name = called.get(each, NOT_THERE).name  # of most, whose kind is known
            reference[field] = name or name_of(each, reference, called, people)
        for each, reference in above:
            above_it = called.get(each, NOT_THERE)
            reference.update(title=above_it.name, **cycle_and_owner(above_it, people))
        return named


def to_fill(references: References) -> Iterator[ToFill]:
    """Yield what gets a name that has to be looked up; titles that the answer has are filled in."""
    for at, (tables, others, here) in references.everywhere.items():
        for wanted, each, field in others:
            if wanted.kind == "objective" and wanted.id in here:
                each[field] = here[wanted.id]["title"]
            else:
                yield wanted, each, field
        for reference, table in tables.items():
            if reference.with_more:
                continue
            for key, each in table.items():
                kind, id_ = (reference.kind, key) if reference.kind else key
                if kind == "objective" and id_ in here:
                    each[reference.field] = here[id_]["title"]
                else:
                    yield Wanted(kind, str(id_), at), each, reference.field


def aligned_above(references: References) -> Iterator[tuple[Wanted, Row]]:
    """Yield what is aligned to and has to be looked up; what the answer shows is filled in."""
    for at, (tables, _, here) in references.everywhere.items():
        for reference, table in tables.items():
            for (kind, id_), each in table.items() if reference.with_more else ():
                if kind == "objective" and id_ in here:
                    shown = here[id_]
                    each |= {name: shown[name] for name in ("title", "cycle", "owner")}
                else:
                    yield Wanted(kind, str(id_), at), each


@cache
def shape_of_question(question: Any) -> Visit | None:
    """Return what names the answers of a question, from the type that it returns."""
    answer = get_type_hints(question, include_extras=True)["return"]
    if get_origin(answer) is Iterator:
        (answer,) = get_args(answer)
    return shape_of(answer)


def positions_of(found: Row) -> tuple[int, dict[str, int]]:
    """Return the position as of which things are named, and those of both sides, if it has any."""
    at: int = found["plan_position"] if "plan_position" in found else found.get("position", LAST)
    sides: dict[str, int] = {
        name: found[name]["position"]
        for name in ("from", "to")
        if isinstance(found.get(name), dict) and "position" in found[name]
    }
    return sides.get("to", at), sides


def people_in(
    plain: list[ToFill], above: list[tuple[Wanted, Row]], called: Mapping[Wanted, Called]
) -> set[str]:
    """Return the ids of all people that are referred to."""
    found = {
        each.id for each, *_ in plain
        if each.kind == "person" or (each.kind == "holder" and of_kind(each, "team") not in called)
        or (each.kind == "any" and of_kind(each, "person") in called)
    }  # fmt: skip
    owners = (called.get(each, NOT_THERE).owner_id for each, _ in above)
    return found | {owner for owner in owners if owner is not None}


def of_kind(wanted: Wanted, kind: str) -> Wanted:
    """Return what is wanted as a thing of a kind."""
    return Wanted(kind, wanted.id, wanted.at)


def name_of(
    wanted: Wanted,
    reference: Row,
    called: Mapping[Wanted, Called],
    people: People,
) -> str | None:
    """Return the name of what a reference is to; one to a thing of several kinds gets its kind."""
    if wanted.kind == "person":
        return called_now(wanted.id, people)
    if wanted.kind not in KINDS:
        return called.get(wanted, NOT_THERE).name
    is_open = reference.get("kind") == wanted.kind
    for kind in KINDS[wanted.kind]:
        if kind == "person" and (wanted.kind != "any" or of_kind(wanted, kind) in called):
            return called_now(wanted.id, people)
        if (found := called.get(of_kind(wanted, kind))) is not None:
            if is_open:
                reference["kind"] = kind
            return found.name
    if is_open:
        reference["kind"] = None
    return None


def called_now(person: str, people: People) -> str:
    """Return the present name of a person, or of a program; a stand-in where there is none."""
    found = people.get(person)
    return FORMER_COLLEAGUE if found is None else found


def cycle_and_owner(called: Called, people: People) -> Row:
    """Return the cycle and the owner of what something is aligned to."""
    owner = called.owner_id
    return {
        "cycle": {"id": called.cycle_id, "name": called.cycle_name},
        "owner": None if owner is None else {"id": owner, "name": called_now(owner, people)},
    }
