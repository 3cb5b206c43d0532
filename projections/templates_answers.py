"""What is answered about the templates by which goals and KPIs are written."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from projections.as_of.answers import AtPosition, doc, one_of
from projections.audit_log.languages import LANGUAGES


class TemplateField(TypedDict):
    """A part of a template: what is asked, and which field of a command takes it."""

    name: Annotated[str, doc("Its name, the same in each language.")]
    label: Annotated[str, doc("What it is called.")]
    hint: Annotated[str, doc("What to write, and what not.")]
    example: Annotated[str, doc("One that is good.")]
    command: Annotated[str, doc("The command that takes it.")]
    fields: Annotated[list[str], doc("The fields of the command that take it.")]
    required: Annotated[bool, doc("Without it there is none.")]
    is_repeated: Annotated[bool, doc("There may be several.")]


class Template(TypedDict):
    """How a kind of goal is written: a sentence to complete, and its parts."""

    kind: Annotated[Literal["okr", "kpi"], doc("Of what.")]
    title: Annotated[str, doc("What it is called.")]
    sentence: Annotated[
        str, doc("Each part stands in it by its name, in braces: {objective}, {key_results}.")
    ]
    hint: Annotated[str, doc("How to know a good one.")]
    fields: Annotated[list[TemplateField], doc("In the order in which they are asked.")]
    example: Annotated[str, doc("The sentence with all its parts.")]


class TemplatesAnswer(AtPosition):
    """The templates, in a language."""

    language: Annotated[str, one_of(LANGUAGES), doc("Of the words.")]
    version: Annotated[int, Meta(ge=1, description="It rises when a template changes.")]
    templates: Annotated[list[Template], doc("That of objectives first.")]
