"""Reading the parameters of a question from its address; a bad one is refused by its name.

So it is where an address takes none: what would change nothing is not passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import current_app, request

from okr_es.access_log import WITHHELD
from okr_es.domain.refusals import Invalid, Refusal
from web.api.parameters import MOST_REPEATED, Parameter
from web.api.problems import invalid

TAKES_NONE = "This address takes no parameters."
IN_THE_BODY = "This address takes no parameters: a command has its fields in its body."


def given(allowed: Sequence[Parameter]) -> dict[str, Any]:
    """Return the parameters in the query string; raise a Problem that names every bad one."""
    named = {each.name: each for each in allowed}
    found, errors = {}, dict(missing(allowed))
    for name, texts in request.args.lists():
        if name not in named:
            errors[name] = ["Unknown parameter."]
            continue
        value, wrong = value_of(named[name], texts)
        if wrong:
            errors[name] = [wrong]
        found[named[name].passed_as] = value
    if errors:
        raise invalid(errors)
    for each in allowed:
        if each.otherwise is not None:
            found.setdefault(each.passed_as, each.otherwise())
    return found


def refuse_where_none_are_taken() -> None:
    """Refuse parameters of an address whose description has none: above all `dry_run`."""
    if not request.environ.get("QUERY_STRING") or not request.args:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    described = getattr(view, "_apidoc", None)
    if described is None or any(map(is_in_query, described["manual_doc"]["parameters"])):
        return
    why = IN_THE_BODY if request.method == "POST" else TAKES_NONE
    raise invalid({name: [why] for name in request.args})


def is_in_query(parameter: Any) -> bool:
    """Return whether what is said of a parameter says that it stands in the query string."""
    return isinstance(parameter, Mapping) and parameter.get("in") == "query"


def value_of(parameter: Parameter, texts: Sequence[str]) -> tuple[Any, str]:
    """Return the value of a parameter, and what is wrong with it; no text where nothing is."""
    if len(texts) > (MOST_REPEATED if parameter.repeatable else 1):
        most = f" than {MOST_REPEATED} times" if parameter.repeatable else " than once"
        return None, f"Given more{most}."
    read = [read_by(parameter, text) for text in texts]
    errors = [wrong for value, wrong in read if value is None]
    if errors:
        return None, errors[0]
    values = tuple(value for value, _ in read)
    return (values if parameter.repeatable else values[0]), ""


def read_by(parameter: Parameter, text: str) -> tuple[Any, str]:
    """Return the value a parameter reads from a text, None if it is bad, and the error for then."""
    try:
        return parameter.read(text), f"Not {parameter.wanted}."
    except Invalid as refusal:
        return None, refusal.message


def missing(allowed: Sequence[Parameter]) -> Iterable[tuple[str, list[str]]]:
    """Yield the names of mandatory parameters that are not given, with their errors."""
    for each in allowed:
        if each.required and each.name not in request.args:
            yield each.name, [f"Missing: {each.wanted}."]


@contextmanager
def named_as_given(allowed: Sequence[Parameter]) -> Iterator[None]:
    """Let a refusal of a question blame a parameter by the name that it was given by."""
    try:
        yield
    except Refusal as refusal:
        names = {each.passed_as: each.name for each in allowed}
        refusal.field = names.get(refusal.field or "", refusal.field)
        raise


def for_access_log(allowed: Sequence[Parameter], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as they are recorded in the access log: by name, free text withheld."""
    return {
        each.name: WITHHELD if each.is_free_text else asked[each.passed_as]
        for each in allowed
        if each.passed_as in asked
    }
