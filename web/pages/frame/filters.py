"""The filters of a page, read as those of the API are; an empty field of a form is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request

from web.api.given import value_of
from web.api.parameters import Parameter
from web.api.problems import invalid


def filters_of_page(allowed: Iterable[Parameter]) -> dict[str, Any]:
    """Return the parameters of the address as a question takes them; refuse bad ones by name.

    What is no parameter of the question is the page's own.
    """
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for each in allowed:
        texts = [text for text in request.args.getlist(each.name) if text]
        if not texts:
            continue
        value, wrong = value_of(each, texts)
        if wrong:
            errors[each.name] = [wrong]
        found[each.passed_as] = value
    if errors:
        raise invalid(errors)
    return found


def fields_of_page(without: Iterable[str]) -> dict[str, str]:
    """Return the parameters of the address as fields of a form, so that another form keeps them."""
    left_out = set(without)
    return {name: value for name, value in request.args.items() if value and name not in left_out}
