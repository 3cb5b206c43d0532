"""The feed: what is recorded, as CloudEvents, to each as much of it as the audit log shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from okr_es.application import Okr
from tests.support.begun import Begun
from tests.support.company_of_roles import NOW, begin_roles, id_of
from tests.web.test_confidential import (
    COMPANY,
    EVERYBODY,
    HERE,
    OTHER,
    WORDS,
    Asker,
    begin_confidential,
)

QUERIES = (
    "", f"&team={HERE}", f"&team={COMPANY}", f"&person_id={OTHER}",
    f"&goal_id={id_of(WORDS[HERE])}", "&type=reading", "&type=person",
)  # fmt: skip
BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def asker(begun_on_sqlite: Begun) -> Iterator[Asker]:
    with (
        begun_on_sqlite.fresh("confidential", begin_confidential) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker = Asker(okr)
        yield asker
        asker.queries.runner.close()


def followed(asker: Asker, who: str, query: str = "", limit: int = 1000) -> list[dict[str, Any]]:
    """All events, page by page, as somebody who follows the log gets them."""
    found: list[dict[str, Any]] = []
    after, head = 0, asker.okr.log.head()
    while after < head:
        page = asker.get(who, f"/events?after={after}&limit={limit}{query}")
        assert page.status_code == 200, page.text
        assert page.content_type == BATCH
        assert len(page.json) <= limit
        later = int(page.headers["Next-After"])
        assert later > after
        assert f"after={later}" in page.headers["Link"]
        found += page.json
        after = later
    return found


def test_each_is_shown_what_the_audit_log_shows_them(asker: Asker) -> None:
    shown = 0
    for who in EVERYBODY:
        for query in QUERIES:
            log = asker.get(who, f"/audit-log?order=oldest&limit=1000{query}")
            if log.status_code != 200:
                refused = asker.get(who, f"/events?limit=1000{query}")
                assert refused.status_code == log.status_code
                continue
            events = followed(asker, who, query)
            assert [each["data"] for each in events] == log.json["entries"]
            shown += len(events)
    assert shown > 1_000


def test_pages_of_any_size_give_each_event_once_and_in_order(asker: Asker) -> None:
    whole = followed(asker, "auditor of all")
    assert followed(asker, "auditor of all", limit=7) == whole
    positions = [int(each["sequence"]) for each in whole]
    assert positions == sorted(set(positions))


def test_where_to_go_on_is_said_also_where_nothing_is_for_who_asks(asker: Asker) -> None:
    head = asker.okr.log.head()
    page = asker.get("member", "/events?type=api_key")
    if page.status_code == 403:
        page = asker.get("auditor of all", "/events?type=signing_key")
    assert (page.json, page.headers["Next-After"]) == ([], str(head))
    later = asker.get("auditor of all", f"/events?after={head}")
    assert (later.json, later.headers["Next-After"]) == ([], str(head))


def test_who_followed_another_log_or_one_that_was_restored_since_is_told_so(asker: Asker) -> None:
    head = asker.okr.log.head()
    refused = asker.get("auditor of all", f"/events?after={head + 1}")
    assert (refused.status_code, refused.json["field"]) == (422, "after")
    assert f"The log has {head} events" in refused.json["detail"]


def test_a_confidential_word_is_in_no_event_but_for_those_who_may_read(asker: Asker) -> None:
    word = WORDS[HERE]
    team = f"/events?limit=1000&team={HERE}"
    assert word in asker.get("lead of all", team).text
    mine = asker.get("member", "/events?limit=1000")
    assert mine.json
    assert word not in mine.text


def test_an_event_is_a_cloud_event(asker: Asker) -> None:
    page = asker.get("auditor of all", "/events?limit=1000&type=objective.drafted")
    event = page.json[0]
    (digest,) = asker.okr.log.hashes([1]).values()
    assert {**event, "data": None} == {
        "specversion": "1.0",
        "id": event["data"]["id"],
        "source": f"urn:okr-es:log:{digest.hex()[:32]}",
        "type": "okr-es.objective.drafted.v1",
        "subject": f"objective/{event['data']['id'].partition('/')[0]}",
        "time": event["data"]["recorded_at"],
        "datacontenttype": "application/json",
        "sequence": f"{event['data']['position']:019}",
        "data": None,
    }


def test_a_page_with_events_is_a_recorded_read_and_an_empty_one_is_none(asker: Asker) -> None:
    log, head = asker.okr.access_log, asker.okr.log.head()
    before = log.head()
    asker.get("auditor of all", f"/events?after={head}")
    assert log.head() == before
    asker.get("auditor of all", f"/events?after={head - 1}")
    assert log.head() == before + 1
    assert log.search()[0].what == "audit_log"


@pytest.mark.parametrize(
    ("query", "field"),
    [("after=-1", "after"), ("after=x", "after"), ("limit=0", "limit"), ("before=3", "before"),
     ("type=nothing", "type"), ("text=x", "text")],
)  # fmt: skip
def test_what_is_no_parameter_is_named(query: str, field: str, asker: Asker) -> None:
    refused = asker.get("auditor of all", f"/events?{query}")
    assert (refused.status_code, refused.json["field"]) == (422, field)


def test_an_event_comes_to_who_follows_as_soon_as_it_is_recorded(
    begun_on_sqlite: Begun,
) -> None:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        asker = Asker(okr)
        after = followed(asker, "auditor of all")[-1]["sequence"]
        asker.post("administrator", "/teams", {"name": "Web"})
        asker.post("administrator", "/teams", {"name": "Net"})
        page = asker.get("auditor of all", f"/events?after={int(after)}&type=team&limit=1")
        assert [each["type"] for each in page.json] == ["okr-es.team.formed.v1"]
        assert page.headers["Next-After"] == str(int(after) + 1)
        asker.queries.runner.close()
