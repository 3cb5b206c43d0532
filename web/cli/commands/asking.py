"""Commands that ask a question of the API: arguments and options as its address has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from web.cli.blaming import blaming
from web.cli.output import as_table, print_answer
from web.cli.pages import every_page, paged, say_there_is_more
from web.cli.session import Session, reading, recording_reads

if TYPE_CHECKING:
    from uuid import UUID

    from web.api.queries import Route

Lines = Callable[[Any, dict[str, str]], Iterable[str]]
CURSORS = ("before", "after")  # of pages of an answer
MOST_WORDS = 12  # that help shows in place of what they are of
BEFORE_THE_FIRST = (
    " (before the first event nothing: what is named is not found, a list of all is empty)"
)
OF_THE_REQUEST = frozenset({"language"})  # a header says it
ASKED_ELSEWHERE = frozenset({  # by a command that somebody wrote
    "access_log", "approval", "approvals", "audit_log", "board", "calendar", "compare", "cycle",
    "cycles", "explanation", "grants", "held_data", "history", "key_result_plan_and_actual", "keys",
    "kpi_plan_and_actual", "kpis", "objective_plan_and_actual", "patterns", "people", "person",
    "plan", "reading", "replay", "results", "retention", "review", "scoreboard", "scoring_policy",
    "team", "teams", "tree", "who_could",
})  # fmt: skip


class Asking(click.Command):
    """A command that asks a question. What it takes is read from the address when it is needed."""

    def __init__(
        self, name: str, question: str, lines: Lines, text: str, path: str | None = None
    ) -> None:
        self.question, self.lines, self.path = question, lines, path
        self.is_complete = False
        super().__init__(name, help=text, callback=click.pass_obj(self.answered))

    @property
    def route(self) -> Route:
        """The address of the question: the first, where it has several and none is named."""
        from web.api.queries import ROUTES

        return next(
            each for each in ROUTES
            if each.question == self.question and self.path in {None, each.path}
        )  # fmt: skip

    @property
    def params(self) -> list[click.Parameter]:
        """The arguments and options."""
        if not self.is_complete:
            self.is_complete = True
            self.own = [*parameters_of(self.route), *options_of_all(self.route)]
        return self.own

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self.own = value

    def answered(
        self, session: Session, /, as_json: bool, by: UUID | None = None, **given: Any
    ) -> None:
        """Ask, and print the answer; a read that is recorded is recorded first."""
        route = self.route
        about = [given.pop(name) for name in names_in(route)]
        asked = {
            each.passed_as: value
            for each in route.parameters
            if (value := given.get(argument_of(each.name))) not in {None, ()}
        }
        with blaming(options_by_parameter(route)), session.queries(by) as queries:
            found = every_page(session, self.asks(queries, route, about, by), asked)
        lines = [] if as_json else list(self.lines(found, {}))
        print_answer(session, found, lines, as_json, {})
        say_there_is_more(session, found)

    def asks(
        self, queries: Any, route: Route, about: list[Any], by: UUID | None
    ) -> Callable[[dict[str, Any]], Any]:
        """Return what asks for a page, and records the read where reads are recorded."""

        def page(asked: dict[str, Any]) -> Any:
            if route.recorded is None or not route.records(asked):
                return answer_to(queries, route, about, asked)
            from web.api.given import for_access_log

            with recording_reads(queries, by, route.recorded) as record:
                found = answer_to(queries, route, about, asked)
                of = {route.about: about[0]} if about else {}
                return record(found, **of, **for_access_log(route.parameters, asked))

        return page


def answer_to(queries: Any, route: Route, about: list[Any], asked: dict[str, Any]) -> Any:
    """Return the answer of a database, or of a server."""
    from web.cli.remote_queries import RemoteQueries

    if isinstance(queries, RemoteQueries):
        return queries.answer_to(route, about, asked)
    return getattr(queries, route.question)(*about, **asked)


def names_in(route: Route) -> list[str]:
    """Return the names of what an address names."""
    from web.cli.commands.fields import CONVERTER

    return [name for _, name in CONVERTER.findall(route.path)]


def options_by_parameter(route: Route) -> dict[str, str]:
    """Return the options of a question as they are written, by the parameters they give."""
    return {
        name: option_named(each.name)
        for each in route.parameters
        if not each.required
        for name in (each.name, each.passed_as)
    }


def option_named(name: str) -> str:
    """Return the option of a parameter."""
    return f"--{name.removesuffix('_id').replace('_', '-')}"


def argument_of(name: str) -> str:
    """Return under which name click passes a parameter of the API."""
    return f"asked_{name}"


def parameters_of(route: Route) -> Iterator[click.Parameter]:
    """Yield what an address names as arguments, then its parameters: what it needs as arguments."""
    from web.cli.commands.fields import CONVERTER, metavar_of
    from web.cli.things import CYCLE

    for converter, name in CONVERTER.findall(route.path):
        field = route.about if name == "id" else name
        kind: Any = CYCLE if converter == "cycle" else thing_named(field)
        yield click.Argument([name], type=kind, metavar=metavar_of(field))
    is_paged = {each.name for each in route.parameters} & {*CURSORS}
    for each in sorted(route.parameters, key=lambda each: not each.required):
        if each.name in OF_THE_REQUEST:
            continue
        if each.required:
            yield click.Argument(
                [argument_of(each.name)], type=AskedFor(each), metavar=each.name.upper(),
                nargs=-1 if each.repeatable else 1, required=True,
            )  # fmt: skip
        else:
            yield option_of(each)
    if is_paged:
        yield from paged()


def thing_named(field: str) -> Any:
    """Return what reads the id of a thing of an address."""
    from web.cli.commands.fields import thing_of

    return thing_of("about_id" if field == "goal_id" else field)


def option_of(parameter: Any) -> click.Option:
    """Return the option of a parameter of an address."""
    from web.api.parameters import A_MOMENT
    from web.cli.commands.fields import metavar_of

    option = option_named(parameter.name)
    text = help_of(parameter)
    if "default" in parameter.schema:
        text += f"  [default: {parameter.schema['default']}]"
    argument = argument_of(parameter.name)
    many = parameter.repeatable
    if parameter.schema.get("type") == "boolean":
        no = option.replace("--", "--no-", 1)
        return click.Option([f"{option}/{no}", argument], default=None, help=text)
    return click.Option(
        [option, argument], type=AskedFor(parameter), multiple=many, help=text,
        metavar="MOMENT" if parameter.wanted.startswith(A_MOMENT)
        else metavar_of_words(parameter) or metavar_of(parameter.name),
    )  # fmt: skip


def help_of(parameter: Any) -> str:
    """Return what help says of a parameter: what it is, and how its value is written."""
    from web.api.parameters import A_MOMENT, WORDS
    from web.cli.options import MOMENT

    text = str(parameter.schema.get("description") or "")
    if parameter.wanted.startswith(A_MOMENT):
        plain = text.replace(f"{parameter.wanted}. {WORDS}.", MOMENT).replace(BEFORE_THE_FIRST, "")
        return plain.replace(f": {MOMENT}", f". {MOMENT}")
    if parameter.name in CURSORS:
        return "What the page before names: the page behind it."
    if holds_an_id(parameter):
        how = "by name, id, or the beginning of its id."
        return f"{text.rstrip('.')}, {how}" if text else how.capitalize()
    return text or f"{parameter.wanted.capitalize()}."


def metavar_of_words(parameter: Any) -> str | None:
    """Return the words that a parameter may be, as help shows them; None where it may be others."""
    schema = parameter.schema.get("items", parameter.schema)
    words = schema.get("enum", ())
    return f"[{'|'.join(map(str, words))}]" if 0 < len(words) <= MOST_WORDS else None


class AskedFor(click.ParamType[Any]):
    """The value of a parameter as the API reads it; a thing also by name."""

    def __init__(self, parameter: Any) -> None:
        self.parameter = parameter
        self.name = parameter.name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the words it may be that begin so, or names of what it may be the id of."""
        from web.cli.commands.fields import thing_of
        from web.cli.things import CYCLE

        if self.name == "cycle":
            return CYCLE.shell_complete(ctx, param, incomplete)
        if holds_an_id(self.parameter):
            found: list[CompletionItem] = thing_of(self.name).shell_complete(ctx, param, incomplete)
            return found
        schema = self.parameter.schema.get("items", self.parameter.schema)
        return [
            CompletionItem(each) for each in schema.get("enum", ()) if each.startswith(incomplete)
        ]

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value."""
        from web.api.given import read_by
        from web.cli.commands.fields import thing_of
        from web.cli.things import CYCLE

        if not isinstance(value, str):
            return value
        if self.name == "cycle":
            return CYCLE.convert(value, param, ctx)
        if holds_an_id(self.parameter):
            return thing_of(self.name).convert(value, param, ctx)
        found, wrong = read_by(self.parameter, value)
        return self.fail(wrong, param, ctx) if found is None else found


def holds_an_id(parameter: Any) -> bool:
    """Return whether a parameter is the id of a thing, or several of them."""
    schema = parameter.schema.get("items", parameter.schema)
    return bool(schema.get("format") == "uuid")


def options_of_all(route: Route) -> list[click.Parameter]:
    """Return the options of every question: in which form, and who reads what is recorded."""

    def nothing() -> None: ...

    decorated: Any = as_table(nothing)
    if route.recorded is not None:
        decorated = reading(decorated)
    found: list[click.Parameter] = list(reversed(decorated.__click_params__))
    return found


def questions_of(group: str, asked_by_hand: Iterable[str]) -> Iterator[Asking]:
    """Yield the questions of a group that nobody wrote a command for, as tables."""
    from web.api.queries import ROUTES
    from web.cli.commands.answers import lines_of

    taken = {*asked_by_hand}
    for route in ROUTES:
        first, name = words_of_question(route.path)
        if (
            first == group
            and name not in taken
            and not route.streamed
            and route.question not in ASKED_ELSEWHERE
        ):
            yield Asking(name, route.question, lines_of(route.question), route.summary, route.path)


def words_of_question(path: str) -> tuple[str, str]:
    """Return the group and the name of the command of an address that is asked."""
    parts = path.strip("/").split("/")
    first, *others = (part for part in parts if not part.startswith("<"))
    name = others[-1] if others else "show" if len(parts) > 1 else "list"
    return first, name
