"""The approval gate: a command that needs approval by someone else becomes a request.

A command is decided first, as always. Where one of the events it came to needs approval in its
cycle, a request takes their place. Closing, adjusting a grade and taking a requirement away are
seen by their events; a revision of a committed plan is whatever changes a goal that is promised,
and whatever comes to the plan or comes back to it: also what is added makes another promise. A
correction of a committed promise needs approval once it comes late, in any cycle; so does what the
table of rights gives nobody alone: the grade of an own goal, and what is about a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UnsetType

from okr_es import commands as c
from okr_es.context import Thing
from okr_es.domain.approval import Approval, approval_id
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.plan_revisions import CHANGED_KEY_RESULTS, PLAN_REVISIONS
from okr_es.domain.refusals import ApiKeyNeedsApproval, Invalid
from okr_es.domain.values import Action, Controlled, State
from okr_es.handlers.owners import owners_of
from okr_es.handlers.retiring import fed_and_running
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import plain

# What can wait for approval. The names stand in the log: they stay.
REQUESTABLE: dict[str, type[c.Command]] = {
    command.__name__: command
    for command in (
        c.RequireApproval,
        c.CloseCycle,
        c.GradeObjective,
        c.CommitObjective,
        c.RetitleObjective,
        c.RescheduleObjective,
        c.ReplaceObjectiveCommitment,
        c.ReassignObjective,
        c.RealignObjective,
        c.ReopenObjective,
        c.AbandonObjective,
        c.AddKeyResult,
        c.RetitleKeyResult,
        c.ReassignKeyResult,
        c.RetargetKeyResult,
        c.ReweightKeyResult,
        c.LinkKeyResult,
        c.MoveKeyResult,
        c.DropKeyResult,
        c.ReinstateKeyResult,
        c.RetireKpi,
        c.ReinstateKpi,
        c.RescheduleCycle,
        c.CorrectObjective,
        c.CorrectKeyResult,
        c.CorrectKpi,
        c.CorrectKpiTarget,
        c.ErasePerson,
        c.DeactivatePerson,
        c.ReactivatePerson,
        c.PlaceLegalHold,
        c.LiftLegalHold,
        c.RedactText,
    )
}


def request_where_required(
    command: c.Command, work: UnitOfWork, touched: UUID | None
) -> UUID | None:
    """Put a request in the place of what was decided, where that needs approval.

    Returns the id of what the command began or changed: of the request, if it became one. Refuses
    it to an api key: who made the key could approve what it asks for.
    """
    if not work.changed or isinstance(command, c.ApproveRequest):
        return touched
    required = next(required_approvals(command, work), None)
    if required is None:
        return touched
    if work.context.by_key:
        raise ApiKeyNeedsApproval(
            "Someone else would have to approve this, and a key asks for no approval.", field="by"
        )
    cycle_id, action = required
    command = work.late_correction.command if work.late_correction else command
    request = Approval.request(
        id=approval_id(work.context.command_id),
        cycle_id=cycle_id,
        action=action,
        command=type(command).__name__,
        fields=fields_of(with_id(command, touched)),
        asked_by=work.context.by,
        asked_for=work.context.on_behalf_of,
        known_at=work.after,
    )
    owners = set(owners_of(action, work.events, work, since=work.after)) - request.parties
    work.events.clear()
    work.changed.clear()
    work.save(request)
    work.warn("waits_for_approval", [request])
    if owners:
        work.warn("owners_cannot_approve", [Thing("person", id_) for id_ in sorted(owners)])
    work.approval_id = request.id
    return request.id


def with_id(command: c.Command, touched: UUID | None) -> c.Command:
    """Return a command that names what it begins, so that it begins just that once approved."""
    if getattr(command, "id", touched) is None:
        return replace(command, id=touched)  # type: ignore[call-arg]
    return command


def fields_of(command: c.Command) -> dict[str, Any]:
    """Return the fields of a command as they stand in JSON, numbers digit by digit.

    What it leaves out is not there; what it takes away is null.
    """
    found: dict[str, Any] = plain(msgspec.to_builtins(command, builtin_types=(Decimal,)))
    return found


def command_of(name: str, fields: dict[str, Any]) -> c.Command:
    """Return the command that was asked for; raise Invalid if it is none of today's.

    Before fields could be left out, null stood for that where nothing can be taken away.
    """
    try:
        command = REQUESTABLE[name]
        stays = never_null(command)
        given = {name: v for name, v in fields.items() if v is not None or name not in stays}
        return msgspec.convert(given, command)
    except (KeyError, msgspec.ValidationError):
        raise Invalid(
            "What was asked for is not known any more; it can only be refused.", field="approval_id"
        ) from None


def never_null(command: type[c.Command]) -> frozenset[str]:
    """Return the fields of a command that can be left out, but not taken away."""
    kinds = {name: get_args(hint) for name, hint in get_type_hints(command).items()}
    return frozenset(
        name for name, found in kinds.items() if UnsetType in found and NoneType not in found
    )


def required_approvals(
    command: c.Command, work: UnitOfWork
) -> Iterator[tuple[UUID | None, Action]]:
    """Yield what of the decision needs approval, and in which cycle, None: of none.

    A late correction always does, and what the table of rights gives nobody alone.
    """
    if work.late_correction is not None:
        yield work.late_correction.cycle_id, Action.CORRECTION
    if work.needs_another and isinstance(command, c.GradeObjective):
        objective = work.load(Objective, command.objective_id, "objective_id")
        yield objective.cycle_id, Action.OWN_GRADE
    elif work.needs_another:
        yield None, Action.ABOUT_PERSON
    for event in work.events:
        for cycle_id, action in controls_of(event, work):
            cycle = work.as_loaded(Cycle, cycle_id)
            if cycle is not None and is_required(cycle, action, event):
                yield cycle_id, action


def controls_of(event: Change, work: UnitOfWork) -> Iterator[tuple[UUID, Action]]:
    """Yield which controls of which cycles an event falls under, where they are required."""
    match event:
        case Cycle.Closed():
            yield event.originator_id, Action.CLOSING
        case Cycle.ApprovalRequired():
            yield event.originator_id, Action.REQUIREMENT
        case Cycle.Rescheduled():
            cycle = work.as_loaded(Cycle, event.originator_id)
            if cycle is not None and cycle.has_plan:
                yield cycle.id, Action.PLAN_REVISIONS
        case Objective.Graded(adjusted_grade=Decimal()):
            yield work.load(Objective, event.originator_id, "id").cycle_id, Action.ADJUSTED_GRADES
        case _:
            for cycle_id in revised_cycles(event, work):
                yield cycle_id, Action.PLAN_REVISIONS


def is_required(cycle: Cycle, action: Action, event: Change) -> bool:
    """Return whether a cycle requires approval of an action; its own lifting, while it stands."""
    if isinstance(event, Cycle.ApprovalRequired):
        return bool(set(cycle.approval_required) - set(event.of))
    return action in [str(each) for each in cycle.approval_required]


def revised_cycles(event: Change, work: UnitOfWork) -> Iterator[UUID]:
    """Yield the cycles whose committed plan an event revises."""
    if isinstance(event, Kpi.Retired | Kpi.Reinstated):
        fed = fed_and_running(work, event.originator_id)
        yield from (each.cycle.id for each in fed if is_guarded(each.cycle) and each.is_promised)
        return
    for id_ in changed_objectives(event, work):
        objective = work.as_loaded(Objective, id_)
        if objective is None:
            continue
        cycle = work.as_loaded(Cycle, objective.cycle_id)
        if cycle is None or not is_guarded(cycle):
            continue
        if touches_plan(event, objective, cycle) or came_promised(event, objective, work):
            yield cycle.id


def is_guarded(cycle: Cycle) -> bool:
    """Return whether a cycle requires approval of changes of its committed plan."""
    return Controlled.PLAN_REVISIONS in cycle.approval_required


def touches_plan(event: Change, objective: Objective, cycle: Cycle) -> bool:
    """Return whether an event changes an objective's promise, or adds it to a committed plan."""
    match event:
        case Objective.Committed():
            return cycle.has_committed(objective.team_id)
        case Objective.Reassigned() if objective.comes_to_plan(cycle, event.team_id):
            return True
        case _:
            return objective.is_promised(cycle)


def came_promised(event: Change, objective: Objective, work: UnitOfWork) -> bool:
    """Return whether an event changes a key result that was a promise before it was moved here.

    Abandoning and reopening an objective ends its key results, or takes them up again.
    """
    match event:
        case Objective.Abandoned() | Objective.Reopened():
            return holds_promise(objective, work)
        case _:
            key_result = work.as_loaded(KeyResult, event.originator_id)
            return key_result is not None and key_result.promised


def holds_promise(objective: Objective, work: UnitOfWork) -> bool:
    """Return whether a key result of an objective was a promise before it was moved here."""
    ids = work.living_children(objective.id, KeyResult)
    work.fetch(set(ids))
    return any(work.load(KeyResult, id_, "key_result_id").promised for id_ in ids)


def changed_objectives(event: Change, work: UnitOfWork) -> Iterator[UUID]:
    """Yield the objectives whose promise an event changes, if they are promised."""
    if type(event) not in PLAN_REVISIONS:
        return
    match event:
        case Objective.Reopened() if not was_abandoned(event, work):
            return
        case KeyResult.Added():
            yield event.objective_id
        case _ if type(event) in CHANGED_KEY_RESULTS | {KeyResult.Reinstated}:
            if before := work.as_loaded(KeyResult, event.originator_id):
                yield before.objective_id
            if isinstance(event, KeyResult.Moved):
                yield event.objective_id
        case _:
            yield event.originator_id


def was_abandoned(event: Objective.Reopened, work: UnitOfWork) -> bool:
    """Return whether a reopening brings back what was given up."""
    before = work.as_loaded(Objective, event.originator_id)
    return before is not None and before.state == State.ABANDONED
