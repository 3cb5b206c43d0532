"""Four eyes on the command line."""

import json

import pytest

from okr_es.application import Okr
from tests.web.cli.test_main import call
from tests.web.conftest import ADA, BO


@pytest.fixture
def url(okr: Okr) -> str:
    """The database of the small company: Ada and Bo each asked to take a requirement away."""
    return okr.database.url.render_as_string(hide_password=False)


def output(url: str, *words: str) -> str:
    done = call("--database", url, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_requirement_is_made_and_taking_it_away_waits(url: str):
    require = ("cycles", "require-approval", "2025-Q3", "--by", ADA)
    assert "recorded at" in output(url, *require, "--of", "closing", "--of", "plan_revisions")
    assert output(url, *require, "--of", "plan_revisions", "--of", "closing") == (
        "nothing had to change\n"
    )
    first, note, about = output(url, *require, "--reason", "We are five.").splitlines()
    assert first.startswith("request ")
    assert note == "note: It waits for approval by someone else; nothing is changed yet."
    assert about == f"    approval {first.removeprefix('request ')}"
    found = json.loads(output(url, "approvals", "list", "--cycle", "2025-Q3", "--json"))
    assert [row["id"] for row in found["approvals"]] == [first.removeprefix("request ")]


def test_requests_are_shown_with_who_why_and_what(url: str, company: dict[str, str]):
    first, asked, change, *others = output(url, "approvals", "list").splitlines()
    assert company["own_request_id"].startswith(first.split()[0])
    assert first.endswith(
        "Set what in a cycle needs approval by someone else from now on.  2025-Q4"
    )
    assert "Ada – We are five." in asked
    assert change.strip() == "approval required: closing → –"
    assert company["approval_id"].startswith(others[0].split()[0])
    shown = output(url, "approvals", "show", others[0].split()[0]).splitlines()
    assert shown[1:] == others[1:]


@pytest.mark.parametrize(
    ("decision", "state", "why"),
    [("approve", "approved", "--comment"), ("refuse", "refused", "--reason")],
)
def test_someone_else_decides(
    decision: str, state: str, why: str, url: str, company: dict[str, str]
):
    id_ = company["approval_id"]
    assert "recorded at" in output(url, "approvals", decision, id_, "--by", ADA, why, "So be it.")
    lines = output(url, "approvals", "list", "--state", state, "--person", BO).splitlines()
    assert (lines[0].split()[0], lines[0].split()[1]) == (id_[:8], state)
    assert lines[-1].endswith("Ada – So be it.")


def test_a_goal_says_what_waits_for_approval(url: str, company: dict[str, str]):
    goal, number = company["objective_id"], company["key_result_id"]
    output(url, "cycles", "commit-plan", "2025-Q3", "--by", ADA, "--yes")
    output(url, "cycles", "require-approval", "2025-Q3", "--of", "plan_revisions", "--by", ADA)
    change = ("key-results", "retarget", number, "--target", "1", "--by", BO)
    first, *_ = output(url, *change, "--reason", "The market shrank.").splitlines()
    for id_ in (goal, number):
        *_, line = output(url, "goal", id_).splitlines()
        assert line.startswith(f"waits for approval  {first.removeprefix('request ')[:8]}  ")
        assert "Change what a key result promises. New customers  (asked by Bo at 20" in line
    output(url, "approvals", "withdraw", first.removeprefix("request "), "--by", BO)
    assert "waits for approval" not in output(url, "goal", goal)


def test_the_history_shows_who_approved_and_for_whom_with_the_reason_they_gave(
    url: str, company: dict[str, str]
):
    output(url, "approvals", "approve", company["approval_id"], "--by", ADA)
    line = output(url, "history", "2025-Q4").splitlines()[0]
    assert "cycle.approval_required  Bo, approved by Ada – We are five." in line


def test_the_one_who_asked_withdraws(url: str, company: dict[str, str]):
    id_ = company["own_request_id"]
    receipt = json.loads(output(url, "approvals", "withdraw", id_, "--by", ADA, "--json"))
    assert (receipt["id"], receipt["approval_id"]) == (id_, None)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("approvals", "approve", "{own}", "--by", ADA), 1, "Someone else decides"),
        (("approvals", "refuse", "{other}", "--by", ADA), 1, "A reason is needed"),
        (("approvals", "withdraw", "{other}", "--by", ADA), 1, "Only who asked"),
        (("approvals", "approve", "{other}"), 2, "Name who acts"),
        (("approvals", "approve", "5", "--by", ADA), 1, "There is no request 5"),
        (("approvals", "show", ADA), 1, "There is no request"),
        (("approvals", "list", "--state", "done"), 2, "Not pending, approved"),
        (("cycles", "require-approval", "2025-Q3", "--of", "all", "--by", ADA), 2, "is not one of"),
        (("cycles", "require-approval", "2031", "--by", ADA), 1, "There is no cycle"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    words: tuple[str, ...], code: int, said: str, url: str, company: dict[str, str]
):
    ids = {"own": company["own_request_id"], "other": company["approval_id"]}
    done = call("--database", url, *(word.format(**ids) for word in words))
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output
