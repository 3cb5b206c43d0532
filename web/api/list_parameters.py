"""The parameters of lists: filters that mean the same everywhere, sort, and pages by cursors."""

from __future__ import annotations

from dataclasses import replace

from projections.as_of import pages
from projections.goals.words import OF_GOALS, WORDS
from web.api.fields import Text
from web.api.parameters import CYCLE, OVERDUE, OWNER, TEAM, TEXT, Parameter, a_word, count, of

MOST_IN_LIST = pages.MOST_ROWS


def list_count(text: str) -> int | None:
    """Return a number of items that one page of a list may hold."""
    found = count(text)
    return found if found is not None and found <= MOST_IN_LIST else None


def cursor(text: str) -> str | None:
    """Return a text that may be a cursor; the read side says of what."""
    fits = len(text) <= pages.LONGEST_CURSOR and pages.CURSOR.fullmatch(text)
    return text if fits else None


CYCLES = replace(CYCLE, repeatable=True)
FED_IN = "It feeds a key result of the cycle on the day, or of one of several."
IN_LIST = of(
    "limit",
    list_count,
    f"a whole number from 1 to {MOST_IN_LIST}",
    {"type": "integer", "minimum": 1, "maximum": MOST_IN_LIST, "default": pages.USUAL_ROWS},
)
WHOLE_OR_PAGE = replace(
    IN_LIST, schema={name: IN_LIST.schema[name] for name in ("type", "minimum", "maximum")}
)
# A cursor holds no words, but those of the versions before held the name it ended at.
NEXT = replace(
    of(
        "after",
        cursor,
        "the `next` of a page",
        {
            "type": "string",
            "pattern": f"^{pages.CURSOR.pattern}$",
            "maxLength": pages.LONGEST_CURSOR,
            "description": "The `next` of the page before, all other parameters alike: the walk "
            "is of the moment of its first page.",
        },
    ),
    is_free_text=True,
)
WORDS_OF_GOALS = replace(
    TEXT,
    schema={
        **Text.openapi,
        "description": "In title and description, whatever the case and the accents of letters.",
    },
)
STATUS = a_word("status", OF_GOALS["status"], "Where it is, by its pace.")
OUTCOME = a_word("outcome", OF_GOALS["outcome"], "What came of it; while it runs it has none.")
STATE_OF_GOALS = a_word("state", OF_GOALS["state"], "Where it is in its life; of its objective.")
FOUND_BY = (CYCLES, TEAM, OWNER, STATE_OF_GOALS, WORDS_OF_GOALS, STATUS, OVERDUE)


def sorted_by(*names: str) -> Parameter:
    """Return the parameter that says what a list is sorted by; the first one if it is not given."""
    words = [f"{sign}{name}" for name in names for sign in ("", "-")]
    description = "With - from the last to the first. What has none of it comes last."
    return a_word("sort", words, description, default=names[0])


def state_of(question: str) -> Parameter:
    """Return the parameter of the state that things of a list are in."""
    return a_word("state", WORDS[question]["state"], "In this state on the day.")


def named_by(description: str) -> Parameter:
    """Return the parameter of a text in the names of things."""
    said = f"In {description}, whatever the case and the accents of letters."
    return replace(TEXT, schema={**Text.openapi, "description": said})


PAGE_OF_LIST = (replace(IN_LIST, otherwise=lambda: pages.USUAL_ROWS), NEXT)
OBJECTIVES = (*FOUND_BY, OUTCOME, sorted_by("created", "title", "score"), *PAGE_OF_LIST)
KEY_RESULTS = (*FOUND_BY, sorted_by("created", "title", "progress"), *PAGE_OF_LIST)
# A board and a tree are whole unless a page is asked for.
TREE = (*FOUND_BY[1:], OUTCOME, WHOLE_OR_PAGE, NEXT)
BOARD = (*TREE, sorted_by("created", "title", "score"))
KPIS = (
    replace(CYCLES, schema={**CYCLE.schema, "description": FED_IN}), TEAM, OWNER, state_of("kpis"),
    named_by("name, purpose and what is counted"),
    a_word("status", WORDS["kpis"]["status"], "By its value and target, in the span of the day."),
    OVERDUE, sorted_by("name", "created"), *PAGE_OF_LIST,
)  # fmt: skip
CYCLE_LIST = (
    state_of("cycles"), named_by("the name"), sorted_by("starts", "name"), *PAGE_OF_LIST,
)  # fmt: skip
TEAM_LIST = (
    TEAM, state_of("teams"), named_by("the name of the day"), sorted_by("name"),
    *PAGE_OF_LIST,
)  # fmt: skip
PEOPLE_LIST = (
    state_of("people"), named_by("name and e-mail"), sorted_by("id", "name"),
    *PAGE_OF_LIST,
)  # fmt: skip
