"""The runner: brings a read model up to the log, each event counted exactly once.

Rows and position are written in one transaction, under the write lock of the generation, so
one process at a time does the work and whoever waited finds it done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr

from .fold import COLUMNS, fold
from .model import Model, Registry
from .schema import progress
from .writer import writer

BATCH = 5_000
Progress = Callable[[int, int], None]

WHERE_IT_STANDS = text("SELECT p.position, p.retired, c.position FROM progress p, counter c")


class Standing(NamedTuple):
    """How far the read model and the log have come."""

    read_model: int
    log: int

    @property
    def behind(self) -> int:
        """How many events the read model is behind."""
        return self.log - self.read_model


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
        """Return the served generation, or build the first one."""
        served = self.registry.served()
        if served is not None:
            return Model(self.url, served)
        model = self.registry.begin()
        self.catch_up_model(model)
        self.registry.serve(model)
        return model

    def look_again(self) -> Model:
        """Return the served generation after the one known was replaced."""
        with self._lock:
            if self._model is not None:
                self._model.database.dispose()
            self._model = None
        return self.model

    def fresh(self) -> Model:
        """Return the served generation, caught up with the log: what every query asks first."""
        standing, retired = self.stand()
        if retired:
            self.look_again()
            return self.fresh()
        if standing.behind:
            self.catch_up_model(self.model)
        return self.model

    def stand(self) -> tuple[Standing, bool]:
        """Return how far read model and log have come, and whether the generation is retired."""
        try:
            with self.model.database.reader.connect() as connection:
                position, retired, log = connection.execute(WHERE_IT_STANDS).one()
        except DBAPIError:
            if self.registry.served() == self.model.generation:
                raise
            return Standing(0, 0), True
        return Standing(position, log), bool(retired)

    def status(self) -> dict[str, Any]:
        """Return generation and positions, for people."""
        standing, _ = self.stand()
        return {
            "name": "goals",
            "generation": self.model.generation,
            "read_model": standing.read_model,
            "log": standing.log,
            "behind": standing.behind,
        }

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the served read model up to the log; return how many events that took."""
        return self.catch_up_model(self.model, progress)

    def catch_up_model(self, model: Model, progress: Progress | None = None) -> int:
        """Fold batch after batch until the log has no more."""
        done, goal = 0, self.okr.log.head()
        while folded := self.fold_batch(model):
            done += folded
            if progress is not None:
                progress(done, max(done, goal))
        return done

    def fold_batch(self, model: Model) -> int:
        """Fold the next batch, rows and position in one transaction."""
        with model.database.transaction() as connection:
            position = connection.execute(
                select(progress.c.position).with_for_update()
            ).scalar_one()
            rows = self.okr.log.rows(position, self.batch, COLUMNS)
            if rows:
                fold(writer(connection), rows)
                connection.execute(update(progress).values(position=rows[-1][0]))
            return len(rows)

    def rebuild(self, progress: Progress | None = None) -> Model:
        """Build a new generation beside the served one, and switch when it has caught up."""
        out_of_use = [g for g in self.registry.generations() if g != self.model.generation]
        for generation in out_of_use:
            Model(self.url, generation).discard()
        self.registry.forget(out_of_use)
        model = self.registry.begin()
        self.catch_up_model(model, progress)
        for generation in self.registry.serve(model):
            self.retire(Model(self.url, generation))
        self.look_again()
        self.catch_up()
        return self.model

    def retire(self, model: Model) -> None:
        """Tell a replaced generation that it is no longer served."""
        with model.database.transaction() as connection:
            connection.execute(update(progress).values(retired=True))
        model.database.dispose()

    def close(self) -> None:
        """Close all connections."""
        self.registry.database.dispose()
        if self._model is not None:
            self._model.database.dispose()
