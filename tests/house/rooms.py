"""The house rules of the rooms: floors, no circles, short modules, and who may ask for the engine.

A room is a package or a module right below a folder of ours. As in `rules`, each rule takes the
folder of the project and returns violations as sentences.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house import source
from tests.house.source import Module

# Folder -> its rooms, floor by floor from the ground up. An import never goes up.
FLOORS: dict[str, list[set[str]]] = {
    "okr_es": [
        {"domain", "database", "scoring", "ids", "gc_pause", "warning_kind"},
        {
            "log",
            "people",
            "access",
            "changes",
            "commands",
            "context",
            "warning_catalogue",
        },
        {"handlers", "access_log", "jobs"},
        {"areas", "application"},
        {"evidence", "imports", "example", "dry_run"},
        {"operations", "chunks"},
    ],
    "projections": [
        {"read_model"},
        {"as_of"},
        {"goals"},
        {"audit_log"},
        {"retrospect"},
        {
            "patterns",
            "organisation",
            "organisation_answers",
            "teams",
            "one_reading",
            "one_reading_answers",
            "grants",
            "grants_answers",
            "api_keys",
            "api_keys_answers",
            "held_data",
            "held_data_answers",
            "needs_answers",
            "needs",
            "templates_answers",
            "templates",
            "about_requests",
            "asking",
            "names",
            "withholding",
        },
        {"queries"},
    ],
    "web": [
        {"settings", "access_log", "logs", "mail"},
        {"api", "oidc"},
        {"pages"},
        {"app"},
        {"serving"},
        {"server"},
        {"cli"},
    ],
}

LONGEST = 400  # lines of a module
LONG_ON_PURPOSE = {
    "okr_es.evidence.okr_es_verify",  # one file, so that an auditor can take it along
    "okr_es.commands",
    "okr_es.domain.refusals",
    "okr_es.warning_catalogue",
    "projections.queries",
}

# What differs by more than words is asked for here, and nowhere else above `okr_es.database`.
MAY_ASK_FOR_THE_ENGINE = {
    "okr_es.access_log",  # a function in the database
    "okr_es.evidence.checkpoints",  # the lock of who publishes
    "okr_es.evidence.verify",  # a snapshot that other threads read too
    "okr_es.log.clocks",  # a clock of its own, or none
    "okr_es.log.recorder",  # a function in the database, or steps
    "okr_es.log.schema",
    "okr_es.people.rewrapping",  # a function in the database
    "okr_es.people.shredding",  # bytes that stay in files
    "okr_es.people.tables",  # a function in the database
    "projections.audit_log.history",  # LATERAL, and the directory beside the log
    "projections.read_model.generations",  # a file or a schema
    "projections.read_model.registry",  # a file or a schema
    "projections.read_model.tables",
    "projections.read_model.writers",
    "web.cli.database",  # only one of them is prepared
    "web.cli.session",  # a file that does not exist
}
ENGINES = {"sqlite", "postgresql"}


def floors(root: Path) -> list[str]:
    """An import goes down or stays on its floor; every room has a floor, and holds something."""
    return [sentence for folder in FLOORS for sentence in floors_of(root, folder)]


def floors_of(root: Path, folder: str) -> Iterator[str]:
    modules = source.modules(root, folder)
    known = {room: number for number, rooms in enumerate(FLOORS[folder]) for room in rooms}
    if not any(room_of(module.name) for module in modules):
        yield f"{folder}/ has no rooms: nothing to check."
    for module in modules:
        room = room_of(module.name)
        if room and room not in known:
            yield f"{folder}/{room} is on no floor."
        for line, name in source.imports(module):
            above = room_of(name) if name.startswith(f"{folder}.") else ""
            if known.get(above, -1) > known.get(room, len(known)):
                yield f"{module.name}:{line} imports {name}, which is on a floor above."


def room_of(name: str) -> str:
    """The second part of a dotted name; nothing for a folder itself."""
    return name.partition(".")[2].partition(".")[0]


def circles(root: Path) -> list[str]:
    """No modules and no rooms import each other in a circle, not even inside functions."""
    modules = {each.name: each for folder in FLOORS for each in source.modules(root, folder)}
    if not modules:
        return ["There are no modules: nothing to check."]
    between = {name: set(imported(each, modules)) for name, each in modules.items()}
    rooms: dict[str, set[str]] = {}
    for name, others in between.items():
        rooms.setdefault(place_of(name), set()).update(
            place_of(other) for other in others if place_of(other) != place_of(name)
        )
    return [*circle(between), *circle(rooms)]


def imported(module: Module, modules: Iterable[str]) -> Iterator[str]:
    """The modules of ours that one imports; a name in a module stands for the module."""
    for _, name in source.imports(module):
        target = name
        while target and target not in modules:
            target = target.rpartition(".")[0]
        if target and target != module.name:
            yield target


def place_of(name: str) -> str:
    """The room of a module, with its folder."""
    return ".".join(name.split(".")[:2])


def circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"A circle of imports: {' <- '.join(error.args[1])}."]
    return []


def sizes(root: Path) -> list[str]:
    """No module is longer than 400 lines but those that are one page on purpose."""
    modules = [each for folder in FLOORS for each in source.modules(root, folder)]
    lengths = {each.name: len(each.path.read_text().splitlines()) for each in modules}
    return [
        *([] if modules else ["There are no modules: nothing to check."]),
        *(
            f"{name} has {lines} lines: at most {LONGEST}."
            for name, lines in lengths.items()
            if lines > LONGEST and name not in LONG_ON_PURPOSE
        ),
    ]


def engines(root: Path) -> list[str]:
    """Which engine it is, only the database's room and the modules listed here ask."""
    modules = [each for folder in FLOORS for each in source.modules(root, folder)]
    asking = {each.name: line for each in modules for line in engine_named(each)}
    if not asking:
        return ["No module asks for the engine: nothing to check."]
    return [
        f"{name}:{line} asks which engine it is; {name} may not."
        for name, line in asking.items()
        if place_of(name) != "okr_es.database" and name not in MAY_ASK_FOR_THE_ENGINE
    ]


def engine_named(module: Module) -> Iterator[int]:
    """The lines on which an engine is named, or asked for."""
    for node in module.nodes:
        asks = isinstance(node, ast.Attribute) and is_question(node)
        names = isinstance(node, ast.Constant) and node.value in ENGINES
        if asks or names:
            yield node.lineno


def is_question(node: ast.Attribute) -> bool:
    return node.attr == "is_sqlite" or (
        node.attr == "name" and re.search(r"\bdialect$", ast.unparse(node.value)) is not None
    )
