"""A cache of answers about objectives now: each depends only on its rows and the day."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from okr_es.database.database import Database
from okr_es.database.database import Row as Stored
from okr_es.domain.refusals import NotFound
from projections.as_of.bounded_cache import BoundedCache
from projections.as_of.moments import Moment, now
from projections.as_of.view import View, as_of_fields
from projections.goals.answers import ObjectiveAnswer
from projections.goals.loading import Loaded, align, goals_in, one_goal
from projections.goals.loading_sql import STILL
from projections.goals.more_readings import complete_readings
from projections.goals.pending import pending_requests
from projections.goals.reader import Reader
from projections.goals.scoring import Scoring
from projections.goals.span_readings import combine_readings

MOST_CACHED = 1_024


class CachedAnswer(NamedTuple):
    """An answer about a goal, the last event of the log, and the day and rows it followed from."""

    position: int
    hash: bytes
    day: date
    calendar: int
    rows: tuple[Stored, ...]
    answer: ObjectiveAnswer


class ObjectiveCache:
    """Answers about objectives now; one statement checks whether a cached answer is current."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.cached: BoundedCache[UUID, CachedAnswer] = BoundedCache(MOST_CACHED)

    def for_reader(self, reader: Reader) -> ObjectiveCache:
        """Return a cache for another reader that shares all that is cached."""
        cache = copy(self)
        cache.reader = reader
        return cache

    def objective(self, id_: UUID) -> ObjectiveAnswer:
        """Return an objective as known now, about today; raise NotFound.

        As long as nothing is recorded it is one object, which nobody may change.
        """
        day, cached = self.reader.today(), self.cached.get(id_)
        calendars = self.reader.okr.calendars
        if cached is not None and cached.day != day:
            cached = None
        loaded = self.loaded(id_, now(day), cached)
        calendars.up_to(loaded.calendar)
        is_same = cached is not None and cached.calendar == calendars.version
        if cached is not None and is_same and loaded.rows == cached.rows:
            view = self.view(day, loaded)
            stands = (loaded.read_model, loaded.hash)
            if stands == (cached.position, cached.hash):
                return cached.answer
            return self.moved_on(id_, cached, loaded, view)
        if self.reader.today() != day:  # another process has set another time zone
            return self.objective(id_)
        return self.scored(id_, loaded, self.view(day, loaded))

    def moved_on(
        self, id_: UUID, cached: CachedAnswer, loaded: Loaded, view: View
    ) -> ObjectiveAnswer:
        """Return a cached answer as of a later event, which changed nothing but what waits."""
        answer: ObjectiveAnswer = {
            **cached.answer,
            "pending_requests": pending_requests(view, str(id_)),
            **as_of_fields(view),
        }
        later = cached._replace(position=loaded.read_model, hash=loaded.hash, answer=answer)
        self.cached.put({id_: later})
        return answer

    def view(self, day: date, loaded: Loaded) -> View:
        """Return the view of what was loaded, which the reader pins."""
        database = self.reader.runner.model.database
        return self.reader.pin(database, now(day).up_to(loaded.read_model), loaded.read_model)

    def scored(self, id_: UUID, loaded: Loaded, view: View) -> ObjectiveAnswer:
        """Score a loaded objective, and cache its answer if it follows from its rows alone."""
        if not loaded.rows:
            raise NotFound(f"There is no objective {id_} by then.", field="id")
        goals = align(goals_in(loaded.rows, view.calendars, view.moment.known))
        moment = view.moment
        were_lacking = complete_readings(view, goals) | combine_readings(view, goals)
        body = Scoring(moment.day, view.calendars).answer(goals[str(id_)])
        requests = pending_requests(view, str(id_))
        answer: ObjectiveAnswer = {**body, "pending_requests": requests, **as_of_fields(view)}
        if not were_lacking:
            version = self.reader.okr.calendars.version
            cached = CachedAnswer(
                loaded.read_model, loaded.hash, moment.day, version, loaded.rows, answer
            )
            self.cached.put({id_: cached})
        return answer

    def loaded(self, id_: UUID, moment: Moment, cached: CachedAnswer | None) -> Loaded:
        """Load a goal as it is; catch up first where the read model is behind or has nothing."""
        runner = self.reader.runner
        database = runner.model.database
        if not database.follow_files():
            with suppress(DBAPIError):
                if cached is not None and self.is_still(database, cached):
                    return Loaded.still(cached.position, cached.hash, cached.rows)
                loaded = one_goal(database, id_, moment)
                if loaded.is_current and runner.is_current(loaded.read_model, loaded.hash):
                    return loaded
        return one_goal(runner.fresh().database, id_, moment)

    def is_still(self, database: Database, cached: CachedAnswer) -> bool:
        """Return whether log and read model stand where a cached answer was made."""
        if not self.reader.runner.is_current(cached.position, cached.hash):
            return False
        stands = {"cached": cached.position, "hash": cached.hash}
        return bool(database.rows(STILL, stands))
