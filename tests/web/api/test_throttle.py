"""Failures by client address: counted for a minute, in bounded memory."""

import pytest

from web.api.problems import Problem
from web.api.throttle import Failures


class Time:
    """A clock that is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def failures(**given: int) -> tuple[Failures, Time]:
    clock = Time()
    return Failures(**({"most": 3} | given), clock=clock), clock


def test_who_fails_too_often_waits_until_the_minute_is_over():
    found, clock = failures()
    assert [found.note("192.0.2.1") for _ in range(3)] == [0, 0, 0]
    clock.now = 20.5
    assert [found.note("192.0.2.1") for _ in range(2)] == [40, 40]
    clock.now = 60
    assert found.note("192.0.2.1") == 0


def test_others_do_not_wait():
    found, _ = failures(most=1)
    assert found.note("192.0.2.1") == 0
    assert found.note("192.0.2.1") == 60
    assert found.note("192.0.2.2") == 0


def test_addresses_of_one_ipv6_customer_count_as_one():
    found, _ = failures(most=1)
    assert found.note("2001:db8:1:2::1") == 0
    assert found.note("2001:db8:1:2:ffff::9") == 60
    assert found.note("2001:db8:1:3::1") == 0


@pytest.mark.parametrize("address", [None, "", "unix"])
def test_what_has_no_address_counts_as_one(address: str | None):
    found, _ = failures(most=1)
    assert [found.note(address), found.note(None)] == [0, 60]


def test_so_many_addresses_are_remembered_at_most():
    found, _ = failures(most=1, most_addresses=10)
    for number in range(1_000):
        assert found.note(f"10.0.{number // 256}.{number % 256}") == 0
    assert len(found.counted) == 10


def test_too_many_is_a_problem_that_says_when_to_try_again():
    found, _ = failures(most=1)
    found.require_few("192.0.2.1")
    with pytest.raises(Problem) as refused:
        found.require_few("192.0.2.1")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "60"})
