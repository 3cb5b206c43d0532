"""The catalogues of events and commands in README.md, made from the code.

`python -m tests.house.catalogue` prints them; with --write it puts them between the marks
`<!-- events -->` ... `<!-- /events -->` and `<!-- commands -->` ... `<!-- /commands -->`.
"""

import ast
import re
import sys
from pathlib import Path

from tests.house import source

ROOT = Path(__file__).parents[2]


class Missing(Exception):
    """Something the catalogues are made of is not there."""


def events(root: Path) -> str:
    rows = [
        (f"`{event.name}`", f"`{event.topic}`", event.doc)
        for aggregate in source.aggregates(root)
        for event in source.events(aggregate)
    ]
    if not rows:
        raise Missing("okr_es/domain has no event.")
    return table(("event", "stored as", "what it says"), rows)


def commands(root: Path) -> str:
    path = root / "okr_es" / "commands.py"
    found = source.commands(path) if path.exists() else []
    if not found:
        raise Missing("okr_es/commands.py has no frozen dataclass.")
    rows = [
        (f"`{node.name}`", ", ".join(f"`{f}`" for f in source.fields(node)), first_sentence(node))
        for node in found
    ]
    return table(("command", "fields", "what it asks for"), rows)


def first_sentence(node: ast.ClassDef) -> str:
    doc = " ".join((ast.get_docstring(node) or "").split())
    if not doc:
        raise Missing(f"command {node.name} has no docstring.")
    return re.split(r"(?<=[.!?]) (?=[A-Z])", doc, maxsplit=1)[0]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |" for row in cells
    )


def rewritten(root: Path) -> str:
    """README.md as it should be."""
    readme = root / "README.md"
    if not readme.exists():
        raise Missing("README.md is not there.")
    text = readme.read_text()
    for mark, content in (("events", events(root)), ("commands", commands(root))):
        before, opening, rest = text.partition(f"<!-- {mark} -->")
        _, closing, after = rest.partition(f"<!-- /{mark} -->")
        if not closing:
            raise Missing(f"README.md has no marks <!-- {mark} --> and <!-- /{mark} -->.")
        text = f"{before}{opening}\n\n{content}\n\n{closing}{after}"
    return text


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        if arguments == ["--write"]:
            text = rewritten(root)
            (root / "README.md").write_text(text)
        else:
            print(events(root), commands(root), sep="\n\n")
    except Missing as missing:
        print(f"No catalogue: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
