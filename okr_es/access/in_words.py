"""The table of rights in words, in both languages: what somebody lacks, and who has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import COLUMNS, INGEST_KEY, MEMBER, About, Answer, Held, Line, by_role
from okr_es.domain.refusals import NotAllowed
from okr_es.domain.values import Role

SOMEBODY = UUID(int=0)  # who is nobody in particular
OWNER, DEPUTY = "owner", "deputy"

# What a line allows, as it stands in a sentence.
LINES: dict[Line, dict[str, str]] = {
    Line.SEE: {"en": "see goals", "sv": "se mål"},
    Line.GOALS: {"en": "change goals", "sv": "ändra mål"},
    Line.PLANS: {
        "en": "commit plans, hand over, grade and carry over",
        "sv": "fastställa planer, lämna över, betygsätta och föra över mål",
    },
    Line.CYCLES: {
        "en": "change cycles, the calendar and what holds for all",
        "sv": "ändra cykler, kalendern och det som gäller för alla",
    },
    Line.READINGS: {"en": "record readings", "sv": "registrera mätvärden"},
    Line.APPROVE: {"en": "approve", "sv": "godkänna"},
    Line.REVIEWS: {"en": "see reviews by person", "sv": "se uppföljning per person"},
    Line.FIGURES: {"en": "see figures per person", "sv": "se siffror per person"},
    Line.PERSONAL: {
        "en": "decide about a person, or read texts about one",
        "sv": "besluta om en person, eller läsa texter om en",
    },
    Line.AUDIT: {"en": "read the audit log", "sv": "läsa granskningsloggen"},
    Line.ACCESS_LOG: {"en": "read the access log", "sv": "läsa åtkomstloggen"},
    Line.DIRECTORY: {
        "en": "change people, teams, grants and keys",
        "sv": "ändra personer, team, roller och nycklar",
    },
}
WHO = {
    OWNER: {"en": "the person whose own it is", "sv": "den vars eget det är"},
    DEPUTY: {"en": "their deputy", "sv": "dennes ställföreträdare"},
    MEMBER: {"en": "everybody", "sv": "alla"},
    Role.LEAD: {
        "en": "a lead of its team or of one above it",
        "sv": "den som leder teamet eller ett ovanför",
    },
    Role.HR: {"en": "HR", "sv": "HR"},
    Role.AUDITOR: {"en": "an auditor of it", "sv": "den som granskar det"},
    Role.ADMINISTRATOR: {"en": "an administrator", "sv": "en administratör"},
    INGEST_KEY: {"en": "a key for it", "sv": "en nyckel för det"},
}
NOBODY = {"en": "nobody", "sv": "ingen"}
WITH_ANOTHER = {"en": " (with another)", "sv": " (med en annan)"}
NOTHING = {"en": "", "sv": ""}
NOT_OWN = {"en": " (not for themself)", "sv": " (inte för sig själv)"}
OR = {"en": " or ", "sv": " eller "}
NOT_ALLOWED = {
    "en": "You have no right to {right} here. This is for {who}.",
    "sv": "Du har ingen rätt att {right} här. Den rätten har {who}.",
}
NEEDS_ANOTHER = {
    "en": "Nobody does this alone, and nobody else is there who could approve it: {who}.",
    "sv": "Ingen gör detta ensam, och det finns ingen annan som kan godkänna det: {who}.",
}


class Could(NamedTuple):
    """A role, or the owner, and whether they could do it alone."""

    role: str
    alone: bool


def could(line: Line, about: About) -> list[Could]:
    """Return which roles could do something, and whether its owner could; nobody by name."""
    return [Could(role, answer == Answer.YES) for role, answer in tried(line, about)
            if answer != Answer.NO]  # fmt: skip


def tried(line: Line, about: About) -> Iterator[tuple[str, Answer]]:
    """Yield what each role could do about a thing of somebody else's, and its owner and deputy."""
    others = replace(about, owners=frozenset(), asked_by=frozenset(), deputies=frozenset())
    own, member = frozenset({SOMEBODY}), Held(MEMBER)
    answers = {role: by_role(line, SOMEBODY, held(role, about), others) for role in COLUMNS}
    if answers[MEMBER] == Answer.NO:
        yield OWNER, by_role(line, SOMEBODY, member, replace(others, owners=own))
        yield DEPUTY, by_role(line, SOMEBODY, member, replace(others, deputies=own))
    yield from answers.items()


def held(role: str, about: About) -> Held:
    """Return a role for all that something is about."""
    return Held(role, None, frozenset() if about.kpi_id is None else frozenset({about.kpi_id}))


def refusal(
    cls: type[NotAllowed], sentence: dict[str, str], line: Line, about: About, language: str
) -> NotAllowed:
    """Return a refusal: it says which right is missing in words, and which roles have it."""
    return cls(
        in_words(sentence, line, about, language if language in sentence else "en"),
        right={"line": line, "part": about.part},
        could=[each.role for each in could(line, about)],
    )


def in_words(sentence: dict[str, str], line: Line, about: About, language: str) -> str:
    """Return that somebody lacks a right, and who has it."""
    found = could(line, about)
    who = [WHO[each.role][language] for each in found]
    if any(each.alone for each in found):
        who = [f"{WHO[each.role][language]}{but(each, line, about)[language]}" for each in found]
    *others, last = who or [NOBODY[language]]
    joined = OR[language].join([", ".join(others), last] if others else [last])
    return sentence[language].format(right=LINES[line][language], who=joined)


def but(found: Could, line: Line, about: About) -> dict[str, str]:
    """Return in words what a role lacks, where others could do it alone; nothing is empty."""
    if not found.alone:
        return WITH_ANOTHER
    if found.role in (OWNER, DEPUTY):
        return NOTHING
    own = replace(about, owners=frozenset({SOMEBODY}))
    answer = by_role(line, SOMEBODY, held(found.role, about), own)
    return NOT_OWN if answer == Answer.NO else NOTHING
