"""The signer at work: beside a server, and right after a cycle was closed."""

from __future__ import annotations

import logging
import sqlite3
import time
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.cycle import CycleName
from okr_es.domain.refusals import ClockIsAhead
from okr_es.evidence.background import BackgroundSigner, sign_closings, sign_or_log, signer_of
from okr_es.evidence.rehash import Tampered
from okr_es.evidence.signer import CLOSING, Signer
from tests.web.conftest import ADA

PATIENCE_SECONDS = 10
Q3 = CycleName("2025-Q3")


def test_a_closing_is_signed_at_once(okr: Okr) -> None:
    signer = signer_of(okr)
    sign_closings(okr, signer)
    act(okr, c.FormTeam("Another", id=uuid4()))
    assert signer.checkpoints.last() is None
    act(okr, c.CloseCycle(Q3))
    made = signer.checkpoints.last()
    assert made is not None
    assert made.cause == CLOSING


def test_a_closing_that_was_approved_is_signed_as_well(okr: Okr) -> None:
    signer = signer_of(okr)
    sign_closings(okr, signer)
    act(okr, c.RequireApproval(Q3, ("closing",)))  # type: ignore[arg-type]
    other = uuid4()
    act(okr, c.RegisterPerson("Cy", id=other))
    request = act(okr, c.CloseCycle(Q3)).approval_id
    assert signer.checkpoints.last() is None
    assert request is not None
    okr.execute(c.ApproveRequest(request), Context(other))
    made = signer.checkpoints.last()
    assert made is not None
    assert made.cause == CLOSING


def test_what_keeps_it_from_signing_does_not_keep_a_cycle_from_closing(
    okr: Okr, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    signer = signer_of(okr)

    def fails(cause: str) -> None:
        raise Tampered(4, f"not as it was ({cause})")

    monkeypatch.setattr(signer, "sign", fails)
    sign_closings(okr, signer)
    act(okr, c.CloseCycle(Q3))
    assert "cannot be signed" in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.CRITICAL}


def test_a_thread_signs_what_is_recorded(okr: Okr) -> None:
    signing = BackgroundSigner(signer_of(okr), every_seconds=0.01)
    signing.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while signing.signer.checkpoints.last() is None and time.monotonic() < until:
        time.sleep(0.01)
    signing.stop()
    made = signing.signer.checkpoints.last()
    assert made is not None
    assert made.size == okr.log.head()


def test_a_hook_that_hangs_holds_no_closing_and_no_stop(
    okr: Okr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKR_ES_CHECKPOINT_HOOK", "sleep 60")
    monkeypatch.setenv("OKR_ES_HOOK_SECONDS", "3")
    signing = BackgroundSigner(signer_of(okr))
    okr.on_commit.append(signing.look_at)
    signing.start()
    begun = time.monotonic()
    act(okr, c.CloseCycle(Q3))
    signing.stop(0.1)
    assert time.monotonic() - begun < 3
    signing.join(PATIENCE_SECONDS)
    made = signing.signer.checkpoints.last()
    assert made is not None
    assert made.cause == CLOSING


@pytest.mark.parametrize(
    "hindrance",
    [
        OperationalError("", None, sqlite3.OperationalError("database is locked")),
        ClockIsAhead("The clock of the server is 9 seconds ahead."),
    ],
    ids=["outage", "clock ahead"],
)
def test_what_is_in_the_way_is_one_line_and_what_was_due_is_signed_after_it(
    hindrance: Exception,
    okr: Okr,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    signing = BackgroundSigner(signer_of(okr), every_seconds=0.01)
    sign, failed = signing.signer.sign, []

    def fails(cause: str) -> object:
        failed.append(cause)
        if len(failed) < 5:
            raise hindrance
        return sign(cause)

    monkeypatch.setattr(signing.signer, "sign", fails)
    okr.on_commit.append(signing.look_at)
    signing.start()
    act(okr, c.CloseCycle(Q3))
    until = time.monotonic() + PATIENCE_SECONDS
    while signing.signer.checkpoints.last() is None and time.monotonic() < until:
        time.sleep(0.01)
    signing.stop()
    assert len(failed) >= 5
    assert len([each for each in caplog.records if "cannot be signed" in each.getMessage()]) == 1
    assert not [each for each in caplog.records if each.exc_info]


def test_it_goes_on_after_a_failure(okr: Okr, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter([Tampered(4, "not as it was")])

    def due(signer: Signer) -> object:
        for failure in failures:
            raise failure
        return signer.sign()

    monkeypatch.setattr(Signer, "sign_when_due", due)
    signer = signer_of(okr)
    sign_or_log(signer)
    assert signer.checkpoints.last() is None
    sign_or_log(signer)
    assert signer.checkpoints.last() is not None


@pytest.mark.parametrize("name", ["okr-es.example", None])
def test_the_environment_names_the_log(
    name: str | None, okr: Okr, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name is not None:
        monkeypatch.setenv("OKR_ES_ORIGIN", name)
    made = signer_of(okr).sign()
    assert made is not None
    assert made.note.startswith(name or "okr-es/")


def act(okr: Okr, command: c.Command):  # type: ignore[no-untyped-def]
    """Let Ada do something."""
    from uuid import UUID

    return okr.execute(command, Context(UUID(ADA)))
