"""The context of a command (who wants it, why and from where), and its receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from okr_es.access.rights import Held
from okr_es.ids import ordered_id

ThingKind = Literal[
    "api_key", "approval", "calendar", "cycle", "grant", "key_result", "kpi", "objective", "person",
    "reading", "scoring_policy", "signing_key", "team",
]  # fmt: skip
FIRST_PERSONS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c05")  # who registers themself, by a key
ORIGINS = frozenset({"api", "cli", "page", "import", "job", "seed"})


@dataclass(frozen=True)
class Precondition:
    """What has to hold of the thing a command is sent to, beside its own rules.

    `field` is the field of the command that names the thing; None: the command is not sent to one
    of several things. `versions` are those it may be at; None: any. `is_expected`: they stand with
    the command, as its `expected_version`, and not in `If-Match`.
    """

    field: str | None
    versions: frozenset[int] | None
    is_expected: bool = False


@dataclass(frozen=True)
class Context:
    """Who wants it, why, on whose behalf, and from where.

    `command_id` makes a command safe to send twice. `expected_version` is the version of the
    thing as the caller last saw it, `precondition` what has to hold of it. `seed_time` is for the
    seeding of an empty log alone. `language` is that of the texts in the receipt: en or sv.
    `enforced`: the table of rights decides whether `by` may do this; else an operator acts, who
    may everything. Where a program acts, `by` is the id of its api key, and `key_roles` are the
    roles of that.
    `by_provider`: the provider of identity at which `by` signs in gives and ends their roles.
    """

    by: UUID
    reason: str | None = None
    comment: str | None = None
    on_behalf_of: UUID | None = None
    origin: str = "api"
    command_id: UUID = field(default_factory=ordered_id)
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    expected_version: int | None = None
    precondition: Precondition | None = None
    seed_time: datetime | None = None
    language: str = "en"
    enforced: bool = False
    key_roles: tuple[Held, ...] | None = None
    by_provider: bool = False

    @property
    def by_key(self) -> bool:
        """A program acts, by its api key."""
        return self.key_roles is not None


@dataclass(frozen=True)
class Thing:
    """What a warning is about. Its name is no part of a receipt."""

    kind: Annotated[ThingKind, Meta(description="What kind of thing it is.")]
    id: Annotated[UUID, Meta(description="Its id.")]


@dataclass(frozen=True)
class WarningAnswer:
    """What to look at again. The code is stable, the text is for people and may change."""

    code: Annotated[str, Meta(description="One word of the page of warnings.")]
    text: Annotated[str, Meta(description="The sentence, in the language that was asked for.")]
    count: Annotated[int, Meta(description="How many there are of what it warns of.")]
    things: Annotated[
        tuple[Thing, ...], Meta(description="What it is about: the first 100 of them.")
    ] = ()


@dataclass(frozen=True)
class Receipt:
    """The outcome of a command.

    `id` is the thing it began or changed, `version` that thing's version after it. Positions
    are None when nothing had to change. `repeated` says that the command had arrived before
    and this is its first receipt, without a secret. `approval_id` is the request that waits for
    approval by someone else in the place of what was asked for: then nothing of it has happened
    yet.
    """

    command_id: Annotated[
        UUID, Meta(description="The id of the command: made of its actor and its key.")
    ]
    id: Annotated[UUID | None, Meta(description="What it began or changed; null: no one thing.")]
    version: Annotated[int | None, Meta(description="The version of that after it.")]
    first_position: Annotated[int | None, Meta(description="Of its events; null: nothing changed.")]
    last_position: Annotated[int | None, Meta(description="Of its events; null: nothing changed.")]
    recorded_at: Annotated[str, Meta(description="When it was recorded, UTC.")]
    warnings: Annotated[tuple[WarningAnswer, ...], Meta(description="What to look at again.")] = ()
    repeated: Annotated[bool, Meta(description="It had arrived before: the first receipt.")] = False
    approval_id: Annotated[
        UUID | None,
        Meta(description="The request that waits for approval by someone else; null: it is done."),
    ] = None
    secret: Annotated[
        str | None,
        Meta(description="Of a new api key, shown this once and kept nowhere; null of all else."),
    ] = None
