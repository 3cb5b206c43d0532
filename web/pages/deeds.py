"""The forms by which goals are changed: a page for each deed of `deed_table.py`.

A field that is left as it was is left out, so what it stands for stays. What is final is tried out
first, and its page says what would be recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from okr_es.domain.refusals import Refusal
from web.api.actor import try_out
from web.api.command_ids import use_key
from web.api.command_schemas import schema_of
from web.api.problems import Problem, problem_of
from web.pages import deed_table
from web.pages.deed_fields import Field, Row
from web.pages.deed_table import Deed
from web.pages.frame.allowed import allowed
from web.pages.frame.forms import TAKE_AWAY, Form, attempt, led_on, received
from web.pages.frame.site import Site

NO_REASON = "–"  # stands for the reason in what is only tried out


class Kind(NamedTuple):
    """A kind of things that something is done about: its address, its id's name, its deeds."""

    folder: str
    id_name: str
    deeds: tuple[Deed, ...]
    load: Callable[[Site, UUID], Row]

    def address(self, found: Row) -> str:
        """Return the address of the page that a deed leads back to."""
        return str(found.get("page") or f"/{self.folder}/{found['id']}")


def question(name: str) -> Callable[[Site, UUID], Row]:
    """Return what asks for a thing."""
    return lambda site, id_: site.ask(name, id_)


def reading(site: Site, id_: UUID) -> Row:
    """Return a reading with its kind and title, which are those of what it measures."""
    found = site.ask("reading", id_)
    measured = found["measured"]
    kind = "kpi"
    if measured["kind"] == "key_result":
        kind = site.ask("key_result", UUID(str(measured["id"])))["kind"]
    page = f"/{'kpis' if kind == 'kpi' else 'key-results'}/{measured['id']}"
    return {**found["reading"], "kind": kind, "title": measured["title"], "page": page,
            "about": UUID(str(measured["id"]))}  # fmt: skip


KINDS = (
    Kind("objectives", "objective_id", deed_table.OBJECTIVE, question("objective")),
    Kind("key-results", "key_result_id", deed_table.KEY_RESULT, question("key_result")),
    Kind("kpis", "kpi_id", deed_table.KPI, question("kpi")),
    Kind("readings", "reading_id", deed_table.READING, reading),
)


def add_to(made: Blueprint, site: Site) -> None:
    """Add a page for each deed."""
    for kind in KINDS:
        for deed in kind.deeds:
            add_deed(made, site, kind, deed)


def add_deed(made: Blueprint, site: Site, kind: Kind, deed: Deed) -> None:
    """Add the form of a deed, and what records it."""
    address = f"/{kind.folder}/<uuid:{kind.id_name}>/{deed.slug}"
    name = f"{kind.id_name}_{deed.slug}".replace("-", "_")

    def show(**path: UUID) -> Response:
        found = kind.load(site, path[kind.id_name])
        form = Form()
        if deed.final:
            foresee(site, deed, path, form)
        return deed_page(site, kind, deed, found, form)

    def record(**path: UUID) -> Response:
        sent = received()
        found = kind.load(site, path[kind.id_name])
        sent.values = as_changed(deed, found, sent)
        fixed = {} if deed.fixed is None else deed.fixed(sent.values)
        outcome = attempt(site, deed.command, path, sent, fixed)
        if isinstance(outcome, Form):
            return deed_page(site, kind, deed, kind.load(site, path[kind.id_name]), outcome)
        return led_on(kind.address(found), outcome)

    made.add_url_rule(address, name, show, methods=["GET"])
    made.add_url_rule(address, f"{name}_sent", record, methods=["POST"])


def foresee(site: Site, deed: Deed, path: dict[str, UUID], form: Form) -> None:
    """Note what a deed would record, or why it is refused; nothing is recorded."""
    use_key(form.key)
    try:
        form.tried = try_out(site.okr, deed.command(**path), {"reason": NO_REASON})
    except Refusal as refusal:
        form.problem = problem_of(refusal)
    except Problem as problem:
        form.problem = problem


def as_changed(deed: Deed, found: Row, form: Form) -> MultiDict[str, str]:
    """Return what was typed without what is as it was, and with what is to be taken away."""
    values: MultiDict[str, str] = MultiDict(form.values)
    schema = schema_of(deed.command)
    for field in deed.fields(found):
        typed = values.get(field.name, "").replace("\r\n", "\n").strip()
        if field.name in deed.empties and not typed and field.name in values:
            values.add(TAKE_AWAY, field.name)
        elif typed == field.beginning(found) and not is_needed(schema, field):
            values.poplist(field.name)
    return values


def is_needed(schema: Any, field: Field) -> bool:
    """Return whether a command cannot do without a field."""
    of = schema.fields.get(field.name)
    return field.required or bool(of is not None and of.required)


def deed_page(site: Site, kind: Kind, deed: Deed, found: Row, form: Form) -> Response:
    """Return the form of a deed, with what was typed before."""
    shown = deed.fields(found)
    is_refused = form.problem is not None and not form.values
    return site.page(
        "deed.html", HTTPStatus.OK if is_refused else form.status, is_refused=is_refused,
        deed=deed, found=found, form=form, fields=shown,
        options={each.name: each.options(site, found) for each in shown if each.options},
        back=kind.address(found), is_stale=is_stale(form, found),
    )  # fmt: skip


def is_stale(form: Form, found: Row) -> bool:
    """Return whether somebody else changed the thing since the form was opened."""
    typed = form.value("expected_version", None)
    return form.problem is not None and typed not in {None, str(found["version"])}


def deeds_for(site: Site, folder: str, found: Row, *, closed: bool = False) -> list[dict[str, str]]:
    """Return what who looks may do about a thing in its state: words and addresses.

    `closed`: its cycle is, so that it only goes on in another one.
    """
    (kind,) = (each for each in KINDS if each.folder == folder)
    may = allowed(site, UUID(str(found.get("about") or found["id"])))
    return [
        {"words": each.button, "address": f"/{folder}/{found['id']}/{each.slug}"}
        for each in kind.deeds
        if each.command.__name__ in may
        and each.makes_sense(found)
        and (each.after_closing or not closed)
    ]
