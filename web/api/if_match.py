"""`If-Match` of a command (RFC 9110): the tags of what it is sent to, whose versions count.

A tag is `"version.rest"`. A weak one never matches; `*` matches whatever is there.
"""

from __future__ import annotations

import re

from flask import request

from okr_es.context import Precondition
from web.api.problems import invalid

HEADER = "If-Match"
TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
TAGS = re.compile(rf"[ \t,]*{TAG.pattern}(?:[ \t]*,[ \t,]*{TAG.pattern})*[ \t,]*")
WITH_VERSION = re.compile(r'"([0-9]{1,18})(?:\..*)?"')
NO_TAGS = 'Neither * nor a list of tags, such as "3.1f2e", "4.9a0b".'


def precondition_of(expected: int | None) -> Precondition | None:
    """Return what the request asks of the thing it is sent to; None where it asks nothing.

    `expected` is the `expected_version` of the body. Raises a Problem where the header is malformed
    or names other versions than that.
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    versions = versions_in(sent)
    if expected is not None and versions is not None and expected not in versions:
        raise invalid({"expected_version": [f"{HEADER} names another version."]})
    return Precondition(next(iter(request.view_args or ()), None), versions)


def versions_in(sent: str) -> frozenset[int] | None:
    """Return the versions that strong tags name, None for `*`: any. Raises a Problem."""
    if sent.strip() == "*":
        return None
    if not TAGS.fullmatch(sent):
        raise invalid({HEADER: [NO_TAGS]})
    found = map(WITH_VERSION.fullmatch, TAG.findall(sent))
    return frozenset(int(each[1]) for each in found if each is not None)
