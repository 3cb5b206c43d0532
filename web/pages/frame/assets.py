"""Style sheets and scripts: ours, and that of Bootstrap from its wheel, kept by browsers for ever.

The address of a file has a part of its hash in it, so a file that changes has another address.
"""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import NamedTuple

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

FOR_EVER = "public, max-age=31536000, immutable"
HASH_DIGITS = 12
OURS, BOOTSTRAP = "web.pages", "flask_bootstrap"
# The name in the address: the package, the path in it, and what it is.
FILES = {
    "bootstrap.css": (BOOTSTRAP, "static/bootstrap5/css/bootstrap.min.css", "text/css"),
    "okr.css": (OURS, "static/okr.css", "text/css"),
    "okr.js": (OURS, "static/okr.js", "text/javascript"),
    "theme.js": (OURS, "static/theme.js", "text/javascript"),
    "icon.svg": (OURS, "static/icon.svg", "image/svg+xml"),
}


class Asset(NamedTuple):
    """A file as it is sent."""

    body: bytes
    kind: str
    hash: str


@cache
def asset(name: str) -> Asset:
    """Return a file by its name."""
    package, path, kind = FILES[name]
    body = files(package).joinpath(path).read_bytes()
    if package == BOOTSTRAP:
        body = body.rpartition(b"/*# sourceMappingURL=")[0] or body  # a file that is not sent
    return Asset(body, kind, hashlib.sha256(body).hexdigest()[:HASH_DIGITS])


def address(name: str) -> str:
    """Return the address of a file, for templates."""
    return f"/static/{asset(name).hash}/{name}"


def blueprint() -> Blueprint:
    """Return the routes of the files."""
    made = Blueprint("assets", __name__)

    @made.get("/static/<digest>/<name>")
    def send(digest: str, name: str) -> Response:
        """Send a file whose address has its hash."""
        if name not in FILES or asset(name).hash != digest:
            raise NotFound(f"There is no file {name} of this address.")
        found = asset(name)
        headers = {"Cache-Control": FOR_EVER, "ETag": f'"{found.hash}"'}
        return Response(
            found.body, HTTPStatus.OK, headers, content_type=f"{found.kind}; charset=utf-8"
        )

    return made
