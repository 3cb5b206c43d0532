"""The words of a language, from which the sentences of the audit log are made."""

from __future__ import annotations

from typing import NamedTuple

Words = dict[str, str]


class Vocabulary(NamedTuple):
    """The words of one language.

    `deeds` are what events did, by their type; `requests` what requests for approval ask for, by
    their command; `phrases` what sentences are made of; `fields` the
    names of fields; `words` the values of the domain, by field; `origins` where commands came from.
    """

    deeds: Words
    requests: Words
    phrases: Words
    fields: Words
    words: dict[str, Words]
    origins: Words
    months: tuple[str, ...]
    day: str
    quotes: tuple[str, str]
    group: str
    point: str
    minus: str
