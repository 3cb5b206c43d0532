"""The house rules. Each takes the folder of the project and returns violations as sentences.

A rule that finds nothing to look at says so: a rule that cannot fail does not count.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from tests.house import catalogue, reference, source
from tests.house.source import BEGINNINGS, Class, dotted

# Folder -> the folders of ours it may import.
LAYERS = {
    "okr_es": {"okr_es"},
    "projections": {"okr_es", "projections"},
    "web": {"okr_es", "projections", "web"},
}
AROUND = {"bench", "tests"}  # may import all of LAYERS; nothing in LAYERS imports them
WEB_ONLY = {"click", "flask", "flask_smorest", "marshmallow", "rich", "webargs", "werkzeug"}
NOT_OURS = {"build", "dist"}
SETTINGS = "docs/reference/settings.md"

# Module -> what it may import besides the standard library.
PURE = {
    "okr_es.domain": ("okr_es.domain", "eventsourcing.domain"),
    "okr_es.scoring": ("okr_es.scoring", "okr_es.domain"),
}

VAGUE = ("updated", "changed", "modified", "edited")
IRREGULAR = {
    "Begun", "Broken", "Chosen", "Cut", "Drawn", "Given", "Held", "Kept", "Left", "Made", "Met",
    "Put", "Set", "Split", "Taken", "Told", "Withdrawn", "Written",
}  # fmt: skip
NO_PARTICIPLES = {"Feed", "Need", "Seed", "Speed"}

ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)
MUTATORS = {"add", "append", "discard", "pop", "remove", "setdefault", "update"}
IMPURE = {
    "choice", "monotonic", "now", "perf_counter", "randint", "random", "secrets", "time", "today",
    "urandom", "utcnow", "uuid1", "uuid4", "uuid7", "create_utc_datetime_now",
    "datetime_now_with_tzinfo",
}  # fmt: skip
DECISIONS = (ast.IfExp, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def imports(root: Path) -> list[str]:
    """web -> projections, okr_es; projections -> okr_es; the domain knows only its engine."""
    return [*unknown_folders(root), *layers(root), *purity(root)]


def unknown_folders(root: Path) -> Iterator[str]:
    """A folder the rules do not know would pass them all; so it fails this one."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        known = folder.name in {*LAYERS, *AROUND, *NOT_OURS} or folder.name.startswith(".")
        if not known and next(folder.rglob("*.py"), None):
            yield f"{folder.name}/ holds Python the house rules do not know."
    for path in root.glob("*.py"):
        yield f"{path.name} stands outside the folders the house rules know."


def layers(root: Path) -> Iterator[str]:
    for layer, allowed in LAYERS.items():
        if not source.modules(root, layer):
            yield f"{layer}/ holds no Python: nothing to check."
        for module in source.modules(root, layer):
            for line, name in source.imports(module):
                top = name.partition(".")[0]
                if top in {*LAYERS, *AROUND} - allowed or (top in WEB_ONLY and layer != "web"):
                    yield f"{module.name}:{line} imports {name}; {layer} may not."


def purity(root: Path) -> Iterator[str]:
    for name, allowed in PURE.items():
        found = [each for each in source.modules(root, "okr_es") if within(each.name, name)]
        if not found:
            yield f"{name} is not there: nothing to check."
        for module in found:
            for line, imported in source.imports(module):
                standard = imported.partition(".")[0] in sys.stdlib_module_names
                if not standard and not any(within(imported, each) for each in allowed):
                    yield f"{module.name}:{line} imports {imported}; {name} may not."


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def topics(root: Path) -> list[str]:
    """Every aggregate and event has a stable TOPIC, and every event says what was decided."""
    found = list(domain_classes(root))
    counted = Counter(each.topic for each in found if each.topic)
    return [
        *nothing_in_the_domain(found),
        *(f"{each.where} has no literal TOPIC." for each in found if not each.topic),
        *(f"TOPIC {topic!r} is used {n} times." for topic, n in counted.items() if n > 1),
        *(sentence for each in found for sentence in event_topic(each)),
        *(sentence for each in source.aggregates(root) for sentence in stored_events(each)),
    ]


def event_topic(event: Class) -> Iterator[str]:
    if not event.aggregate:
        return
    if event.topic and not event.topic.startswith(f"{event.aggregate.topic}."):
        yield f"{event.where} has TOPIC {event.topic!r}, outside {event.aggregate.topic!r}."
    if not event.doc.endswith((".", "!", "?")):
        yield f"{event.where} has no docstring of a sentence that says who decided what."


def stored_events(aggregate: Class) -> Iterator[str]:
    """Events the engine would invent itself have no TOPIC; so each must be written out."""
    events = source.events(aggregate)
    if not any(source.bases(event.node) & BEGINNINGS for event in events):
        yield f"{aggregate.where} has no Beginning: the engine would store its own Created."
    for function in source.functions(aggregate.node):
        for decorator in source.event_decorators(function):
            arguments = decorator.args if isinstance(decorator, ast.Call) else []
            name = dotted(arguments[0]).rpartition(".")[2] if arguments else ""
            if name not in {event.node.name for event in events}:
                yield f"{aggregate.where}.{function.name} is not an @event of a class nested here."


def names(root: Path) -> list[str]:
    """Events are past participles that say what happened; queries are noun phrases."""
    found = list(domain_classes(root))
    return [
        *nothing_in_the_domain(found),
        *(sentence for each in found if each.aggregate for sentence in event_name(each)),
        *queries(root),
    ]


def event_name(event: Class) -> Iterator[str]:
    for word in VAGUE:
        if word in event.node.name.lower() or word in (event.topic or "").lower():
            yield f"{event.where} says {word!r}, which tells nobody what was decided."
    if not any(is_participle(word) for word in source.words(event.node.name)):
        yield f"{event.where} is not a past participle."


def is_participle(word: str) -> bool:
    return word in IRREGULAR or (word.endswith("ed") and word not in NO_PARTICIPLES)


def queries(root: Path) -> Iterator[str]:
    for layer in ("projections", "web"):
        for module in source.modules(root, layer):
            for function in source.functions(module.tree):
                if function.name.startswith("get_"):
                    yield f"{module.name}:{function.lineno} {function.name} is no noun phrase."


def replay(root: Path) -> list[str]:
    """A public method decides; the private @event method that replays only assigns."""
    found = source.aggregates(root)
    bodies = [(each, function) for each in found for function in replayed(each)]
    return [
        *nothing_in_the_domain(found),
        *([] if bodies else ["No @event method in okr_es/domain: nothing to check."]),
        *(
            f"{aggregate.module.path.name}:{line} {aggregate.name}.{function.name} {what}."
            for aggregate, function in bodies
            for line, what in more_than_assigning(function)
        ),
    ]


def replayed(aggregate: Class) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """What runs when a stream is opened: __init__, @event methods, and events' own apply."""
    for node in ast.iter_child_nodes(aggregate.node):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            node.name == "__init__" or source.event_decorators(node)
        ):
            yield node
    for event in source.events(aggregate):
        yield from (f for f in source.functions(event.node) if f.name in {"apply", "mutate"})


def more_than_assigning(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[int, str]]:
    if not function.name.startswith("_"):
        yield function.lineno, "replays, so its name begins with an underscore"
    for statement in function.body:
        if not only_assigns(statement):
            yield statement.lineno, f"does more than assign: {ast.unparse(statement)[:60]!r}"
    for node in (each for statement in function.body for each in ast.walk(statement)):
        if isinstance(node, DECISIONS):
            yield node.lineno, f"decides: {ast.unparse(node)[:60]!r}"
        elif isinstance(node, ast.Call) and (called := dotted(node.func).split(".")):
            if set(called) & IMPURE:
                yield node.lineno, f"asks a clock or chance: {ast.unparse(node)[:60]!r}"
            elif called[0] == "self" and len(called) == 2:
                yield node.lineno, f"calls a method: {ast.unparse(node)[:60]!r}"


def only_assigns(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr=name))):
            return name in MUTATORS and held_by_self(target)
        case _:
            return isinstance(statement, ASSIGNMENTS)


def held_by_self(node: ast.expr) -> bool:
    """`self.a`, `self.a[b]` and `self.a.b`, but not `self` alone."""
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return False
    return held_by_self(node.value) or (
        isinstance(node.value, ast.Name) and node.value.id == "self"
    )


def catalogues(root: Path) -> list[str]:
    """The reference lists commands, events, command line and problem types as the code has them."""
    try:
        return [f"{page} is not what the code says: run `make catalogue`."
                for page in catalogue.stale(root)]  # fmt: skip
    except catalogue.Missing as missing:
        return [f"A page of the reference cannot be made: {missing}"]


def warnings(root: Path) -> list[str]:
    """What handlers warn of stands in the catalogue, and the other way, with the facts it says."""
    try:
        kinds = reference.loaded(root, reference.WARNINGS).WARNINGS
    except catalogue.Missing as missing:
        return [f"Warnings cannot be checked: {missing}"]
    used = {code: facts for each in source.modules(root, "okr_es")
            for code, facts in warned(each)}  # fmt: skip
    return [
        *([] if used else ["The code warns of nothing: nothing to check."]),
        *([] if list(kinds) == sorted(kinds) else ["The catalogue of warnings is not in order."]),
        *(f"The warning {code} is not in the catalogue." for code in used.keys() - kinds.keys()),
        *(f"Nothing warns of {code}." for code in kinds.keys() - used.keys() - {"other"}),
        *(
            f"The warning {code} does not say its facts in {language}."
            for code in used.keys() & kinds.keys()
            for language in ("en", "sv")
            if any(named != used[code] for named in facts_of(getattr(kinds[code], language)))
        ),
    ]


def warned(module: source.Module) -> Iterator[tuple[str, set[str]]]:
    """The code and the facts of each call `work.warn("code", …, fact=…)`."""
    for node in module.nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="warn"), args=[ast.Constant(value=str(code)), *_]
            ):
                names = {keyword.arg or "**" for keyword in node.keywords}
                yield code, names - {"things", "count"}


def facts_of(sentence: str | tuple[str, str]) -> Iterator[set[str]]:
    """The facts a sentence names, each way it is said; its count is always known."""
    for each in (sentence,) if isinstance(sentence, str) else sentence:
        yield {name for _, name, _, _ in Formatter().parse(each) if name} - {"count"}


def settings(root: Path) -> list[str]:
    """The page of settings lists the environment variables of the code, and no other."""
    page = root / SETTINGS
    if not page.exists():
        return [f"{SETTINGS} is not there."]
    listed = set(re.findall(r"^\| `(OKR_ES_[A-Z_]+)` \|", page.read_text(), re.MULTILINE))
    used = {name for layer in LAYERS for each in source.modules(root, layer)
            for name in variables(each)}  # fmt: skip
    return [
        *([] if used else ["The code names no environment variable: nothing to check."]),
        *(f"{name} is not in {SETTINGS}." for name in sorted(used - listed)),
        *(f"{SETTINGS} lists {name}, which the code does not use." for name in listed - used),
    ]


def variables(module: source.Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^OKR_ES_[A-Z_]+$", node.value)


def locks(root: Path) -> list[str]:
    """Lock files name what is installed by its hash, never where it comes from."""
    return [s for name in ("requirements.lock", "requirements-dev.lock") for s in lock(root / name)]


def lock(path: Path) -> Iterator[str]:
    text = path.read_text() if path.exists() else ""
    if "--hash=" not in text:
        yield f"{path.name} is not there or has no hashes."
    for number, line in enumerate(text.splitlines(), 1):
        if "://" in line or " @ " in line or line.startswith(("-", "/", ".")):
            yield f"{path.name}:{number} names a place: {line.strip()!r}"


def domain_classes(root: Path) -> Iterator[Class]:
    for aggregate in source.aggregates(root):
        yield aggregate
        yield from source.events(aggregate)


def nothing_in_the_domain(found: list[Class]) -> list[str]:
    return [] if found else ["No aggregate in okr_es/domain: nothing to check."]
