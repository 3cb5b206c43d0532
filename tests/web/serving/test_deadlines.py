"""Deadlines: who sends or reads too slowly loses their own request, and nobody else's."""

import asyncio
import itertools
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask, request
from flask import Response as Answer

from tests.support.served import Response, Serving, eventually, serving
from web.serving.limits import Limits
from web.serving.places import NoPlace, Places
from web.settings import Unusable

LIMITS = Limits(
    head_seconds=0.5, idle_seconds=0.5, body_seconds=0.5, wait_seconds=1, answer_seconds=2,
    send_seconds=0.5, stream_seconds=2, stop_seconds=2, command_places=2, read_places=2,
    waiting=4, streams=2, connections=60, buffered_mib=24,
)  # fmt: skip
MARGIN = 3.0  # seconds on a busy machine
MANY = 20  # more than there are places, and than may wait
BIG = 8 * 1024 * 1024


class Lock:
    """Something that requests wait for, as for a lock of the database."""

    def __init__(self) -> None:
        self.free = threading.Event()


@pytest.fixture
def lock() -> Iterator[Lock]:
    made = Lock()
    yield made
    made.free.set()


@pytest.fixture
def served(lock: Lock) -> Iterator[Serving]:
    app = Flask("slow")
    app.add_url_rule("/health/live", "live", lambda: "live")
    app.add_url_rule("/health/ready", "ready", lambda: "ready")
    app.add_url_rule("/quick", "quick", lambda: "quick")
    app.add_url_rule("/big", "big", lambda: Answer(b"x" * BIG))
    app.add_url_rule("/wait", "wait", lambda: str(lock.free.wait(60)))
    app.add_url_rule("/send", "send", lambda: str(len(request.get_data())), methods=["POST"])
    app.add_url_rule("/lock", "lock", lambda: str(lock.free.wait(60)), methods=["POST"])
    app.add_url_rule("/stream", "stream", lambda: Answer(lines()))
    with serving(app, LIMITS) as made:
        yield made


def lines() -> Iterator[bytes]:
    """Lines without an end."""
    return (b"y" * 9_999 + b"\n" for _ in itertools.count())


def statuses(served: Serving, *paths: str) -> list[int]:
    return [served.ask(path).status for path in paths]


ANSWERED = {"an answer", "a stream"}  # what the server begins to answer at once
HELD = {
    "a head": lambda served: served.head("/quick")[:-2],
    "a body": lambda served: served.head("/send", "POST", Content_Length="9") + b"few",
    "an answer": lambda served: served.head("/big"),
    "a stream": lambda served: served.head("/stream"),
}


@pytest.mark.parametrize("what", HELD)
def test_more_stuck_clients_than_places_hinder_nobody(served: Serving, what: str):
    held = served.hold(HELD[what](served), MANY)
    if what in ANSWERED:  # so all are stuck, and none is still on its way through a place
        await_first_bytes(held)
    assert statuses(served, "/health/live", "/health/ready", "/quick") == [200, 200, 200]
    assert served.ask("/send", "POST", b"{}").status == 200
    assert eventually(lambda: served.taken == 0, LIMITS.stream_seconds + MARGIN)
    assert all(is_over(each) for each in held)
    assert statuses(served, "/quick", "/big") == [200, 200]


def await_first_bytes(held: list[socket.socket]) -> None:
    """Wait until the answer of each has begun; nothing of it is read."""
    for each in held:
        each.settimeout(MARGIN)
        assert each.recv(1, socket.MSG_PEEK)


def is_over(connection: socket.socket) -> bool:
    """Whether the server has given a connection up; what it sent before is read first."""
    try:
        what_came(connection)
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def what_came(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    connection.settimeout(LIMITS.stream_seconds + MARGIN)
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


PADDED = {
    "an address": lambda pad: {"path": f"/quick?{pad}"},
    "one header": lambda pad: {"Padding": pad},
    "many headers": lambda pad: {f"P{n}": pad[n : n + 60] for n in range(0, len(pad), 64)},
}


@pytest.mark.parametrize("how", PADDED)
def test_a_head_that_is_too_long_is_refused_also_in_one_piece(served: Serving, how: str):
    def asked(size: int) -> Response:
        padded = PADDED[how]("x" * size)
        return served.send(served.head(padded.pop("path", "/quick"), Connection="close", **padded))

    assert asked(60_000).status == 200
    answer = asked(70_000)
    kind = "/problems/request-header-fields-too-large"
    assert (answer.status, answer.json["type"]) == (431, kind)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["request-id"])


def test_so_is_the_second_of_two_in_one_piece(served: Serving):
    first, second = served.head("/quick"), served.head("/quick", Padding="x" * 70_000)
    (connection,) = served.hold(first + second, 1)
    assert b" 431 " in what_came(connection)


def test_what_is_no_http_is_answered_with_an_id(served: Serving):
    answer = served.send(b"NO HTTP\r\n\r\n")
    assert (answer.status, answer.json["type"]) == (400, "/problems/bad-request")
    assert answer.headers["request-id"] == answer.headers["x-request-id"]


def test_a_body_that_does_not_end_is_answered_in_time(served: Serving):
    answer = served.send(served.head("/send", "POST", Content_Length="9") + b"few")
    assert (answer.status, answer.headers["retry-after"]) == (408, "2")
    assert answer.json["type"] == "/problems/body-is-late"
    assert LIMITS.body_seconds <= answer.seconds < LIMITS.body_seconds + MARGIN


def test_a_body_that_comes_drop_by_drop_has_the_same_time(served: Serving):
    (connection,) = served.hold(served.head("/send", "POST", Content_Length="999"), 1)
    stopped = threading.Event()

    def drip() -> None:
        while not stopped.wait(0.1):
            try:
                connection.send(b".")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    connection.settimeout(LIMITS.body_seconds + MARGIN)
    assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    stopped.set()
    dripping.join()


def test_commands_that_hang_leave_questions_their_places(served: Serving, lock: Lock):
    held = served.hold(served.head("/lock", "POST", Content_Length="0"), MANY)
    assert statuses(served, "/health/live", "/health/ready", "/quick") == [200, 200, 200]
    refused = served.ask("/send", "POST", b"{}")
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert refused.json["type"] == "/problems/server-is-busy"
    answers = [what_came(each) for each in held]
    assert all(answer.startswith(b"HTTP/1.1 503 ") for answer in answers)
    late = [answer for answer in answers if b"outcome-is-unknown" in answer]
    assert len(late) == LIMITS.command_places
    lock.free.set()
    assert eventually(lambda: served.taken == 0, MARGIN)
    assert served.ask("/send", "POST", b"{}").status == 200


def test_questions_that_hang_leave_commands_their_places(served: Serving, lock: Lock):
    held = served.hold(served.head("/wait"), MANY)
    assert served.ask("/send", "POST", b"{}").status == 200
    assert statuses(served, "/health/live", "/health/ready") == [200, 200]
    answers = [what_came(each) for each in held]
    assert {answer[:13] for answer in answers} == {b"HTTP/1.1 503 "}
    assert sum(b"answer-is-late" in answer for answer in answers) == LIMITS.read_places
    lock.free.set()
    assert eventually(lambda: served.taken == 0, MARGIN)
    assert statuses(served, "/quick") == [200]


def test_a_place_is_taken_until_its_thread_is_back(served: Serving, lock: Lock):
    assert served.ask("/wait").status == 503
    assert served.taken == 1
    lock.free.set()
    assert eventually(lambda: served.taken == 0, MARGIN)


def test_bodies_under_way_have_a_limit_together(served: Serving):
    path = "/api/v1/readings"  # the address that takes a large body
    head = served.head(path, "POST", Content_Length=str(16 * 1024 * 1024), Connection="close")
    half = served.hold(head + b"x" * 13 * 1024 * 1024, 1)
    refused = served.send(head + b"x" * 13 * 1024 * 1024)
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert what_came(half[0]).startswith(b"HTTP/1.1 408 ")
    assert served.ask("/send", "POST", b"{}").status == 200


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024, 300 * 1024 * 1024])
def test_a_body_that_is_too_large_is_refused(served: Serving, size: int):
    head = served.head("/send", "POST", Content_Length=str(size), Connection="close")
    assert served.send(head + b"x" * min(size, 20_000_000)).status == 413


def test_a_head_that_is_too_long_is_refused(served: Serving):
    (connection,) = served.hold(served.head("/quick")[:-2] + b"X: ", 1)
    try:
        for _ in range(100):
            connection.sendall(b"x" * 10_000)
    except ConnectionError:
        pass
    assert is_over(connection)
    assert statuses(served, "/quick") == [200]


def test_what_is_no_http_is_a_problem_too(served: Serving):
    answer = served.send(b"nonsense\r\n\r\n")
    assert answer.status == 400
    assert answer.json["type"] == "/problems/bad-request"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_it_stops_in_time_with_clients_that_are_stuck(served: Serving):
    for data in HELD.values():
        served.hold(data(served), 3)
    served.hold(served.head("/lock", "POST", Content_Length="0"), 3)
    assert served.stop() < LIMITS.stop_seconds + MARGIN


def test_an_answer_under_way_is_given_before_the_server_stops(served: Serving, lock: Lock):
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(served.ask("/wait").status))
    asking.start()
    assert eventually(lambda: served.taken == 1, MARGIN)
    stopping = threading.Thread(target=served.stop)
    stopping.start()
    lock.free.set()
    for thread in (asking, stopping):
        thread.join()
    assert answers == [200]


def test_limits_are_settings():
    assert Limits.of({}) == Limits()
    assert Limits.of({"OKR_ES_BODY_SECONDS": "0.5"}).body_seconds == 0.5
    assert Limits.of({"OKR_ES_READ_PLACES": "3"}).read_places == 3


@pytest.mark.parametrize("written", ["0", "-1", "soon", "nan", "inf", "1000000", "1.5"])
def test_a_limit_that_is_no_number_is_named(written: str):
    with pytest.raises(Unusable, match="OKR_ES_STREAMS"):
        Limits.of({"OKR_ES_STREAMS": written})


def test_a_wait_that_ends_as_its_turn_comes_is_a_refusal_and_loses_no_place():
    async def scene() -> tuple[type[BaseException], int]:
        places = Places("one", 1, 4, 0.05)
        begun, done = threading.Event(), threading.Event()
        first = asyncio.create_task(places.run(lambda: (begun.set(), done.wait(10)), 10))
        second = asyncio.create_task(places.run(lambda: None, 10))
        await asyncio.to_thread(begun.wait, 10)
        done.set()
        await asyncio.to_thread(time.sleep, 0)
        time.sleep(0.1)  # the place comes back in the same turn of the loop in which the wait ends
        (refused,) = await asyncio.gather(second, return_exceptions=True)
        await first
        return type(refused), places.free

    refused, free = asyncio.run(scene())
    assert refused in {NoPlace, type(None)}
    assert free == 1
