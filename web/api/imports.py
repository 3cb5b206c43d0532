"""What an import of a file would record: it is checked against the log, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, TypedDict

from flask import Response, request
from flask_smorest import Blueprint
from msgspec import Meta
from werkzeug.exceptions import LengthRequired, UnsupportedMediaType

from okr_es.application import Okr
from okr_es.context import WarningAnswer
from okr_es.imports.kpis import Report, import_kpis, read_mapping
from okr_es.imports.mapping import LONGEST_MAP_BYTES
from projections.as_of.answers import AtPosition, Count, doc
from web.api.asking import ask
from web.api.caller import caller_is_missing
from web.api.entrance import entrance
from web.api.exact_json import JSON, MIB, encode
from web.api.openapi.components import component_name
from web.api.openapi.operations import Document, describe, problems
from web.api.parameters import truth
from web.api.problems import invalid

if TYPE_CHECKING:
    from projections.queries import Queries

FORM = "multipart/form-data"
PREVIEW_BYTES = 2 * MIB
MOST_KINDS = 50  # of bad rows
PREVIEW = "previewImport"
PARTS = ("file", "map", "reason", "keep_going")
Lines = Annotated[list[int], doc("The first lines it is about.")]


class BadRowsAnswer(TypedDict):
    """Bad rows that are alike."""

    column: Annotated[str, doc("The column to blame, as the file calls it.")]
    reason: Annotated[str, doc("Why the first of them was refused.")]
    count: Annotated[int, Meta(ge=1, description="How many.")]
    lines: Lines


class PlannedAnswer(TypedDict):
    """Commands of a kind that would be recorded."""

    command: Annotated[str, doc("Its kind; each reading counts as one.")]
    count: Annotated[int, Meta(ge=1, description="How many.")]


class WarnedAnswer(TypedDict):
    """What an import would warn of."""

    code: Annotated[str, doc("In the catalogue of warnings.")]
    text: Annotated[str, doc("In the language of the caller.")]
    count: Annotated[Count, doc("How many things it is about.")]
    lines: Lines


class ImportPreviewAnswer(AtPosition):
    """What an import would record: nothing is recorded by asking."""

    rows: Annotated[Count, doc("How many rows the file has below its header.")]
    good_rows: Annotated[Count, doc("Of which nothing is bad.")]
    bad_rows: Annotated[Count, doc("Of which something is bad.")]
    refused: Annotated[bool, doc("Nothing would be imported: bad rows keep everything out.")]
    stopped: Annotated[str | None, doc("What would end it before all is recorded; null: nothing.")]
    kpis: Annotated[Count, doc("How many KPIs the good rows are about.")]
    targets: Annotated[Count, doc("How many targets they say.")]
    readings: Annotated[Count, doc("How many readings they say.")]
    met: Annotated[Count, doc("How many rows met their target, of those with both.")]
    judged: Annotated[Count, doc("How many rows have both, target and value.")]
    planned: Annotated[
        list[PlannedAnswer], doc("What is not recorded yet, by kind of command; empty: all is.")
    ]
    bad: Annotated[list[BadRowsAnswer], doc("The bad rows, alike ones together.")]
    bad_left_out: Annotated[Count, doc("How many more kinds of bad rows there are.")]
    notes: Annotated[list[str], doc("What else somebody should look at.")]
    warnings: Annotated[list[WarnedAnswer], doc("What it would warn of.")]


ANSWERS = (ImportPreviewAnswer,)


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of imports."""
    made = Blueprint("imports", __name__, url_prefix=prefix)

    def preview() -> Response:
        asked = ask(okr, queries, PREVIEW, None, {}, recorded=True)
        if asked.by is None:
            raise caller_is_missing(entrance().mode)
        with sent() as (file, map_):
            report = import_kpis(
                okr, file, read_mapping(map_), by=asked.by, dry_run=True,
                keep_going=keeps_going(), reason=request.form.get("reason") or None,
            )  # fmt: skip
        found = preview_answer(okr.log.head(), report)
        return Response(encode(found), 200, {"Cache-Control": "no-store"}, content_type=JSON)

    summary = "What an import of a file would record; nothing is recorded."
    describe(preview, summary, document())
    path = "/imports/kpis/preview"
    made.add_url_rule(path, PREVIEW, preview, methods=["POST"], tags=["imports"])
    return made


def keeps_going() -> bool:
    """Return whether good rows are to be imported beside bad ones; refuse what says neither."""
    written = request.form.get("keep_going", "false")
    found = truth(written)
    if found is None:
        raise invalid({"keep_going": ["Not true or false."]})
    return found


@contextmanager
def sent() -> Iterator[tuple[Path, Path]]:
    """Give the file and the map of the request as files, which are gone afterwards."""
    request.max_content_length = PREVIEW_BYTES
    if "Transfer-Encoding" in request.headers and not request.environ.get("wsgi.input_terminated"):
        raise LengthRequired("Send the body with a Content-Length.")
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"Send {FORM}.")
    unknown = sorted({*request.files, *request.form} - set(PARTS))
    wrong = {name: ["Unknown part."] for name in unknown}
    wrong |= {
        name: [f"Missing: {wanted}."]
        for name, wanted in (("file", "the file, CSV"), ("map", "which column means what, TOML"))
        if name not in request.files and (name == "file" or name not in request.form)
    }
    if wrong:
        raise invalid(wrong)
    with TemporaryDirectory(prefix="okr-es-preview-") as folder:
        file, map_ = Path(folder) / "file.csv", Path(folder) / "map.toml"
        request.files["file"].save(file)
        if "map" in request.files:
            request.files["map"].save(map_)
        else:
            map_.write_text(request.form["map"], encoding="utf-8")
        yield file, map_


def preview_answer(position: int, report: Report) -> ImportPreviewAnswer:
    """Return what an import would record, from its report."""
    return {
        "position": position,
        "rows": report.rows,
        "good_rows": max(0, report.rows - report.bad_rows),
        "bad_rows": report.bad_rows,
        "refused": report.is_refused,
        "stopped": report.stopped,
        "kpis": report.kpis,
        "targets": report.targets,
        "readings": report.readings,
        "met": report.met.met,
        "judged": report.met.of,
        "planned": [
            {"command": name, "count": count} for name, count in sorted(report.planned.items())
        ],
        "bad": [
            {
                "column": each.column,
                "reason": each.reason,
                "count": each.count,
                "lines": list(each.lines),
            }
            for each in report.alike[:MOST_KINDS]
        ],
        "bad_left_out": max(0, len(report.alike) - MOST_KINDS),
        "notes": report.notes,
        "warnings": [
            warned(warning, each.lines)
            for warning, each in zip(report.warnings, report.warned_lines, strict=True)
        ],
    }


def warned(warning: WarningAnswer, lines: tuple[int, ...]) -> WarnedAnswer:
    """Return what an import would warn of, and the first lines of that."""
    return {
        "code": warning.code,
        "text": warning.text,
        "count": warning.count,
        "lines": list(lines),
    }


def document() -> Document:
    """Return what OpenAPI says of the preview."""
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    schema = {
        "type": "object",
        "title": "ImportForm",
        "required": ["file", "map"],
        "additionalProperties": False,
        "properties": {
            "file": file | {"description": "CSV."},
            "map": file | {
                "description": "Which column means what: TOML (docs/reference/import-maps.md), at "
                f"most {LONGEST_MAP_BYTES} bytes.",
            },
            "reason": {
                "type": "string",
                "description": "Why values that are recorded already would be replaced.",
            },
            "keep_going": {
                "type": "boolean", "default": False,
                "description": "Import what is good even if other rows are bad.",
            },
        },
    }  # fmt: skip
    answer = {
        "description": "What would be recorded.",
        "content": {JSON: {"schema": component_name(ImportPreviewAnswer)}},
    }
    return {
        "operationId": PREVIEW,
        "description": f"The body has at most {PREVIEW_BYTES} bytes.",
        "parameters": ["Okr-Actor", "CSRF-Token"],
        "requestBody": {"required": True, "content": {FORM: {"schema": schema}}},
        "responses": {200: answer} | problems(401, 403, 413, 415, 422),
    }
