"""The real tree keeps every house rule, and every rule finds a violation planted for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import catalogue, rules

Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    rules.imports,
    rules.topics,
    rules.names,
    rules.replay,
    rules.catalogues,
    rules.warnings,
    rules.settings,
    rules.locks,
]

# A small project that keeps every rule.
HEALTHY = {
    "okr_es/__init__.py": "",
    "okr_es/scoring/formulas.py": "from decimal import Decimal\n",
    "okr_es/store.py": "from sqlalchemy import select\nfrom .domain.objective import Objective\n",
    "okr_es/commands.py": '''
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Command:
    """What all commands carry."""
    by: str
@dataclass(frozen=True, kw_only=True)
class Retitle(Command):
    """Say an objective in other words. Its key results stay."""
    objective_id: str
    title: str = ""
''',
    "okr_es/domain/__init__.py": "",
    "okr_es/domain/base.py": '''
from eventsourcing.domain import Aggregate as EngineAggregate
class Change(EngineAggregate.Event):
    """What all events carry."""
class Beginning(Change, EngineAggregate.Created):
    """The first event of a stream."""
class Aggregate(EngineAggregate):
    """What all aggregates share."""
''',
    "okr_es/domain/objective.py": '''
from uuid import UUID
from eventsourcing.domain import event
from .base import Aggregate, Beginning, Change
class Objective(Aggregate):
    """What we want."""
    TOPIC = "objective"
    class Drafted(Beginning):
        """Someone drafted an objective | or two."""
        TOPIC = "objective.drafted"
        title: str
    class Retitled(Change):
        """Someone said it in other words;
        not raised when the words are the same."""
        TOPIC = "objective.retitled"
        title: str
    def __init__(self, title: str) -> None:
        self.title = title
        self.notes: list[str] = []
    def retitle(self, title: str) -> None:
        if title != self.title:
            self._retitled(title)
    @event(Retitled)
    def _retitled(self, title: str) -> None:
        self.title = title
        self.notes.append(title)
''',
    "projections/__init__.py": "from okr_es import store\n",
    "projections/board.py": "def objectives(): ...\n",
    "okr_es/domain/refusals.py": '''
class Refusal(Exception):
    """A command was refused."""
class RuleBroken(Refusal):
    """A rule forbids it."""
class CycleIsClosed(RuleBroken):
    """The cycle is closed."""
''',
    "web/api/problems.py": """
from okr_es.domain import refusals as r
STATUS: dict[type, int] = {r.RuleBroken: 409}
lost = Problem("database-is-away", 503, "The database is away.", "Try again.")
""",
    "web/api/commands.py": """
from okr_es import commands as c
ROUTES = (Route("/objectives/<uuid:objective_id>/retitle", c.Retitle),)
""",
    "okr_es/warning_catalogue.py": """
from typing import NamedTuple
class WarningKind(NamedTuple):
    things: str
    en: str | tuple[str, str]
    sv: str | tuple[str, str]
WARNINGS = {
    "cycle_is_long": WarningKind("the cycle", "It has {days} days.", "Den har {days} dagar."),
    "other": WarningKind("none", "", ""),
    "waits": WarningKind("what waits", ("One waits.", "{count} wait."), ("En.", "{count} st.")),
}
""",
    "okr_es/handlers/cycles.py": """
def f(work, cycle):
    work.warn("cycle_is_long", [cycle], days=3)
    work.warn("waits", [cycle], count=2)
""",
    "web/cli/main.py": """
import click
@click.group()
def main(): "Goals."
@main.command()
@click.argument("cycle")
@click.option("--by", envvar="OKR_ES_ACTOR", help="Who reads.")
def board(cycle, by): "The board of a cycle."
""",
    "docs/reference/settings.md": "| `OKR_ES_ACTOR` | none | The person who acts. |\n",
    "web/__init__.py": "import flask\nimport projections\nfrom okr_es import store\n",
    "tests/test_web.py": "import web\n",
    "requirements.lock": "flask==3.1 --hash=sha256:00\n",
    "requirements-dev.lock": "flask==3.1 --hash=sha256:00\n",
}

OBJECTIVE = "okr_es/domain/objective.py"
FORMULAS = "okr_es/scoring/formulas.py"
COMMANDS, ADDRESSES, CLI = "okr_es/commands.py", "web/api/commands.py", "web/cli/main.py"
REFUSALS, PROBLEMS = "okr_es/domain/refusals.py", "web/api/problems.py"
SETTINGS = "docs/reference/settings.md"
WARNINGS, HANDLER = "okr_es/warning_catalogue.py", "okr_es/handlers/cycles.py"
PAGES = [
    f"docs/reference/{name}.md"
    for name in ("events", "commands", "command-line", "problems", "warnings")
]
RETITLED = "        self.notes.append(title)\n"

# rule, file, what is replaced (nothing: the text is added), by what, and what must be found
PLANTED = [
    (rules.imports, "okr_es/store.py", "", "import web.api", "imports web.api"),
    (rules.imports, "okr_es/store.py", "", "def f():\n    from projections import x", "imports p"),
    (rules.imports, "okr_es/store.py", "", "from ..projections import x", "imports projections.x"),
    (rules.imports, "okr_es/store.py", "", "import tests.conftest", "imports tests"),
    (rules.imports, "okr_es/store.py", "", "from marshmallow import Schema", "imports marshmallow"),
    (rules.imports, "projections/board.py", "", "from web import api", "imports web.api"),
    (rules.imports, "projections/board.py", "", "import rich.progress", "imports rich.progress"),
    (rules.imports, FORMULAS, "", "import sqlalchemy", "imports sqlalchemy"),
    (rules.imports, FORMULAS, "", "from okr_es import store", "imports okr_es.store"),
    (rules.imports, OBJECTIVE, "", "from okr_es import store", "imports okr_es.store"),
    (rules.imports, OBJECTIVE, "", "from .. import store", "imports okr_es.store"),
    (rules.imports, OBJECTIVE, "", "from eventsourcing import persistence", "persistence"),
    (rules.imports, OBJECTIVE, "", "import msgspec", "imports msgspec"),
    (rules.imports, "services/mail.py", "", "import web", "services/ holds Python"),
    (rules.imports, "manage.py", "", "import web", "manage.py stands outside"),
    (rules.topics, OBJECTIVE, '    TOPIC = "objective"\n', "", "Objective has no literal TOPIC"),
    (rules.topics, OBJECTIVE, 'TOPIC = "objective.retitled"', "", "Retitled has no literal TOPIC"),
    (rules.topics, OBJECTIVE, '"objective.drafted"', "__name__", "Drafted has no literal TOPIC"),
    (rules.topics, OBJECTIVE, '"objective.drafted"', '"goal.drafted"', "outside 'objective'"),
    (rules.topics, OBJECTIVE, "objective.drafted", "objective.retitled", "is used 2 times"),
    (rules.topics, OBJECTIVE, "| or two.", "", "no docstring of a sentence"),
    (rules.topics, OBJECTIVE, "(Beginning)", "(Change)", "Objective has no Beginning"),
    (rules.topics, OBJECTIVE, "event(Retitled)", "event('Retitled')", "not an @event of a class"),
    (rules.topics, OBJECTIVE, "event(Retitled)", "event", "not an @event of a class"),
    (rules.topics, "okr_es/domain/team.py", "", "class Team(Aggregate): ...", "Team has no"),
    (rules.names, OBJECTIVE, "Retitled", "StatementChanged", "says 'changed'"),
    (rules.names, OBJECTIVE, "objective.retitled", "objective.updated", "says 'updated'"),
    (rules.names, OBJECTIVE, "Retitled", "Rewording", "is not a past participle"),
    (rules.names, OBJECTIVE, "Retitled", "Need", "is not a past participle"),
    (rules.names, "projections/board.py", "", "def get_board(): ...", "get_board is no noun"),
    (rules.names, "web/api.py", "", "class A:\n    def get_it(self): ...", "get_it is no noun"),
    (rules.replay, OBJECTIVE, "_retitled", "retitled", "begins with an underscore"),
    *(
        (rules.replay, OBJECTIVE, RETITLED, f"        {title}\n", f"_retitled {found}")
        for title, found in {
            "if title: self.title = ''": "does more than assign",
            "for each in title: self.title = each": "does more than assign",
            "while title: pass": "does more than assign",
            "assert title": "does more than assign",
            "raise ValueError(title)": "does more than assign",
            "return title": "does more than assign",
            "check(title)": "does more than assign",
            "self.append(title)": "does more than assign",
            "title.pop()": "does more than assign",
            "self.notes.sort()": "does more than assign",
            "self.title = title if title else ''": "decides",
            "self.at = datetime.now()": "asks a clock or chance",
            "self.at = date.today()": "asks a clock or chance",
            "self.key = uuid4()": "asks a clock or chance",
            "self.key = random.random()": "asks a clock or chance",
            "self.notes.append(time.time())": "asks a clock or chance",
            "self.title = self.checked(title)": "calls a method",
        }.items()
    ),
    (rules.replay, OBJECTIVE, "self.notes: list[str] = []", "assert title", "__init__ does"),
    (rules.replay, OBJECTIVE, " or two.", '"""\n        def apply(self, x): """', "apply replays"),
    (rules.catalogues, "docs/reference/events.md", "Someone", "Nobody", "events.md is not what"),
    (rules.catalogues, OBJECTIVE, "two.", "three.", "events.md is not what the code says"),
    (rules.catalogues, COMMANDS, "in other words", "anew", "commands.md is not what the code says"),
    (rules.catalogues, COMMANDS, "title:", "words:", "commands.md is not what the code says"),
    (rules.catalogues, COMMANDS, "frozen=True, ", "", "has no frozen"),
    (rules.catalogues, COMMANDS, '"""Say', '#"""Say', "Retitle has no docstring"),
    (rules.catalogues, ADDRESSES, "/retitle", "/title", "commands.md is not what the code says"),
    (rules.catalogues, ADDRESSES, "c.Retitle", "c.Draft", "command Retitle has no address"),
    (rules.catalogues, CLI, "The board", "A list", "command-line.md is not what the code says"),
    (rules.catalogues, CLI, "--by", "--who", "command-line.md is not what the code says"),
    (rules.catalogues, CLI, '"The board of a cycle."', "...", "okr-es board has no help"),
    (rules.catalogues, REFUSALS, "is closed", "is shut", "problems.md is not what the code says"),
    (rules.catalogues, REFUSALS, "RuleBroken(Refusal)", "Rule(Refusal)", "has no status in"),
    (rules.catalogues, PROBLEMS, "409", "422", "problems.md is not what the code says"),
    (rules.catalogues, PROBLEMS, "-away", "-gone", "problems.md is not what the code says"),
    (rules.catalogues, WARNINGS, "One waits", "One is", "warnings.md is not what the code says"),
    (rules.warnings, HANDLER, '"waits"', '"is_late"', "The warning is_late is not in the cat"),
    (rules.warnings, HANDLER, '"waits"', '"is_late"', "Nothing warns of waits"),
    (rules.warnings, HANDLER, "days=3", "length=3", "does not say its facts in en"),
    (rules.warnings, HANDLER, "days=3", "**facts", "does not say its facts in sv"),
    (rules.warnings, WARNINGS, "{days} dagar", "3 dagar", "does not say its facts in sv"),
    (rules.warnings, WARNINGS, '"cycle_is_long"', '"the_cycle"', "is not in order"),
    (rules.settings, CLI, "OKR_ES_ACTOR", "OKR_ES_PERSON", "OKR_ES_PERSON is not in docs/ref"),
    (rules.settings, CLI, "OKR_ES_ACTOR", "OKR_ES_PERSON", "which the code does not use"),
    (rules.settings, SETTINGS, "", "| `OKR_ES_OLD` | 1 | Gone. |", "lists OKR_ES_OLD, which"),
    (rules.locks, "requirements.lock", "", "x @ file:///srv/x.whl", "requirements.lock:2 names"),
    (rules.locks, "requirements-dev.lock", "", "--index-url https://x", "names a place"),
    (rules.locks, "requirements.lock", "", "/srv/wheels/x.whl", "names a place"),
    (rules.locks, "requirements.lock", " --hash=sha256:00", "", "has no hashes"),
]  # fmt: skip

# What a rule looks at, and what it says when that is not there.
EMPTIED = [
    (rules.imports, "okr_es", "okr_es/ holds no Python"),
    (rules.imports, "projections", "projections/ holds no Python"),
    (rules.imports, "web", "web/ holds no Python"),
    (rules.imports, "okr_es/domain", "okr_es.domain is not there"),
    (rules.imports, "okr_es/scoring/formulas.py", "okr_es.scoring is not there"),
    (rules.topics, "okr_es/domain", "nothing to check"),
    (rules.names, "okr_es/domain", "nothing to check"),
    (rules.replay, "okr_es/domain", "nothing to check"),
    *((rules.catalogues, page, f"{page} is not what the code says") for page in catalogue.PAGES),
    (rules.catalogues, "okr_es/domain", "okr_es/domain has no event"),
    (rules.catalogues, COMMANDS, "okr_es/commands.py is not there"),
    (rules.catalogues, ADDRESSES, "web/api/commands.py is not there"),
    (rules.catalogues, REFUSALS, "okr_es/domain/refusals.py is not there"),
    (rules.catalogues, PROBLEMS, "web/api/problems.py is not there"),
    (rules.catalogues, CLI, "web/cli/main.py is not there"),
    (rules.catalogues, WARNINGS, "okr_es/warning_catalogue.py is not there"),
    (rules.warnings, WARNINGS, "okr_es/warning_catalogue.py is not there"),
    (rules.warnings, HANDLER, "nothing to check"),
    (rules.settings, SETTINGS, "docs/reference/settings.md is not there"),
    (rules.settings, CLI, "names no environment variable"),
    (rules.locks, "requirements.lock", "requirements.lock is not there"),
]


def named(value: Rule | str) -> str:
    return value if isinstance(value, str) else value.__name__


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The healthy project, its catalogue written."""
    for name, text in HEALTHY.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert catalogue.main(["--write"], tmp_path) == 0
    return tmp_path


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_the_real_tree_keeps_the_rule(rule: Rule):
    assert rule(catalogue.ROOT) == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_healthy_tree_keeps_the_rule(rule: Rule, house: Path):
    assert rule(house) == []


@pytest.mark.parametrize(("rule", "name", "old", "new", "sentence"), PLANTED, ids=named)
def test_a_planted_violation_is_found(
    rule: Rule, name: str, old: str, new: str, sentence: str, house: Path
):
    path = house / name
    text = path.read_text() if path.exists() else ""
    assert old in text
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(old, new) if old else f"{text}{new}\n")
    assert sentence in "\n".join(rule(house))


@pytest.mark.parametrize(("rule", "name", "sentence"), EMPTIED, ids=named)
def test_a_rule_with_nothing_to_check_says_so(rule: Rule, name: str, sentence: str, house: Path):
    (house / name).rename(house / ".gone")
    assert sentence in "\n".join(rule(house))


def test_the_pages_read_as_written(house: Path):
    events, commands, line, problems, warned = ((house / page).read_text() for page in PAGES)
    assert (
        "| `Objective.Drafted` | `objective.drafted` | Someone drafted an objective \\| or"
        in events
    )
    assert "other words; not raised when the words are the same. |" in events
    assert (
        "| `Retitle` | `POST /objectives/{objective_id}/retitle` | (`title`) "
        "| Say an objective in other words. Its key results stay. |"
    ) in commands
    assert "`Command`" not in commands
    assert "## okr-es board\n\n`okr-es board [OPTIONS] CYCLE`\n\nThe board of a cycle." in line
    assert "| `--by TEXT` | Who reads. [`OKR_ES_ACTOR`] |" in line
    assert "| `cycle-is-closed` | 409 | The cycle is closed. |" in problems
    assert "| `waits` | One waits. / {count} wait. | En. / {count} st. | what waits |" in warned
    assert "| `database-is-away` | 503 | The database is away. |" in problems


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert catalogue.main(["--write"], tmp_path) == 1
    assert "No catalogue: okr_es/commands.py is not there." in capsys.readouterr().err
