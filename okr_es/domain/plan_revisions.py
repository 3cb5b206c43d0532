"""What revises a committed plan: the one list for revision counts, approval gate and review.

An event of these on a goal that is promised revises the plan; on a draft, or before the plan of
its team is committed, it does not. What is listed here is counted, and waits for approval where a
cycle requires it.
"""

from __future__ import annotations

from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective

Events = frozenset[type[Change]]

# Words that describe a goal promise nothing, nor does a cadence: they are no revisions.
CHANGED_OBJECTIVES: Events = frozenset({
    Objective.Retitled, Objective.Rescheduled, Objective.CommitmentReplaced, Objective.Reassigned,
    Objective.Realigned, Objective.Abandoned,
})  # fmt: skip
CHANGED_KEY_RESULTS: Events = frozenset({
    KeyResult.Retitled, KeyResult.Reassigned, KeyResult.Retargeted, KeyResult.Reweighted,
    KeyResult.Linked, KeyResult.Unlinked, KeyResult.Moved, KeyResult.Dropped,
})  # fmt: skip

# Each is counted as a revision of its goal.
CHANGES = CHANGED_OBJECTIVES | CHANGED_KEY_RESULTS

# What was meant all along is no revision: counted as corrected, with an approval of its own.
CORRECTIONS: Events = frozenset({Objective.Corrected, KeyResult.Corrected})

# What comes to the plan is shown among its changes, and counted as added; so is an objective that
# is moved, or brought back, into a team whose plan was committed before.
ADDITIONS: Events = frozenset({Objective.Committed, KeyResult.Added})

# What was abandoned or dropped and is taken up again is a promise again: shown among the changes,
# counted as returned.
RETURNS: Events = frozenset({Objective.Reopened, KeyResult.Reinstated})

# What ends the values of a promise, or lets them return, is an event of the KPI: it waits for
# approval, and is counted of no goal.
SWITCHED: Events = frozenset({Kpi.Retired, Kpi.Reinstated})

# What corrects the days of a cycle corrects each promise of it: it waits for approval, and is
# counted of no goal.
OTHER_DAYS: Events = frozenset({Cycle.Rescheduled})

PLAN_REVISIONS = CHANGES | ADDITIONS | RETURNS | SWITCHED | OTHER_DAYS
