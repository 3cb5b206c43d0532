"""The runner: finds the read model that is served, keeps it up to date, and replaces it.

Each question asks first, by one statement, where read model and log stand: by position, and by the
hash of the event there. A read model on another course of the log, or a damaged one, is set aside:
no question is answered from it, an older generation of its version answers if there is one, and a
new one is built.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.append_only import GapFound
from okr_es.database.files import is_damage
from okr_es.database.outages import reason_of
from okr_es.log.calendars import CALENDAR_VERSION
from okr_es.log.course import HASH_AT
from projections.read_model import catching_up
from projections.read_model.background import BackgroundBuild
from projections.read_model.catching_up import FoldFailed, Progress
from projections.read_model.generations import Model, NotReady, OtherCourse
from projections.read_model.registry import Registry

BATCH = 10_000
TRIES = 3
BEING_BUILT = "The read model is being built."

POSITIONS = ", ".join(
    ("SELECT p.position", "p.hash", "p.retired", "c.position", CALENDAR_VERSION,
     HASH_AT.format(position="p.position"), HASH_AT.format(position=":seen"))
) + " FROM progress p, counter c"  # fmt: skip

log = logging.getLogger("okr_es.read_model")


class Positions(NamedTuple):
    """How far the read model and the log have come."""

    read_model: int
    log: int

    @property
    def behind(self) -> int:
        """How many events the read model is behind."""
        return self.log - self.read_model


class Runner:
    """Catches the served read model up with the log, and rebuilds it beside the old one.

    `waits`: a question waits for a read model that has to be built first. A server's do not: they
    raise NotReady, and it is built in the background. `counts` counts read models `set_aside` and
    `built`, and `aside` says of each that was set aside why.
    """

    def __init__(self, okr: Okr, batch: int = BATCH, *, waits: bool = True) -> None:
        self.okr = okr
        self.batch = batch
        self.waits = waits
        self.url = okr.database.url.render_as_string(hide_password=False)
        self.registry = Registry(self.url)
        self.counts: Counter[str] = Counter()
        self.aside: list[str] = []
        self.background = BackgroundBuild()
        self._model: Model | None = None
        self._lock = threading.RLock()

    # ---- which generation -----------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The generation that is served; see `find`."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = self.find()
        return self._model

    @property
    def served_now(self) -> Model | None:
        """The generation that was served last, None before the first question."""
        return self._model

    def find(self) -> Model:
        """Return the served generation, else an older one of its version, else build one.

        Raises NotReady where there is none and questions do not wait.
        """
        if (model := self.served() or self.older()) is not None:
            return model
        if not self.waits:
            self.build_in_background()
            failed = self.background.failed
            raise NotReady(failed.why if failed else BEING_BUILT)
        return self.build_missing()

    def served(self) -> Model | None:
        """Return the served generation, None if there is none; set it aside if it is damaged."""
        generation = self.registry.served()
        if generation is None:
            return None
        model = Model(self.url, generation)
        if model.exists():
            return model
        self.put_aside(model, model.damage() or "it cannot be read")
        return None

    def older(self) -> Model | None:
        """Serve the newest generation that was replaced and is still part of the log.

        A new one is built in its place, in the background of a server.
        """
        for model in self.registry.others():
            if model.is_whole() and self.is_on_course(model):
                model.set_retired(retired=False)
                self.registry.serve(model)
                if not self.waits:
                    self.build_in_background(replace=True)
                return model
            model.database.dispose()
        return None

    def is_on_course(self, model: Model) -> bool:
        """Return whether the log has the event a generation stands on."""
        try:
            self.positions_in(model)
        except OtherCourse:
            return False
        return True

    def forget(self, model: Model) -> None:
        """Clear the cached served generation: it was replaced or deleted."""
        with self._lock:
            if self._model is model:
                self._model = None
                model.database.dispose()

    def put_aside(self, model: Model, why: str) -> None:
        """Answer nothing more from a generation, and keep it for a look; one line says so."""
        if self.registry.put_aside(model, why):
            self.counts["set_aside"] += 1
            self.aside.append(f"{model.name} was set aside: {why}")
            log.error("The read model %s is set aside and built again: %s.", model.name, why)
        model.database.dispose()
        if self._model is not None and self._model.generation == model.generation:
            self.forget(self._model)

    def recovers(self, error: DBAPIError, before: Model | None) -> bool:
        """Return whether a question that failed can be asked again.

        It can where the read model it was asked of is damaged, which is then set aside.
        """
        asked = before or self._model
        if asked is None or not is_damage(error):
            return False
        if self._model is asked:
            if (damage := asked.damage()) is None:
                return False
            self.put_aside(asked, damage)
        return True

    def figures(self) -> dict[str, int]:
        """Return what an operator wants to count, since this process began.

        How often the log was found replaced; read models set aside, built, and builds that failed.
        """
        return {
            "log_replaced": self.okr.course.changes,
            "set_aside": self.counts["set_aside"],
            "built": self.counts["built"],
            "failed": self.background.failures,
        }

    def require_whole(self) -> None:
        """Set the served generation aside if it is damaged; all of its file is read."""
        generation = self.registry.served()
        model = None if generation is None else Model(self.url, generation)
        if model is None:
            return
        if (damage := model.damage()) is not None:
            self.put_aside(model, damage)
        model.database.dispose()

    # ---- where it stands ------------------------------------------------------------------

    def fresh(self) -> Model:
        """Return the served generation, caught up with the log: what every query asks first."""
        return self.caught_up()[0]

    def caught_up(self) -> tuple[Model, Positions]:
        """Return the served generation, caught up with the log, and the positions of both."""
        while True:
            model, at = self.served_and_positions()
            if not at.behind or self.goes_on(model) is not None:
                return model, Positions(at.log, at.log)

    def goes_on(self, model: Model, step: Progress | None = None) -> int | None:
        """Catch a generation up; return how many events that took.

        None if it stands on another course of the log: then it is set aside.
        """
        try:
            return self.catch_up_model(model, step)
        except OtherCourse as error:
            self.put_aside(model, str(error))
            return None
        except FoldFailed as failure:
            raise self.noted(failure) from failure

    def served_and_positions(self) -> tuple[Model, Positions]:
        """Return the served generation, and how far it and the log have come."""
        self.okr.database.follow_files()
        while True:
            model = self.model
            if (at := self.positions_of(model)) is not None:
                return model, at
            self.forget(model)

    def positions_of(self, model: Model) -> Positions | None:
        """Return how far a generation and the log have come; None if it is out of use."""
        try:
            if model.database.follow_files() and not model.exists():
                raise OtherCourse(model.damage() or "it cannot be read")
            return self.positions_in(model)
        except DBAPIError as error:
            if not is_damage(error) or (damage := model.damage()) is None:
                raise
            self.put_aside(model, damage)
        except OtherCourse as error:
            self.put_aside(model, str(error))
        return None

    def positions_in(self, model: Model) -> Positions | None:
        """Return how far a generation and the log have come; None if it was replaced.

        Raises OtherCourse where the log does not have the event it stands on.
        """
        seen = self.okr.course.seen
        found = model.database.rows(POSITIONS, {"seen": seen.position})
        if not found:
            raise OtherCourse("rows were deleted")
        position, hash_, retired, head, calendar, in_log, seen_in_log = found[0]
        same = self.okr.course.has(seen, seen_in_log)
        self.okr.calendars.up_to(calendar)
        if position and in_log is None and position <= head:
            raise GapFound(f"The log has come to {head}, but has no event at {position}.")
        if position > head or (position and bytes(in_log) != bytes(hash_ or b"")):
            raise OtherCourse(
                f"it stands on event {position} of another course of the log, which is at {head}"
            )
        if same:
            self.okr.course.advance(seen, position, in_log)
        return None if retired else Positions(position, head)

    def is_current(self, position: int, hash_: bytes | None) -> bool:
        """Return whether a read model stands on the last event this process has seen."""
        seen = self.okr.course.seen
        return seen.position == position and seen.hash == bytes(hash_ or b"")

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

    # ---- catching up and building -----------------------------------------------------------

    def catch_up(self, progress: Progress | None = None) -> int:
        """Bring the served read model up to the log; return how many events that took."""
        while True:
            model, _ = self.served_and_positions()
            if (done := self.goes_on(model, progress)) is not None:
                return done

    def catch_up_model(
        self, model: Model, progress: Progress | None = None, up_to: int | None = None
    ) -> int:
        """Bring a generation up to the log; see `catching_up.catch_up`."""
        return catching_up.catch_up(self.okr, model, self.batch, progress, up_to)

    def build_missing(self, progress: Progress | None = None) -> Model:
        """Return the served generation; build the first one, unless another process just did."""
        with self.registry.turn_to_build():
            return self.served() or self.build(progress)

    def prepare(self, progress: Progress | None = None) -> None:
        """Have a read model to answer from: find it or build it."""
        model = self.build_missing(progress)
        with self._lock:
            if self._model is None:
                self._model = model
                return
        model.database.dispose()

    def build(self, progress: Progress | None = None) -> Model:
        """Build a new generation and serve it instead of all others of its version.

        One whose events cannot be projected is set aside; what fails otherwise leaves nothing.
        """
        self.registry.remove_unfinished()
        for _ in range(TRIES):
            model = self.registry.begin()
            try:
                self.catch_up_model(model, progress)
                model.analyse()
            except OtherCourse:  # the log was replaced meanwhile
                self.registry.remove([model])
                continue
            except FoldFailed as failure:
                model.database.dispose()
                self.registry.put_aside(model, str(failure))
                raise self.noted(failure) from failure
            except BaseException:
                self.registry.remove([model])
                raise
            for generation in self.registry.serve(model):
                self.retire(Model(self.url, generation))
            self.counts["built"] += 1
            return model
        raise NotReady("The log was replaced again and again while the read model was built.")

    def build_in_background(self, *, replace: bool = False) -> None:
        """Begin to build a read model in a thread, unless one is at it or it just failed.

        `replace`: also where one is served, which answers until then.
        """
        self.background.begin(self.replace if replace else self.prepare)

    def noted(self, failure: FoldFailed) -> Exception:
        """Note why events cannot be projected; return the error to raise: of one who waits, as is.

        Others get NotReady.
        """
        self.background.note(str(failure))
        return failure.error if self.waits else failure

    def replace(self, progress: Progress | None = None) -> None:
        """Build a new generation beside the served one, and switch when it has caught up."""
        with self.registry.turn_to_build():
            self.switch(progress)

    def rebuild(self, progress: Progress | None = None) -> Model:
        """Remove generations out of use, then replace the served one; return the new one."""
        with self.registry.turn_to_build():
            self.registry.remove(self.registry.out_of_use())
            self.switch(progress)
        return self.fresh()

    def switch(self, progress: Progress | None) -> None:
        """Build a new generation, and clear the cached one that it replaces."""
        before = self._model
        self.build(progress).database.dispose()
        if before is not None:
            self.forget(before)

    def retire(self, model: Model) -> None:
        """Mark a replaced generation as no longer served."""
        try:
            if model.exists():
                model.set_retired(retired=True)
        except DBAPIError as error:
            if not is_damage(error):
                raise
            self.put_aside(model, reason_of(error))
        model.database.dispose()

    def close(self) -> None:
        """Close all connections; a build in the background is ended first."""
        self.background.close()
        self.registry.close()
        if self._model is not None:
            self._model.database.dispose()
