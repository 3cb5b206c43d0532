"""The table of rights, cell by cell beside a copy of it written by hand; a wrong cell is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from operator import ne
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from okr_es.access import rights
from okr_es.access.rights import About, Answer, Held, Line, Part, by_role, may
from okr_es.domain.values import PeopleFigures

# As the issue has it, word for word.
COPY = """
| may | member | lead (subtree) | HR | auditor | administrator | ingest key |
|---|---|---|---|---|---|---|
| see goals, KPIs, boards, scores, comments, current confidence, reasons of goals they may see | yes | yes | yes | yes | yes | its KPIs |
| draft, change, check in on own goals; ask for approval | yes | subtree | – | own only | own only | – |
| commit a team's plan, hand over, grade, carry over | – | subtree, not own grade alone | grades: approve | – | – | – |
| open, commit and close a cycle; calendar; import; migration | – | – | – | – | yes | – |
| record readings of KPIs | owner or deputy | subtree | – | – | – | named KPIs |
| approve | – | subtree, not own or asked by them | adjusted grades | – | policy, calendar, own grants of others | – |
| reviews by person: promises, changes, outcomes of goals | own | subtree | yes | in scope | – | – |
| figures and series per person | as `people_figures` says | as `people_figures` says | as `people_figures` says | as `people_figures` says | – | – |
| texts about a person; deactivation; legal holds; erasure | own read | – | yes (erasure: two of them, or HR and administrator) | read in scope | with HR | – |
| audit log, patterns, evidence, approvals | own doings | subtree | people's | in scope | configuration | – |
| client info, access log | own | – | – | in scope | – | – |
| people, teams, grants, keys, providers, webhooks | – | teams of subtree | people | – | yes, not to themselves | – |
"""  # noqa: E501
# How a line begins in the copy, and its name in the code.
NAMES = {
    "see goals": "see", "draft, change": "goals", "commit a team": "plans",
    "open, commit": "cycles", "record readings": "readings", "approve": "approve",
    "reviews by person": "reviews", "figures and series": "figures",
    "texts about a person": "personal", "audit log": "audit", "client info": "access_log",
    "people, teams": "directory",
}  # fmt: skip
ROLES = {
    "member": "member", "lead (subtree)": "lead", "HR": "hr", "auditor": "auditor",
    "administrator": "administrator", "ingest key": "ingest_key",
}  # fmt: skip

ACTOR, OTHER, TEAM, ELSEWHERE, KPI = (UUID(int=0x700 + number) for number in range(5))


class Cell(NamedTuple):
    """A cell of the copy."""

    line: str
    role: str
    word: str


@cache
def cells() -> list[Cell]:
    """The cells of the copy: a dash is no, and a member's yes about own goals is of own goals."""
    head, _, *rows = [
        [part.strip() for part in row.strip("| ").split(" | ")] for row in COPY.strip().splitlines()
    ]
    found = []
    for first, *words in rows:
        (line,) = [name for begins, name in NAMES.items() if first.startswith(begins)]
        for heading, word in zip(head[1:], words, strict=True):
            own_goals = line == "goals" and word == "yes"
            plain = "own" if own_goals else word.replace("–", "no").replace("`", "")
            found.append(Cell(line, ROLES[heading], plain))
    return found


class Scene(NamedTuple):
    """Whether it is the actor's own, and so on: all that a cell can rest on."""

    own: bool
    asked: bool
    deputy: bool
    whole: bool  # the role is for the whole organisation
    below: bool  # the team of the role is the thing's, or above it
    kpi: bool
    part: str | None
    figures: str
    asked_as: str | None = None  # a request by somebody with this role, to decide about

    @property
    def scope(self) -> bool:
        """It is within what the role is for."""
        return self.whole or self.below


def scenes() -> Iterator[Scene]:
    switches = product([False, True], repeat=6)
    for some in switches:
        yield Scene(*some, None, "own_and_leads")  # type: ignore[arg-type]
    for own, asked, part in product([False, True], [False, True], Part):
        yield Scene(own, asked, False, False, True, False, part.value, "own_and_leads")
        yield Scene(own, asked, False, False, False, False, part.value, "own_and_leads")
    for own, whole, below, figures in product(*[[False, True]] * 3, ["off", "hr_too"]):
        yield Scene(own, False, False, whole, below, False, None, figures)
    requests = product([False, True], [False, True], ["change", "erasure"], ASKED_AS)
    for own, asked, part, role in requests:
        yield Scene(own, asked, False, True, True, False, part, "own_and_leads", role)


ASKED_AS = ("hr", "administrator", "nothing any more")
SCENES = list(scenes())
NO, TOGETHER, ALONE = 0, 1, 2


def of(scene: Scene, *parts: str) -> bool:
    return scene.part is None or scene.part in parts


def seconds(scene: Scene, *roles: str) -> int:
    """Somebody else approves what one of some roles asked for: never whom it is about."""
    return ALONE if scene.asked_as in roles and not scene.own and not scene.asked else NO


# What each word of the copy means, by hand.
MEANS: dict[str, Callable[[Scene], int]] = {
    "no": lambda _: NO,
    "yes": lambda _: ALONE,
    "own": lambda it: ALONE if it.own else NO,
    "own only": lambda it: ALONE if it.own else NO,
    "own doings": lambda it: ALONE if it.own else NO,
    "own read": lambda it: ALONE if it.own and of(it, "read") else NO,
    "owner or deputy": lambda it: ALONE if it.own or it.deputy else NO,
    "subtree": lambda it: ALONE if it.scope else NO,
    "in scope": lambda it: ALONE if it.scope else NO,
    "read in scope": lambda it: ALONE if it.scope and of(it, "read") else NO,
    "teams of subtree": lambda it: ALONE if it.scope and of(it, "teams") else NO,
    "subtree, not own or asked by them": lambda it: (
        ALONE if it.scope and not it.own and not it.asked else NO
    ),
    "subtree, not own grade alone": lambda it: (
        NO if not it.scope else TOGETHER if it.own and it.part == "grade" else ALONE
    ),
    "grades: approve": lambda _: NO,  # by the line of approvals
    "adjusted grades": lambda it: ALONE if of(it, "grade") and not it.own and not it.asked else NO,
    "policy, calendar, own grants of others": lambda it: (
        ALONE if of(it, "policy", "calendar", "grant") and not it.own and not it.asked else NO
    ),
    "people": lambda it: ALONE if of(it, "people") else NO,
    "people's": lambda it: ALONE if of(it, "people") else NO,
    "configuration": lambda it: ALONE if of(it, "configuration") else NO,
    "its KPIs": lambda it: ALONE if it.kpi else NO,
    "named KPIs": lambda it: ALONE if it.kpi else NO,
    "with HR": lambda it: TOGETHER if it.asked_as is None else seconds(it, "hr"),
    "yes (erasure: two of them, or HR and administrator)": lambda it: (
        seconds(it, "hr", "administrator")
        if it.asked_as is not None
        else TOGETHER
        if it.part == "erasure" or (it.own and it.part == "change")
        else ALONE
    ),
    "yes, not to themselves": lambda it: NO if it.own and it.part == "grant" else ALONE,
}
FIGURES: dict[str, Callable[[Scene], bool]] = {
    "member": lambda it: it.own and it.figures != "off",
    "lead": lambda it: it.scope and it.figures != "off",
    "hr": lambda it: it.figures == "hr_too",
    "auditor": lambda _: False,
}


def meant(cell: Cell, scene: Scene) -> int:
    """What the copy answers."""
    if cell.word == "as people_figures says":
        return ALONE if FIGURES[cell.role](scene) else NO
    return MEANS[cell.word](scene)


@cache
def all_meant(cell: Cell) -> list[int]:
    """What the copy answers to each scene."""
    return [meant(cell, scene) for scene in SCENES]


@cache
def about_of(scene: Scene) -> About:
    """What the code is asked about."""
    return About(
        owners=frozenset({ACTOR if scene.own else OTHER}),
        deputies=frozenset({ACTOR} if scene.deputy else ()),
        asked_by=frozenset({ACTOR} if scene.asked else ()),
        teams=frozenset({TEAM, UUID(int=1)} if scene.below else {ELSEWHERE}),
        kpi_id=KPI,
        part=None if scene.part is None else Part(scene.part),
        people_figures=PeopleFigures(scene.figures),
        asked_as=None if scene.asked_as is None else frozenset({scene.asked_as}),
    )


@cache
def held_in(scene: Scene, role: str) -> Held:
    """The role that the actor has."""
    kpis = frozenset({KPI} if scene.kpi else {OTHER})
    return Held(role, None if scene.whole else TEAM, kpis)


def all_answered(cell: Cell) -> Iterator[int]:
    """What the code answers to each scene."""
    line = Line(cell.line)
    for scene in SCENES:
        yield int(by_role(line, ACTOR, held_in(scene, cell.role), about_of(scene)))


def wrong_cells(line: str | None = None) -> list[tuple[str, str]]:
    """The cells, of a line, whose word or whose answers are not those of the copy."""
    return [
        (cell.line, cell.role)
        for cell in cells()
        if line in {None, cell.line}
        if rights.word_of(Line(cell.line), cell.role) != cell.word
        or any(map(ne, all_meant(cell), all_answered(cell)))
    ]


def test_the_copy_has_every_line_and_every_role() -> None:
    assert {(cell.line, cell.role) for cell in cells()} == set(product(Line, rights.COLUMNS))
    assert len(cells()) == 72


def test_every_cell_is_as_the_copy_has_it() -> None:
    assert wrong_cells() == []


@pytest.mark.parametrize("line", [str(line) for line in Line])
@pytest.mark.parametrize("role", rights.COLUMNS)
def test_a_wrong_cell_is_found(line: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever it is, and whether it allows too much or too little."""
    number = rights.COLUMNS.index(role)
    row = rights.TABLE[Line(line)]
    for word in {"yes", "no", "own"} - {row[number]}:
        planted: Any = (*row[:number], word, *row[number + 1 :])
        with monkeypatch.context() as patch:
            patch.setitem(rights.TABLE, Line(line), planted)
            assert wrong_cells(line) == [(line, role)]


@pytest.mark.parametrize("word", sorted(rights.CELLS))
def test_a_word_that_means_something_else_is_found(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers the contrary of what it says."""
    before = rights.CELLS[word]
    monkeypatch.setitem(rights.CELLS, word, lambda case: Answer.NO if before(case) else Answer.YES)
    says = {(line, role) for line, role in product(Line, rights.COLUMNS)
            if rights.word_of(line, role) == word}  # fmt: skip
    assert set(wrong_cells()) == {(str(line), role) for line, role in says} != set()


def test_roles_add_up_and_the_most_that_one_of_them_gives_holds() -> None:
    own, others = About(owners=frozenset({ACTOR})), About(owners=frozenset({OTHER}))
    member, lead = Held("member"), Held("lead", TEAM)
    assert may(Line.GOALS, ACTOR, [member], own) == Answer.YES
    assert may(Line.GOALS, ACTOR, [member], others) == Answer.NO
    assert may(Line.GOALS, ACTOR, [member, lead], others) == Answer.NO
    of_team = About(owners=frozenset({OTHER}), teams=frozenset({TEAM}))
    assert may(Line.GOALS, ACTOR, [member, lead], of_team) == Answer.YES
    erasure = About(part=Part.ERASURE)
    both = [member, Held("hr"), Held("administrator")]
    assert may(Line.PERSONAL, ACTOR, both, erasure) == Answer.WITH_ANOTHER


def test_nobody_without_a_role_may_anything() -> None:
    for line in Line:
        assert may(line, ACTOR, [], About(owners=frozenset({ACTOR}))) == Answer.NO
