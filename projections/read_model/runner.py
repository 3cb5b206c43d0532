"""The runner: brings a read model up to the log, each event counted exactly once.

Rows and position are written in one transaction, under the write lock of the generation, so
one process at a time does the work, and a process that waited finds it done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.append_only import GapFound
from okr_es.gc_pause import gc_paused
from okr_es.log.calendars import CALENDAR_VERSION
from projections.read_model.generations import Model, Registry
from projections.read_model.projector import COLUMNS, ToProject, decoded, project
from projections.read_model.tables import progress
from projections.read_model.writers import writer

BATCH = 10_000
BULK = 1_000
Progress = Callable[[int, int], None]

POSITIONS = (
    f"SELECT p.position, p.retired, c.position, {CALENDAR_VERSION} FROM progress p, counter c"
)


class Positions(NamedTuple):
    """How far the read model and the log have come."""

    read_model: int
    log: int

    @property
    def behind(self) -> int:
        """How many events the read model is behind."""
        return self.log - self.read_model


class ReadAhead:
    """Reads the log a batch ahead, in a thread, while the one before is written."""

    def __init__(self, okr: Okr, batch: int, up_to: int | None = None) -> None:
        self.okr = okr
        self.batch = batch
        self.up_to = up_to
        self.threads: ThreadPoolExecutor | None = None
        self.coming: tuple[int, Future[list[ToProject]]] | None = None

    def __enter__(self) -> ReadAhead:
        return self

    def __exit__(self, *_: object) -> None:
        if self.threads is not None:
            self.threads.shutdown(cancel_futures=True)

    def events_behind(self, position: int) -> list[ToProject]:
        """Return the next events; where there may be more, begin to read those behind them."""
        if self.coming is not None and self.coming[0] == position:
            found = self.coming[1].result()
        else:
            found = self.read(position)
        self.coming = None
        if len(found) == self.batch >= BULK:
            self.threads = self.threads or ThreadPoolExecutor(1, "okr-es-read-ahead")
            last = found[-1][0]
            self.coming = last, self.threads.submit(self.read, last)
        return found

    def read(self, position: int) -> list[ToProject]:
        """Read a batch of events."""
        left = self.batch if self.up_to is None else min(self.batch, self.up_to - position)
        return decoded(self.okr.log.rows(position, left, COLUMNS)) if left else []


class Runner:
    """Catches the served read model up with the log, and rebuilds it beside the old one."""

    def __init__(self, okr: Okr, batch: int = BATCH) -> None:
        self.okr = okr
        self.batch = batch
        self.url = okr.database.url.render_as_string(hide_password=False)
        self.registry = Registry(self.url)
        self._model: Model | None = None
        self._lock = threading.Lock()

    @property
    def model(self) -> Model:
        """The generation that is served; one is made if there is none."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = self.find()
        return self._model

    def find(self) -> Model:
        """Return the served generation; build the first one, unless another process just did."""
        if (model := self.served()) is not None:
            return model
        with self.registry.turn_to_build():
            return self.served() or self.build()

    def served(self) -> Model | None:
        """Return the served generation, None if there is none or it was deleted."""
        generation = self.registry.served()
        if generation is None:
            return None
        model = Model(self.url, generation)
        if model.exists():
            return model
        model.database.dispose()
        return None

    def build(self, progress: Progress | None = None) -> Model:
        """Build a new generation and serve it instead of all others."""
        model = self.registry.begin()
        try:
            self.catch_up_model(model, progress)
        except BaseException:
            model.database.dispose()
            raise
        for generation in self.registry.serve(model):
            self.retire(Model(self.url, generation))
        return model

    def forget(self, model: Model) -> None:
        """Clear the cached served generation: it was replaced or deleted."""
        with self._lock:
            if self._model is model:
                self._model = None
                model.database.dispose()

    def fresh(self) -> Model:
        """Return the served generation, caught up with the log: what every query asks first."""
        return self.caught_up()[0]

    def caught_up(self) -> tuple[Model, Positions]:
        """Return the served generation, caught up with the log, and the positions of both."""
        model, at = self.served_and_positions()
        if at.behind:
            self.catch_up_model(model)
        return model, Positions(at.log, at.log)

    def served_and_positions(self) -> tuple[Model, Positions]:
        """Return the served generation, and how far it and the log have come."""
        while True:
            model = self.model
            if (at := self.positions_of(model)) is not None:
                return model, at
            self.forget(model)

    def positions_of(self, model: Model) -> Positions | None:
        """Return how far a generation and the log have come; None if it is out of use."""
        try:
            found = model.database.rows(POSITIONS, {})
        except DBAPIError:
            if self.registry.served() == model.generation and model.exists():
                raise
            return None
        if not found:  # a crash of the server emptied it
            return None
        position, retired, log, calendar = found[0]
        self.okr.calendars.up_to(calendar)
        return None if retired else Positions(position, log)

    def positions(self) -> dict[str, int]:
        """Return how far read model and log have come."""
        _, at = self.served_and_positions()
        return {
            "log": at.log,
            "read_model": at.read_model,
            "behind": at.behind,
        }

    def status(self) -> dict[str, Any]:
        """Return generation and positions, for people."""
        model, at = self.served_and_positions()
        return {
            "name": "goals",
            "generation": model.generation,
            "read_model": at.read_model,
            "log": at.log,
            "behind": at.behind,
        }

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the served read model up to the log; return how many events that took."""
        model, _ = self.served_and_positions()
        return self.catch_up_model(model, progress)

    def catch_up_model(
        self, model: Model, progress: Progress | None = None, up_to: int | None = None
    ) -> int:
        """Fold batch after batch until the log has no more; raise GapFound if its end is lost."""
        done, goal = 0, self.okr.log.head() if up_to is None else up_to
        behind = goal - model.position()
        with ReadAhead(self.okr, self.batch, up_to) as ahead:
            while folded := self.project_batch(model, ahead):
                done += folded
                if progress is not None:
                    progress(done, max(done, behind))
        if (position := model.position()) < goal:
            raise GapFound(f"The log says it has come to {goal}, but ends at {position}.")
        return done

    def project_batch(self, model: Model, ahead: ReadAhead) -> int:
        """Fold the next batch, rows and position in one transaction."""
        with model.database.transaction() as connection:
            position = connection.execute(
                select(progress.c.position).with_for_update()
            ).scalar_one()
            events = ahead.events_behind(position)
            if events:
                with gc_paused(len(events) >= BULK):
                    project(writer(connection, self.okr.database), events)
                connection.execute(update(progress).values(position=events[-1][0]))
            return len(events)

    def rebuild(self, progress: Progress | None = None) -> Model:
        """Build a new generation beside the served one, and switch when it has caught up."""
        before, _ = self.served_and_positions()
        with self.registry.turn_to_build():
            out_of_use = self.registry.out_of_use()
            for model in out_of_use:
                model.discard()
            self.registry.forget(out_of_use)
            self.build(progress).database.dispose()
        self.forget(before)
        return self.fresh()

    def retire(self, model: Model) -> None:
        """Mark a replaced generation as no longer served."""
        if model.exists():
            with model.database.transaction() as connection:
                connection.execute(update(progress).values(retired=True))
        model.database.dispose()

    def close(self) -> None:
        """Close all connections."""
        self.registry.close()
        if self._model is not None:
            self._model.database.dispose()
