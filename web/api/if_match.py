"""`If-Match` of a command (RFC 9110): the tags of what it is sent to, whose versions count.

A tag is `"version.rest"`. A weak one never matches; `*` matches whatever is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request

from okr_es.context import Precondition
from okr_es.domain.refusals import PreconditionFailed
from web.api.problems import invalid

HEADER = "If-Match"
TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
TAGS = re.compile(rf"[ \t,]*{TAG.pattern}(?:[ \t]*,[ \t,]*{TAG.pattern})*[ \t,]*")
WITH_VERSION = re.compile(r'"(0|[1-9][0-9]{0,17})(?:\..*)?"')
NO_TAGS = 'Neither * nor a list of tags, such as "3.1f2e", "4.9a0b".'


def precondition_of(expected: int | None) -> Precondition | None:
    """Return what the request asks of the thing in its address; None where it asks nothing.

    `expected` is the `expected_version` of the body. Raises a Problem where the header is malformed
    or names other versions than that.
    """
    sent = request.headers.get(HEADER)
    versions = None if sent is None else versions_in(sent)
    if versions is None and expected is not None:
        return expecting(request.view_args, expected)
    if expected is not None and versions is not None and expected not in versions:
        raise invalid({"expected_version": [f"{HEADER} names another version."]})
    return None if sent is None else Precondition(field_of(request.view_args), versions)


def expecting(path: Mapping[str, Any] | None, expected: int | None) -> Precondition | None:
    """Return what the `expected_version` of a command asks of the thing in its path."""
    if expected is None:
        return None
    return Precondition(field_of(path), frozenset({expected}), is_expected=True)


def field_of(path: Mapping[str, Any] | None) -> str | None:
    """Return the name of the first id in a path, None where there is none."""
    return next(iter(path or ()), None)


def require_whatever_is_there() -> None:
    """Refuse tags in a request for what has no version, so that none of them can match."""
    sent = request.headers.get(HEADER)
    if sent is not None and versions_in(sent) is not None:
        raise PreconditionFailed("It has no version: only * matches.", field="precondition")


def versions_in(sent: str) -> frozenset[int] | None:
    """Return the versions that strong tags name, None for `*`: any. Raises a Problem."""
    if sent.strip() == "*":
        return None
    if not TAGS.fullmatch(sent):
        raise invalid({HEADER: [NO_TAGS]})
    found = map(WITH_VERSION.fullmatch, TAG.findall(sent))
    return frozenset(int(each[1]) for each in found if each is not None)
