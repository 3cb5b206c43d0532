"""Questions that are asked again: of another read model, or of the log that is there now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError

from okr_es.domain.refusals import Refusal
from projections.read_model.runner import Runner

TRIES = 3


class Asking(Protocol):
    """What asks questions of the read model of a runner."""

    runner: Runner


T = TypeVar("T", bound=type)


def asked_again(question: Callable[..., Any]) -> Callable[..., Any]:
    """Return a question that is asked again where its first answer cannot be relied on.

    That is where the read model was damaged, which is then set aside; and where the log was found
    replaced, since something cached may have been used before that was noticed.
    """

    @wraps(question)
    def ask(self: Asking, *args: Any, **named: Any) -> Any:
        runner, course = self.runner, self.runner.okr.course
        for _ in range(TRIES):
            before, asked = course.changes, runner.served_now
            try:
                answer = question(self, *args, **named)
            except DBAPIError as error:
                if not runner.recovers(error, asked):
                    raise
                continue
            except Refusal:
                if course.changes == before:
                    raise
                continue
            if course.changes == before:
                return answer
        return question(self, *args, **named)

    return ask


def all_asked_again(cls: T) -> T:
    """Let all public methods of a class be asked again; those that return the like are not."""
    for name, method in list(vars(cls).items()):
        if callable(method) and not name.startswith(("_", "for_")):
            setattr(cls, name, asked_again(method))
    return cls
