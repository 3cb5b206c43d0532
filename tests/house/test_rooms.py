"""The real tree keeps the rules of the rooms, and each rule finds the violations planted for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import catalogue, rooms

Rule = Callable[[Path], list[str]]
RULES: list[Rule] = [rooms.floors, rooms.circles, rooms.sizes, rooms.engines]

# A small project that keeps every rule.
HEALTHY = {
    "okr_es/domain/goal.py": "from okr_es.domain import values\n",
    "okr_es/domain/values.py": "WORDS = ('a',)\n",
    "okr_es/database/dialect.py": "NAME = 'sqlite'\n",
    "okr_es/log/recorder.py": "def f(database):\n    return database.is_sqlite\n",
    "okr_es/application.py": "from okr_es.log import recorder\nfrom .domain.goal import Goal\n",
    "okr_es/commands.py": "\n" * 500,
    "projections/read_model/tables.py": "",
    "projections/goals/board.py": "from projections.read_model.tables import FIELDS\n",
    "projections/queries.py": "from projections.goals import board\n",
    "web/__init__.py": "def version(): ...\n",
    "web/api/routes.py": "from web import version\nfrom projections import queries\n",
    "web/app.py": "from web.api import routes\n",
}
GOAL, VALUES, BOARD = (
    "okr_es/domain/goal.py",
    "okr_es/domain/values.py",
    "projections/goals/board.py",
)

# rule, file, the line that is added, and what must be found
PLANTED = [
    (rooms.floors, GOAL, "from okr_es.log import recorder", "okr_es.log.recorder, which is on a"),
    (rooms.floors, GOAL, "from ..application import Okr", "okr_es.application.Okr, which is on"),
    (rooms.floors, GOAL, "def f():\n    import okr_es.application", "goal:3 imports okr_es.appl"),
    (rooms.floors, BOARD, "import projections.queries", "projections.queries, which is on a fl"),
    (rooms.floors, BOARD, "from projections import queries", "projections.queries, which is on"),
    (rooms.floors, "web/api/routes.py", "from web.app import create_app", "web.app.create_app, wh"),
    (rooms.floors, "okr_es/cellar/box.py", "", "okr_es/cellar is on no floor"),
    (rooms.floors, "web/helpers.py", "", "web/helpers is on no floor"),
    (rooms.circles, VALUES, "from okr_es.domain import goal", "A circle of imports: okr_es.domain"),
    (rooms.circles, VALUES, "def f():\n    from .goal import Goal", "A circle of imports"),
    (rooms.circles, "okr_es/log/canonical.py", "import okr_es.people.keys", None),
    (rooms.sizes, BOARD, "\n" * 400, "projections.goals.board has 402 lines: at most 400"),
    (rooms.sizes, BOARD, "\n" * 398, None),
    (rooms.engines, BOARD, "def f(d): return d.is_sqlite", "board:2 asks which engine it is"),
    (rooms.engines, BOARD, "def f(c): return c.dialect.name", "board:2 asks which engine it is"),
    (rooms.engines, BOARD, "def f(d): return d.dialect.name", "board:2 asks which engine it is"),
    (rooms.engines, BOARD, "WORDS = {'postgresql': ''}", "board:2 asks which engine it is"),
    (rooms.engines, BOARD, "def f(goal): return goal.name", None),
]

# What a rule looks at, and what it says when that is not there.
EMPTIED = [
    (rooms.floors, ["okr_es"], "okr_es/ has no rooms"),
    (rooms.floors, ["projections"], "projections/ has no rooms"),
    (rooms.circles, ["okr_es", "projections", "web"], "no modules: nothing to check"),
    (rooms.sizes, ["okr_es", "projections", "web"], "no modules: nothing to check"),
    (rooms.engines, ["okr_es"], "No module asks for the engine"),
]


def named(value: object) -> str:
    return value.__name__ if callable(value) else str(value)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The healthy project."""
    for name, text in HEALTHY.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_the_real_tree_keeps_the_rule(rule: Rule):
    assert rule(catalogue.ROOT) == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_healthy_tree_keeps_the_rule(rule: Rule, house: Path):
    assert rule(house) == []


@pytest.mark.parametrize(("rule", "name", "line", "sentence"), PLANTED, ids=named)
def test_a_planted_violation_is_found(
    rule: Rule, name: str, line: str, sentence: str | None, house: Path
):
    path = house / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{HEALTHY.get(name, '')}{line}\n")
    found = rule(house)
    assert sentence in "\n".join(found) if sentence else found == []


def test_two_rooms_on_one_floor_may_not_need_each_other(house: Path):
    """The modules themselves make no circle; the rooms do."""
    for name, text in {
        "okr_es/log/keys.py": "import okr_es.people.tables",
        "okr_es/people/tables.py": "",
        "okr_es/people/directory.py": "import okr_es.log.recorder",
    }.items():
        (house / name).parent.mkdir(exist_ok=True)
        (house / name).write_text(text)
    assert rooms.floors(house) == []
    (sentence,) = rooms.circles(house)
    assert "okr_es.log" in sentence
    assert "okr_es.people" in sentence


@pytest.mark.parametrize(("rule", "gone", "sentence"), EMPTIED, ids=named)
def test_a_rule_with_nothing_to_check_says_so(
    rule: Rule, gone: list[str], sentence: str, house: Path
):
    for folder in gone:
        (house / folder).rename(house / f".{folder}")
    assert sentence in "\n".join(rule(house))


def test_every_exception_is_of_a_module_that_is_there():
    """An exception that nobody needs any more goes."""
    modules = [m for folder in rooms.FLOORS for m in rooms.source.modules(catalogue.ROOT, folder)]
    asking = {each.name for each in modules if any(rooms.engine_named(each))}
    assert rooms.MAY_ASK_FOR_THE_ENGINE - asking == set()
    assert rooms.LONG_ON_PURPOSE - {each.name for each in modules} == set()
