"""Whether an append would be taken, found by looking: nothing is locked, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent

from okr_es.database.clock import instant
from okr_es.log.append import Append
from okr_es.log.recorder import LogRecorder, appended_or_raise
from okr_es.log.schema import LOG
from okr_es.log.writers import Counter, refused_outcome


def require_appendable(log: LogRecorder, stored: Sequence[StoredEvent], append: Append) -> None:
    """Raise what `log.append` would raise now, but for command ids that are used.

    What was decided meanwhile about the streams themselves counts as stale: there is no key of the
    table to refuse it. So the caller guards them as well.
    """
    seed, now = append.seed_time is not None, instant(append.seed_time or log.clock())
    with log.database.reader.connect() as connection:
        at = Counter(*log.database.rows(LOG.select, {})[0])
        refused = refused_outcome(connection, append, at, now, seed=seed)
    if refused is not None:
        appended_or_raise(*refused)
    begun = [cast("UUID", e.originator_id) for e in stored if e.originator_version == 1]
    if len(set(begun)) < len(begun) or log.first_existing(begun) is not None:
        raise IntegrityError("A stream that it would begin has begun.")
