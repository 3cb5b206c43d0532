"""What the server itself answers where there is no place or no time: problems, as elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.api import problems
from web.api.command_ids import NAMED
from web.api.problems import RETRY_AFTER_SECONDS, Problem, answer, unknown_outcome
from web.api.security_headers import guarded

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

SOON = {"Retry-After": RETRY_AFTER_SECONDS}
CUT = {"Connection": "close"}  # what else comes of the request is not read


class Refused(Exception):
    """A request that gets a problem as its answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def busy(what: str) -> Refused:
    """Return that there is no room for one more: nothing was begun."""
    return Refused(
        Problem(
            "server-is-busy",
            503,
            "The server has no place for another request.",
            f"All {what} are in use; nothing was begun. Send it again later, with the same key.",
            headers=SOON | CUT,
        )
    )


def failed() -> Refused:
    """Return that something is wrong with the server itself."""
    return Refused(
        Problem("unexpected", 500, "Something went wrong here.", "It was logged; not your fault.")
    )


def late_body(seconds: float) -> Refused:
    """Return that the rest of a body did not come."""
    return Refused(
        Problem(
            "body-is-late",
            408,
            "The body did not come in time.",
            f"A whole body has {seconds:g} seconds; nothing was begun.",
            headers=SOON | CUT,
        )
    )


def too_large(most_bytes: int) -> Refused:
    """Return that a body has more bytes than its address accepts."""
    problem = problems.too_large(most_bytes)
    problem.headers = CUT
    return Refused(problem)


def late_answer(lane: str, environ: WSGIEnvironment) -> Refused:
    """Return that the answer is not there yet; of a command nobody knows yet what comes of it."""
    if lane in {"commands", "bulk"}:
        command_id, key = environ.get(NAMED, (None, environ.get("HTTP_IDEMPOTENCY_KEY")))
        return Refused(unknown_outcome("It takes longer than an answer may.", command_id, key))
    return Refused(
        Problem(
            "answer-is-late",
            503,
            "The answer is not ready in time.",
            "Ask again later, or for less.",
            headers=SOON,
        )
    )


def refusal_of(refused: Refused) -> WSGIApplication:
    """Return what answers with the problem, under the same headers as every answer."""
    return guarded(answer(refused.problem))
