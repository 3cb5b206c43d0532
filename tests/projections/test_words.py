"""What is asked in process with a word there is none of, or with nothing, is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from okr_es.domain.refusals import Invalid
from projections.queries import Queries
from tests.support.story import ANN, NOW, Story

Ask = Callable[[Queries], Any]
LISTS = ("objectives", "key_results", "kpis", "cycles", "teams", "people")


def asking(name: str, **asked: Any) -> Ask:
    return lambda queries: getattr(queries, name)(**asked)


PAGES: dict[str, Ask] = {
    **{name: asking(name, limit=0) for name in LISTS},
    "board": lambda q: q.board(NOW, limit=-1),
    "readings": lambda q: q.readings(UUID_OF["kpi"], limit=0),
    "history": lambda q: q.history(NOW, limit=0),
    "audit_log": lambda q: q.audit_log(limit=0),
    "approvals": lambda q: q.approvals(limit=-1),
    "access_log": lambda q: q.access_log(limit=0),
    "plan": lambda q: q.plan(NOW, limit=0),
}
WORDS: dict[str, tuple[str, Ask]] = {
    **{f"state of {name}": ("state", asking(name, state="x")) for name in LISTS},
    "state on a board": ("state", lambda q: q.board(NOW, state="x")),
    "status": ("status", lambda q: q.objectives(cycle=(NOW,), status="x")),
    "status of a KPI": ("status", lambda q: q.kpis(status="off_track_")),
    "outcome": ("outcome", lambda q: q.tree(NOW, outcome="x")),
    "sort": ("sort", lambda q: q.teams(sort="x")),
    "decision": ("decision", lambda q: q.approvals(decision="x")),
    "role": ("role", lambda q: q.grants(role="x")),
    "may": ("may", lambda q: q.who_could("x")),
    "order": ("order", lambda q: q.audit_log("x")),
    "origin": ("origin", lambda q: q.audit_log(origin="x")),
    "language": ("language", lambda q: q.templates("x")),
    "step": ("step", lambda q: q.replay(NOW, "x")),
    "by": ("by", lambda q: q.replay(NOW, by="x")),
    "no cycle": ("cycle", lambda q: q.scoreboard([])),
    "no cycle at a moment": ("cycle", lambda q: q.scoreboard([], ["published"])),
    "a week": ("week", lambda q: q.check_ins("x")),
}  # fmt: skip
UUID_OF: dict[str, Any] = {}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_no_items_is_refused(story_on_sqlite: Story, name: str) -> None:
    story = story_on_sqlite
    UUID_OF["kpi"] = story.kpi()
    story.reads(UUID_OF["kpi"], "5")
    story.objective()
    with pytest.raises(Invalid) as refused:
        PAGES[name](story.queries)
    assert refused.value.field == "limit"


@pytest.mark.parametrize("name", WORDS)
def test_a_word_there_is_none_of_is_refused(story_on_sqlite: Story, name: str) -> None:
    field, ask = WORDS[name]
    with pytest.raises(Invalid) as refused:
        ask(story_on_sqlite.queries)
    assert refused.value.field == field


def test_a_list_of_no_cycles_is_one_of_all(story_on_sqlite: Story) -> None:
    story_on_sqlite.objective()
    queries = story_on_sqlite.queries
    (found,) = queries.objectives(cycle=())["objectives"]
    assert queries.objectives(owner_id=ANN)["objectives"] == [found]
