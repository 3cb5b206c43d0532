"""The words of pages: each in both languages, whole, and each word of the API among them."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from okr_es.domain.values import Cadence, Decision, State, TeamKind, Zone
from okr_es.scoring.grades import EndedBy, Outcome
from okr_es.scoring.span_values import Status as KpiStatus
from projections.as_of.answers import Status
from projections.needs_answers import What
from projections.retrospect.changes_by_day_answers import ChangeCounts
from tests.support.page_texts import catalogue, texts
from web.pages.frame.words import WORDS

PLACE = re.compile(r"%\(\w+\)[sd]")
OF_THE_API = {
    "status": get_args(get_args(Status)[0]),
    "state": tuple(State),
    "outcome": get_args(Outcome),
    "ended_by": get_args(EndedBy),
    "cadence": tuple(Cadence),
    "zone": tuple(Zone),
    "decision": tuple(Decision),
    "team": tuple(TeamKind),
    "kpi_status": get_args(KpiStatus),
    "need": get_args(get_args(What)[0]),
    "change": tuple(ChangeCounts.__annotations__),
}


def test_each_text_is_in_the_catalogue_with_its_translation_and_no_other_is() -> None:
    there = {message.id: message.string for message in catalogue("sv") if message.id}
    assert set(there) == set(texts()), "python -m tests.support.page_texts --write"
    empty = [
        id_ for id_, text in there.items() if not (text if isinstance(id_, str) else all(text))
    ]
    assert empty == []


def test_a_translation_has_the_values_that_its_text_has() -> None:
    for message in catalogue("sv"):
        for text in [message.string] if isinstance(message.id, str) else message.string:
            whole = message.id if isinstance(message.id, str) else message.id[1]
            if message.id:
                assert set(PLACE.findall(text)) == set(PLACE.findall(whole)), message.id


@pytest.mark.parametrize("kind", OF_THE_API)
def test_each_word_of_the_api_has_words_for_people(kind: str) -> None:
    assert set(map(str, OF_THE_API[kind])) <= set(WORDS[kind])
