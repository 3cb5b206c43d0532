"""The templates by which goals and KPIs are written fit the commands, in every language."""

from __future__ import annotations

from dataclasses import fields
from string import Formatter

import pytest

from okr_es import commands
from okr_es.domain.refusals import Invalid
from projections.audit_log.languages import LANGUAGES
from projections.templates import PARTS, VERSION, WORDS, templates


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_part_stands_in_the_sentence_and_is_taken_by_a_command(language: str) -> None:
    found = templates(7, language)
    assert (found["position"], found["language"], found["version"]) == (7, language, VERSION)
    assert [each["kind"] for each in found["templates"]] == ["okr", "kpi"]
    for template in found["templates"]:
        named = [name for _, name, _, _ in Formatter().parse(template["sentence"]) if name]
        assert named == [each["name"] for each in template["fields"]]
        for part in template["fields"]:
            taken = {each.name for each in fields(getattr(commands, part["command"]))}
            assert set(part["fields"]) <= taken, part
            assert part["label"]
            assert part["hint"].endswith(".")
            assert part["example"]


def test_a_kpi_has_its_four_parts() -> None:
    assert [each.name for each in PARTS["kpi"]][1:] == ["target", "time_frame", "source", "cadence"]


def test_an_okr_reads_i_will_measured_by() -> None:
    assert WORDS["en"]["okr"]["sentence"] == "I will {objective}, measured by {key_results}."
    assert WORDS["sv"]["okr"]["sentence"] == "Jag ska {objective}, mätt genom {key_results}."


def test_the_languages_say_the_same_things() -> None:
    shapes = [{kind: sorted(words) for kind, words in each.items()} for each in WORDS.values()]
    assert sorted(WORDS) == sorted(LANGUAGES)
    assert all(shape == shapes[0] for shape in shapes)


def test_another_language_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        templates(7, "fr")
    assert refusal.value.field == "language"
