"""Runs some tests, on SQLite alone, and says what became of each."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.planted.faults import Named

NO_MATCH, PASSED, ERROR, FAILED = "did not run", "passed", "error", "failed"
RANKS = {NO_MATCH: 0, PASSED: 1, ERROR: 2, FAILED: 3}


class Outcomes:
    """Keeps the wanted tests alone, and collects their outcomes.

    A test has failed where an assertion about the rule has, or where a command was refused that the
    rule allows; any other exception is an error.
    """

    def __init__(self, wanted: Iterable[Named]) -> None:
        self.found = dict.fromkeys(wanted, NO_MATCH)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            what = f"{ERROR} when it was imported: {report.longreprtext[-1000:]}"
            self.found |= {each: what for each in self.found if each.file == report.nodeid}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [each for each in items if self.of(each) and not is_on_postgresql(each)]

    def of(self, item: pytest.Item) -> Named | None:
        """Return which of the wanted tests an item is of."""
        path, *names = item.nodeid.partition("[")[0].split("::")
        both = Named(path, "::".join(names)), Named(path, names[-1])
        return next((each for each in both if each in self.found), None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Leave out the other cases of a test that has failed."""
        test = self.of(item)
        if test is not None and self.found[test] == FAILED:
            pytest.skip("one of its cases has failed")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        test = self.of(item)
        if test is not None:
            self.found[test] = worse(self.found[test], outcome_of(report, call))
        return report


def is_on_postgresql(item: pytest.Item) -> bool:
    """Return whether a test is tried on PostgreSQL: SQLite is quicker, and knows the rule too."""
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "postgresql" in callspec.params.values()


def outcome_of(report: pytest.TestReport, call: pytest.CallInfo[None]) -> str:
    """Return what became of one phase of a test."""
    if call.excinfo is None or report.skipped:
        return PASSED if report.when == "call" and report.passed else NO_MATCH
    if report.when == "call" and is_assertion(call.excinfo.value):
        return FAILED
    return f"{ERROR} in {report.when}: {call.excinfo.exconly()[:300]}"


def is_assertion(error: BaseException) -> bool:
    """Return whether a test said itself that something is not so, or a command was refused."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_assertion, error.exceptions))
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return True
    return any(each.__name__ == "Refusal" for each in type(error).__mro__)


def worse(one: str, other: str) -> str:
    """Return what became of a test by two of its cases: one that failed is enough."""
    return max(one, other, key=lambda each: RANKS.get(each, RANKS[ERROR]))


def outcomes_in(folder: Path, wanted: Iterable[Named]) -> dict[str, str]:
    """Return what became of each of some tests of a folder, by their names."""
    outcomes = Outcomes(wanted)
    files = sorted({str(folder / each.file) for each in outcomes.found})
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        pytest.main(["-p", "no:cacheprovider", f"--rootdir={folder}", *files], plugins=[outcomes])
    return {"::".join(test): outcome for test, outcome in outcomes.found.items()}
