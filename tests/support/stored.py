"""One stored JSON of every event type and schema version ever shipped, in tests/data/events.

`python -m tests.domain.stored --write` adds files for new types and versions only. What is there
is never written again: it is what stands in somebody's log.
"""

import json
import sys
import types
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from okr_es.domain.base import Aggregate, Beginning, Change
from okr_es.domain.reading import Reading
from okr_es.log.mapper import (
    IDENTITY,
    TypedMapper,
    TypedStoredEvent,
    aggregate_topic,
    schema_version_of,
    topic_of,
)
from okr_es.log.stream_states import WITH_STATE

FOLDER = Path(__file__).parents[1] / "data" / "events"
AGGREGATES: tuple[type[Aggregate], ...] = (*WITH_STATE.values(), Reading)
STREAM = UUID("00000000-0000-4000-8000-0000000000aa")
OTHER = UUID("11111111-2222-4333-8444-555555555555")


def event_classes() -> list[type[Change]]:
    return [
        value
        for aggregate in AGGREGATES
        for value in vars(aggregate).values()
        if isinstance(value, type) and issubclass(value, Change) and hasattr(value, "TOPIC")
    ]


def sample(hint: Any) -> Any:
    """A value of a type, one that a careless reader would get wrong."""
    if isinstance(hint, types.UnionType):
        return sample(next(each for each in get_args(hint) if each is not type(None)))
    if get_origin(hint) is dict:
        return {"number": "0.10", "list": [None, "東京"]}
    if get_origin(hint) is tuple:
        return (sample(get_args(hint)[0]),)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{each.name: sample(hints[each.name]) for each in fields(hint)})
    if issubclass(hint, Enum):
        return list(hint)[-1]
    return {
        UUID: OTHER, Decimal: Decimal("1234567890123456789.100"), date: date(2024, 2, 29),
        int: 7, str: 'Zürich "東京" \\ 🙂\n', bool: True,
    }[hint]  # fmt: skip


def example(cls: type[Change]) -> Change:
    """An event of a class with every field filled."""
    hints = get_type_hints(cls)
    named = {
        each.name: sample(hints[each.name]) for each in fields(cls) if each.name not in IDENTITY
    }
    if issubclass(cls, Beginning):
        named["originator_topic"] = aggregate_topic(topic_of(cls))
    version = 1 if issubclass(cls, Beginning) else 2
    return cls(originator_id=STREAM, originator_version=version, **named)


def plain(value: Any) -> Any:
    """A value as JSON that keeps its type and all its digits."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return None if value is None else f"{type(value).__name__} {value}"


def fields_of(event: Change) -> dict[str, Any]:
    return {name: plain(value) for name, value in vars(event).items() if name not in IDENTITY}


def written(cls: type[Change]) -> dict[str, Any]:
    """What is kept of an event of a class."""
    event = example(cls)
    stored = TypedMapper().to_stored_event(event)
    return {
        "type": stored.topic,
        "schema_version": schema_version_of(cls),
        "version": stored.originator_version,
        "data": stored.state.decode(),
        "told": fields_of(event),
    }


def as_stored(kept: dict[str, Any]) -> StoredEvent:
    """The event as it comes out of a log."""
    return TypedStoredEvent(
        STREAM, kept["version"], kept["type"], kept["data"].encode(), kept["schema_version"]
    )


def path_of(cls: type[Change], folder: Path) -> Path:
    return folder / f"{topic_of(cls)}.v{schema_version_of(cls)}.json"


def add_missing(folder: Path) -> list[Path]:
    """Write what is not there yet, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    added = [cls for cls in event_classes() if not path_of(cls, folder).exists()]
    for cls in added:
        text = json.dumps(written(cls), indent=2, sort_keys=True, ensure_ascii=False)
        with path_of(cls, folder).open("x") as file:
            file.write(f"{text}\n")
    return [path_of(cls, folder) for cls in added]


def main(arguments: list[str]) -> int:
    missing = [path_of(cls, FOLDER).name for cls in event_classes()]
    missing = [name for name in missing if not (FOLDER / name).exists()]
    if arguments == ["--write"]:
        missing = [path.name for path in add_missing(FOLDER)]
    print(*(missing or ["Every event type and version is there."]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
