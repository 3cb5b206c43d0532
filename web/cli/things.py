"""Things by name, title or the beginning of their id: found by the questions of the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import click
from click.shell_completion import CompletionItem

from web.cli.short_ids import shortened

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef

HEX = re.compile(r"[0-9a-f]{4,32}")
MOST_CANDIDATES = 10
MOST_MEASURED = 500  # goals and KPIs whose readings are looked through for one
WORDS = {
    "about": "cycle, objective, key result or KPI", "approval": "request",
    "goal": "objective, key result or KPI",
    "key_result": "key result", "kpi": "KPI", "measured": "key result or KPI",
}  # fmt: skip


class Found(NamedTuple):
    """A thing that a text may mean: its id, its name, what differs from others of that name."""

    id: str
    name: str | None
    beside: str = ""


def all_rows(ask: Callable[..., Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of an answer, also of the pages behind it."""
    found = ask()
    yield from found[name]
    while after := found.get("next"):
        found = ask(after=after)
        yield from found[name]


def named_rows(question: str) -> Callable[[Any], Iterator[Found]]:
    """Return what yields the rows of a question that lists things with a name."""

    def rows(queries: Any) -> Iterator[Found]:
        for row in all_rows(getattr(queries, question), question):
            beside = row.get("email") or row.get("starts") or row.get("kind") or ""
            yield Found(str(row["id"]), row["name"], str(beside))

    return rows


def objectives(queries: Any) -> Iterator[Found]:
    """Yield the objectives of all cycles, those of the last cycle first."""
    for cycle, row in on_boards(queries):
        yield Found(str(row["id"]), row["title"], cycle)


def key_results(queries: Any) -> Iterator[Found]:
    """Yield the key results of all cycles, those of the last cycle first."""
    for cycle, row in on_boards(queries):
        for each in row["key_results"]:
            yield Found(str(each["id"]), each["title"], f"{cycle}, of {row['title']}")


def on_boards(queries: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each objective on the board of each cycle, with the name of the cycle."""
    for cycle in reversed([*all_rows(queries.cycles, "cycles")]):
        board = partial(queries.board, UUID(str(cycle["id"])))
        for row in all_rows(board, "objectives"):
            yield cycle["name"], row


def grants(queries: Any) -> Iterator[Found]:
    """Yield the roles of people: they have no names."""
    for row in queries.grants()["grants"]:
        yield Found(str(row["id"]), None, f"{row['role']} from {row['starts']}")


def approvals(queries: Any) -> Iterator[Found]:
    """Yield the last thousand requests for approval: they have no names."""
    for row in queries.approvals(limit=1_000)["approvals"]:
        yield Found(str(row["id"]), None, f"{row['what']}, {row['decision']}")


def readings(queries: Any) -> Iterator[Found]:
    """Yield the last thousand readings of each KPI and each key result: they have no names."""
    measured = [*kpis(queries), *key_results(queries)]
    if len(measured) > MOST_MEASURED:
        raise click.ClickException("There are too many goals to look for a reading: give its id.")
    for each in measured:
        for row in queries.readings(UUID(each.id), limit=1_000)["readings"]:
            said = row["value"] if row["value"] is not None else row["zone"]
            yield Found(str(row["id"]), None, f"{each.name}: {said} about {row['as_of']}")


def chained(*kinds: Callable[[Any], Iterator[Found]]) -> Callable[[Any], Iterator[Found]]:
    """Return what yields the things of several kinds."""

    def rows(queries: Any) -> Iterator[Found]:
        for each in kinds:
            yield from each(queries)

    return rows


kpis = named_rows("kpis")
OF_KIND: dict[str, Callable[[Any], Iterator[Found]]] = {
    "person": named_rows("people"),
    "team": named_rows("teams"),
    "cycle": named_rows("cycles"),
    "kpi": kpis,
    "key": named_rows("keys"),
    "objective": objectives,
    "key_result": key_results,
    "measured": chained(kpis, key_results),
    "goal": chained(objectives, key_results, kpis),
    "about": chained(named_rows("cycles"), objectives, key_results, kpis),
    "reading": readings,
    "approval": approvals,
    "grant": grants,
}


def look_up(kind: str, text: str, rows: Iterable[Found]) -> str:
    """Return the id of what a text names, or begins the id of.

    A name that is the same, whatever its case, comes before the beginning of an id, and that
    before a name that is the same but for accents. Raises ClickException, with those it may mean,
    where there is none or more than one.
    """
    from okr_es.domain.values import folded
    from projections.read_model.folding import folded as without_accents

    known = {each.id: each for each in rows}
    found = called(known.values(), text, folded)
    digits = text.replace("-", "").lower()
    if not found and HEX.fullmatch(digits):
        found = [each for each in known.values() if each.id.replace("-", "").startswith(digits)]
    found = found or called(known.values(), text, without_accents)
    if len(found) == 1:
        return found[0].id
    word = WORDS.get(kind, kind)
    if found:
        raise refused(f"{text} may be each of these; give more of the id:", found, known)
    near = alike(text, known.values())
    raise refused(
        f"There is no {word} {text}" + (". Is it one of these?" if near else "."), near, known
    )


def called(rows: Iterable[Found], text: str, fold: Callable[[str], str]) -> list[Found]:
    """Return the things with a name, as it is compared when folded."""
    wanted = fold(text)
    return [each for each in rows if wanted and each.name and fold(each.name) == wanted]


def alike(text: str, rows: Iterable[Found]) -> list[Found]:
    """Return the things whose name holds a text, or is written almost so."""
    from projections.read_model.folding import folded

    names = [(folded(each.name), each) for each in rows if each.name]
    wanted = folded(text)
    if holding := [each for name, each in names if wanted and wanted in name]:
        return holding
    near = get_close_matches(wanted, dict(names), n=3)
    return [each for close in near for name, each in names if name == close]


def refused(sentence: str, found: list[Found], known: dict[str, Found]) -> click.ClickException:
    """Return the error of a text that names nothing, or too much: with what it may mean."""
    return click.ClickException("\n".join([sentence, *listed(found, known)]))


def listed(found: list[Found], known: dict[str, Found]) -> list[str]:
    """Return a line for each of the first things that a text may mean."""
    short = shortened(known)
    lines = [
        "  ".join(filter(None, (f"  {short(each.id)}", each.name, each.beside)))
        for each in found[:MOST_CANDIDATES]
    ]
    if len(found) > MOST_CANDIDATES:
        lines.append(f"  … and {len(found) - MOST_CANDIDATES} more")
    return lines


def looked_up(
    session: Any, kind: str, text: str, by: UUID | None, *, is_actor: bool = False
) -> UUID:
    """Return the id of the thing that a text names; raise ClickException.

    On a database, a look at the people is recorded as a read by whom it is done, as a server does
    it: `is_actor` where the text names who acts.
    """
    found = None
    with session.queries(by) as queries:
        if kind not in session.listed:
            session.listed[kind] = list(OF_KIND[kind](queries))
        try:
            found = UUID(look_up(kind, text, session.listed[kind]))
        finally:
            if kind == "person" and session.server is None:
                record_look_up(queries, found if is_actor else by)
    return found


def record_look_up(queries: Any, by: UUID | None) -> None:
    """Record a look at the people for one of them."""
    from web.access_log import record_access

    record_access(queries.okr, by, "people", {"position": queries.okr.log.head()}, {})


def completed(ctx: click.Context, kind: str, incomplete: str) -> list[CompletionItem]:
    """Return the names of a kind of thing that begin so, those without blanks; none on an error."""
    root: Any = ctx.find_root()
    with suppress(Exception), root.command.session_of(root).queries() as queries:
        names = [each.name or "" for each in OF_KIND[kind](queries)]
        return [
            CompletionItem(each)
            for each in names
            if each.casefold().startswith(incomplete.casefold()) and " " not in each
        ]
    return []


def cycle_of(session: Any, text: str, named: CycleRef) -> CycleRef:
    """Return a cycle by its name, or else by the beginning of its id; `named` where it is none."""
    try:
        return looked_up(session, "cycle", text, None)
    except click.ClickException:
        return named


def near_cycles(session: Any) -> list[str]:
    """Return a line for each cycle that is called almost as one that was named and is not there."""
    from okr_es.domain.values import folded

    if not session.cycles_named:
        return []
    with suppress(Exception), session.queries() as queries:  # what was refused is said all the same
        known = list(OF_KIND["cycle"](queries))
        names = {folded(each.name or "") for each in known}
        missing = [each for each in session.cycles_named if folded(each) not in names]
        found = [each for text in missing for each in alike(text, known)]
        return listed(found, {each.id: each for each in known})
    return []


class Thing(click.ParamType[UUID]):
    """A thing by its id, by the beginning of it, or by its name or title."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> UUID:
        """Return the id; what is no id is looked up in the database or on the server."""
        from okr_es.domain.values import exact_id

        if isinstance(value, UUID):
            return value
        id_ = exact_id(value.strip().lower())
        if id_ is not None or ctx is None or ctx.resilient_parsing:
            return id_ or self.fail(f"{value} is no id", param, ctx)
        is_actor = param is not None and param.name == "by"
        by = ctx.params.get("by")  # read before, where it is named
        reader = by if isinstance(by, UUID) else None
        return looked_up(ctx.obj, self.kind, value.strip(), reader, is_actor=is_actor)

    def shell_complete(
        self, ctx: click.Context, _: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names of teams or KPIs that begin so.

        Of people none: each look at their names is recorded.
        """
        return completed(ctx, self.kind, incomplete) if self.kind in {"team", "kpi"} else []


class Cycle(click.ParamType["CycleRef"]):
    """A cycle by its name, its id, or the beginning of its id."""

    name = "cycle"

    def convert(self, value: Any, param: Any, ctx: Any) -> CycleRef:
        """Return the id or the name; only what may begin an id is looked up."""
        from okr_es.domain.cycle import parse_cycle
        from okr_es.domain.refusals import Invalid

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        try:
            found = parse_cycle(value)
        except Invalid as error:
            self.fail(error.message, param, ctx)
        if not isinstance(found, UUID) and ctx is not None and ctx.obj is not None:
            ctx.obj.cycles_named.append(value)
        may_begin = not isinstance(found, UUID) and HEX.fullmatch(value.replace("-", "").lower())
        if may_begin and ctx is not None and not ctx.resilient_parsing:
            return cycle_of(ctx.obj, value, found)
        return found

    def shell_complete(
        self, ctx: click.Context, _: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names of cycles that begin so."""
        return completed(ctx, "cycle", incomplete)


CYCLE = Cycle()
PERSON, TEAM, GOAL = Thing("person"), Thing("team"), Thing("goal")
