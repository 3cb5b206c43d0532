"""The pages of audit: the log in sentences, who looked, and what is signed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from okr_es import commands as c
from okr_es.context import Context
from okr_es.evidence.signer import Signer
from tests.support.company_of_roles import HERE, THERE, id_of
from tests.web.pages.conftest import Pages
from tests.web.test_confidential import WORDS

ADDRESSES = ("/audit", "/audit?cycle=2025-Q3", "/audit/access-log", "/audit/checkpoints")


def test_the_log_is_searched_in_sentences_and_paged(pages: Pages) -> None:
    auditor = pages.browser("auditor of all")
    page = auditor.get("/audit").text
    assert page.count("<li><span") == 50
    assert "Next page" in page
    for words in ("#", "command line", "proof", "Before and after"):
        assert words in page
    none = auditor.get("/audit?text=nothing+like+this").text
    assert "Nothing in the audit log meets these filters" in none
    assert auditor.get("/audit?origin=elsewhere").status_code == 422
    swedish = pages.browser("auditor of all", "sv").get("/audit").text
    assert "Granskningslogg" in swedish


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (f"acted_by={id_of('lead of all')}", {"acted_by": id_of("lead of all")}),
        ("recorded_to=2025-08-14", {"recorded_to": "2025-08-14"}),
        ("recorded_from=2025-08-16", {"recorded_from": "2025-08-16"}),
    ],
    ids=["acted_by", "recorded_to", "recorded_from"],
)
def test_a_filter_narrows_the_log(pages: Pages, address: str, asked: dict[str, Any]) -> None:
    page = pages.browser("auditor of all").get(f"/audit?{address}").text
    shown = [int(each) for each in re.findall(r" · #(\d+) · ", page)]
    found = pages.queries.audit_log(limit=50, **asked)["entries"]
    assert shown == [each["position"] for each in found]
    assert shown != [each["position"] for each in pages.queries.audit_log(limit=50)["entries"]]
    assert f'value="{address.partition("=")[2]}"' in page


def test_a_reason_is_no_markup(fresh_pages: Pages) -> None:
    rename = c.RetitleObjective(id_of("elsewhere", "draft"), "Plain")
    why = "<img src=x onerror=alert(1)>"
    fresh_pages.okr.execute(rename, Context(id_of("other"), reason=why))
    page = fresh_pages.browser("auditor of all").get("/audit").text
    assert why not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("who", ["member", "lead", "hr", "auditor", "administrator"])
def test_nobody_reads_words_that_are_not_for_them(pages: Pages, who: str) -> None:
    read = {"lead": {HERE}, "auditor": {HERE}, "hr": {HERE, THERE}}
    for address in ADDRESSES:
        answer = pages.browser(who).get(address)
        assert answer.status_code in {200, 403}, address
        for team, word in WORDS.items():
            assert word not in answer.text or team in read.get(who, set()), address


def test_the_access_log_is_for_auditors_and_reading_it_is_recorded(fresh_pages: Pages) -> None:
    assert fresh_pages.browser("hr").get("/review/2025-Q3").status_code == 200
    page = fresh_pages.browser("auditor of all").get("/audit/access-log?what=review").text
    assert "hr</td>" in page
    assert "<td>review</td>" in page
    by = [each.by for each in fresh_pages.okr.access_log.search(what="access_log")]
    assert by == [id_of("auditor of all")]


def test_the_page_of_signatures_says_how_far_the_log_is_signed(fresh_pages: Pages) -> None:
    auditor = fresh_pages.browser("auditor of all")
    assert "The log is not signed yet." in auditor.get("/audit/checkpoints").text
    Signer(fresh_pages.okr).sign()
    head = fresh_pages.okr.log.head()
    page = auditor.get("/audit/checkpoints").text
    assert f"The log is signed up to position {head - 1} of {head}." in page or (
        f"The log is signed up to position {head} of {head}." in page
    )
