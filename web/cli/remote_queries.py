"""The questions of the command line, asked of a server: by their names and parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter as Argument
from inspect import signature
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import click

from web.cli.remote import PART, Remote

if TYPE_CHECKING:
    from okr_es.domain.cycle import CycleRef
    from web.api.parameters import Parameter
    from web.api.queries import Route

KINDS = {"objective": "objectives", "key_result": "key-results", "kpi": "kpis"}
OF_GOALS = frozenset({"history"})  # their addresses name a cycle by its id alone


class RemoteQueries:
    """Answers as `Queries` does, from a server; each read is recorded there."""

    def __init__(self, server: Remote) -> None:
        self.server = server

    def __getattr__(self, question: str) -> Callable[..., Any]:
        """Return what asks a question."""
        return partial(self.ask, question)

    def ask(self, question: str, *positional: Any, **given: Any) -> Any:
        """Ask a question with the arguments of its method; return the answer as JSON has it."""
        from web.api.queries import ROUTES

        named = arguments_of(question, positional, given)
        routes = [each for each in ROUTES if each.question == question]
        path, query = self.address(routes[0], named)
        if routes[0].streamed:
            return self.server.lines(path, query)
        answer = self.server.get(path, query)
        while "limit" not in query and answer.get("next") is not None:
            following = self.server.get(path, query | {"after": answer["next"]})
            answer[question] += following[question]
            answer["next"] = following["next"]
        return answer

    def answer_to(self, route: Route, about: list[Any], asked: dict[str, Any]) -> Any:
        """Return the answer to a question, about what its address names."""
        path, things = route.path, iter(about)
        path = PART.sub(lambda _: quote(str(next(things))), path)
        names = {each.passed_as: each.name for each in route.parameters}
        return self.server.get(path, {names[name]: value for name, value in asked.items()})

    def address(self, route: Route, named: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the path and the parameters of a question."""
        path = route.path
        if PART.search(path):
            thing = named[next(iter(named))]
            if route.question in OF_GOALS:
                thing = self.id_of(thing)
            path = PART.sub(lambda _: quote(str(thing)), path)
        names = {each.passed_as: each.name for each in route.parameters}
        return path, {
            names[name]: value
            for name, value in named.items()
            if name in names and value is not None
        }

    def id_of(self, cycle: CycleRef | None) -> UUID | None:
        """Return the id of a cycle that is named by its name; an id stays."""
        from okr_es.domain.values import folded

        if cycle is None or isinstance(cycle, UUID):
            return cycle
        for each in self.ask("cycles")["cycles"]:
            if folded(each["name"]) == cycle.folded:
                return UUID(each["id"])
        raise click.ClickException(f"There is no cycle {cycle}.")

    def kind_of(self, id_: UUID) -> str:
        """Return what a goal is: objective, key_result or kpi."""
        for kind, place in KINDS.items():
            try:
                self.server.get(f"/{place}/{id_}")
            except click.ClickException:
                continue
            return kind
        raise click.ClickException(f"There is no goal {id_}.")


def exported(
    server: Remote,
    file: Path,
    search: dict[str, Any],
    language: str,
    notes: list[str],
    path: str = "/evidence",
    parameters: Sequence[Parameter] | None = None,
) -> int:
    """Write the evidence bundle of a search into a file; return its bytes. Nothing half done.

    It is that of another address where one is named, with its parameters.
    """
    from web.api.parameters import SEARCH

    if len(notes) > 1:
        raise click.UsageError("A server takes one checkpoint.")
    names = {each.passed_as: each.name for each in parameters or SEARCH}
    query = {names[name]: value for name, value in search.items()} | {"language": language}
    body = "".join(notes).encode() or None
    more = {"Content-Type": "text/plain"}
    beside = file.with_name(f"{file.name}.part")
    with beside.open("wb") as written:
        try:
            with server.answering("POST", path, query, body, more) as answer:
                copyfileobj(answer, written)
        except BaseException:
            beside.unlink()
            raise
    beside.replace(file)
    return file.stat().st_size


def arguments_of(
    question: str, positional: tuple[Any, ...], given: dict[str, Any]
) -> dict[str, Any]:
    """Return arguments by the names that the method of a question has for them."""
    from projections.queries import Queries

    method = signature(getattr(Queries, question))
    found = dict(method.bind(None, *positional, **given).arguments)
    found.pop("self")
    for name, each in method.parameters.items():
        if each.kind is Argument.VAR_KEYWORD:
            found |= found.pop(name, {})
    return found
