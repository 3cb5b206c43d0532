"""What became of an append whose connection broke around its COMMIT: the log is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from okr_es.database.commits import Commit, look_engine
from okr_es.database.database import Database
from okr_es.log.append import Appended

LOOK_SECONDS = 2
PAUSE_SECONDS = 0.05


class OutcomeUnknown(Exception):
    """Whether a command was recorded cannot be known now.

    The log will say it, when it is asked by the id of the command; the same command may be sent
    again under the same id.
    """

    def __init__(self, command_id: UUID | None) -> None:
        super().__init__(
            f"Whether command {command_id} was recorded is not known: the database broke off "
            "while it was being recorded."
        )
        self.command_id = command_id


def outcome_in_doubt(
    database: Database,
    commit: Commit,
    command_id: UUID | None,
    earlier: Callable[[Engine], Appended | None],
) -> Appended | None:
    """Return the outcome of a command in doubt; None where it certainly was not recorded.

    `earlier` looks it up. Raises OutcomeUnknown where it is not there and may still come, or where
    the database does not answer within LOOK_SECONDS.
    """
    engine = look_engine(database, LOOK_SECONDS)
    until = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            is_over = commit.is_over(engine)  # asked first: what it did can be seen then
            if found := earlier(engine):
                return found
        except DBAPIError:
            is_over = False
        if is_over:
            return None
        if time.monotonic() > until or commit.process is None:
            raise OutcomeUnknown(command_id)
        time.sleep(PAUSE_SECONDS)
