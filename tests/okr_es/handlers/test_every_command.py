"""Every command has a test of each kind it needs: happens, nothing, refused, old.

The table is read from the tests themselves: each `.when(Command(...)).then...(...)` counts. A
planted command shows that a gap is seen.
"""

import ast
import inspect
from collections import defaultdict
from pathlib import Path

from okr_es import commands

HERE = Path(__file__).parent
KINDS = {"then": "happens", "then_nothing": "nothing", "then_refused": "refused"}
ALL = frozenset({"happens", "nothing", "refused", "old"})

# What cannot be asked in vain: it begins something, happens once, or ends something.
NEVER_IN_VAIN = {
    "RegisterPerson", "ErasePerson", "FormTeam", "DisbandTeam", "OpenCycle", "CommitPlan",
    "CloseCycle", "ReopenCycle", "DraftObjective", "CommitObjective", "CarryOverObjective",
    "GradeObjective", "ReopenObjective", "AbandonObjective", "AddKeyResult", "DropKeyResult",
    "CheckIn", "DefineKpi", "LiftLegalHold", "RetireKpi", "RecordReading", "RetractReading",
    "ReinstateKeyResult", "ReinstateKpi", "ReinstateTeam", "RotateSigningKey", "ApproveRequest",
    "RefuseRequest", "WithdrawRequest", "AcceptClock", "GrantRole",
    "CreateApiKey",
}  # fmt: skip
# What rests on no stream but the person who asks.
RESTS_ON_NOTHING = {"RegisterPerson", "OpenCycle", "AcceptClock"}


def all_commands() -> set[str]:
    return {
        name
        for name, value in vars(commands).items()
        if inspect.isclass(value)
        and issubclass(value, commands.Command)
        and value is not commands.Command
    }


def kinds_tested(sources: dict[str, str]) -> dict[str, set[str]]:
    """Command -> the kinds of tests it has."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        attr=("then" | "then_nothing" | "then_refused") as outcome,
                        value=ast.Call(
                            func=ast.Attribute(attr="when"),
                            args=[ast.Call(func=ast.Name(id=command)), *_],
                        ),
                    )
                ):
                    found[command].add("old" if "old_streams" in name else KINDS[outcome])
    return found


def missing(names: set[str], found: dict[str, set[str]]) -> dict[str, set[str]]:
    gaps = {name: needed(name) - found.get(name, set()) for name in names}
    return {name: gap for name, gap in gaps.items() if gap}


def needed(name: str) -> set[str]:
    spared = {"nothing": NEVER_IN_VAIN, "old": RESTS_ON_NOTHING}
    return {kind for kind in ALL if name not in spared.get(kind, set())}


def sources() -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(HERE.glob("test_*.py"))}


def test_every_command_has_a_test_of_each_kind() -> None:
    assert missing(all_commands(), kinds_tested(sources())) == {}


def test_a_command_without_tests_is_seen() -> None:
    assert missing({"Promote"}, kinds_tested(sources())) == {"Promote": set(ALL)}
    planted = {"test_x.py": "given(w).when(Promote(X)).then(); given(w).when(RetireKpi(X)).then()"}
    assert missing({"Promote", "RetireKpi"}, kinds_tested(planted)) == {
        "Promote": {"nothing", "refused", "old"},
        "RetireKpi": {"refused", "old"},
    }


def test_what_is_never_in_vain_is_not_tested_to_be_so() -> None:
    found = kinds_tested(sources())
    assert {name for name in NEVER_IN_VAIN if "nothing" in found[name]} == set()
    assert all_commands() >= NEVER_IN_VAIN | RESTS_ON_NOTHING
