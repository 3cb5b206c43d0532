"""The table of what counts names tests that exist, and each of them fails on a planted fault.

That they fail is tried by `make planted`; here it is seen to that no rule, test or fault is left
out of it, and that each fault can still be planted.
"""

from __future__ import annotations

import re

import pytest

from tests.planted.faults import NAMED, ROOT, TABLE, Fault, Named, fault_of, faults, rules
from tests.planted.outcomes import ERROR, FAILED, NO_MATCH, PASSED, is_assertion, worse

PAGE = TABLE.read_text()
RULES = rules(PAGE)
FAULTS = faults()


def test_every_cell_about_tests_names_tests_and_nothing_else() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [row.strip("| ").rpartition("|")[2].strip() for row in rows]
    wrong = [cell for cell in cells if "tests" in cell and NAMED.sub("", cell).strip(" ,")]

    assert rows
    assert wrong == []


@pytest.mark.parametrize("test", sorted({test for rule in RULES for test in rule.tests}), ids=str)
def test_a_test_that_the_table_names_exists(test: Named) -> None:
    text = (ROOT / test.file).read_text()
    *classes, function = test.function.split("::")

    assert re.search(rf"^ *def {function}\(", text, re.MULTILINE)
    assert all(f"class {name}:" in text for name in classes)


def test_each_rule_has_a_test_and_a_fault() -> None:
    broken = {fault.rule for fault in FAULTS}

    assert [rule.words for rule in RULES if not rule.tests or rule not in broken] == []


def test_each_test_of_the_table_fails_on_a_fault_of_its_rule() -> None:
    seen = {(fault.rule, test) for fault in FAULTS for test in fault.fails}
    never = [
        (rule.words, test) for rule in RULES for test in rule.tests if (rule, test) not in seen
    ]

    assert never == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_can_be_planted_and_is_no_slip_of_the_pen(fault: Fault) -> None:
    planted = fault.planted((ROOT / fault.file).read_text())

    assert fault.fails
    assert fault.new != fault.old
    assert compile(planted, fault.file, "exec")


def test_a_fault_that_names_what_is_not_there_is_refused() -> None:
    (rule,) = rules("## A part\n\n| one is one | `tests/x.py::test_one` |\n")
    fault = {"rule": "one is", "file": "x.py", "old": "1 == 1", "new": "1 == 2"}

    assert fault_of(fault, [rule]).fails == rule.tests
    with pytest.raises(ValueError, match="2 rules"):
        fault_of(fault, [rule, rule])
    with pytest.raises(ValueError, match="not held by test_two"):
        fault_of(fault | {"fails": ["test_two"]}, [rule])
    with pytest.raises(ValueError, match="2 times"):
        fault_of(fault, [rule]).planted("1 == 1 and 1 == 1")


def test_an_error_is_no_failure_and_one_case_that_fails_is_enough() -> None:
    error = f"{ERROR} in setup: it broke"

    assert worse(NO_MATCH, PASSED) == PASSED
    assert worse(PASSED, error) == error
    assert worse(error, FAILED) == FAILED
    assert is_assertion(AssertionError())
    assert not is_assertion(ImportError())
    assert is_assertion(ExceptionGroup("both", [AssertionError()]))
    assert not is_assertion(ExceptionGroup("both", [AssertionError(), KeyError()]))
