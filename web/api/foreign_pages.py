"""Pages of other sites: what they let a browser send here is refused.

A browser says which page a request comes from: `Origin`, and `Sec-Fetch-Site`. A program that is no
browser sends neither. Also another port of this machine is another site here. Answered is only what
somebody follows a link to, as long as it records nothing, or is a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, request

from web.api.problems import Problem

OURS = {None, "same-origin", "none"}  # none: typed in, or a bookmark


def refuse_foreign_pages() -> None:
    """Refuse a request of another site's page (cross-site request forgery)."""
    from_where = foreign_page()
    if from_where is not None and not is_link_to_follow():
        raise Problem(
            "origin-is-foreign",
            403,
            "Pages of other sites may not send this.",
            f"{from_where} is not {own_origin()}.",
            field="Origin" if "Origin" in request.headers else "Sec-Fetch-Site",
        )


def foreign_page() -> str | None:
    """Return which page of another site sent the request, None if it was none."""
    environ = request.environ
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin != own_origin():
        return f"The page at {origin}"
    site = environ.get("HTTP_SEC_FETCH_SITE")
    return None if site in OURS else f"A page that is {site}"


def own_origin() -> str:
    """Return the origin of this server, as its pages send it."""
    return request.host_url.rstrip("/")


def is_link_to_follow() -> bool:
    """Return whether somebody follows a link, to what may be reached by one."""
    environ = request.environ
    follows = (
        request.method in {"GET", "HEAD"}
        and "HTTP_ORIGIN" not in environ
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )
    view = current_app.view_functions.get(request.endpoint or "")
    return follows and not records(view)


def recording(view: Callable[..., Any], parameter: str | None = None) -> Callable[..., Any]:
    """Mark a view that records who reads or takes what, and is no page; return it.

    `parameter`: it records only who asks with this one; None: everybody.
    """
    vars(view)["records"] = parameter or True
    return view


def records(view: Callable[..., Any] | None) -> bool:
    """Return whether a view records this request."""
    found = getattr(view, "records", False)
    return found in request.args if isinstance(found, str) else bool(found)
