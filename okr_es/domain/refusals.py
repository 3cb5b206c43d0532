"""The refusals: why a command was not carried out. `web/api/problems.py` has their HTTP statuses.

Every refusal has a stable slug (its class name in kebab case), a sentence for people,
and, where one field is at fault, the name of that field.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar


class Refusal(Exception):
    """A command was refused, and nothing was recorded."""

    slug: ClassVar[str] = "refusal"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, message: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.facts = facts


class NotFound(Refusal):
    """There is nothing of that kind with that id."""


class Invalid(Refusal):
    """A value cannot be used; `field` names it."""


class TwoValuesOfOneDay(Invalid):
    """One body has two values of one KPI or key result about one day and subject."""


class Conflict(Refusal):
    """Someone else changed the same thing first; load it and decide again."""


class PreconditionFailed(Refusal):
    """The thing is at none of the versions that `If-Match` names."""


class RuleBroken(Refusal):
    """The command is well formed, but a rule of goals forbids it now."""


class AlreadyExists(RuleBroken):
    """A stream with that id or name has begun already."""


class RefusedBefore(RuleBroken):
    """The line was refused when this body came first; under another key it is decided again."""


class ReasonIsMissing(RuleBroken):
    """This change needs a reason."""

    def __init__(self, what: str) -> None:
        super().__init__(f"A reason is needed to {what}.", field="reason")


class ClockIsAhead(Refusal):
    """The clock of the server is too far ahead to record with."""


class NotAllowed(Refusal):
    """The roles of who calls do not allow this."""


class NeedsAnother(NotAllowed):
    """Nobody does this alone, and nobody else is there to approve it: an operator does it."""


class PersonIsUnknown(RuleBroken):
    """The acting or named person is not registered, or was erased."""


class PersonIsInactive(RuleBroken):
    """The person left; they act and own nothing new until they are back."""


class PersonIsHeld(RuleBroken):
    """A legal hold keeps the person from being erased; lift it first."""


class PersonIsNotHeld(RuleBroken):
    """There is no legal hold for that matter, so there is nothing to lift."""


class CycleIsClosed(RuleBroken):
    """The cycle is closed; reopen it first, or carry the goal over."""


class CycleIsOpen(RuleBroken):
    """The cycle is open; there is nothing to reopen."""


class CycleHasNotStarted(RuleBroken):
    """The cycle's first day is in the future."""


class DueBeforeTheStart(RuleBroken):
    """Objectives of the cycle would be due before its first day."""


class PlanIsCommitted(RuleBroken):
    """A plan is committed once per team and cycle; later changes are revisions of it."""


class PlanIsEmpty(RuleBroken):
    """A plan without a committed objective promises nothing; commit objectives first."""


class ObjectiveIsNotDraft(RuleBroken):
    """Only a draft can be committed."""


class ObjectiveIsNotCommitted(RuleBroken):
    """Only a committed objective can be graded, checked in on or carried over."""


class ObjectiveIsOver(RuleBroken):
    """The objective was graded, carried over or abandoned."""


class ObjectiveIsNotOver(RuleBroken):
    """The objective is still running; there is nothing to reopen."""


class AlignmentLoops(RuleBroken):
    """An objective would, through others, be aligned to itself."""


class KeyResultIsDropped(RuleBroken):
    """The key result was dropped."""


class KeyResultIsNotDropped(RuleBroken):
    """The key result was not dropped; there is nothing to reinstate."""


class KeyResultIsLinked(RuleBroken):
    """A key result fed by a KPI takes its values from that KPI alone."""


class KindDoesNotFit(RuleBroken):
    """The value or the link does not suit a key result of this kind."""


class TargetEqualsBaseline(RuleBroken):
    """Progress from a baseline to the same number cannot be measured."""


class TargetIsBehindBaseline(RuleBroken):
    """A KPI that is to increase has its target above its baseline, one to decrease below."""


class UnitsDiffer(RuleBroken):
    """A KPI feeds key results of its own unit only."""


class WeightIsNegative(RuleBroken):
    """Weights are zero (left out) or more."""


class ReadingIsAboutTheFuture(RuleBroken):
    """A reading must not be about a day in the future."""


class CheckInIsEmpty(RuleBroken):
    """A check-in says something: a value or zone, a confidence or a comment."""


class ReadingIsRetracted(RuleBroken):
    """A retracted reading can be neither corrected nor retracted again."""


class KpiIsRetired(RuleBroken):
    """The KPI was retired."""


class KpiIsNotRetired(RuleBroken):
    """The KPI was not retired; there is nothing to reinstate."""


class KpiHasReadings(RuleBroken):
    """A KPI keeps unit, direction and baseline once it has readings; define another."""


class SpansOverlap(RuleBroken):
    """The KPI has a target for some of these days; retarget that one instead."""


class SpanHasNoTarget(RuleBroken):
    """The KPI has no target for exactly this span; set one first."""


class RequestIsDecided(RuleBroken):
    """The request was approved, refused or withdrawn; it is decided once."""


class RequestIsYourOwn(RuleBroken):
    """Nobody approves or refuses their own request, or one made for them."""


class GoalIsYourOwn(RuleBroken):
    """Nobody approves a change of what they own."""


class NobodyDecidesForAnother(RuleBroken):
    """A request is approved or refused in no one's name."""


class RequestIsNotYours(RuleBroken):
    """A request is withdrawn by the person who made it, or for whom it was made."""


class TeamIsDisbanded(RuleBroken):
    """The team was disbanded."""


class TeamIsNotDisbanded(RuleBroken):
    """The team was not disbanded; there is nothing to reinstate."""


class TeamHasLivingChildren(RuleBroken):
    """There are teams below it; move or disband them first."""


class TeamHasLivingObjectives(RuleBroken):
    """The team has running objectives; reassign or end them first."""


class TeamLoops(RuleBroken):
    """A team would, through others, be below itself."""


class GrantIsYourOwn(RuleBroken):
    """Nobody gives a role to themselves, or to the person they act for; someone else does."""


class GrantIsThere(RuleBroken):
    """The person has the role for the same teams on some of these days already."""


class AuditorsChangeNothing(RuleBroken):
    """Nobody is an auditor and lead, HR or administrator on the same day."""


class GrantIsOver(RuleBroken):
    """The last day of the grant is past, or comes before that day already; give another one."""


class NobodyAdministers(RuleBroken):
    """There is no administrator; the first one is made on the machine, by `okr-es admin grant`."""


class LastAdministrator(RuleBroken):
    """Nobody would be administrator from some day on; make somebody else one first."""


class ApiKeyIsWider(RuleBroken):
    """Nobody makes a key with a role that they do not have themselves, but on the machine."""


class ApiKeyIsOver(RuleBroken):
    """The api key is not there, was revoked, or its last day is past."""


class ApiKeyNeedsApproval(RuleBroken):
    """Someone else would have to approve it, and an api key asks for no approval."""


class ApiKeyMayNot(RuleBroken):
    """No api key does this, or not this one: people approve, give roles and make keys."""


class LogIsNotEmpty(RuleBroken):
    """Only an empty log can be seeded with times of the past."""


class TimeGoesBackwards(RuleBroken):
    """The times of a seeded log never go backwards."""


class CommandIdIsTaken(RuleBroken):
    """The command id was used before for another command."""


class ZoneContradicts(RuleBroken):
    """The setting names another time zone than the organisation's calendar; the log decides."""
