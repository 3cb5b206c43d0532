"""The rules of what counts with the tests that hold them, and the faults that are to break each."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent.parent
TABLE = ROOT / "docs" / "explanation" / "what-counts.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::((?:\w+::)?\w+)`")


class Named(NamedTuple):
    """A test by its file, and its function, perhaps with its class."""

    file: str
    function: str


class Rule(NamedTuple):
    """A row of the table: the part of the page it stands in, its words, and its tests."""

    part: str
    words: str
    tests: tuple[Named, ...]


class Fault(NamedTuple):
    """A small change of one file that breaks a rule, and the tests that fail then."""

    rule: Rule
    file: str
    old: str
    new: str
    fails: tuple[Named, ...]

    def __str__(self) -> str:
        return f"{self.rule.part}: {self.rule.words[:60]}: {self.new.strip()[:60]!r}"

    def planted(self, text: str) -> str:
        """Return the text of its file with the fault in it."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.old!r} is {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def rules(page: str) -> list[Rule]:
    """Return the rows of all tables of the page."""
    found, part = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            part = re.sub(r"\W+", "_", line.removeprefix("## ").lower())
        elif line.startswith("| ") and not line.startswith("| rule |"):
            words, _, cell = line.removeprefix("| ").removesuffix("|").rpartition("| ")
            tests = tuple(Named(*each) for each in NAMED.findall(cell))
            found.append(Rule(part, words.strip(), tests))
    return found


def faults() -> list[Fault]:
    """Return all faults, in the order of the files and of their names."""
    known = rules(TABLE.read_text())
    return [
        fault_of(declared, [rule for rule in known if rule.part == path.stem])
        for path in sorted(Path(__file__).parent.glob("*.toml"))
        for declared in tomllib.loads(path.read_text())["fault"]
    ]


def fault_of(declared: dict[str, Any], known: list[Rule]) -> Fault:
    """Return a fault with its rule and its tests; refuse one that names what is not there."""
    begins = declared["rule"]
    found = [rule for rule in known if rule.words.startswith(begins)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} rules of its part begin with {begins!r}")
    (rule,) = found
    by_function = {each.function.rpartition("::")[2]: each for each in rule.tests}
    functions = declared.get("fails", by_function)
    if strange := set(functions) - set(by_function):
        raise ValueError(f"{begins!r} is not held by {min(strange)}")
    fails = tuple(by_function[each] for each in functions)
    return Fault(rule, declared["file"], declared["old"], declared["new"], fails)
