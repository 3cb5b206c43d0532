"""Whatever was shipped once still opens: one stored JSON of every event type and version."""

import json
from pathlib import Path
from typing import Any

import pytest

from okr_es.domain.base import Beginning, Change
from okr_es.domain.objective import Objective
from okr_es.log.mapper import TypedMapper, schema_version_of, topic_of
from tests.support.stored import (
    AGGREGATES,
    FOLDER,
    STREAM,
    add_missing,
    as_stored,
    event_classes,
    example,
    fields_of,
    path_of,
    written,
)

KEPT = sorted(FOLDER.glob("*.json"))
# What events no longer say, by type: a policy has each expected grade once, green from there.
TAKEN_AWAY = {"scoring_policy.adopted": {"green_from"}, "scoring_policy.revised": {"green_from"}}


def opened(path: Path) -> tuple[dict[str, Any], Change]:
    kept = json.loads(path.read_text())
    return kept, TypedMapper().to_domain_event(as_stored(kept))  # type: ignore[return-value]


def contains(now: Any, then: Any) -> bool:
    """Whether all that was told then is told now; more may be."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(contains(now.get(k), v) for k, v in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(contains, now, then))
    return bool(now == then)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_stored_event_still_shows_the_same(path: Path) -> None:
    kept, event = opened(path)
    assert topic_of(type(event)) == kept["type"]
    gone = TAKEN_AWAY.get(kept["type"], set())
    assert contains(fields_of(event), {k: v for k, v in kept["told"].items() if k not in gone})


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_stored_event_is_still_folded(path: Path) -> None:
    _, event = opened(path)
    aggregate_class = next(a for a in AGGREGATES if type(event) in vars(a).values())
    if isinstance(event, Beginning):
        aggregate = event.mutate(None)
    else:
        beginning = next(
            cls for cls in vars(aggregate_class).values()
            if isinstance(cls, type) and issubclass(cls, Beginning)
        )  # fmt: skip
        aggregate = event.mutate(example(beginning).mutate(None))  # type: ignore[arg-type]
    assert type(aggregate) is aggregate_class
    assert (aggregate.id, aggregate.version) == (STREAM, event.originator_version)
    for name, value in vars(event).items():
        if not name.startswith("originator") and hasattr(aggregate, name):
            assert getattr(aggregate, name) == value


@pytest.mark.parametrize("cls", event_classes(), ids=topic_of)
def test_every_event_of_today_is_among_them(cls: type[Change]) -> None:
    assert path_of(cls, FOLDER).exists(), "run: python -m tests.domain.stored --write"


@pytest.mark.parametrize("cls", event_classes(), ids=topic_of)
def test_todays_version_is_still_written_in_the_same_bytes(cls: type[Change]) -> None:
    """A change of what is written needs a new schema version, or old and new look alike."""
    kept, event = opened(path_of(cls, FOLDER))
    assert TypedMapper().to_stored_event(event).state.decode() == kept["data"]


@pytest.mark.parametrize("cls", event_classes(), ids=topic_of)
def test_all_earlier_versions_are_kept_too(cls: type[Change]) -> None:
    for version in range(1, schema_version_of(cls) + 1):
        assert (FOLDER / f"{topic_of(cls)}.v{version}.json").exists()


def test_nothing_kept_belongs_to_no_event() -> None:
    topics = {topic_of(cls) for cls in event_classes()}
    assert {path.name.rpartition(".v")[0] for path in KEPT} == topics


def test_the_tool_adds_what_is_new_and_never_writes_again(tmp_path: Path) -> None:
    path_of(Objective.Committed, tmp_path).write_text("as it was")
    assert len(add_missing(tmp_path)) == len(event_classes()) - 1
    assert path_of(Objective.Committed, tmp_path).read_text() == "as it was"
    assert add_missing(tmp_path) == []


def test_a_renamed_field_is_seen() -> None:
    assert contains({"a": ["int 1"], "new": None}, {"a": ["int 1"]})
    assert not contains({"b": "int 1"}, {"a": "int 1"})
    assert not contains({"a": "Decimal 1.0"}, {"a": "Decimal 1"})
    assert not contains({"a": []}, {"a": ["int 1"]})


@pytest.mark.parametrize("damage", [b"{}", b"[]", b"", b'{"title":5}', b"null"])
def test_data_that_does_not_fit_is_refused_loudly(damage: bytes) -> None:
    kept = written(Objective.Retitled) | {"data": damage.decode()}
    with pytest.raises(ValueError, match=r".+"):
        TypedMapper().to_domain_event(as_stored(kept))
