"""What was made ready for commands that were never recorded: it is removed, the log decides.

Nobody can append while it is looked at, since the counter of the log is locked; and an append that
needs what was made ready looks for it under the same lock. So nothing is removed that a command
under way still needs: where it came too late, that command makes it ready again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Column, select

from okr_es.database.engines import UnusableDatabase
from okr_es.domain.api_key import API_KEYS
from okr_es.domain.signing_key import id_of_key
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import commands, streams
from okr_es.log.signing_keys import SigningKeys
from okr_es.people.client_info import ClientInfo
from okr_es.people.directory import Directory
from okr_es.people.shredding import NotShredded

AT_ONCE = 5_000
PEOPLE = f"""
  SELECT stream FROM streams WHERE parent IS NULL AND type = 'person'
  UNION ALL SELECT stream FROM streams WHERE parent = '{API_KEYS}' AND type = 'api_key'
"""  # and programs


class Swept(NamedTuple):
    """How much of each kind was removed; `newer` are people that were left, see `sweep`."""

    people: int = 0
    corrections: int = 0
    signing_keys: int = 0
    client_info: int = 0
    newer: int = 0


def remove_unrecorded(
    log: LogRecorder,
    directory: Directory,
    signing_keys: SigningKeys,
    people: Collection[UUID] = (),
    keys: Collection[str] = (),
) -> tuple[int, int]:
    """Remove those of these people and signing keys that no event knows; return how many."""
    if not (people or keys):
        return 0, 0
    with log.locked():
        known = existing(log, [*people, *map(id_of_key, keys)])
        gone = [person for person in people if person not in known]
        unused = [key for key in keys if id_of_key(key) not in known]
        if gone:
            directory.delete(*gone)
        if unused:
            signing_keys.destroy(unused)
    with suppress(NotShredded):  # the bytes stay due
        directory.shred(tries=1)
    return len(gone), len(unused)


def existing(log: LogRecorder, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of these streams that have begun."""
    return recorded_ids(log, streams.c.stream, list(ids))


def recorded_ids(log: LogRecorder, column: Column[UUID], ids: list[UUID]) -> set[UUID]:
    """Return those of these ids that stand in a column of the log."""
    found: set[UUID] = set()
    with log.database.reader.connect() as connection:
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return found


def sweep_people(
    log: LogRecorder, directory: Directory, signing_keys: SigningKeys, *, also_newer: bool = False
) -> Swept:
    """Remove people that no event knows; return how many, and how many `newer` ones were left.

    Newer are those who were added when the log was longer than it is now, or by a program that did
    not note how long it was: then an older log was put back, and who is unknown to it may be known
    to the one that was there.
    """
    known = {UUID(str(id_)) for (id_,) in log.database.rows(PEOPLE, {})}
    there = directory.ids()
    unknown = there - known
    if unknown == there:
        require_directory_of(log, directory, signing_keys, there)
    head = log.head() if unknown else 0
    added = directory.added_at(unknown) if unknown else {}
    due = [id_ for id_ in unknown if also_newer or added.get(id_, head + 1) <= head]
    removed, _ = remove_unrecorded(log, directory, signing_keys, due)
    return Swept(people=removed, newer=len(unknown) - len(due))


def require_directory_of(
    log: LogRecorder, directory: Directory, signing_keys: SigningKeys, there: Collection[UUID]
) -> None:
    """Refuse a directory of another log, where it lies apart: its people would be removed.

    One person whom no event knows may have been about to register as the first of a log.
    """
    is_first = not log.head() and len(there) == 1 and not signing_keys.all()
    if directory.database.is_apart and there and not is_first:
        raise UnusableDatabase(
            f"The log in {log.database.place} knows nobody in {directory.database.place}: the keys "
            "there are those of another log."
        )


def sweep(
    log: LogRecorder,
    directory: Directory,
    signing_keys: SigningKeys,
    client_info: ClientInfo,
    *,
    also_newer: bool = False,
) -> Swept:
    """Remove all that no event knows: people, corrections, signing keys, client info.

    Where people are newer than the log, and `also_newer` does not say that they shall go too, that
    is not the log which the others belong to: then nothing is removed but people.
    """
    swept = sweep_people(log, directory, signing_keys, also_newer=also_newer)
    if swept.newer:
        return swept
    _, keys = remove_unrecorded(log, directory, signing_keys, keys=signing_keys.all())
    noted = client_info.command_ids()
    unknown = noted - recorded_ids(log, commands.c.command_id, sorted(noted))
    client_info.remove(unknown)
    with log.locked():
        corrections = sum(map(directory.drop_ready, directory.with_ready()))
    return swept._replace(corrections=corrections, signing_keys=keys, client_info=len(unknown))
