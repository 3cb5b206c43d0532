"""The catalogue of problem types, as answers name them: made from the code by `make catalogue`."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TypedDict

FILE = "problem_types.json"
ADDRESS = "/problems"


class ProblemType(TypedDict):
    """What a problem is; `status` is the usual one, where it depends on who or what is at fault."""

    type: str
    title: str
    status: int


@cache
def problem_types() -> dict[str, ProblemType]:
    """Return all problem types by the word that their `type` ends in."""
    text = (resources.files("web.api") / FILE).read_text(encoding="utf-8")
    found: list[ProblemType] = json.loads(text)
    return {each["type"].removeprefix(f"{ADDRESS}/"): each for each in found}
