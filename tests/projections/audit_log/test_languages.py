"""The pages of words: every language has a sentence for every event, and writes numbers its way."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest

from okr_es.application import Okr
from okr_es.context import ORIGINS
from okr_es.domain.values import (
    Aggregation,
    Cadence,
    Commitment,
    Direction,
    Kind,
    State,
    TeamKind,
    Zone,
)
from okr_es.log.mapper import topic_of
from projections.audit_log.field_changes import SHOWN_FIELDS
from projections.audit_log.languages import LANGUAGES, TYPES, Language, filled
from projections.audit_log.search import AuditLog, Search
from projections.goals.reader import Reader
from projections.read_model.corrections import CORRECTING
from tests.support.stored import event_classes

NBSP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
SOON = {"approval", "signing_key"}  # nouns of events that are told in general terms alone
ENUMS = {
    "state": State, "commitment": Commitment, "cadence": Cadence, "direction": Direction,
    "zone": Zone, "aggregation": Aggregation,
}  # fmt: skip

# The example company needs nobody's approval, and its log is encrypted only once it is served.
NOT_OF_GOALS = ("approval.", "cycle.approval", "signing_key.", "clock.", "text.", "retention")
UNTOLD = {
    topic_of(cls)
    for cls in event_classes()
    if topic_of(cls).startswith(NOT_OF_GOALS)
} | {
    "api_key.created", "api_key.revoked",
    "cycle.renamed", "cycle.rescheduled", "kpi.corrected", "kpi.purpose_replaced",
    "kpi.reassigned", "kpi.reinstated", "kpi.renamed", "team.kind_replaced", "team.reinstated",
    "reading.comment_corrected", "reading.confidence_corrected", "reading.evidence_corrected",
    "reading.subject_corrected", "objective.kept_confidential", "objective.opened_to_all",
} | set(CORRECTING)  # fmt: skip

each_language = pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda each: each.code)


@each_language
def test_every_type_of_event_has_a_sentence(language: Language) -> None:
    missing = {topic_of(cls) for cls in event_classes()} - language.vocabulary.deeds.keys()
    assert not missing


def test_every_language_has_the_same_words() -> None:
    english = LANGUAGES["en"].vocabulary
    for words in (language.vocabulary for language in LANGUAGES.values()):
        for mine, other in zip(words[:6], english[:6], strict=True):
            assert mine.keys() == other.keys()
        assert {field: each.keys() for field, each in words.words.items()} == {
            field: each.keys() for field, each in english.words.items()
        }
        for name in words.deeds:
            assert facts_of(words.deeds[name]) == facts_of(english.deeds[name]), name


def facts_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@each_language
def test_every_field_value_and_origin_has_a_word(language: Language) -> None:
    shown = {name for each in SHOWN_FIELDS.values() for name in each}
    assert shown <= language.vocabulary.fields.keys()
    for field, enum in ENUMS.items():
        assert set(enum) == language.vocabulary.words[field].keys()
    assert {*Kind, *TeamKind} == language.vocabulary.words["kind"].keys()
    assert language.vocabulary.origins.keys() == ORIGINS


@each_language
def test_what_is_said_in_general_terms_needs_no_facts(language: Language) -> None:
    """Such events may say whatever they like: their sentences stand without it."""
    for kind in TYPES:
        if kind.partition(".")[0] in SOON:
            assert language.deed(kind, None, {})


@pytest.mark.parametrize(
    ("digits", "english", "swedish"),
    [
        ("0", "0", "0"),
        ("-0.5", "-0.5", f"{MINUS}0,5"),
        ("999", "999", "999"),
        ("1000", "1,000", f"1{NBSP}000"),
        ("1234567890123456789.100", "1,234,567,890,123,456,789.100",
         f"1{NBSP}234{NBSP}567{NBSP}890{NBSP}123{NBSP}456{NBSP}789,100"),
        ("1E+3", "1,000", f"1{NBSP}000"),
        ("0.000000000000000001", "0.000000000000000001", "0,000000000000000001"),
    ],
)  # fmt: skip
def test_a_number_is_shown_digit_by_digit(digits: str, english: str, swedish: str) -> None:
    assert (LANGUAGES["en"].number(digits), LANGUAGES["sv"].number(digits)) == (english, swedish)


@pytest.mark.parametrize(
    ("template", "facts", "text"),
    [
        ("a {x}", {"x": "b"}, "a b"),
        ("a[ {x}]", {}, "a"),
        ("a[ {x} and {y}]", {"x": "b"}, "a"),
        ("a[ {x}][ {y}]", {"y": "[c]"}, "a [c]"),
    ],
)
def test_a_part_falls_away_where_a_fact_is_missing(
    template: str, facts: dict[str, Any], text: str
) -> None:
    assert filled(template, facts) == text


def test_a_fact_that_must_be_there_is_missed() -> None:
    with pytest.raises(KeyError):
        filled("a {x}", {})


@each_language
def test_the_example_company_has_every_type_and_each_is_shown_in_full(
    language: Language, company: AuditLog
) -> None:
    """No event of it falls back to the sentence that only names its type."""
    seen = {"person.erased"} | UNTOLD  # told in test_sentences.py
    for positions in company.positions(Search()):
        for entry in company.entries(positions, language.code):
            seen.add(entry["type"])
            fallback = filled(language.vocabulary.deeds["*"], {"type": entry["type"]})
            assert fallback not in entry["sentence"]
    assert seen == {topic_of(cls) for cls in event_classes()}


@pytest.fixture(scope="module")
def company(example_url: str) -> Iterator[AuditLog]:
    """The audit log of the example company; only for asking."""
    okr = Okr(example_url)
    reader = Reader(okr)
    yield AuditLog(okr, reader)
    reader.runner.close()
    okr.close()
