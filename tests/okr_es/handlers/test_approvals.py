"""Four eyes: what needs approval by someone else waits for it, and nobody approves their own."""

from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from okr_es.changes import MeasureChanges
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    ApproveRequest,
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DraftObjective,
    DropKeyResult,
    ErasePerson,
    GradeObjective,
    LinkKeyResult,
    MoveKeyResult,
    RealignObjective,
    ReassignObjective,
    RefuseRequest,
    RegisterPerson,
    ReopenObjective,
    RequireApproval,
    RetargetKeyResult,
    RetitleObjective,
    ReweightKeyResult,
    WithdrawRequest,
)
from okr_es.context import Context
from okr_es.domain import refusals as r
from okr_es.domain.approval import Approval, approval_id
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.values import Action, Controlled, Kind
from okr_es.handlers.approval_gate import REQUESTABLE, command_of, fields_of
from okr_es.ids import event_id
from okr_es.log.schema import events
from okr_es.people.texts import EncryptedText
from tests.okr_es.handlers.test_cycles_and_policy import EARLY, GAPS, NEVER_COMMITTED
from tests.okr_es.handlers.test_races import meanwhile
from tests.support.given import World, fact, given, refused
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    NOBODY,
    OTHER,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    STEPS,
    TWENTY,
    built,
    d,
)

CLOSING, GRADES, REVISIONS = Controlled
ALL = tuple(Controlled)
WHY = {"reason": "The market shrank."}
LESS = Measure(Kind.METRIC, d("0"), d("800.50"), "leads")
RETARGET = RetargetKeyResult(CUSTOMERS, LESS)
PLANNED = (CommitPlan(Q3), RequireApproval(Q3, ALL))
ASKED = UUID(int=0xA5CED)
REQUEST = approval_id(ASKED)
STILL_WAITS, WAITS = "requests_still_wait", "waits_for_approval"
BY_ANN = Context(by=ANN, reason=WHY["reason"], comment="A table says so.", command_id=ASKED)
CEM = UUID(int=0xA3)


def asks(world: World, command: Command = RETARGET, **context: Any) -> UUID:
    """Let Ann ask for something that needs approval; return the request."""
    said = {"reason": BY_ANN.reason, "comment": BY_ANN.comment, "command_id": ASKED}
    receipt = world.execute(command, **said | context)
    assert receipt.approval_id is not None
    return receipt.approval_id


def requested(
    action: Action, command: Command, known_at: int, asked_for: UUID | None = None
) -> Any:
    return fact(
        Approval.Requested, REQUEST, cycle_id=Q3, action=action,
        command=type(command).__name__, fields=fields_of(command), asked_by=ANN,
        asked_for=asked_for, known_at=known_at,
    )  # fmt: skip


class TestRequireApproval:
    def test_it_is_required_from_here_on(self, world: World) -> None:
        given(world).when(RequireApproval(Q3, (REVISIONS, CLOSING, CLOSING))).then(
            fact(Cycle.ApprovalRequired, Q3, 2, of=(CLOSING, REVISIONS))
        )

    def test_the_same_again_is_no_news(self, world: World) -> None:
        given(world, RequireApproval(Q3, ALL)).when(RequireApproval(Q3, ALL[::-1])).then_nothing()
        given(world).when(RequireApproval(Q4, ())).then_nothing()

    def test_more_of_it_needs_neither_reason_nor_approval(self, world: World) -> None:
        given(world, RequireApproval(Q3, (CLOSING,))).when(
            RequireApproval(Q3, (CLOSING, GRADES))
        ).then(fact(Cycle.ApprovalRequired, Q3, 3, of=(CLOSING, GRADES)))

    def test_less_of_it_needs_a_reason(self, world: World) -> None:
        given(world, RequireApproval(Q3, ALL)).when(RequireApproval(Q3, ())).then_refused(
            r.ReasonIsMissing, field="reason"
        )

    def test_and_approval_by_someone_else_while_it_stands(self, world: World) -> None:
        """Or anyone could switch it off, do as they like, and switch it on again."""
        fewer = RequireApproval(Q3, (CLOSING,))
        given(world, RequireApproval(Q3, ALL)).when(fewer, **WHY, command_id=ASKED).then(
            requested(Action.REQUIREMENT, fewer, 18), warnings=(WAITS,)
        )
        given(world).when(ApproveRequest(REQUEST), by=BEN).then(
            fact(Approval.Approved, REQUEST, 2),
            fact(Cycle.ApprovalRequired, Q3, 3, of=(CLOSING,)),
            asked=Context(by=ANN, **WHY, command_id=ASKED),
        )

    def test_not_of_a_closed_or_unknown_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(RequireApproval(Q3, ALL)).then_refused(r.CycleIsClosed)
        given(world).when(RequireApproval(NOBODY, ALL)).then_refused(r.NotFound, field="cycle_id")


class TestWhatNeedsApproval:
    @pytest.mark.parametrize(
        ("action", "command"),
        [
            (Action.CLOSING, CloseCycle(Q3)),
            (Action.ADJUSTED_GRADES, GradeObjective(GROW, d("0.70"))),
            *(
                (Action.PLAN_REVISIONS, command)
                for command in (
                    RETARGET,
                    RetitleObjective(GROW, "grow"),
                    ReassignObjective(GROW, owner_id=BEN),
                    RealignObjective(GROW, REACH, weight=d("2.0")),
                    AbandonObjective(GROW),
                    AddKeyResult(GROW, "more", TWENTY, id=NEW),
                    AddKeyResult(GROW, "more", TWENTY, kpi_id=RESPONSE, id=NEW),
                    CommitObjective(REACH),
                    ReweightKeyResult(LAUNCH, d("0")),
                    LinkKeyResult(CUSTOMERS, RESPONSE),
                    MoveKeyResult(CUSTOMERS, REACH),
                    MoveKeyResult(LEADS, GROW),
                    DropKeyResult(BRAND),
                )
            ),
        ],
        ids=repr,
    )
    def test_waits_as_a_request_and_happens_once_approved(
        self, action: Action, command: Command, world: World
    ) -> None:
        given(world, *PLANNED)
        before = world.streams()
        receipt = world.okr.execute(command, BY_ANN)
        (request,) = world.facts(19)
        assert vars(request) == vars(requested(action, command, 19))
        assert (receipt.id, receipt.approval_id, receipt.version) == (REQUEST, REQUEST, 1)
        assert WAITS in {each.code for each in receipt.warnings}
        assert [row for row in world.streams() if row.stream != REQUEST] == before
        world.execute(RegisterPerson("Cem", id=CEM))
        world.execute(ApproveRequest(REQUEST), by=CEM)
        facts = world.facts(21)
        assert type(facts[0]) is Approval.Approved
        assert len(facts) >= 2
        undone = given_without_control(world, command)
        assert [vars(each) for each in facts[1:]] == undone

    def test_taking_back_an_abandonment_does_too(self, world: World) -> None:
        given(world, CommitPlan(Q3), AbandonObjective(GROW), RequireApproval(Q3, ALL))
        assert asks(world, ReopenObjective(GROW))

    @pytest.mark.parametrize(
        "command",
        [
            GradeObjective(GROW),
            RetitleObjective(REACH, "a draft"),
            RetargetKeyResult(LEADS, LESS),
            DraftObjective(Q3, MARKETING, BEN, "draft", id=NEW),
            AddKeyResult(REACH, "of a draft", STEPS, id=NEW),
            CarryOverObjective(GROW, Q4, NEW),
            RealignObjective(REACH, GROW),
        ],
        ids=repr,
    )
    def test_what_needs_none_happens_at_once(self, command: Command, world: World) -> None:
        given(world, *PLANNED)
        assert world.execute(command).approval_id is None

    def test_before_the_plan_is_committed_nothing_revises_it(self, world: World) -> None:
        given(world, RequireApproval(Q3, ALL))
        assert world.execute(RETARGET).approval_id is None

    def test_reopening_a_grade_needs_none(self, world: World) -> None:
        given(world, CommitPlan(Q3), GradeObjective(GROW), RequireApproval(Q3, ALL))
        assert world.execute(ReopenObjective(GROW), **WHY).approval_id is None

    def test_another_cycle_needs_none(self, world: World) -> None:
        given(world, CommitPlan(Q3), RequireApproval(Q4, ALL))
        assert world.execute(RETARGET, **WHY).approval_id is None

    def test_each_control_is_of_its_own(self, world: World) -> None:
        given(world, CommitPlan(Q3), RequireApproval(Q3, (GRADES,)))
        assert world.execute(RETARGET, **WHY).approval_id is None
        assert asks(world, GradeObjective(GROW, d("0.5")))

    def test_what_would_be_refused_today_is_not_even_asked_for(self, world: World) -> None:
        given(world, *PLANNED).when(RETARGET).then_refused(r.ReasonIsMissing, field="reason")
        given(world).when(RetargetKeyResult(CUSTOMERS, STEPS), **WHY).then_refused(
            r.KindDoesNotFit, field="kind"
        )

    def test_what_would_change_nothing_is_not_asked_for(self, world: World) -> None:
        given(world, *PLANNED).when(ReweightKeyResult(LAUNCH, d("1"))).then_nothing()

    def test_a_stale_version_is_a_conflict_at_once(self, world: World) -> None:
        given(world, *PLANNED).when(RETARGET, **WHY, expected_version=7).then_refused(
            r.Conflict, field="expected_version"
        )

    def test_what_it_begins_has_its_id_from_the_asking(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world, AddKeyResult(GROW, "more", TWENTY))
        id_ = UUID(world.facts(19)[0].fields["id"])  # type: ignore[attr-defined]
        world.execute(ApproveRequest(REQUEST), by=BEN)
        assert world.facts()[-1].originator_id == id_

    def test_it_is_asked_for_once_however_often_it_arrives(self, world: World) -> None:
        given(world, *PLANNED)
        first = world.okr.execute(RETARGET, BY_ANN)
        again = world.okr.execute(RETARGET, BY_ANN)
        assert (again.repeated, again.approval_id) == (True, first.approval_id)
        assert len(world.facts()) == 20


def given_without_control(world: World, command: Command) -> list[dict[str, Any]]:
    """What a command comes to in the same world where nothing needs approval."""
    with TemporaryDirectory() as folder:
        free = built(f"sqlite:///{folder}/okr.db")
        # The same versions of the cycle, and a plan that is committed.
        given(free, CommitPlan(Q3), RequireApproval(Q3, (GRADES,)), RequireApproval(Q3, ()))
        head = len(free.facts())
        if isinstance(command, GradeObjective):
            free.execute(ApproveRequest(asks(free, RequireApproval(Q3, ()))), by=BEN)
            head = len(free.facts())
        free.execute(command, **WHY)
        found = [vars(each) for each in free.facts(head)]
        free.okr.close()
    return found


class TestApproveRequest:
    def test_it_is_carried_out_for_who_asked_with_the_reason_they_gave(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, *PLANNED)
        asks(world)
        given(world).when(ApproveRequest(REQUEST), by=BEN, comment="Agreed.").then(
            fact(Approval.Approved, REQUEST, 2),
            fact(KeyResult.Retargeted, CUSTOMERS, 2, measure=LESS, trajectory=()),
            asked=BY_ANN,
        )

    def test_closing_it_warns_of_what_still_waits(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world, command_id=UUID(int=9))
        asks(world, CloseCycle(Q3))
        given(world).when(ApproveRequest(REQUEST), by=BEN).then(
            fact(Approval.Approved, REQUEST, 2),
            fact(Cycle.Closed, Q3, 4),
            asked=BY_ANN,
            warnings=(
                EARLY,
                *GAPS,
                STILL_WAITS,
            ),
        )
        given(world).when(ApproveRequest(approval_id(UUID(int=9))), by=BEN).then_refused(
            r.CycleIsClosed
        )

    def test_todays_rules_decide(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        world.execute(ApproveRequest(asks(world, AbandonObjective(GROW), command_id=NEW)), by=BEN)
        given(world).when(ApproveRequest(REQUEST), by=BEN).then_refused(r.ObjectiveIsOver)

    def test_the_approvers_own_reason_does_not_stand_in(self, world: World) -> None:
        """The request gave none, put past the rules: what it asks for needs one of its own."""
        given(world, *PLANNED, requested(Action.PLAN_REVISIONS, RETARGET, 19))
        given(world).when(ApproveRequest(REQUEST), by=BEN, reason="mine").then_refused(
            r.ReasonIsMissing, field="reason"
        )

    def test_nothing_is_left_to_change_where_it_was_done_already(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        world.execute(ApproveRequest(asks(world, command_id=NEW)), by=BEN)
        given(world).when(ApproveRequest(REQUEST), by=BEN).then(
            fact(Approval.Approved, REQUEST, 2), warnings=("nothing_left_to_change",)
        )

    def test_nobody_approves_their_own(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(ApproveRequest(REQUEST)).then_refused(r.RequestIsYourOwn, field="by")

    def test_nor_what_was_asked_for_them(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world, on_behalf_of=BEN)
        given(world).when(ApproveRequest(REQUEST), by=BEN).then_refused(
            r.RequestIsYourOwn, field="by"
        )

    @pytest.mark.parametrize("decision", [ApproveRequest, RefuseRequest])
    @pytest.mark.parametrize("whose", [ANN, BEN, CEM])
    def test_nor_does_anyone_in_anyones_name(
        self, decision: type[Command], whose: UUID, world: World
    ) -> None:
        given(world, *PLANNED, RegisterPerson("Cem", id=CEM))
        asks(world)
        given(world).when(decision(REQUEST), by=BEN, on_behalf_of=whose, **WHY).then_refused(
            r.NobodyDecidesForAnother, field="on_behalf_of"
        )

    def test_what_was_asked_for_another_is_carried_out_for_who_asked(self, world: World) -> None:
        given(world, *PLANNED, RegisterPerson("Cem", id=CEM))
        asks(world, on_behalf_of=BEN)
        given(world).when(ApproveRequest(REQUEST), by=CEM).then(
            fact(Approval.Approved, REQUEST, 2),
            fact(KeyResult.Retargeted, CUSTOMERS, 2, measure=LESS, trajectory=()),
            asked=BY_ANN,
        )

    @pytest.mark.parametrize("decision", [ApproveRequest, RefuseRequest, WithdrawRequest])
    def test_it_is_decided_once(self, decision: type, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        by = ANN if decision is WithdrawRequest else BEN
        world.execute(decision(REQUEST), by=by, **WHY)
        for again, who in ((ApproveRequest, BEN), (RefuseRequest, BEN), (WithdrawRequest, ANN)):
            with refused(r.RequestIsDecided):
                world.execute(again(REQUEST), by=who, **WHY)

    def test_the_same_command_again_answers_as_before(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        asked = {"by": BEN, "command_id": NEW}
        first = world.execute(ApproveRequest(REQUEST), **asked)
        assert world.execute(ApproveRequest(REQUEST), **asked).first_position == (
            first.first_position
        )
        assert len(world.facts()) == 22

    def test_an_unknown_one_is_not_found(self, world: World) -> None:
        given(world).when(ApproveRequest(NOBODY)).then_refused(r.NotFound, field="approval_id")
        given(world).when(ApproveRequest(GROW)).then_refused(r.NotFound, field="approval_id")

    def test_of_two_at_once_one_wins(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, *PLANNED, RegisterPerson("Cem", id=CEM))
        asks(world)
        meanwhile(world, lambda: world.execute(ApproveRequest(REQUEST), by=BEN))
        with refused(r.Conflict):
            world.execute(ApproveRequest(REQUEST), by=CEM)
        approved = [each for each in world.facts() if isinstance(each, Approval.Approved)]
        retargeted = [each for each in world.facts() if isinstance(each, KeyResult.Retargeted)]
        assert (len(approved), len(retargeted)) == (1, 1)

    def test_so_it_is_in_threads(self, world_on_both: World) -> None:
        world = world_on_both
        people = [UUID(int=0xA10 + number) for number in range(4)]
        given(world, *PLANNED, *(RegisterPerson("One", id=id_) for id_ in people))
        asks(world)

        def approve(by: UUID) -> str:
            try:
                world.execute(ApproveRequest(REQUEST), by=by)
            except (r.Conflict, r.RequestIsDecided):
                return "told"
            return "approved"

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(approve, people)) == ["approved", "told", "told", "told"]

    def test_the_goal_changes_while_it_is_approved_and_is_decided_anew(self, world: World) -> None:
        given(world, CommitPlan(Q3), RequireApproval(Q3, (GRADES,)))
        asks(world, GradeObjective(GROW, d("0.5")))
        meanwhile(world, lambda: world.execute(AbandonObjective(GROW), **WHY))
        with refused(r.Conflict):
            world.execute(ApproveRequest(REQUEST), by=BEN)
        given(world).when(ApproveRequest(REQUEST), by=BEN).then_refused(r.ObjectiveIsNotCommitted)


class TestWhoWasErased:
    def test_what_they_asked_for_can_only_be_refused(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world, by=BEN)
        given(world, ErasePerson(BEN, "GDPR 17")).when(ApproveRequest(REQUEST)).then_refused(
            r.PersonIsUnknown, field="approval_id"
        )
        world.execute(RefuseRequest(REQUEST), **WHY)

    def test_so_it_is_while_it_is_approved(self, world: World) -> None:
        given(world, *PLANNED, RegisterPerson("Cem", id=CEM))
        asks(world, by=BEN)
        meanwhile(world, lambda: world.execute(ErasePerson(BEN, "GDPR 17"), **WHY))
        with refused(r.PersonIsUnknown, field="approval_id"):
            world.execute(ApproveRequest(REQUEST), by=CEM)
        assert world.facts()[-1].TOPIC == "person.erased"  # type: ignore[attr-defined]

    def test_their_words_about_a_plan_stay_wherever_they_stand(self, world: World) -> None:
        given(world, *PLANNED)
        world.execute(RegisterPerson("Cem", id=CEM))
        asks(world, by=BEN, reason="Ben's reason", comment=None)
        world.execute(ApproveRequest(REQUEST), by=CEM, comment="Cem's comment")
        assert words(world) == [
            {"reason": "Ben's reason"}, {"comment": "Cem's comment"}, {"reason": "Ben's reason"},
        ]  # fmt: skip
        world.execute(ErasePerson(BEN, "GDPR 17"), **WHY)
        world.execute(ErasePerson(CEM, "GDPR 17"), **WHY)
        assert words(world)[:3] == [
            {"reason": "Ben's reason"}, {"comment": "Cem's comment"}, {"reason": "Ben's reason"},
        ]  # fmt: skip


def words(world: World) -> list[dict[str, str]]:
    """What can be read of what was said with the last events, from the request on."""
    with world.okr.database.reader.connect() as connection:
        rows = connection.execute(select(events).where(events.c.position > 19)).all()
    return world.okr.directory.texts.decrypt(
        EncryptedText(event_id(row.stream, row.version), row.encrypted, row.command_id)
        for row in rows
        if row.encrypted is not None
    )


class TestRefuseRequest:
    def test_it_is_refused_with_a_reason(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(RefuseRequest(REQUEST), by=BEN, reason="Not now.").then(
            fact(Approval.Refused, REQUEST, 2)
        )
        assert world.okr.repository.get(CUSTOMERS).version == 1

    def test_not_without_one(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(RefuseRequest(REQUEST), by=BEN).then_refused(
            r.ReasonIsMissing, field="reason"
        )

    def test_not_by_who_asked(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(RefuseRequest(REQUEST), **WHY).then_refused(
            r.RequestIsYourOwn, field="by"
        )


class TestWithdrawRequest:
    def test_who_asked_withdraws_it(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(WithdrawRequest(REQUEST)).then(fact(Approval.Withdrawn, REQUEST, 2))

    def test_so_does_who_it_was_asked_for(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world, on_behalf_of=BEN)
        given(world).when(WithdrawRequest(REQUEST), by=BEN).then(
            fact(Approval.Withdrawn, REQUEST, 2)
        )

    def test_nobody_else(self, world: World) -> None:
        given(world, *PLANNED)
        asks(world)
        given(world).when(WithdrawRequest(REQUEST), by=BEN).then_refused(
            r.RequestIsNotYours, field="by"
        )


class TestWhatWaits:
    @pytest.mark.parametrize(
        "command",
        [
            RetargetKeyResult(CUSTOMERS, MeasureChanges(target=d("800.50"), unit=None)),
            RetargetKeyResult(LAUNCH, MeasureChanges(**vars(STEPS)), ()),
            RetargetKeyResult(LAUNCH),
            GradeObjective(GROW, d("0.70")),
            GradeObjective(GROW, d("0.0000001")),
            AddKeyResult(GROW, "Zürich", STEPS, d("1.500"), kpi_id=RESPONSE, id=OTHER),
            RequireApproval(Q3, ALL),
            RealignObjective(GROW, weight=d("100000000000000000000.000000000000000001")),
        ],
        ids=repr,
    )
    def test_is_the_very_command_digit_by_digit(self, command: Command) -> None:
        stored = msgspec.json.decode(msgspec.json.encode(fields_of(command)))
        read = command_of(type(command).__name__, stored)
        assert (repr(read), fields_of(read)) == (repr(command), fields_of(command))

    def test_under_names_that_stay(self) -> None:
        """They stand in somebody's log."""
        assert set(REQUESTABLE) == {
            "AbandonObjective", "AddKeyResult", "CloseCycle", "CommitObjective",
            "CorrectKeyResult", "CorrectKpi", "CorrectKpiTarget", "CorrectObjective",
            "DeactivatePerson", "DropKeyResult", "ErasePerson", "GradeObjective", "LiftLegalHold",
            "LinkKeyResult", "MoveKeyResult", "PlaceLegalHold", "ReactivatePerson",
            "RealignObjective", "ReassignKeyResult", "ReassignObjective", "RedactText",
            "ReinstateKeyResult", "ReinstateKpi",
            "ReopenObjective", "ReplaceObjectiveCommitment", "RequireApproval", "RescheduleCycle",
            "RescheduleObjective", "RetargetKeyResult", "RetireKpi", "RetitleKeyResult",
            "RetitleObjective", "ReweightKeyResult",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "fields"),
        [("Promote", {}), ("CloseCycle", {}), ("CloseCycle", {"cycle_id": 5}), ("Command", {})],
    )
    def test_what_is_no_command_of_today_can_only_be_refused(
        self, name: str, fields: dict[str, Any]
    ) -> None:
        with refused(r.Invalid, field="approval_id"):
            command_of(name, fields)


def test_never_committed_and_early_are_shown_with_the_asking(world: World) -> None:
    given(world, RequireApproval(Q3, ALL)).when(CloseCycle(Q3), command_id=ASKED).then(
        requested(Action.CLOSING, CloseCycle(Q3), 18),
        warnings=(NEVER_COMMITTED, EARLY, *GAPS, WAITS),
    )
