"""What `Queries` returns, by its annotations, is what the routes document as their answers."""

from collections.abc import Iterable, Iterator
from typing import Any, get_type_hints

from projections.goals.answers import BoardAnswer, TreeAnswer
from projections.queries import Queries
from web.api.queries import ROUTES, Route


def mistyped(routes: Iterable[Route], asked: type) -> list[str]:
    """The questions whose method is annotated with another answer than that of their route."""
    return [
        route.question
        for route in routes
        if returned(asked, route.question)
        != (Iterator[route.answer] if route.streamed else route.answer)
    ]


def returned(asked: type, question: str) -> Any:
    """The return annotation of a question."""
    return get_type_hints(getattr(asked, question))["return"]


def test_every_question_returns_the_answer_of_its_route() -> None:
    assert mistyped(ROUTES, Queries) == []


def test_a_question_that_returns_another_answer_is_found() -> None:
    """The planted violations: another type, a loose one, and a whole answer that is a stream."""
    board = Route("/board", "board", BoardAnswer, "A board.")
    stream = Route("/lines", "lines", BoardAnswer, "Boards.", streamed=True)

    class Right:
        def board(self) -> BoardAnswer: ...
        def lines(self) -> Iterator[BoardAnswer]: ...

    class Wrong:
        def board(self) -> TreeAnswer: ...
        def lines(self) -> BoardAnswer: ...

    class Loose:
        def board(self) -> dict[str, Any]: ...
        def lines(self) -> Iterator[dict[str, Any]]: ...

    assert mistyped([board, stream], Right) == []
    assert mistyped([board, stream], Wrong) == ["board", "lines"]
    assert mistyped([board, stream], Loose) == ["board", "lines"]
