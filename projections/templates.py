"""The templates by which goals and KPIs are written, for forms and for the command line.

An OKR is a sentence: “I will (objective), measured by (key results)”. A KPI has four parts: target,
time frame, source and cadence. They are part of the program, and change with it alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from projections.audit_log.languages import language_of
from projections.templates_answers import Template, TemplateField, TemplatesAnswer

VERSION = 1


class Part(NamedTuple):
    """A part of a template, whatever the language: which fields of which command take it."""

    name: str
    command: str
    fields: tuple[str, ...]
    required: bool = True
    is_repeated: bool = False


class Said(NamedTuple):
    """What a part is called, what to write, and an example."""

    label: str
    hint: str
    example: str


PARTS: dict[Any, tuple[Part, ...]] = {
    "okr": (
        Part("objective", "DraftObjective", ("title",)),
        Part("key_results", "AddKeyResult", ("title", "measure"), is_repeated=True),
    ),
    "kpi": (
        Part("name", "DefineKpi", ("name", "counts")),
        Part("target", "DefineKpi", ("direction", "unit", "target"), required=False),
        Part("time_frame", "DefineKpi", ("target",)),
        Part("source", "DefineKpi", ("source",)),
        Part("cadence", "DefineKpi", ("cadence",)),
    ),
}
# By language and kind: title, sentence, hint and example, and of each part label, hint and example.
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "okr": {
            "title": "Objective with key results",
            "sentence": "I will {objective}, measured by {key_results}.",
            "hint": "The objective says what will be better, without a number. Two to five key "
            "results say how everybody will see that it is: what comes out, not what was done.",
            "example": "I will win more customers in the north, measured by 1,000 new customers by "
            "30 September, 40 of 100 trials that end in a purchase, and at most 5 complaints a "
            "week.",
            "objective": Said(
                "I will …",
                "One thing you want to change, in words that others can repeat. No number, no list "
                "of tasks.",
                "win more customers in the north",
            ),
            "key_results": Said(
                "measured by …",
                "From what to what, in which unit, by when; or a value to keep; or named steps. It "
                "can be read by somebody else.",
                "1,000 new customers by 30 September, from 0",
            ),
        },
        "kpi": {
            "title": "Key performance indicator",
            "sentence": "{name}: {target}, {time_frame}, from {source}, read {cadence}.",
            "hint": "A KPI is a health number that goes on. Without a target it is recorded, and "
            "judged by nothing.",
            "example": "Complaints, counted as tickets of the kind “complaint”: at most 5, from "
            "1 July to 30 September, from the ticket system, read weekly.",
            "name": Said(
                "What is counted",
                "Its name, and in words what is counted and how, so that two people count "
                "the same.",
                "Complaints: tickets of the kind “complaint”, without those sent twice",
            ),
            "target": Said(
                "Target",
                "The value to reach, or the bounds to stay in, with its unit.",
                "at most 5 tickets",
            ),
            "time_frame": Said(
                "Time frame",
                "From which day to which day the target holds.",
                "from 1 July to 30 September",
            ),
            "source": Said(
                "Source",
                "Where the number is read, so that somebody else finds the same.",
                "the ticket system, view “complaints of the week”",
            ),
            "cadence": Said(
                "Cadence",
                "How often it is read: daily, weekly, every two weeks, monthly, quarterly, "
                "half-yearly, yearly, or with each project.",
                "weekly",
            ),
        },
    },
    "sv": {
        "okr": {
            "title": "Mål med nyckelresultat",
            "sentence": "Jag ska {objective}, mätt genom {key_results}.",
            "hint": "Målet säger vad som ska bli bättre, utan siffror. Två till fem nyckelresultat "
            "säger hur alla kan se att det har blivit så: vad det leder till, inte vad som "
            "gjordes.",
            "example": "Jag ska vinna fler kunder i norr, mätt genom 1 000 nya kunder till den 30 "
            "september, 40 av 100 provperioder som slutar med ett köp och högst 5 klagomål i "
            "veckan.",
            "objective": Said(
                "Jag ska …",
                "En sak du vill förändra, med ord som andra kan återge. Ingen siffra, ingen lista "
                "med uppgifter.",
                "vinna fler kunder i norr",
            ),
            "key_results": Said(
                "mätt genom …",
                "Från vad till vad, i vilken enhet, till när; eller ett värde att hålla; eller "
                "namngivna steg. Någon annan ska kunna läsa av det.",
                "1 000 nya kunder till den 30 september, från 0",
            ),
        },
        "kpi": {
            "title": "Nyckeltal",
            "sentence": "{name}: {target}, {time_frame}, ur {source}, mäts {cadence}.",
            "hint": "Ett nyckeltal visar hur verksamheten mår och följs hela tiden. Utan målvärde "
            "registreras det, men bedöms inte.",
            "example": "Klagomål, räknade som ärenden av typen ”klagomål”: högst 5, från den 1 "
            "juli till den 30 september, ur ärendesystemet, mäts varje vecka.",
            "name": Said(
                "Vad som räknas",
                "Namnet, och med ord vad som räknas och hur, så att två personer räknar lika.",
                "Klagomål: ärenden av typen ”klagomål”, utan dem som skickats två gånger",
            ),
            "target": Said(
                "Målvärde",
                "Värdet som ska nås, eller gränserna det ska hålla sig inom, med enhet.",
                "högst 5 ärenden",
            ),
            "time_frame": Said(
                "Tidsram",
                "Från vilken dag till vilken dag målvärdet gäller.",
                "från den 1 juli till den 30 september",
            ),
            "source": Said(
                "Källa",
                "Var värdet läses av, så att någon annan hittar samma värde.",
                "ärendesystemet, vyn ”veckans klagomål”",
            ),
            "cadence": Said(
                "Mätfrekvens",
                "Hur ofta det mäts: varje dag, varje vecka, varannan vecka, varje månad, kvartal, "
                "halvår eller år, eller med varje projekt.",
                "varje vecka",
            ),
        },
    },
}


def templates(position: int, language: str) -> TemplatesAnswer:
    """Return the templates in a language; raise Invalid for one there is none in."""
    code = language_of(language).code
    return {
        "position": position,
        "language": code,
        "version": VERSION,
        "templates": [template(kind, WORDS[code][kind]) for kind in PARTS],
    }


def template(kind: Any, words: dict[str, Any]) -> Template:
    """Return the template of a kind of goal, in the words of a language."""
    return {
        "kind": kind,
        "title": words["title"],
        "sentence": words["sentence"],
        "hint": words["hint"],
        "fields": [field(each, words[each.name]) for each in PARTS[kind]],
        "example": words["example"],
    }


def field(part: Part, said: Said) -> TemplateField:
    """Return a part of a template, in the words of a language."""
    return {
        "name": part.name,
        "label": said.label,
        "hint": said.hint,
        "example": said.example,
        "command": part.command,
        "fields": list(part.fields),
        "required": part.required,
        "is_repeated": part.is_repeated,
    }
