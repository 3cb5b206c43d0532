"""Whether who calls reads the words of a goal: a warning or a dry run must not tell them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from okr_es.access.rights import Answer, Line, Part
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.about import Thing, of_objective
from okr_es.handlers.rights import answer_of
from okr_es.handlers.unit_of_work import UnitOfWork


def may_read(work: UnitOfWork, id_: UUID) -> bool:
    """Return whether who calls may read the words of an objective or key result; of all else too.

    They may where no table of rights is asked.
    """
    if not work.context.enforced:
        return True
    found = work.loaded.get(id_)
    if isinstance(found, KeyResult):
        if found.owner_id == work.context.by:
            return True
        found = work.find(Objective, found.objective_id)
    if not isinstance(found, Objective) or not found.confidential:
        return True
    thing: Thing = of_objective(found.id, work)
    about = replace(thing.about, part=Part.READ)
    return answer_of(Line.REVIEWS, thing._replace(about=about), work) == Answer.YES
