"""Forms: what was typed becomes a command, by the schema of the API, and what is wrong stands at
its field, with everything that was typed still there.

A field that is left empty is left out, so what it stands for stays as it is. A name under
`take_away` is sent as null.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from flask import request
from marshmallow import Schema
from marshmallow import fields as kinds
from werkzeug.wrappers import Response

from okr_es.commands import Command
from okr_es.context import Receipt
from okr_es.domain.refusals import Refusal
from okr_es.dry_run import DryRun
from web.api.actor import carry_out, try_out
from web.api.command_ids import use_key
from web.api.command_schemas import COMMON, Tuple, load, schema_of
from web.api.fields import Exact, Flag, Whole
from web.api.problems import Problem, problem_of
from web.api.signed_in import signed_in
from web.pages.frame.numbers import plain_number
from web.pages.frame.site import Site

TAKE_AWAY = "take_away"
MOST_BYTES = 256 * 1024
KEY_FIELD = "command_key"
WHOLE = re.compile(r"-?[0-9]{1,20}")


@dataclass
class Form:
    """A form: what stands in its fields, and what is wrong with them, by field.

    `key` names the command: sent twice it is recorded once.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: Problem | None = None
    tried: DryRun | None = None
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def status(self) -> HTTPStatus:
        """The status that a page with it is sent with."""
        return HTTPStatus(self.problem.status) if self.problem else HTTPStatus.OK

    @property
    def other_errors(self) -> list[str]:
        """What is wrong with the whole of it, and with fields that it does not show."""
        if self.problem is None or self.errors.keys() & self.values.keys():
            return []
        return [self.problem.detail]

    def value(self, name: str, otherwise: Any = "") -> Any:
        """Return what was typed into a field, else what stands in it from the beginning."""
        return self.values.get(name, otherwise)


def sent(site: Site, command: type[Command], **fixed: Any) -> Receipt | Form:
    """Carry out a command with what was typed: return its receipt, or the form with what is wrong.

    The address names its fields as the command does; `fixed` are those that nobody types. A form
    that was sent with the button `try` is only tried out: `tried` holds what would be recorded.
    """
    form = received()
    return attempt(site, command, request.view_args or {}, form, fixed)


def received() -> Form:
    """Return the form of the request; refuse one without the token of the session."""
    request.max_content_length = MOST_BYTES
    signed_in()
    return Form(request.form, key=request.form.get(KEY_FIELD) or str(uuid4()))


def attempt(
    site: Site,
    command: type[Command],
    path: Mapping[str, Any],
    form: Form,
    fixed: Mapping[str, Any],
) -> Receipt | Form:
    """Carry out a command with what stands in a form, under its key; see `sent`."""
    use_key(form.key)
    try:
        schema = schema_of(command, frozenset(path))
        given = load(schema, typed(schema, form.values) | dict(fixed))
        own = set(COMMON) - set(command.__dataclass_fields__)
        common = {name: given.pop(name) for name in own if name in given}
        common.pop("dry_run", None)
        made = command(**path, **given)
        if "try" in form.values:
            form.tried = try_out(site.okr, made, common)
            return form
        return carry_out(site.okr, made, common)
    except Refusal as refusal:
        form.problem = problem_of(refusal)
    except Problem as problem:
        form.problem = problem
    form.errors = errors_of(form.problem)
    return form


def errors_of(problem: Problem) -> dict[str, list[str]]:
    """Return what is wrong by field."""
    if problem.errors:
        return dict(problem.errors)
    return {problem.field: [problem.detail]} if problem.field else {}


def typed(schema: Schema, form: Any) -> dict[str, Any]:
    """Return the fields of a form as a body of the API has them."""
    found: dict[str, Any] = dict.fromkeys(form.getlist(TAKE_AWAY))
    for name, of in schema.fields.items():
        if isinstance(of, kinds.Nested):
            inner = nested(of.schema, form, f"{name}.")
            if inner:
                found[name] = inner
        elif isinstance(of, Tuple):
            texts = [text for text in lines_of(form.getlist(name)) if text]
            if texts:
                found[name] = texts
        elif text := form.get(name, "").strip():
            found[name] = as_sent(of, text)
    return found


def nested(schema: Schema, form: Any, prefix: str) -> dict[str, Any]:
    """Return the fields of a thing inside a command: theirs have its name and a dot in front."""
    found: dict[str, Any] = {}
    for name, of in schema.fields.items():
        text = form.get(prefix + name, "").strip()
        if isinstance(of, kinds.Nested):
            if inner := nested(of.schema, form, f"{prefix}{name}."):
                found[name] = inner
        elif isinstance(of, Tuple) and text:
            found[name] = [each for each in lines_of([text]) if each]
        elif text:
            found[name] = as_sent(of, text)
    return found


def lines_of(texts: Iterable[str]) -> Iterable[str]:
    """Yield the lines of texts: a list is several fields of a name, or lines of one."""
    for text in texts:
        yield from (line.strip() for line in text.splitlines())


def as_sent(of: kinds.Field[Any], text: str) -> Any:
    """Return a text as the API takes it for a field."""
    if isinstance(of, Exact):
        return plain_number(text)
    if isinstance(of, Whole):
        number = plain_number(text)
        return (
            int(number)
            if number.removeprefix("-").isascii() and number.removeprefix("-").isdecimal()
            else text
        )
    if isinstance(of, Flag):
        return {"true": True, "false": False}.get(text, text)
    return text.replace("\r\n", "\n")


def led_on(address: str, receipt: Receipt) -> Response:
    """Lead to a page that says what was recorded."""
    sign = "&" if "?" in address else "?"
    headers = {"Location": f"{address}{sign}done={receipt.command_id}", "Cache-Control": "no-store"}
    return Response(status=HTTPStatus.SEE_OTHER, headers=headers)
