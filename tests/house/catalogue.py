"""The pages of docs/reference that are made from the code, and what the server shows of them.

`python -m tests.house.catalogue` prints them; with --write it writes them.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.house import reference
from tests.house.reference import Missing

ROOT = Path(__file__).parents[2]

# Page -> what makes it from the folder of the project.
PAGES: dict[str, Callable[[Path], str]] = {
    "docs/reference/commands.md": reference.commands,
    "docs/reference/events.md": reference.events,
    "docs/reference/command-line.md": reference.command_line,
    "docs/reference/problems.md": reference.problems,
    "web/api/problem_types.json": reference.problem_types,
    "docs/reference/warnings.md": reference.warnings,
}


def stale(root: Path) -> list[str]:
    """The pages that are not what the code says."""
    return [
        page
        for page, make in PAGES.items()
        if not (root / page).exists() or (root / page).read_text() != make(root)
    ]


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        made = {page: make(root) for page, make in PAGES.items()}
    except Missing as missing:
        print(f"No catalogue: {missing}", file=sys.stderr)
        return 1
    for page, text in made.items():
        if arguments == ["--write"]:
            (root / page).parent.mkdir(parents=True, exist_ok=True)
            (root / page).write_text(text)
        else:
            print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
