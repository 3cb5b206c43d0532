"""What is about a person and takes two: one asks, somebody else approves, and it is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.access.rights import Held
from okr_es.context import Context
from okr_es.domain.api_key import KeyRole
from okr_es.domain.approval import Approval
from okr_es.domain.person import Person
from okr_es.domain.refusals import (
    ApiKeyMayNot,
    ApiKeyNeedsApproval,
    NeedsAnother,
    NobodyDecidesForAnother,
    NotAllowed,
    PersonIsHeld,
    PersonIsUnknown,
    RequestIsYourOwn,
)
from okr_es.domain.text import RedactedText, RedactionGround
from okr_es.domain.values import Action, Role
from okr_es.dry_run import dry_run
from okr_es.log.schema import events
from okr_es.people.texts import EncryptedText
from tests.okr_es.handlers.test_rights import ADMINISTRATOR, HR, LEAD, MEMBER, People
from tests.support.begun import Begun
from tests.support.company_of_roles import HERE, begin_roles, id_of

SECOND_HR, ANOTHER_ADMINISTRATOR = id_of("second hr"), id_of("second administrator")
ERASE, DEACTIVATE = c.ErasePerson(MEMBER, "Article 17"), c.DeactivatePerson(MEMBER)


@pytest.fixture
def people(begun: Begun) -> Iterator[People]:
    with begun.fresh("company of roles", begin_roles) as url, closing(People(url)) as people:
        with_second_hr(people)
        yield people


@pytest.fixture
def on_sqlite(begun_on_sqlite: Begun) -> Iterator[People]:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(People(url)) as people,
    ):
        with_second_hr(people)
        yield people


def with_second_hr(people: People) -> None:
    people.operator(c.RegisterPerson("Second", id=SECOND_HR))
    people.operator(c.GrantRole(SECOND_HR, Role.HR, id=id_of("second hr", "grant")))


def asks(people: People, who: UUID, command: c.Command, **context: str | None) -> UUID:
    """Let somebody ask, which changes nothing but that a request waits; return it."""
    before = people.okr.log.head()
    done = people.does(who, command, **context)
    assert done.approval_id is not None
    assert people.okr.log.head() == before + 1
    assert [each.code for each in done.warnings][-1] == "waits_for_approval"
    return done.approval_id


def person(people: People, id_: UUID = MEMBER) -> Person:
    found = people.okr.repository.get(id_)
    assert isinstance(found, Person)
    return found


def envelopes(people: People, count: int) -> list[tuple[str, UUID, UUID | None]]:
    """The type of the last events, by whom they are and for whom."""
    rows = people.okr.database.rows(
        'SELECT type, "by", on_behalf_of FROM events ORDER BY position DESC LIMIT :count',
        {"count": count},
    )
    return [(kind, UUID(str(by)), for_ and UUID(str(for_))) for kind, by, for_ in reversed(rows)]


def request_texts(people: People, request: UUID) -> dict[str, str]:
    """What opens of the words of a request."""
    ((encrypted, command),) = people.okr.database.rows(
        f"SELECT encrypted, command_id FROM {events.name} WHERE stream = "
        f"{people.okr.database.dialect.as_id('id')} AND version = 1",
        {"id": str(request)},
    )
    piece = EncryptedText(f"{request}/1", bytes(encrypted), UUID(str(command)))
    return people.okr.directory.texts.decrypt([piece])[0]


# ---- erasure ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asker", "approver"),
    [(HR, SECOND_HR), (HR, ADMINISTRATOR), (ADMINISTRATOR, HR)],
    ids=["two of HR", "HR, then an administrator", "an administrator, then HR"],
)
def test_an_erasure_takes_two_and_is_carried_out_by_both(
    asker: UUID, approver: UUID, people: People
) -> None:
    request = asks(people, asker, ERASE)
    waiting = people.okr.repository.get(request)
    assert isinstance(waiting, Approval)
    assert (waiting.cycle_id, waiting.action) == (None, Action.ABOUT_PERSON)
    assert not person(people).erased
    assert people.okr.directory.entries([MEMBER]), "nothing is gone as long as one alone wants it"
    people.does(approver, c.ApproveRequest(request), reason=None)
    assert person(people).erased
    assert not people.okr.directory.entries([MEMBER])
    assert envelopes(people, 2) == [
        ("approval.approved", approver, None), ("person.erased", approver, asker),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["hr", "member", "lead", "lead of all", "auditor of all"])
def test_neither_who_asked_nor_who_has_no_part_in_it_approves(who: str, on_sqlite: People) -> None:
    request = asks(on_sqlite, HR, ERASE)
    for decision in (c.ApproveRequest(request), c.RefuseRequest(request)):
        assert isinstance(on_sqlite.refused(id_of(who), decision), NotAllowed)


def test_two_administrators_erase_nobody(on_sqlite: People) -> None:
    request = asks(on_sqlite, ADMINISTRATOR, ERASE)
    refusal = on_sqlite.refused(ANOTHER_ADMINISTRATOR, c.ApproveRequest(request))
    assert isinstance(refusal, NotAllowed)
    assert refusal.facts["could"] == ["hr"]


def test_whom_it_is_about_never_decides_it_not_even_on_the_machine(on_sqlite: People) -> None:
    request = asks(on_sqlite, HR, c.ErasePerson(SECOND_HR, "Article 17"))
    approve = c.ApproveRequest(request)
    for decision in (approve, c.RefuseRequest(request)):
        assert isinstance(on_sqlite.refused(SECOND_HR, decision), NotAllowed)
        for who in (SECOND_HR, HR):
            refusal = on_sqlite.refused(who, decision, enforced=False, reason="It is so.")
            assert isinstance(refusal, RequestIsYourOwn)
    in_a_name = on_sqlite.refused(ADMINISTRATOR, approve, on_behalf_of=SECOND_HR)
    assert isinstance(in_a_name, NobodyDecidesForAnother)
    on_sqlite.does(ADMINISTRATOR, approve)
    assert person(on_sqlite, SECOND_HR).erased


def test_nobody_approves_what_was_asked_for_in_their_name(on_sqlite: People) -> None:
    request = asks(on_sqlite, HR, ERASE, on_behalf_of=SECOND_HR)
    assert isinstance(on_sqlite.refused(SECOND_HR, c.ApproveRequest(request)), NotAllowed)


def test_an_erasure_that_was_not_finished_is_finished_by_the_same_approval(
    on_sqlite: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve = {"command_id": id_of("approve"), "reason": None}
    request = asks(on_sqlite, HR, ERASE)
    with monkeypatch.context() as patch:
        patch.setattr(on_sqlite.okr, "after_commit", lambda *_: None)
        on_sqlite.does(SECOND_HR, c.ApproveRequest(request), **approve)
    assert on_sqlite.okr.directory.entries([MEMBER])
    on_sqlite.does(SECOND_HR, c.ApproveRequest(request), **approve)
    assert not on_sqlite.okr.directory.entries([MEMBER])


def test_and_by_an_erasure_of_one_alone_under_another_key(
    on_sqlite: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asks(on_sqlite, HR, ERASE)
    with monkeypatch.context() as patch:
        patch.setattr(on_sqlite.okr, "after_commit", lambda *_: None)
        on_sqlite.does(SECOND_HR, c.ApproveRequest(request))
    done = on_sqlite.does(ADMINISTRATOR, ERASE)
    assert (done.approval_id, done.last_position) == (None, None)
    assert not on_sqlite.okr.directory.entries([MEMBER])


def test_an_erasure_that_was_asked_for_twice_under_one_key_erases_nobody(
    on_sqlite: People,
) -> None:
    said = {"command_id": id_of("ask")}
    first, again = (on_sqlite.does(HR, ERASE, **said) for _ in range(2))
    assert first.approval_id == again.approval_id
    assert again.repeated
    assert on_sqlite.okr.directory.entries([MEMBER])


# ---- with HR ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [DEACTIVATE, c.PlaceLegalHold(MEMBER, "T 1"), c.LiftLegalHold(id_of("gone"), "T 99-25"),
     c.ReactivatePerson(id_of("gone"))],
    ids=lambda command: type(command).__name__,
)  # fmt: skip
def test_an_administrator_does_what_is_about_a_person_with_hr(
    command: c.Command, on_sqlite: People
) -> None:
    request = asks(on_sqlite, ADMINISTRATOR, command)
    assert isinstance(
        on_sqlite.refused(ANOTHER_ADMINISTRATOR, c.ApproveRequest(request)), NotAllowed
    )
    on_sqlite.does(HR, c.ApproveRequest(request))
    (_, *carried_out) = envelopes(on_sqlite, 2)
    assert [each[1:] for each in carried_out] == [(HR, ADMINISTRATOR)]


def test_hr_does_it_alone_about_others(on_sqlite: People) -> None:
    assert on_sqlite.does(HR, c.PlaceLegalHold(MEMBER, "T 1")).approval_id is None
    assert on_sqlite.does(HR, c.DeactivatePerson(id_of("lead"))).approval_id is None


@pytest.mark.parametrize(
    "command",
    [c.PlaceLegalHold(HR, "T 1"), c.DeactivatePerson(HR), c.ErasePerson(HR, "Article 17")],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("approver", [SECOND_HR, ADMINISTRATOR], ids=["HR", "administrator"])
def test_hr_needs_somebody_else_about_themselves(
    command: c.Command, approver: UUID, on_sqlite: People
) -> None:
    request = asks(on_sqlite, HR, command)
    on_sqlite.does(approver, c.ApproveRequest(request))
    ((_, by, asked_by),) = envelopes(on_sqlite, 1)
    assert (by, asked_by) == (approver, HR)


def test_a_hold_of_ones_own_is_lifted_with_somebody_else_too(on_sqlite: People) -> None:
    on_sqlite.operator(c.PlaceLegalHold(HR, "T 1"))
    request = asks(on_sqlite, HR, c.LiftLegalHold(HR, "T 1"))
    on_sqlite.does(SECOND_HR, c.ApproveRequest(request))
    assert person(on_sqlite, HR).holds == ()


def test_a_text_about_oneself_is_redacted_with_somebody_else(on_sqlite: People) -> None:
    on_sqlite.does(SECOND_HR, c.PlaceLegalHold(HR, "T 1"), reason="Of the matter.")
    position = on_sqlite.okr.log.head()
    on_sqlite.operator(c.LiftLegalHold(HR, "T 1"))
    redact = c.RedactText(position, RedactionGround.UNLAWFUL)
    request = asks(on_sqlite, HR, redact)
    assert isinstance(on_sqlite.refused(HR, c.ApproveRequest(request)), NotAllowed)
    on_sqlite.does(SECOND_HR, c.ApproveRequest(request))
    ((kind, by, asked_by),) = envelopes(on_sqlite, 1)
    assert (kind, by, asked_by) == ("text.redacted", SECOND_HR, HR)
    left = on_sqlite.okr.directory.texts.about(HR)
    assert f"{HR}/2" not in left, "what opened it is gone"
    assert f"{HR}/3" in left, "that of the lifting is another text"


def test_hr_redacts_a_text_about_somebody_else_alone(on_sqlite: People) -> None:
    on_sqlite.does(HR, c.DeactivatePerson(LEAD))
    done = on_sqlite.does(HR, c.RedactText(on_sqlite.okr.log.head(), RedactionGround.UNLAWFUL))
    assert done.approval_id is None
    assert done.id is not None
    assert isinstance(on_sqlite.okr.repository.get(done.id), RedactedText)


# ---- what a request says ------------------------------------------------------------------


def test_the_reason_of_a_request_goes_with_the_person_and_that_of_the_erasure_stays(
    on_sqlite: People,
) -> None:
    refused = asks(on_sqlite, ADMINISTRATOR, DEACTIVATE, reason="They drink.")
    on_sqlite.does(HR, c.RefuseRequest(refused), reason="They do not.")
    erased = asks(on_sqlite, HR, ERASE, reason="They asked for it.", comment="By letter.")
    assert request_texts(on_sqlite, erased) == {
        "reason": "They asked for it.", "comment": "By letter.",
    }  # fmt: skip
    on_sqlite.does(SECOND_HR, c.ApproveRequest(erased))
    assert request_texts(on_sqlite, refused) == request_texts(on_sqlite, erased) == {}
    ((encrypted, command, version),) = on_sqlite.okr.database.rows(
        "SELECT encrypted, command_id, version FROM events ORDER BY position DESC LIMIT 1", {}
    )
    piece = EncryptedText(f"{MEMBER}/{version}", bytes(encrypted), UUID(str(command)))
    assert on_sqlite.okr.directory.texts.decrypt([piece])[0]["reason"] == "They asked for it."


# ---- what comes between -------------------------------------------------------------------


def test_what_was_asked_for_of_somebody_who_is_erased_can_only_be_refused(
    on_sqlite: People,
) -> None:
    request = asks(on_sqlite, ADMINISTRATOR, DEACTIVATE)
    erase = asks(on_sqlite, HR, ERASE)
    warned = on_sqlite.does(SECOND_HR, c.ApproveRequest(erase)).warnings
    assert "requests_name_it" in {each.code for each in warned}
    assert isinstance(on_sqlite.refused(HR, c.ApproveRequest(request)), PersonIsUnknown)
    on_sqlite.does(HR, c.RefuseRequest(request), reason="They are gone.")


def test_who_left_or_lost_the_role_asks_for_nothing_any_more(on_sqlite: People) -> None:
    first, second = asks(on_sqlite, HR, ERASE), asks(on_sqlite, ADMINISTRATOR, DEACTIVATE)
    on_sqlite.operator(c.EndGrant(id_of("hr", "grant")))
    on_sqlite.operator(c.DeactivatePerson(ADMINISTRATOR))
    for request in (first, second):
        for who in (SECOND_HR, ANOTHER_ADMINISTRATOR):
            assert isinstance(on_sqlite.refused(who, c.ApproveRequest(request)), NotAllowed)
        on_sqlite.does(SECOND_HR, c.RefuseRequest(request))


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_what_was_asked_for_with_a_role_that_is_lost_is_refused_whatever_role_is_left(
    role: Role, on_sqlite: People
) -> None:
    request = asks(on_sqlite, HR, ERASE)
    on_sqlite.operator(c.EndGrant(id_of("hr", "grant")))
    on_sqlite.now += timedelta(days=1)  # nobody is HR and an auditor on one day
    purpose = "The audit of the year" if role == Role.AUDITOR else None
    on_sqlite.operator(c.GrantRole(HR, role, HERE, purpose=purpose))
    assert isinstance(on_sqlite.refused(SECOND_HR, c.ApproveRequest(request)), NotAllowed)
    on_sqlite.does(SECOND_HR, c.RefuseRequest(request))


def test_who_asked_withdraws_it_and_nobody_approves_it_then(on_sqlite: People) -> None:
    request = asks(on_sqlite, HR, ERASE)
    on_sqlite.does(HR, c.WithdrawRequest(request))
    with pytest.raises(Exception, match="was withdrawn"):
        on_sqlite.does(SECOND_HR, c.ApproveRequest(request))


def test_a_hold_that_came_between_refuses_the_approval(on_sqlite: People) -> None:
    request = asks(on_sqlite, HR, ERASE)
    on_sqlite.does(SECOND_HR, c.PlaceLegalHold(MEMBER, "T 1"))
    assert on_sqlite.refused(SECOND_HR, c.ApproveRequest(request)).facts["matters"] == ["T 1"]


def test_an_administrator_is_not_shown_what_a_hold_is_about(on_sqlite: People) -> None:
    on_sqlite.does(HR, c.PlaceLegalHold(MEMBER, "T 1"))
    refusal = on_sqlite.refused(ADMINISTRATOR, ERASE, reason="It is so.")
    assert isinstance(refusal, PersonIsHeld)
    assert (refusal.message, refusal.facts) == ("There is a legal hold.", {})
    told = on_sqlite.refused(HR, ERASE, reason="It is so.")
    assert (told.message, told.facts) == ("There is a legal hold: T 1.", {"matters": ["T 1"]})


def test_what_nobody_else_could_approve_is_refused_at_once(on_sqlite: People) -> None:
    on_sqlite.operator(c.EndGrant(id_of("second hr", "grant")))
    refusal = on_sqlite.refused(ADMINISTRATOR, c.DeactivatePerson(HR), reason="It is so.")
    assert isinstance(refusal, NeedsAnother), "HR would approve what is about themselves"
    assert refusal.facts["could"] == ["hr"]
    on_sqlite.operator(c.DeactivatePerson(HR))
    assert isinstance(on_sqlite.refused(ADMINISTRATOR, DEACTIVATE, reason="x"), NeedsAnother)
    on_sqlite.operator(DEACTIVATE)
    assert not person(on_sqlite).is_active


def test_a_dry_run_foretells_that_somebody_else_has_to_approve(on_sqlite: People) -> None:
    said = Context(HR, reason="It is so.", enforced=True)
    tried = dry_run(on_sqlite.okr, ERASE, said)
    assert tried.waits_for_approval
    assert [each.type for each in tried.would_record] == ["approval.requested"]
    assert not dry_run(on_sqlite.okr, DEACTIVATE, said).waits_for_approval


def test_a_key_asks_for_nothing_of_the_kind(on_sqlite: People) -> None:
    key = on_sqlite.operator(c.CreateApiKey("Lake", KeyRole.HR)).id
    assert key is not None
    refusal = on_sqlite.refused(key, ERASE, reason="x", key_roles=(Held("hr"),))
    assert isinstance(refusal, ApiKeyNeedsApproval)


@pytest.mark.parametrize(
    ("role", "command"),
    [
        (KeyRole.HR, c.PlaceLegalHold(HR, "T 1")),
        (KeyRole.HR, c.LiftLegalHold(id_of("gone"), "T 99-25")),
        (KeyRole.HR, c.DeactivatePerson(HR)),
        (KeyRole.HR, c.ReactivatePerson(id_of("gone"))),
        (KeyRole.HR, c.RedactText(1, RedactionGround.UNLAWFUL)),
        (KeyRole.LEAD, c.GradeObjective(id_of("lead", "objective"), Decimal("0.7"))),
    ],
    ids=lambda each: str(each) if isinstance(each, KeyRole) else type(each).__name__,
)
def test_nor_does_it_alone_what_takes_two_about_who_holds_it(
    role: KeyRole, command: c.Command, on_sqlite: People
) -> None:
    """Of a key nothing is its own: in the hand of whom it is about, it would be one alone."""
    team = HERE if role == KeyRole.LEAD else None
    key = on_sqlite.operator(c.CreateApiKey("Lake", role, team)).id
    assert key is not None
    refusal = on_sqlite.refused(key, command, reason="x", key_roles=(Held(str(role), team),))
    assert isinstance(refusal, ApiKeyMayNot)


def test_what_changes_nothing_is_not_asked_for(on_sqlite: People) -> None:
    head = on_sqlite.okr.log.head()
    assert on_sqlite.does(ADMINISTRATOR, c.ReactivatePerson(MEMBER)).approval_id is None
    assert on_sqlite.okr.log.head() == head
