"""JSON in and out, exact: what is read is int or Decimal, never float; Decimals go out as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from flask import request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge, UnsupportedMediaType

from okr_es.scoring.shown import written_out
from web.api.json_bounds import require_each_key_once, require_few_values
from web.api.problems import Problem, too_large

MIB = 1024 * 1024
LONGEST_NUMBER = 1_000  # characters; every number that is taken has far fewer
FAR_TOO_LONG = Decimal("9E+99999")  # stands for it, and is refused for its digits
JSON = "application/json"

encode: Callable[[Any], bytes] = msgspec.json.Encoder(enc_hook=written_out).encode


def number(text: str) -> Decimal:
    """Return a number exactly; one whose exponent no Decimal can hold counts as not finite."""
    if len(text) > LONGEST_NUMBER:
        return FAR_TOO_LONG
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


decode_strictly: Callable[[bytes], Any] = msgspec.json.Decoder(float_hook=number).decode


def decode(data: bytes) -> Any:
    """Return what JSON says, its numbers exact; raise a Problem if it is malformed.

    So it is where an object has a key twice: one of the two values would be lost in silence.

    NaN and Infinity are no JSON, but come through as Decimals that are not finite, so that the
    schema can refuse them by the name of their field.
    """
    require_few_values(data)
    try:
        found = decode_strictly(data)
    except UnicodeDecodeError:
        raise malformed("It is not UTF-8.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        found = decode_leniently(data, error)
    require_each_key_once(data, found)
    return found


def malformed(why: str) -> Problem:
    """Return the problem of a body that is no JSON."""
    return Problem("json-is-malformed", 400, "The body is not JSON.", why)


def decode_leniently(data: bytes, cause: Exception) -> Any:
    """Return what the standard library reads where msgspec refuses: NaN, and endless integers."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise malformed("It is not UTF-8.") from None
    try:
        found = json.loads(text, parse_float=number, parse_int=number, parse_constant=Decimal)
        encode(found)
    except (ValueError, RecursionError):
        raise malformed(str(cause)) from cause
    return found


def body(most_bytes: int) -> Any:
    """Return the JSON body of the request, {} if it has none; refuse other types and sizes."""
    data = received(most_bytes)
    if not data:
        return {}
    require_type(JSON)
    return decode(data)


def require_type(mimetype: str) -> None:
    """Refuse a body of another type."""
    if request.mimetype != mimetype:
        raise UnsupportedMediaType(f"Send {mimetype}.")


def received(most_bytes: int) -> bytes:
    """Return the bytes of the body; refuse too many."""
    refuse_encoded()
    request.max_content_length = most_bytes + 1
    if "Transfer-Encoding" in request.headers and not request.environ.get("wsgi.input_terminated"):
        raise LengthRequired("Send the body with a Content-Length.")
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large(most_bytes) from None
    if len(data) > most_bytes:  # of a body in chunks, werkzeug only cuts off what is too much
        raise too_large(most_bytes)
    return data


def refuse_encoded() -> None:
    """Refuse a body that is compressed: only answers are."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() in {"", "identity"}:
        return
    raise Problem(
        "body-is-encoded",
        415,
        "The body has a `Content-Encoding`.",
        "Send the body as it is: it is not taken with a Content-Encoding.",
        field="Content-Encoding",
        headers={"Accept-Encoding": "identity"},
    )


class ExactJson(JSONProvider):
    """Flask's own reading and writing of JSON, exact as well."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return an object as JSON text."""
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Return what JSON text says."""
        return decode(s.encode() if isinstance(s, str) else s)
