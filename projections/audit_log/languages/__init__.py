"""The languages of the audit log: their words, and how each writes numbers and days.

A template names facts in braces; a part in square brackets falls away where a fact of it is
missing. A template for the case that one field alone was changed has the name `type:field`; other
cases of a type have names of their own (see `sentences.case_of`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from string import Formatter

from okr_es.domain.refusals import Invalid
from projections.audit_log.languages import english, swedish
from projections.audit_log.languages.vocabulary import Vocabulary

DEFAULT = "en"
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")

Facts = Mapping[str, str]


class Language:
    """Words, numbers and days as one language writes them."""

    def __init__(self, code: str, vocabulary: Vocabulary) -> None:
        self.code = code
        self.vocabulary = vocabulary

    def number(self, digits: str) -> str:
        """Return a decimal as the language writes it, in plain notation, digit by digit."""
        plain = format(Decimal(digits), "f")
        whole, point, rest = plain.removeprefix("-").partition(".")
        grouped = f"{int(whole):,}".replace(",", self.vocabulary.group)
        sign = self.vocabulary.minus if plain.startswith("-") else ""
        return sign + grouped + (self.vocabulary.point + rest if point else "")

    def day(self, iso: str) -> str:
        """Return a date as the language writes it."""
        day = date.fromisoformat(iso)
        return self.vocabulary.day.format(
            day=day.day, month=self.vocabulary.months[day.month - 1], year=day.year
        )

    def time(self, moment: datetime) -> str:
        """Return the time of day of a moment, with its time zone."""
        return f"{moment:%H:%M %Z}"

    def word(self, field: str, value: str) -> str:
        """Return the word for a value of the domain; the value itself where there is none."""
        return self.vocabulary.words.get(field, {}).get(value, value)

    def label(self, field: str) -> str:
        """Return the word for a field."""
        return self.vocabulary.fields.get(field) or field.removesuffix("_id").replace("_", " ")

    def quoted(self, text: str) -> str:
        """Return a text in the language's quotation marks."""
        return self.vocabulary.quotes[0] + text + self.vocabulary.quotes[1]

    def listed(self, texts: Sequence[str]) -> str:
        """Return texts as a list."""
        return ", ".join(texts)

    def deed(self, kind: str, case: str | None, facts: Facts) -> str:
        """Return what an event of a type did, by the template that suits it."""
        deeds = self.vocabulary.deeds
        template = deeds.get(f"{kind}:{case}") or deeds.get(kind) or deeds["*"]
        return filled(template, facts)

    def phrase(self, name: str, facts: Facts) -> str:
        """Return a phrase that sentences are made of."""
        return filled(self.vocabulary.phrases[name], facts)


def filled(template: str, facts: Facts) -> str:
    """Return a template with its facts; raise KeyError where one that must be there is missing."""
    return "".join(
        part.format_map(facts)
        for part, needs, is_optional in parts(template)
        if not (is_optional and any(name not in facts for name in needs))
    )


@cache
def parts(template: str) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """Return the parts of a template, the facts each needs, and whether it may fall away."""
    return tuple(
        (part, tuple(name for _, name, _, _ in Formatter().parse(part) if name), number % 2 == 1)
        for number, part in enumerate(OPTIONAL.split(template))
    )


LANGUAGES = {
    code: Language(code, vocabulary)
    for code, vocabulary in (("en", english.VOCABULARY), ("sv", swedish.VOCABULARY))
}
# The types of events there are sentences for.
TYPES = tuple(sorted(n for n in LANGUAGES[DEFAULT].vocabulary.deeds if ":" not in n and n != "*"))


def language_of(code: str) -> Language:
    """Return a language by its code; raise Invalid for one it is not written in."""
    if code not in LANGUAGES:
        known = " or ".join(LANGUAGES)
        raise Invalid(f"The audit log is written in {known}, not in {code}.", field="language")
    return LANGUAGES[code]
