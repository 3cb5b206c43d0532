"""What the pages of the reference say: commands, events, the command line, problems, warnings.

All but the command line and the warnings is read from the source without importing it.
"""

import ast
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from tests.house import source

MADE = "<!-- Made from the code by `make catalogue`: change the code, not this page. -->"
REFUSALS, PROBLEMS = "okr_es/domain/refusals.py", "web/api/problems.py"
WARNINGS = "okr_es/warning_catalogue.py"
COMMANDS, ADDRESSES = "okr_es/commands.py", "web/api/commands.py"
PROGRAM = "web/cli/main.py"

# What werkzeug refuses before a route of ours is reached.
HTTP_PROBLEMS = [
    ("method-not-allowed", "405", "The address exists, but not for this method."),
    ("length-required", "411", "The body has no Content-Length."),
    ("unsupported-media-type", "415", "The body is not `application/json`."),
]


class Missing(Exception):
    """Something the pages are made of is not there."""


def page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |" for row in cells
    )


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def parsed(root: Path, name: str) -> ast.Module:
    path = root / name
    if not path.exists():
        raise Missing(f"{name} is not there.")
    return ast.parse(path.read_text(), name)


def doc_of(node: ast.ClassDef, what: str) -> str:
    doc = " ".join((ast.get_docstring(node) or "").split())
    if not doc:
        raise Missing(f"{what} {node.name} has no docstring.")
    return doc


# ---- events ---------------------------------------------------------------------------


def events(root: Path) -> str:
    rows = [
        (f"`{event.name}`", f"`{event.topic}`", event.doc)
        for aggregate in source.aggregates(root)
        for event in source.events(aggregate)
    ]
    if not rows:
        raise Missing("okr_es/domain has no event.")
    return page(
        "Events",
        "Every event that the log can hold. The stored name never changes. An event is recorded "
        "by a command; [commands](commands.md) lists them.",
        table(("event", "stored as", "what it says"), rows),
    )


# ---- commands -------------------------------------------------------------------------


def commands(root: Path) -> str:
    parsed(root, COMMANDS)
    found = source.commands(root / COMMANDS)
    if not found:
        raise Missing(f"{COMMANDS} has no frozen dataclass.")
    at = addresses(root)
    return page(
        "Commands",
        "Every command, with its address under `/api/v1`. Fields in brackets may be left out. "
        "`reason`, `comment`, `on_behalf_of`, `expected_version` and `dry_run` may go with every "
        "command; "
        "[how the API works](api.md) says what they do.",
        table(
            ("command", "address", "fields of the body", "what it does"),
            [command_row(node, at) for node in found],
        ),
    )


def command_row(node: ast.ClassDef, at: dict[str, str]) -> tuple[str, ...]:
    if node.name not in at:
        raise Missing(f"command {node.name} has no address in {ADDRESSES}.")
    fields = [name for name in source.fields(node) if f"{{{name}}}" not in at[node.name]]
    needed = [name for name in fields if name not in source.optional_fields(node)]
    rest = [name for name in fields if name not in needed]
    optional = f"({code(*rest)})" if rest else ""
    said = ", ".join(filter(None, [code(*needed), optional]))
    return f"`{node.name}`", f"`POST {at[node.name]}`", said, doc_of(node, "command")


def addresses(root: Path) -> dict[str, str]:
    """Command -> its path, from the calls `Route("/path", c.Command, …)`."""
    found = {}
    for node in ast.walk(parsed(root, ADDRESSES)):
        match node:
            case ast.Call(
                func=ast.Name(id="Route"),
                args=[ast.Constant(value=str(path)), ast.Attribute(attr=command), *_],
            ):
                found[command] = re.sub(r"<\w+:(\w+)>", r"{\1}", path)
    return found


# ---- problem types --------------------------------------------------------------------


def problems(root: Path) -> str:
    return page(
        "Problem types",
        "Every error is `application/problem+json` (RFC 9457). Its `type` is `/problems/` and one "
        "of these words; there it is explained, too: `GET /problems/{type}`, and all of them at "
        "`GET /problems`, as JSON or, to a browser, as a page. The words are stable; `title` and "
        "`detail` are for people and may change.",
        "## Refused commands and questions",
        "Nothing was recorded. The status is 403 where the acting person is the reason, whatever "
        "the problem; `not-found` is 422 where the body, not the address, names what is missing.",
        table(("problem", "status", "what it means"), list(refusals(root))),
        "## Other problems",
        table(("problem", "status", "what it means"), sorted(set(other_problems(root)))),
    )


def problem_types(root: Path) -> str:
    """The same as JSON, for the server: each word once, a refusal before what else has the word."""
    found: dict[str, dict[str, Any]] = {}
    for name, status, title in [*refusals(root), *sorted(other_problems(root))]:
        word = f"/problems/{name.strip('`')}"
        said = {"type": word, "title": title.replace("`", ""), "status": int(status)}
        found.setdefault(word, said)
    rows = ",\n".join(json.dumps(each) for _, each in sorted(found.items()))
    return f"[\n{rows}\n]\n"


def refusals(root: Path) -> Iterator[tuple[str, ...]]:
    classes = {
        node.name: node for node in parsed(root, REFUSALS).body if isinstance(node, ast.ClassDef)
    }
    statuses = dict(statuses_of(parsed(root, PROBLEMS)))
    for name, node in classes.items():
        if name != "Refusal":
            yield f"`{slug(name)}`", status_of(node, classes, statuses), doc_of(node, "refusal")


def slug(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def status_of(
    node: ast.ClassDef, classes: dict[str, ast.ClassDef], statuses: dict[str, int]
) -> str:
    while node.name not in statuses:
        above = next((classes[base] for base in source.bases(node) if base in classes), None)
        if above is None:
            raise Missing(f"{node.name} has no status in {PROBLEMS}.")
        node = above
    return str(statuses[node.name])


def statuses_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The pairs of `STATUS = {r.NotFound: 404, …}`."""
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="STATUS"), value=ast.Dict(keys, values)):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Attribute) and isinstance(value, ast.Constant):
                        yield key.attr, value.value


def other_problems(root: Path) -> Iterator[tuple[str, ...]]:
    """Each call `Problem("slug", status, "title", …)` in web/, and what comes of HTTP itself."""
    yield from ((f"`{name}`", status, said) for name, status, said in HTTP_PROBLEMS)
    for module in source.modules(root, "web"):
        for node in module.nodes:
            match node:
                case ast.Call(
                    func=ast.Name(id="Problem"),
                    args=[
                        ast.Constant(value=str(name)),
                        ast.Constant(value=int(status)),
                        ast.Constant(value=str(title)),
                        *_,
                    ],
                ):
                    yield f"`{name}`", str(status), title


# ---- warnings -------------------------------------------------------------------------


def warnings(root: Path) -> str:
    kinds = loaded(root, WARNINGS).WARNINGS
    rows = [
        (f"`{name}`", sentence(kind.en), sentence(kind.sv), kind.things)
        for name, kind in kinds.items()
    ]
    return page(
        "Warnings",
        "A command that was done, or waits for approval, may warn: each warning of its receipt is "
        "`{code, text, count, things: [{kind, id}]}`. The code is stable. The text is for people, "
        "in English or, where the request prefers it (`Accept-Language`), in Swedish, and may "
        "change. `count` says how many there are of what it warns of; `things` names at most the "
        "first hundred of them.",
        table(("code", "English", "Swedish", "`things`"), rows),
    )


def sentence(given: str | tuple[str, str]) -> str:
    """What is said; of one and of several where that differs."""
    return given if isinstance(given, str) else " / ".join(given)


# ---- the command line -----------------------------------------------------------------


def command_line(root: Path) -> str:
    program = loaded(root, PROGRAM).main
    return page(
        "The command line",
        "Every command of `okr-es`. What changes something is made from the API: what an address "
        "names is an argument, each field an option, with the name of the field; `--no-…` is null, "
        "and what is left out stays. Wherever a thing is named, its name, its title or the "
        "beginning of its id (four digits or more) will do; a person who is looked up by name is a "
        "read of people, and recorded. What cannot be undone is shown and asked about, and a "
        "script says `--yes`. The program is `.venv/bin/okr-es`, or `okr-es` once the "
        "environment is activated (`. .venv/bin/activate`). `--json` prints what the API answers, "
        "`--csv` and `--xlsx FILE` its rows with all columns, `--all` all its pages. `okr-es "
        "completion bash` (or `zsh`, `fish`) prints what lets a shell complete "
        "commands and options.",
        "It exits with 0 when done, with 1 when refused, with 2 when the command line cannot be "
        "read and, silently, with 141 when a pipe is closed early, as by `| head`. Results go to "
        "standard output, progress and errors to standard error. A variable in brackets, such "
        "as [`OKR_ES_DEFAULT_ACTOR`], gives an option "
        "its value where the command line does not; [settings](settings.md) lists them. Every "
        "command knows `--help`.",
        "## okr-es",
        *described(program, click.Context(program, info_name="okr-es")),
        *every(program, "okr-es"),
    )


def loaded(root: Path, name: str) -> ModuleType:
    """A module of a project, whatever is imported under its name."""
    if not (root / name).exists():
        raise Missing(f"{name} is not there.")
    spec = importlib.util.spec_from_file_location("okr_es_reference", root / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = kept
    return module


def every(group: click.Group, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        yield f"## {path} {name}"
        yield from described(command, click.Context(command, info_name=f"{path} {name}"))
        if isinstance(command, click.Group):
            yield from every(command, f"{path} {name}")


def described(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
    if not command.help:
        raise Missing(f"the command {context.command_path} has no help.")
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(command.help))
    rows = [
        (f"`{record[0]}`", " ".join(filter(None, [record[1], from_environment(each, record[1])])))
        for each in command.params
        if isinstance(each, click.Option) and (record := each.get_help_record(context))
    ]
    if rows:
        yield table(("option", "what it does"), rows)


def from_environment(option: click.Option, said: str) -> str:
    """The variable that gives an option its value, where its help does not name it."""
    name = option.envvar
    return f"[`{name}`]" if isinstance(name, str) and name not in said else ""
