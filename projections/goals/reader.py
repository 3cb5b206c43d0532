"""The reader: pins a view of the read model for each question. Read-your-writes."""

from __future__ import annotations

from copy import copy
from datetime import date
from uuid import UUID

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.domain.cycle import CycleRef
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.confidential import Sight
from projections.as_of.dates import Dates
from projections.as_of.moments import PLAN_COMMITTED, LogPoint, Moment, Moments, is_word
from projections.as_of.view import Rights, View
from projections.read_model.runner import Runner
from projections.read_model.tables import FOREVER

CYCLE_OF = f"""
  SELECT cycle_id FROM objective WHERE id = :id AND known_until = {FOREVER}
  UNION ALL SELECT cycle_id FROM key_result WHERE id = :id AND known_until = {FOREVER}
"""
KIND_OF = " UNION ALL ".join(
    f"SELECT '{kind}' FROM {kind} WHERE id = :id AND known_until = {FOREVER}"
    for kind in ("objective", "key_result", "kpi")
)


class Reader:
    """Pins views for one viewer, None: nobody named. Freshness is asked first, once a question."""

    def __init__(self, okr: Okr, runner: Runner | None = None, viewer: UUID | None = None) -> None:
        self.okr = okr
        self.viewer = viewer
        self.rights: Rights | None = None
        self.sight: Sight | None = None  # None: nothing is withheld
        self.pinned: View | None = None  # of now, for one viewer: the last one
        self.runner = runner or Runner(okr)
        self.moments = Moments(okr, lambda: self.runner.model.database)
        self.dates = Dates(okr)

    def for_viewer(self, viewer: UUID) -> Reader:
        """Return a reader for another viewer; all that is cached is shared."""
        reader = copy(self)
        reader.viewer, reader.rights, reader.sight, reader.pinned = viewer, None, None, None
        return reader

    def at(
        self, known_at: str | None = None, at: str | None = None, cycle: UUID | None = None
    ) -> View:
        """Return the view of two texts; raise Invalid or NotFound with the field at fault.

        Without either it is as known now, about today. `cycle` is the one that a word of a cycle
        without a name in front is about.
        """
        view = self.now()
        if known_at is None and at is None:
            return view
        return self.back(view, self.moments.moment(known_at, at, cycle))

    def now(self) -> View:
        """Return the view of all that is known now, about today."""
        model, at = self.runner.caught_up()
        today = self.today()
        return self.pin(model.database, Moment(at.log, at.log, today, today), at.log)

    def pin(self, database: Database, moment: Moment, head: int) -> View:
        """Return the view of now, whose first statement was asked, and pin it for the viewer."""
        view = View(database, moment, self.dates, head, self.viewer, self.rights)
        if self.viewer is not None:
            self.pinned = view
        return view

    def of_question(self) -> View:
        """Return the view of now that the viewer's question pinned last; one of now if it did not.

        So all that an answer is made of is no later than this view.
        """
        return self.pinned or self.now()

    def back(self, view: View, moment: Moment) -> View:
        """Return the view of a moment; the read model is caught up first."""
        if moment.known > view.head:
            view = self.now()
        return view.at(moment)

    def of_cycle(
        self,
        cycle: CycleRef,
        known_at: str | None = None,
        at: str | None = None,
        *,
        goal: UUID | None = None,
        team: UUID | None = None,
    ) -> tuple[View, UUID]:
        """Return the view of a question about a cycle, and its id; raise NotFound, naming it.

        A name is looked up before the moment, which may be a word of that cycle. The word
        `plan-committed` of a question about a goal or a team is about its own plan.
        """
        id_ = self.moments.cycle(cycle, "id")
        if known_at is not None and goal is not None:
            self.now()
            known_at = self.moments.of_goal(known_at, goal, "known_at")
        if known_at is not None and team is not None:
            self.now()
            commit = self.moments.of_team(known_at, team, id_, "known_at")
            known_at = known_at if commit is None else str(commit.position)
        view = self.at(known_at, at, id_)
        return view, self.moments.cycle(cycle, "id", view.moment)

    def about(self, id_: UUID, known_at: str | None, at: str | None) -> View:
        """Return the view of a question about a goal: a word is then about the goal's cycle.

        The word `plan-committed` is about the goal's own promise.
        """
        view = self.now()
        if known_at is None and at is None:
            return view
        cycle = self.cycle_of(view, id_, known_at, at)
        if known_at is not None:
            known_at = self.moments.of_goal(known_at, id_, "known_at")
        if at is not None:
            at = self.moments.of_goal(at, id_, "at")
        return self.back(view, self.moments.moment(known_at, at, cycle))

    def between(
        self, id_: UUID, first: str | None, last: str | None
    ) -> tuple[View, LogPoint, LogPoint]:
        """Return two points of the past of a goal in order, and the view of the later one.

        Where the first is not given it is that of the goal's own promise, the last is then now.
        Raises Invalid or NotFound with the field at fault: from or to.
        """
        view = self.now()
        first = PLAN_COMMITTED if first is None else first
        cycle = self.cycle_of(view, id_, first, last)
        start = self.moments.past(self.moments.of_goal(first, id_, "from"), "from", cycle)
        if last is None:
            end = LogPoint(view.moment.known, view.moment.day, is_fixed=False)
        else:
            end = self.moments.past(self.moments.of_goal(last, id_, "to"), "to", cycle)
        if end.position < start.position or end.day < start.day:
            raise Invalid("to lies before from.", field="to")
        return self.back(view, end.moment), start, end

    def today(self) -> date:
        """Return the organisation's date."""
        return self.okr.today()

    @staticmethod
    def cycle_of(view: View, id_: UUID, *texts: str | None) -> UUID | None:
        """Return the cycle of a goal where a text is a word of a cycle; raise NotFound."""
        if not any(text and is_word(text) for text in texts):
            return None
        found = view.rows(CYCLE_OF, id=str(id_))
        if not found:
            raise NotFound(f"There is no objective or key result {id_}.", field="id")
        return UUID(found[0][0])

    def goals_cycle(self, id_: UUID) -> UUID:
        """Return the cycle of an objective or key result that is there."""
        return UUID(self.now().rows(CYCLE_OF, id=str(id_))[0][0])

    def kind_of(self, id_: UUID) -> str:
        """Return what a goal is: objective, key_result or kpi; raise NotFound."""
        found = self.now().rows(KIND_OF, id=str(id_))
        if not found:
            raise NotFound(f"There is no goal {id_}.", field="id")
        return str(found[0][0])
