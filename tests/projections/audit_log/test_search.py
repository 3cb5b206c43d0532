"""Of any log and any search: the audit log is a plain filter over the events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.context import ORIGINS
from okr_es.domain.refusals import Invalid
from projections.as_of.hierarchy import Span
from projections.audit_log import event_finder, scopes, search
from projections.audit_log.languages import LANGUAGES, TYPES
from projections.audit_log.search import NEWEST, OLDEST, AuditLog, Search
from projections.goals.reader import Reader
from projections.queries import Queries
from tests.support.given import World
from tests.support.history_of_rights import ruled
from tests.support.random_history import PEOPLE, TODAY, Told, steps
from tests.support.search_oracle import Event, events, meets
from tests.support.story import ANN, BEN, Story

Every = Callable[..., None]
MANY = {"sqlite": 24, "postgresql": 6}
SOME = {"sqlite": 20, "postgresql": 4}
ENOUGH = {"sqlite": 45}

# Who acts, for whom, why and from where, in turn.
CONTEXTS: list[dict[str, Any]] = [
    {"by": PEOPLE[1], "reason": "The Market shrank", "origin": "page"},
    {"on_behalf_of": PEOPLE[1], "reason": "so it was", "comment": "Caf\u00e9  au lait"},
    {"origin": "job", "reason": "the MARKET grew"},
    {"by": PEOPLE[1], "on_behalf_of": PEOPLE[0], "origin": "import"},
]
TEXTS = ["market", "SHRANK", "cafe\u0301 AU", "so it was", "nobody said this", "straße"]
KINDS = {"goal_id": ("objective", "key_result", "kpi"), "person_id": ("person",),
         "acted_by": ("person",), "team_id": ("team",), "cycle": ("cycle",)}  # fmt: skip

numbers = st.integers(0, 50)
moments = st.tuples(numbers, st.sampled_from([-1, 0, 1]), st.booleans())
days = st.integers(-40, 5).map(lambda n: TODAY + timedelta(days=n))
filters = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KINDS, numbers),
        "type": st.sampled_from([*TYPES, "objective", "key_result", "reading", "team"]),
        **dict.fromkeys(("recorded_from", "recorded_to"), moments),
        **dict.fromkeys(("about_from", "about_to"), days),
        "origin": st.sampled_from(sorted(ORIGINS)),
        "text": st.sampled_from(TEXTS),
    },
)
few_filters = st.tuples(filters, st.sets(st.sampled_from(sorted({*KINDS, "type", "text"})))).map(
    lambda drawn: {name: value for name, value in drawn[0].items() if name not in drawn[1]}
)
one_scope = st.sampled_from(sorted(KINDS)).flatmap(
    lambda name: st.fixed_dictionaries({name: numbers})
)
searches = st.lists(one_scope | few_filters, min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories are short, so what is done at once is shorter still."""
    monkeypatch.setattr(event_finder, "FIRST_STRETCH", 3)
    monkeypatch.setattr(event_finder, "WIDEST_STRETCH", 20)
    monkeypatch.setattr(search, "AT_ONCE", 4)
    monkeypatch.setattr(search, "DECRYPTED_AT_ONCE", 5)
    monkeypatch.setattr(search, "MOST_DECRYPTED", 9)
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 25)
    monkeypatch.setattr(event_finder, "BY_KEYS", 2)


def by_many(told: Told) -> None:
    """Let people take turns from here on."""
    turns = count()

    def execute(command: Any, **context: Any) -> Any:
        return World.execute(told, command, **(context | CONTEXTS[next(turns) % len(CONTEXTS)]))

    told.execute = execute  # type: ignore[method-assign]


def retold(told: Told, history: Any) -> list[Event]:
    """What happened, told by many, and then all of it."""
    by_many(told)
    told.plays(history)
    return events(told)


def meant(drawn: dict[str, Any], log: list[Event]) -> dict[str, Any]:
    """A search for what its numbers mean in this log."""
    search = dict(drawn)
    for name, kinds in KINDS.items():
        if name in search:
            ids = [id_ for kind in kinds for id_ in log[-1].after[kind]]
            search[name] = UUID(ids[search[name] % len(ids)])
    for name in ("recorded_from", "recorded_to"):
        if name in search:
            search[name] = moment(search[name], log)
    return search


def moment(drawn: tuple[int, int, bool], log: list[Event]) -> str:
    number, beside, is_day = drawn
    recorded_at = datetime.fromisoformat(log[-1 - number % len(log)].row["recorded_at"])
    near = recorded_at + timedelta(microseconds=beside)
    return near.astimezone(UTC).date().isoformat() if is_day else near.isoformat()


def pages(whole: AuditLog, search: Search, order: str, limit: int) -> list[int]:
    """The positions on all pages, one after the other."""
    found: list[int] = []
    cursor: dict[str, int] = {}
    while True:
        page = whole.page(search, order, limit=limit, **cursor)
        positions = [entry["position"] for entry in page["entries"]]
        assert len(positions) <= limit
        found += positions
        name = "before" if order == NEWEST else "after"
        assert page["next_after" if order == NEWEST else "next_before"] is None
        if page[f"next_{name}"] is None:
            assert page["complete"]
            return found
        assert page["searched_to"] == page[f"next_{name}"]
        cursor = {name: page[f"next_{name}"]}


def test_a_search_finds_what_meets_it_and_nothing_else(every_history: Every) -> None:
    def holds(told: Told, sequel: list[Any], drawn: list[dict[str, Any]], limit: int) -> None:
        log, whole = retold(told, sequel), AuditLog(told.okr, Reader(told.okr, told.runner))
        for wanted in (meant(each, log) for each in drawn):
            try:
                found = list(chain.from_iterable(whole.positions(Search(**wanted))))
            except Invalid as refusal:
                assert refusal.field in {"recorded_to", "about_to"}  # noqa: PT017
                continue
            expected = [e.row["position"] for e in log if meets(e, wanted, told.zone)]
            assert found == expected, wanted
            assert pages(whole, Search(**wanted), OLDEST, limit) == expected, wanted
            assert pages(whole, Search(**wanted), NEWEST, limit) == expected[::-1], wanted

    every_history(
        holds, MANY, sequel=ruled, drawn=searches,
        limit=st.integers(1, 7),
    )  # fmt: skip


def test_every_event_has_a_sentence_in_every_language(every_history: Every) -> None:
    def holds(told: Told, sequel: list[Any]) -> None:
        log, whole = retold(told, sequel), AuditLog(told.okr, Reader(told.okr, told.runner))
        positions = [event.row["position"] for event in log]
        for code, language in LANGUAGES.items():
            for entry in whole.entries(positions, code):
                kind, sentence = entry["type"], entry["sentence"]
                assert language.vocabulary.deeds["*"].format(type=kind) not in sentence, (
                    code,
                    kind,
                )
                assert sentence[0].isupper(), sentence
                assert sentence[-1] in ".”", sentence
                assert not set("{}[]") & set(sentence), sentence

    every_history(holds, SOME, sequel=ruled)


def test_entries_change_what_the_history_of_each_goal_says_they_change(
    every_history: Every,
) -> None:
    def holds(told: Told, sequel: list[Any], picked: set[int]) -> None:
        log = retold(told, sequel)
        queries = Queries(told.okr, told.runner)
        positions = sorted({1 + n % len(log) for n in picked}, reverse=True)
        expected = queries.histories.entries(queries.reader.at(), positions)
        entries = queries.audit_logs.entries(positions)
        for entry, plain in zip(entries, expected, strict=True):
            changes = [{n: c[n] for n in ("field", "before", "after")} for c in entry["changes"]]
            by_field = lambda change: change["field"]  # noqa: E731
            assert sorted(changes, key=by_field) == sorted(plain["changes"], key=by_field)
            actors = ("by", "on_behalf_of")
            assert [entry[n] and entry[n]["id"] for n in actors] == [
                plain[n] and plain[n]["id"] for n in actors
            ]
            beside = plain.keys() - {"changes", *actors}
            assert {n: entry[n] for n in beside} == {n: plain[n] for n in beside}

    every_history(
        holds, SOME, sequel=ruled,
        picked=st.sets(st.integers(0, 200), min_size=1, max_size=30),
    )  # fmt: skip


def first_mismatch(told: Told, log: list[Event]) -> str | None:
    """The first scope of which something else is found than it has."""
    whole = AuditLog(told.okr, Reader(told.okr, told.runner))
    for name, kinds in KINDS.items():
        for id_ in [UUID(id_) for kind in kinds for id_ in log[-1].after[kind]]:
            search = {name: id_}
            found = list(chain.from_iterable(whole.positions(Search(**search))))
            if found != [e.row["position"] for e in log if meets(e, search, told.zone)]:
                return f"{search}: {found}"
    return None


def ended_too_early(span: Span, other: Span) -> Span:
    return RIGHT(span, other)._replace(last=min(span.last, other.last) - 1)


RIGHT = Span.within
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "what ends a span is not about it": (Span, "within", ended_too_early),
    "what was ever below is below for ever": (Span, "within", lambda span, _: span),
    "KPIs feed nothing": (scopes, "LINKS", scopes.LINKS.replace("'kpi'", "'none'")),
    "readings are about nothing": (event_finder, "EVENT_TABLES", {
        kind: where[:1] for kind, where in event_finder.EVENT_TABLES.items()
    }),
    "nobody hands anything on": (event_finder, "PERSON", event_finder.PERSON.replace(
        "'objective.reassigned'", "'objective.abandoned'"
    )),
    "nobody is named": (event_finder, "PERSON", event_finder.PERSON.replace("NOT LIKE", "LIKE")),
}  # fmt: skip


@pytest.mark.parametrize("every_history", ["sqlite"], indirect=True)
def test_planted_faults_are_seen(every_history: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen = set(FAULTS)

    def holds(told: Told, sequel: list[Any]) -> None:
        log = retold(told, sequel)
        assert first_mismatch(told, log) is None
        for name in sorted(unseen):
            with monkeypatch.context() as patch:
                patch.setattr(*FAULTS[name])
                if first_mismatch(told, log):
                    unseen.discard(name)

    sequels = st.lists(steps, min_size=5, max_size=30)
    every_history(holds, ENOUGH, lambda: not unseen, sequel=sequels)
    assert not unseen


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_a_page_looks_at_so_many_events_and_says_where_it_stands(
    story_on_sqlite: Story, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that finds nothing goes through the whole log, a bit on each page, nothing twice."""
    story, looked_at = story_on_sqlite, list[range]()
    for number in range(40):
        story.objective(str(number))
    between = event_finder.Finder.between

    def counted(self: Any, low: int, high: int, *rest: Any, **more: Any) -> list[int]:
        looked_at.append(range(low, high + 1))
        return between(self, low, high, *rest, **more)

    monkeypatch.setattr(event_finder.Finder, "between", counted)
    name, cursor, pages_asked = "before" if order == NEWEST else "after", dict[str, int](), 0
    while True:
        before = sum(map(len, looked_at))
        page = story.queries.audit_log(order, acted_by=BEN, **cursor)
        most = search.MOST_LOOKED_AT + event_finder.WIDEST_STRETCH
        assert sum(map(len, looked_at)) - before <= most
        assert page["entries"] == []
        pages_asked += 1
        if page[f"next_{name}"] is None:
            break
        assert not page["complete"]
        assert page["searched_to"] in {looked_at[-1][0], looked_at[-1][-1]}
        cursor = {name: page[f"next_{name}"]}
    head = story.okr.log.head()
    assert sorted(each for some in looked_at for each in some) == list(range(1, head + 1))
    assert page["searched_to"] == (1 if order == NEWEST else head)
    assert pages_asked >= 3


def test_who_acted_is_told_from_who_is_named(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    goal = story.objective("win")
    story.does(c.ReassignObjective(goal, owner_id=BEN))
    story.does(c.RetitleObjective(goal, "grow"), by=BEN)
    story.does(c.RetitleObjective(goal, "reach"), by=ANN, on_behalf_of=BEN)

    def types(**asked: Any) -> list[str]:
        found = story.queries.audit_log(OLDEST, goal_id=goal, **asked)["entries"]
        return [each["type"] for each in found]

    assert types(acted_by=BEN) == ["objective.retitled"] * 2
    assert types(person_id=BEN) == ["objective.reassigned", *["objective.retitled"] * 2]
