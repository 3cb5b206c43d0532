"""Checkpoints, proofs and evidence bundles, each with its address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from okr_es.application import Okr
from okr_es.domain.refusals import NotFound
from okr_es.evidence.bundle import Exported, verifier_text
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import b64
from okr_es.evidence.rehash import hashed
from okr_es.log.schema import COLUMNS
from projections.audit_log.evidence_bundle import ExportRequest, export
from projections.audit_log.sample import export_sample, sample
from projections.audit_log.sample_answers import SampleAnswer
from web.access_log import query_text, record
from web.api import samples
from web.api.answering import FOR_EVER
from web.api.asking import Asked, ask
from web.api.entrance import entrance
from web.api.evidence_answers import (
    CheckpointsAnswer,
    ConsistencyAnswer,
    ProofAnswer,
    checkpoints_answer,
)
from web.api.exact_json import JSON, encode
from web.api.foreign_pages import recording
from web.api.given import for_access_log, given, named_as_given
from web.api.openapi.components import component_name
from web.api.openapi.operations import Document, describe, problems
from web.api.parameters import BEFORE, FROM_SIZE, LANGUAGE, LIMIT, OF_SIZE, SEARCH, Parameter
from web.api.utf8 import not_utf8

if TYPE_CHECKING:
    from projections.queries import Queries

PLAIN, ZIP = "text/plain; charset=utf-8", "application/zip"
LONGEST_NOTE = 16_384
PART_BYTES = 2**18
EXPORT, SAMPLE, EXPORT_SAMPLE = "exportEvidence", "auditSample", "exportSample"
RECORDED = frozenset({EXPORT, SAMPLE, EXPORT_SAMPLE})
BY, STREAM = map(COLUMNS.index, ("by", "stream"))
A_SIZE = f"int(max={2**63 - 1})"
ANSWERS = (CheckpointsAnswer, ConsistencyAnswer, ProofAnswer, SampleAnswer)


class Evidence:
    """Answers about checkpoints, proofs and bundles."""

    def __init__(self, okr: Okr, queries: Queries) -> None:
        self.okr = okr
        self.queries = queries

    def ask(self, question: str, filters: dict[str, Any] | None = None) -> Asked:
        """Return a question as who calls may ask it; raise NotAllowed where they may not."""
        recorded = question in RECORDED
        return ask(self.okr, self.queries, question, None, filters or {}, recorded=recorded)

    @property
    def stored(self) -> Checkpoints:
        """The checkpoints as they are stored beside the log."""
        return Checkpoints(self.okr.database)

    def checkpoints(self) -> Response:
        """Answer with a page of checkpoints, the newest first, and all keys of the log."""
        self.ask("checkpoints")
        asked = given((LIMIT, BEFORE))
        page = checkpoints_answer(self.stored, asked.get("limit", 100), asked.get("before"))
        return json_response(page, "no-store")

    def latest(self) -> Response:
        """Answer with the newest signed note."""
        self.ask("latestCheckpoint")
        return note_response(self.stored.last(), "no-cache")

    def checkpoint(self, size: int) -> Response:
        """Answer with the signed note over so many events."""
        self.ask("checkpoint")
        return note_response(self.stored.at(size), FOR_EVER)

    def consistency(self, size: int) -> Response:
        """Answer with the proof that a checkpoint goes on from an earlier size."""
        self.ask("consistency")
        earlier = given((FROM_SIZE,))["from_size"]
        checkpoint = self.checkpoint_of(size)
        if not 0 < earlier <= size:
            raise NotFound(f"There is no earlier tree of {earlier} events.", field="from")
        proof = self.stored.tree(checkpoint.size).consistency(earlier)
        found: ConsistencyAnswer = {"from": earlier, "size": size, "proof": list(map(b64, proof))}
        return json_response(found, FOR_EVER)

    def proof(self, position: int) -> Response:
        """Answer with an event's canonical line, and its path to the root of a checkpoint."""
        theirs = self.ask("proof").queries
        checkpoint = self.checkpoint_of(given((OF_SIZE,)).get("size"))
        rows = self.okr.log.at([position])
        is_signed = rows and position <= checkpoint.size
        if not is_signed or not is_shown(theirs, rows[0]) or not theirs.shows_words(position):
            message = f"No checkpoint is signed over an event {position} yet, or it is not for you."
            raise NotFound(message, field="position")
        (event,) = hashed(rows)
        path = self.stored.tree(checkpoint.size).inclusion(position - 1)
        found: ProofAnswer = {
            "position": position,
            "size": checkpoint.size,
            "line": event.line.decode(),
            "leaf": b64(event.leaf),
            "path": list(map(b64, path)),
            "note": checkpoint.note,
        }
        return json_response(found, "no-cache")

    def checkpoint_of(self, size: int | None) -> Checkpoint:
        """Return the checkpoint over that many events, by default the newest; raise NotFound."""
        found = self.stored.last() if size is None else self.stored.at(size)
        if found is None:
            which = "checkpoint yet" if size is None else f"checkpoint over {size} events"
            raise NotFound(f"There is no {which}.", field="size")
        return found

    def bundle(self) -> Response:
        """Answer with the bundle of what a search finds; the export is recorded first."""
        parameters = (*SEARCH, LANGUAGE)
        asked = given(parameters)
        language = asked.pop("language")
        with named_as_given(parameters):
            permitted = self.ask(EXPORT, asked)
        by, asked = permitted.by, self.queries.with_ids(permitted.filters)
        noted = {name: query_text(value) for name, value in for_access_log(SEARCH, asked).items()}
        request_of = ExportRequest(asked, noted, by, language, known_note())
        return self.sent(
            partial(export, permitted.queries.audit_logs, request=request_of), by, noted
        )

    def sample(self) -> Response:
        """Answer with a sample of the log, each event with its proof; the read is recorded."""
        with named_as_given(samples.SAMPLE):
            permitted = self.ask(SAMPLE, given(samples.SAMPLE))
            asked = samples.asked_for(self.queries, permitted.filters)
            drawn = sample(permitted.queries.audit_logs, asked.request)
        found: SampleAnswer = permitted.queries.naming.named(sample, drawn)
        if entrance().mode.enforces:
            found = permitted.queries.without_hidden(found)
        record(self.okr, permitted.by, "sample", found, asked.noted)
        return json_response(found, "no-store")

    def sample_bundle(self) -> Response:
        """Answer with the bundle of a sample; the export is recorded first."""
        with named_as_given(samples.SAMPLE):
            permitted = self.ask(EXPORT_SAMPLE, given(samples.SAMPLE))
            asked = samples.asked_for(self.queries, permitted.filters)
        write = partial(
            export_sample, permitted.queries.audit_logs, request=asked.request, by=permitted.by,
            known=known_note(),
        )  # fmt: skip
        return self.sent(write, permitted.by, asked.noted)

    def sent(
        self, write: Callable[[Path], Exported], by: UUID | None, noted: dict[str, str]
    ) -> Response:
        """Answer with a bundle that is written to a path, once its export is recorded."""
        folder = Path(mkdtemp(prefix="okr-es-export-"))
        target = folder / "evidence.zip"
        try:
            done = write(target)
            size = done.checkpoint.size
            record(self.okr, by, "export", {"position": size}, noted)
        except BaseException:
            rmtree(folder)
            raise
        headers = {
            "Content-Disposition": f'attachment; filename="okr-es-evidence-{size}.zip"',
            "Content-Length": str(done.bytes),
            "Cache-Control": "no-store",
            "Position": str(size),
        }
        found = Response(parts_of(target), 200, headers, content_type=ZIP)
        found.call_on_close(lambda: rmtree(folder, ignore_errors=True))
        return found

    def verifier(self) -> Response:
        """Answer with the offline verifier."""
        self.ask("verifier")
        headers = {"Content-Disposition": 'attachment; filename="okr_es_verify.py"'}
        return Response(verifier_text(), 200, headers, content_type="text/x-python; charset=utf-8")


def is_shown(queries: Queries, row: Sequence[Any]) -> bool:
    """Return whether who asks is shown an event, from its row in the log, ids as text."""
    by, stream = row[BY], row[STREAM]
    return queries.shows_event(None if by is None else UUID(by), UUID(stream))


def parts_of(file: Path) -> Iterator[bytes]:
    """Yield a file part by part, then remove it with its folder."""
    try:
        with file.open("rb") as opened:
            while part := opened.read(PART_BYTES):
                yield part
    finally:
        rmtree(file.parent, ignore_errors=True)


def known_note() -> list[str]:
    """Return the checkpoint in the body, if there is one."""
    request.max_content_length = LONGEST_NOTE
    try:
        text = request.get_data(cache=False).decode()
    except UnicodeDecodeError:
        raise not_utf8("The body") from None
    return [text] if text.strip() else []


def json_response(
    found: CheckpointsAnswer | ConsistencyAnswer | ProofAnswer | SampleAnswer, cached: str
) -> Response:
    """Return an answer as JSON; `cached` is its Cache-Control."""
    return Response(encode(found), 200, {"Cache-Control": cached}, content_type=JSON)


def note_response(checkpoint: Checkpoint | None, cached: str) -> Response:
    """Return a checkpoint's signed note as plain text; raise NotFound where there is none."""
    if checkpoint is None:
        raise NotFound("There is no such checkpoint.", field="size")
    return Response(checkpoint.note, 200, {"Cache-Control": cached}, content_type=PLAIN)


# ---- addresses --------------------------------------------------------------------------


def content(kind: str, schema: Any) -> Document:
    """Return what OpenAPI says of a response."""
    return {"description": "As it stands.", "content": {kind: {"schema": schema}}}


def document(name: str, found: Document, *parameters: Parameter, **more: Any) -> Document:
    """Return what OpenAPI says of a route."""
    documents = [parameter.document for parameter in parameters]
    statuses = problems(*more.pop("statuses", (401, 403, 404, 422)))
    return {
        "operationId": name,
        "parameters": documents,
        "responses": {200: found} | statuses,
        **more,
    }


def bundle_document(name: str, *parameters: Parameter) -> Document:
    """Return what OpenAPI says of a route that answers with a bundle."""
    known = {"type": "string", "description": "A checkpoint the bundle shall connect to."}
    found = document(
        name, content(ZIP, {"type": "string", "contentMediaType": ZIP}),
        *parameters, statuses=(401, 403, 404, 413, 422, 503),
        description="The export is recorded, under the person named in Okr-Actor.",
        requestBody={"required": False, "content": {"text/plain": {"schema": known}}},
    )  # fmt: skip
    found["parameters"] = ["Okr-Actor", *found["parameters"]]
    return found


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the routes of evidence."""
    made = Blueprint("evidence", __name__, url_prefix=prefix)
    evidence = Evidence(okr, queries)
    note = content("text/plain", {"type": "string"})
    bundle = bundle_document("exportEvidence", *SEARCH, LANGUAGE)
    of_sample = bundle_document("exportSample", *samples.SAMPLE)
    found = content(JSON, component_name(SampleAnswer))
    drawn = document("auditSample", found, *samples.SAMPLE, statuses=(401, 403, 404, 422, 503))
    drawn["parameters"] = ["Okr-Actor", *drawn["parameters"]]
    routes: tuple[tuple[str, str, Callable[..., Response], str, Document], ...] = (
        ("GET", "/checkpoints", evidence.checkpoints, "The signed checkpoints, newest first.",
         document("checkpoints", content(JSON, component_name(CheckpointsAnswer)), LIMIT, BEFORE)),
        ("GET", "/checkpoints/latest", evidence.latest, "The newest checkpoint, as signed.",
         document("latestCheckpoint", note)),
        ("GET", f"/checkpoints/<{A_SIZE}:size>", evidence.checkpoint, "A checkpoint, as signed.",
         document("checkpoint", note)),
        ("GET", f"/checkpoints/<{A_SIZE}:size>/consistency", evidence.consistency,
         "The proof that a checkpoint goes on from an earlier one.",
         document("consistency", content(JSON, component_name(ConsistencyAnswer)), FROM_SIZE)),
        ("GET", f"/events/<{A_SIZE}:position>/proof", evidence.proof,
         "An event's canonical line, and the proof that it is in the log.",
         document("proof", content(JSON, component_name(ProofAnswer)), OF_SIZE)),
        ("POST", "/evidence", evidence.bundle, "A bundle of evidence for what a search finds.",
         bundle),
        ("GET", "/evidence/sample", evidence.sample,
         "A sample of the audit log that others can draw again, each event with its proof.",
         drawn),
        ("POST", "/evidence/sample", evidence.sample_bundle, "A bundle of evidence for a sample.",
         of_sample),
        ("GET", "/evidence/verifier", evidence.verifier, "The offline verifier, one Python file.",
         document("verifier", content("text/x-python", {"type": "string"}))),
    )  # fmt: skip
    for method, path, answer, summary, documentation in routes:
        view = view_of(answer)
        if method == "GET" and documentation["operationId"] in RECORDED:
            view = recording(view)
        describe(view, summary, documentation)
        made.add_url_rule(
            path, documentation["operationId"], view, methods=[method], tags=["evidence"]
        )
    return made


def view_of(answer: Callable[..., Response]) -> Callable[..., Response]:
    """Return a function of its own, which its documentation can be attached to."""

    def view(**path: int) -> Response:
        return answer(**path)

    return view
