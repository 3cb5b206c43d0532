"""Between events and bytes: typed, canonical JSON, stable names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, Notification, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic

from okr_es.domain.base import Beginning

decode_json = msgspec.json.Decoder().decode

IDENTITY = frozenset({"originator_id", "originator_version", "originator_topic"})

encode_sorted: Callable[[Any], bytes] = msgspec.json.Encoder(order="sorted").encode


def encode(fields_of_event: dict[str, Any]) -> bytes:
    """Return fields as canonical JSON: sorted, decimals as text in plain notation."""
    data = encode_sorted(fields_of_event)
    if b"E-" not in data:
        return data
    return encode_sorted(plain(msgspec.to_builtins(fields_of_event, builtin_types=(Decimal,))))


def plain(value: Any) -> Any:
    """Return a value whose decimals are texts in plain notation: 0.0000001, not 1E-7."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class TypedStoredEvent(StoredEvent):
    """A stored event that also says which version of its schema it was written under."""

    schema_version: int = 1


def typed_stored_event(**fields: Any) -> TypedStoredEvent:
    """Return a stored event with all its fields, past a frozen dataclass's slow initialiser."""
    made = object.__new__(TypedStoredEvent)
    made.__dict__.update(fields)
    return made


@dataclass(frozen=True)
class TypedNotification(Notification):
    """A notification that also says which version of its schema the event was written under."""

    schema_version: int = 1


class TypedMapper(Mapper[UUID]):
    """Encodes and decodes events by the types of their fields, and upcasts old versions."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Return the event as bytes."""
        cls: Any = type(domain_event)
        state = vars(domain_event).copy()
        stream, version = state.pop("originator_id"), state.pop("originator_version")
        state.pop("originator_topic", None)
        return typed_stored_event(
            originator_id=stream,
            originator_version=version,
            topic=topic_of(cls),
            state=encode(state),
            schema_version=schema_version_of(cls),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Return the event the bytes stand for, brought up to today's schema."""
        cls = resolve_topic(stored_event.topic)
        written_under = getattr(stored_event, "schema_version", 1)
        event: DomainEventProtocol[UUID] = object.__new__(cls)
        state = decode(stored_event.topic, written_under, stored_event.state)
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        if issubclass(cls, Beginning):
            state["originator_topic"] = aggregate_topic(stored_event.topic)
        event.__dict__.update(state)
        return event


def decode(topic: str, written_under: int, data: bytes) -> dict[str, Any]:
    """Return the typed fields of an event; raise on data that does not fit its schema."""
    cls = resolve_topic(topic)
    if written_under == schema_version_of(cls):
        fields_of_event: dict[str, Any] = decoder(cls).decode(data)
        return fields_of_event
    state = decode_plain(topic, written_under, data)
    return dict(msgspec.convert(state, typed_fields(cls), strict=False))


def decode_plain(topic: str, written_under: int, data: bytes) -> dict[str, Any]:
    """Return the fields of an event as JSON has them, brought up to today's schema."""
    state: dict[str, Any] = decode_json(data)
    for version in range(written_under, current_schema_version(topic)):
        getattr(resolve_topic(topic), f"upcast_v{version}_v{version + 1}")(state)
    return state


@cache
def current_schema_version(topic: str) -> int:
    """Return today's version of the schema of an event."""
    return schema_version_of(resolve_topic(topic))


@cache
def topic_of(cls: type) -> str:
    """Return the stable name of an event or aggregate class."""
    return get_topic(cls)


@cache
def schema_version_of(cls: type) -> int:
    """Return the version of an event's schema: 1 unless the class says otherwise."""
    return int(getattr(cls, "class_version", 1))


@cache
def aggregate_topic(topic: str) -> str:
    """Return the stable name of the aggregate an event of that name belongs to."""
    return topic.rpartition(".")[0]


@cache
def decoder(cls: type) -> msgspec.json.Decoder[Any]:
    """Return the decoder of an event class's fields."""
    return msgspec.json.Decoder(typed_fields(cls))


@cache
def typed_fields(cls: type) -> Any:
    """Return a TypedDict with the fields of an event class."""
    hints = get_type_hints(cls)
    names = [f.name for f in fields(cls) if f.name not in IDENTITY]
    return TypedDict(cls.__name__, {name: hints[name] for name in names})  # type: ignore[operator]
