"""What the house rules read from the source: modules, imports, aggregates, events, commands."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

BEGINNINGS = {"Beginning", "Created"}
CHANGES = {"Change", "Event"} | BEGINNINGS


@dataclass(frozen=True)
class Module:
    """One Python file, by the dotted name it is imported under."""

    path: Path
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def package(self) -> list[str]:
        parts = self.name.split(".")
        return parts if self.path.name == "__init__.py" else parts[:-1]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree."""
        return list(ast.walk(self.tree))


@dataclass(frozen=True)
class Class:
    """A class of the domain: an aggregate, or an event nested in one."""

    module: Module
    node: ast.ClassDef
    aggregate: "Class | None" = None

    @property
    def name(self) -> str:
        return f"{self.aggregate.name}.{self.node.name}" if self.aggregate else self.node.name

    @property
    def where(self) -> str:
        return f"{self.module.path.name}:{self.node.lineno} {self.name}"

    @property
    def topic(self) -> str | None:
        return next((topic for topic in map(literal_topic, self.node.body) if topic), None)

    @property
    def doc(self) -> str:
        return " ".join((ast.get_docstring(self.node) or "").split())


def modules(root: Path, folder: str) -> list[Module]:
    return [module(root, path) for path in sorted((root / folder).rglob("*.py"))]


def module(root: Path, path: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return known(path, name, path.read_text())


@cache
def known(path: Path, name: str, text: str) -> Module:
    """A module that is parsed once, when it must be: each rule reads all of the real tree."""
    return Module(path, name, text)


def imports(source: Module) -> Iterator[tuple[int, str]]:
    """Each imported name with its line, relative ones made absolute, wherever they stand."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = source.package[: len(source.package) - node.level + 1] if node.level else []
            origin = ".".join([*parents, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def aggregates(root: Path) -> list[Class]:
    """Every class of the domain that is an Aggregate, directly or through another of ours."""
    classes = [
        Class(source, node)
        for source in modules(root, "okr_es/domain")
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    ]
    known = {"Aggregate"}
    while True:
        found = [each for each in classes if bases(each.node) & known]
        names = known | {each.node.name for each in found}
        if names == known:
            return [each for each in found if each.node.name != "Aggregate"]
        known = names


def events(aggregate: Class) -> list[Class]:
    """The events nested in an aggregate, also those that build on another of its events."""
    nested = [node for node in aggregate.node.body if isinstance(node, ast.ClassDef)]
    known = set(CHANGES)
    for node in nested:
        if bases(node) & known:
            known.add(node.name)
    return [Class(aggregate.module, node, aggregate) for node in nested if node.name in known]


def bases(node: ast.ClassDef) -> set[str]:
    """The last part of each base: `Change` and `base.Change` and `Change[T]` are one."""
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return {dotted(base).rpartition(".")[2] for base in plain}


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def literal_topic(statement: ast.stmt) -> str | None:
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id="TOPIC")], value=ast.Constant(value=str(topic)))
            | ast.AnnAssign(target=ast.Name(id="TOPIC"), value=ast.Constant(value=str(topic)))
        ):
            return topic
    return None


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def event_decorators(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The `@event` decorators of a function, called or not."""
    called = (
        (each, each.func if isinstance(each, ast.Call) else each)
        for each in function.decorator_list
    )
    return [each for each, name in called if dotted(name).rpartition(".")[2] == "event"]


def commands(path: Path) -> list[ast.ClassDef]:
    """The frozen dataclasses of a file that no other class there builds on."""
    tree = ast.parse(path.read_text(), str(path))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    built_on = set().union(*(bases(node) for node in classes)) if classes else set()
    return [node for node in classes if frozen(node) and node.name not in built_on]


def frozen(node: ast.ClassDef) -> bool:
    return any(
        dotted(each.func).rpartition(".")[2] == "dataclass"
        and any(
            word.arg == "frozen" and isinstance(word.value, ast.Constant) and word.value.value
            for word in each.keywords
        )
        for each in node.decorator_list
        if isinstance(each, ast.Call)
    )


def fields(node: ast.ClassDef) -> list[str]:
    """The fields a dataclass declares itself; one with a default may be left out."""
    return [
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and "ClassVar" not in ast.unparse(each.annotation)
    ]


def optional_fields(node: ast.ClassDef) -> list[str]:
    """The fields of a dataclass that have a default."""
    return [
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and each.value is not None
        and not is_required(each.value)
    ]


def is_required(value: ast.expr) -> bool:
    """Whether `field(…)` stands there without a default, or says that it is required."""
    match value:
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            has_default = {word.arg for word in keywords} & {"default", "default_factory"}
            return not has_default or "'required': True" in ast.unparse(value)
    return False


def words(name: str) -> list[str]:
    """`TargetSet` is made of `Target` and `Set`."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
