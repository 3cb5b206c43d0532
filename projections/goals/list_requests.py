"""What is asked of a list of goals: filters, sort and page, and the moment they are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.cycle import CycleName, CycleRef
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.moments import Moment
from projections.as_of.pages import NAME, TITLE, Sort, Walk, walk
from projections.as_of.view import View, as_of_fields
from projections.goals.finding import NO_IDS, GoalFilters, require_text, require_there
from projections.goals.reader import Reader
from projections.goals.words import require_words

# What each list can be sorted by, the usual first, and of which type that is.
SORTS = {
    "objectives": ("created", "title", "score"), "key_results": ("created", "title", "progress"),
    "board": ("created", "title", "score"), "tree": ("created",), "kpis": ("name", "created"),
    "cycles": ("starts", "name"), "teams": ("name",), "people": ("id", "name"),
}  # fmt: skip
KINDS = {
    "created": "int", "title": TITLE, "name": NAME, "id": "str", "starts": "str",
    "score": "Decimal", "progress": "Decimal",
}  # fmt: skip
MOST_CYCLES = 40
CYCLES_THERE = "SELECT id FROM cycle WHERE id {ids} AND known_from <= :plan AND known_until > :plan"
TITLE_OF = (
    "SELECT title_key FROM {table} WHERE id = :id AND known_from <= :plan AND known_until > :plan"
)
# An answer about goals of today is known by its lists: what of it is hidden depends on them.
OF_GOALS: Mapping[str, Any] = {"objectives": ()}


class ListRequest(NamedTuple):
    """What is asked of a list; of goals `filters` are those of GoalFilters, cycles by any name.

    `limit` is the number of items of a page, None: all; `after` the cursor of the page before.
    """

    question: str
    filters: Mapping[str, Any]
    sort: str | None = None
    limit: int | None = None
    after: str | None = None
    known_at: str | None = None
    at: str | None = None

    @property
    def field_of_cycle(self) -> str:
        """The field that names a cycle: a board and a tree are about one."""
        return "id" if self.question in {"board", "tree"} else "cycle"

    @property
    def table(self) -> str:
        """The table of the goals that are listed."""
        return "key_result" if self.question == "key_results" else "objective"

    def about(self, cycle: CycleRef) -> ListRequest:
        """Return the same of a cycle."""
        return self._replace(filters={**self.filters, "cycle": cycle})

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a moment is asked for: all there is, in its usual order."""
        return not self.filters and (self.sort, self.limit, self.after) == (None, None, None)

    def walk(self, **more: Any) -> Walk:
        """Return the walk that the page belongs to; raise Invalid with the field at fault."""
        sort = self.sorted_by()
        require_words(self.question, self.filters)
        asked = {**self.filters, "known_at": self.known_at, "at": self.at, **more}
        return walk(self.question, asked, sort, KINDS[sort.name], self.limit, self.after)

    def sorted_by(self) -> Sort:
        """Return what the list is sorted by; raise Invalid for what it cannot be sorted by."""
        names = SORTS[self.question]
        sort = Sort.of(self.sort, names[0])
        if sort.name not in names:
            raise Invalid(f"sort is not one of {', '.join(names)}, or one with -.", field="sort")
        return sort


def listed(reader: Reader, request: ListRequest) -> tuple[View, Walk]:
    """Return the view of a list of no goals, and the walk that is asked for a page of."""
    pages = request.walk()
    if pages.cursor is None:
        return reader.at(request.known_at, request.at), pages
    return at_cursor(reader, pages.cursor.moment), pages


def goals_listed(
    reader: Reader, request: ListRequest
) -> tuple[View, GoalFilters, Walk, frozenset[str]]:
    """Return the view of a list of goals, its filters, the walk it is a page of, what is hidden.

    Raises Invalid or NotFound with the field at fault.
    """
    filters = filters_of(reader, request.filters)
    pages = request.walk(cycle=filters.cycles)
    view = view_of(reader, filters, request, pages)
    require_cycles(view, filters.cycles, request.field_of_cycle)
    require_there(view, filters.team_id, filters.owner_id)
    placed = pages.placed(partial(title_of, view, request.table))
    return view, filters, placed, hidden_from(reader, view, filters, pages.sort)


def filters_of(reader: Reader, asked: Mapping[str, Any]) -> GoalFilters:
    """Return filters with ids for the cycles named, each once; raise Invalid or NotFound."""
    named = dict(asked)
    refs = named.pop("cycle", ())
    field = "cycle"
    if isinstance(refs, (UUID, CycleName)):  # of a board or a tree: it is what is asked about
        refs, field = (refs,), "id"
    cycles = cycles_of(reader, refs, field)
    require_text(named.get("text"))
    return GoalFilters(cycles=cycles, **named)


def cycles_of(reader: Reader, refs: Sequence[CycleRef], field: str) -> tuple[UUID, ...]:
    """Return the ids of the cycles named, each once; raise Invalid or NotFound."""
    if len(refs) > MOST_CYCLES:
        raise Invalid(f"More than {MOST_CYCLES} cycles are named.", field="cycle")
    return tuple(dict.fromkeys(reader.moments.cycle(each, field) for each in refs))


def view_of(reader: Reader, filters: GoalFilters, request: ListRequest, pages: Walk) -> View:
    """Return the view of a page: of the moment of the first page of its walk."""
    about = filters.cycles[0] if len(filters.cycles) == 1 else None
    if pages.cursor is None:
        return reader.at(request.known_at, request.at, about)
    return at_cursor(reader, pages.cursor.moment)


def title_of(view: View, table: str, id_: str) -> str | None:
    """Return the title of a goal as lists are sorted by it; None where there is no such goal."""
    found = view.rows(TITLE_OF.format(table=table), id=id_, plan=view.moment.plan)
    return next((str(row[0]) for row in found), None)


def at_cursor(reader: Reader, moment: Moment) -> View:
    """Return the view of the moment of a cursor; refuse one of a longer log."""
    view = reader.now()
    if moment.known > view.head:
        raise Invalid("after is of another log, or of one that was restored.", field="after")
    return view.at(moment)


def require_cycles(view: View, cycles: tuple[UUID, ...], field: str) -> None:
    """Raise NotFound for a cycle that was not there by then."""
    if cycles:
        statement = CYCLES_THERE.format(ids=view.dialect.in_array("ids"))
        found = view.rows(statement, ids=view.array(cycles), plan=view.moment.plan)
        for each in cycles:
            if (str(each),) not in set(map(tuple, found)):
                raise NotFound(f"There is no cycle {each} by then.", field=field)


def hidden_from(reader: Reader, view: View, filters: GoalFilters, sort: Sort) -> frozenset[str]:
    """Return the goals whose words the viewer is not shown, where words are asked for."""
    sight = reader.sight
    if sight is None or (filters.text is None and sort.name != "title"):
        return NO_IDS
    return sight.hidden_in({**as_of_fields(view), **OF_GOALS})
