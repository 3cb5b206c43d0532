"""The parameters of a sample of the audit log, and what is asked for by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from projections.audit_log.sample import SampleRequest, facts_of
from projections.queries import Queries
from web.access_log import query_text
from web.api.fields import BIGGEST_INTEGER
from web.api.given import for_access_log
from web.api.parameters import BEFORE, COUNT, LANGUAGE, MOST_ROWS, SEARCH, count, of, row_count

DEFAULT_SIZE = 25


def seed(text: str) -> int | None:
    """Return a whole number from 0, None for anything else."""
    found = int(text) if COUNT.fullmatch(text) else -1
    return found if 0 <= found <= BIGGEST_INTEGER else None


SEED = replace(
    of(
        "seed", seed, f"a whole number from 0 to {BIGGEST_INTEGER}",
        {"type": "integer", "minimum": 0, "maximum": BIGGEST_INTEGER,
         "description": "With the same seed the same events are drawn."},
    ),
    required=True,
)  # fmt: skip
SIZE = of(
    "size", row_count, f"a whole number from 1 to {MOST_ROWS}",
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_SIZE,
     "description": "How many events are drawn; all, where there are fewer."},
)  # fmt: skip
UP_TO = of(
    "up_to", count, "a number of events",
    {**BEFORE.schema, "description": "The size of the checkpoint up to which events are drawn; "
     "the newest if not given."},
)  # fmt: skip
SAMPLE = (SEED, SIZE, UP_TO, *SEARCH, LANGUAGE)


class Asked(NamedTuple):
    """A sample as it may be asked for, and what the access log has of it."""

    request: SampleRequest
    noted: dict[str, str]


def asked_for(queries: Queries, given: dict[str, Any]) -> Asked:
    """Return the sample that parameters ask for; raise NotFound for a cycle that is not there."""
    named = {each.passed_as for each in SEARCH}
    search = queries.with_ids({name: each for name, each in given.items() if name in named})
    noted = {name: query_text(each) for name, each in for_access_log(SEARCH, search).items()}
    request = SampleRequest(
        search, noted, given["seed"], given.get("size", DEFAULT_SIZE), given.get("up_to"),
        given["language"],
    )  # fmt: skip
    return Asked(request, noted | facts_of(request))
