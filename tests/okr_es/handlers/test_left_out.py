"""What a command leaves out is not what it takes away: for its key, and in a request that waits."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from okr_es.application import Okr
from okr_es.changes import GraceChanges, MeasureChanges, TargetChanges
from okr_es.commands import (
    AdoptScoringPolicy,
    Command,
    LinkKeyResult,
    RealignObjective,
    ReassignObjective,
    RedefineKpi,
    RetargetKeyResult,
    RetargetKpi,
    SetCalendar,
)
from okr_es.context import Context
from okr_es.domain.refusals import CommandIdIsTaken
from okr_es.domain.values import Aggregation, Kind, Point
from okr_es.handlers.approval_gate import command_of, fields_of
from okr_es.handlers.fingerprints import fingerprint, fingerprint_before
from okr_es.log.append import Append
from okr_es.log.canonical import Envelope
from tests.support.given import World, refused
from tests.support.world import (
    ANN,
    BEN,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    Q3_ENDS,
    Q3_STARTS,
    REACH,
    RESPONSE,
    STEPS,
    TODAY,
    TWENTY,
    TWO_DAYS,
    d,
)

KEY = UUID(int=7)

# What differs by what is left out, null, or given.
THREE_WAYS = [
    (
        RealignObjective(REACH),
        RealignObjective(REACH, None),
        RealignObjective(REACH, aligned_to_key_result_id=None),
        RealignObjective(REACH, GROW),
        RealignObjective(REACH, GROW, weight=d("1")),
        RealignObjective(REACH, GROW, None, d("1")),
    ),
    (ReassignObjective(GROW), ReassignObjective(GROW, BEN)),
    (
        AdoptScoringPolicy(),
        AdoptScoringPolicy(at_risk=d("0.7")),
        AdoptScoringPolicy(at_risk=d("0.75")),
    ),
    (
        RetargetKeyResult(LEADS),
        RetargetKeyResult(LEADS, trajectory=()),
        RetargetKeyResult(LEADS, MeasureChanges()),
        RetargetKeyResult(LEADS, MeasureChanges(unit=None)),
        RetargetKeyResult(LEADS, MeasureChanges(unit="leads")),
        RetargetKeyResult(LEADS, MeasureChanges(unit="leads", steps=())),
    ),
    (
        RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS)),
        RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, target=None)),
        RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, Q3_ENDS)),
    ),
    (
        RedefineKpi(RESPONSE),
        RedefineKpi(RESPONSE, None),
        RedefineKpi(RESPONSE, "answers"),
    ),
    (
        SetCalendar(),
        SetCalendar(holidays=()),
        SetCalendar(grace=GraceChanges()),
        SetCalendar(grace=GraceChanges(weekly=2)),
    ),
]

# The fingerprints of commands when a field that was left out had a default.
BEFORE: list[tuple[Command, str]] = [
    (RealignObjective(REACH), "f0fcb59bf38b1473119a89dd3789558fe68dd8828c1162d3d20f6d7931235851"),
    (
        RealignObjective(REACH, GROW),
        "7e6f6a430d98a9d7edc9cdac8f5f42b763e90c4869974c40e2f7e39f2e298342",
    ),
    (
        RealignObjective(REACH, GROW, weight=d("3")),
        "73acf188dca1e0da6956ecedd05c203a90291e4fd4a6b37d5dcb652e401b0d2f",
    ),
    (
        ReassignObjective(GROW, BEN),
        "8315a1061f943222017ba625402a96adc2cb2bbeceab70a26911002d4cba331f",
    ),
    (
        SetCalendar(zone="UTC"),
        "dfc9ae86327f538e7a836177bdedd3fc2b2c092659c90860428d4fc40c9230f6",
    ),
    (
        SetCalendar(grace=GraceChanges(weekly=2)),
        "a18920605c9fbddefb38f74e636e4c7ca71c63a37e45fea706a8b5c01a18869c",
    ),
    (
        AdoptScoringPolicy(),
        "1c8bdac6278ceb22927010f2f3d8b58bff327a9679c7ce2c528f3a6fe8f8c7e2",
    ),
    (
        AdoptScoringPolicy(at_risk=d("0.75")),
        "17f6d08ec856491f3eeddc1661ec1dd7af0ca3788ac0beea8e2293b8533bc74f",
    ),
    (
        RetargetKeyResult(LEADS, TWENTY),
        "d50a856188adc62708e32fb9df776c6ac5ae430cb45708984b7189343cf456e7",
    ),
    (
        RetargetKeyResult(
            LEADS, MeasureChanges(Kind.METRIC, baseline=d("0"), target=d("20"), unit="leads")
        ),
        "d50a856188adc62708e32fb9df776c6ac5ae430cb45708984b7189343cf456e7",
    ),
    (
        RetargetKeyResult(LAUNCH, STEPS, (Point(TODAY, d("0.5")),)),
        "92a0db44a31d3ff52deec13c770dced34ef991d5f24e627ee77a1c358e16ee46",
    ),
    (
        RetargetKpi(RESPONSE, TWO_DAYS),
        "e5c3876513da99350f899c0eadca3328ad50067ecf12881fc6aa8deb6e059e19",
    ),
    (
        RedefineKpi(RESPONSE, aggregation=Aggregation.SUM),
        "c3dd530477a1969227bedfc12c41a01f50d6a6fa0aab3c5d68601a51311cd355",
    ),
    (
        LinkKeyResult(LEADS, None),
        "59651dc71a6a29e55c13395708eb1b2bd3707b7c0080a2733dfa0d43b872f20e",
    ),
]


# What was left out before stood for null, or for what is named here.
IN_FULL: list[tuple[Command, Command]] = [
    (RealignObjective(REACH, GROW), RealignObjective(REACH, GROW, None, d("1"))),
    (
        RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, Q3_ENDS, d("1"))),
        RetargetKpi(RESPONSE, TargetChanges(Q3_STARTS, Q3_ENDS, d("1"), None, None)),
    ),
    (
        RetargetKeyResult(LAUNCH, MeasureChanges(Kind.MILESTONE, steps=("a",)), ()),
        RetargetKeyResult(LAUNCH, MeasureChanges(**vars(replace(STEPS, steps=("a",)))), ()),
    ),
]


@pytest.mark.parametrize(("short", "full"), IN_FULL, ids=repr)
def test_what_is_named_in_full_today_is_not_what_was_left_out_before(
    short: Command, full: Command
) -> None:
    assert fingerprint_before(short) == fingerprint_before(full)
    prints = {fingerprint(short), fingerprint(full), fingerprint_before(short)}
    assert len(prints) == len(("short", "full", "before"))


@pytest.mark.parametrize("commands", THREE_WAYS, ids=lambda each: type(each[0]).__name__)
def test_absent_null_and_given_have_fingerprints_of_their_own(commands: tuple[Command]) -> None:
    prints = [fingerprint(each) for each in commands] + [fingerprint_before(commands[0])]
    assert len(set(prints)) == len(commands) + 1


@pytest.mark.parametrize(("command", "then"), BEFORE, ids=repr)
def test_a_key_used_before_fields_could_be_left_out_gives_its_first_receipt(
    command: Command, then: str, world_on_both: World
) -> None:
    okr, context = world_on_both.okr, Context(ANN, "why?", command_id=KEY)
    arrived_before(okr, bytes.fromhex(then))
    again = okr.execute(command, context)
    assert (again.id, again.repeated) == (GROW, True)


def arrived_before(okr: Okr, stored: bytes) -> None:
    """Record the outcome of a command as an earlier version did."""
    receipt = b'{"id": "%s", "version": 3, "warnings": []}' % str(GROW).encode()
    okr.log.append(
        [], Append(Envelope(by=ANN, command_id=KEY), fingerprint=stored, receipt=receipt)
    )


def test_a_key_used_for_what_was_left_out_is_not_for_what_is_taken_away(world: World) -> None:
    context = Context(ANN, "why?", command_id=KEY)
    given = RealignObjective(REACH, GROW, None, d("1"))
    world.okr.execute(given, context)
    for other in (RealignObjective(REACH, GROW), RealignObjective(REACH, GROW, weight=d("1"))):
        with refused(CommandIdIsTaken, "command_id"):
            world.okr.execute(other, context)
    assert world.okr.execute(given, context).repeated


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (RealignObjective(REACH, weight=d("2")), {"objective_id": str(REACH), "weight": "2"}),
        (
            RealignObjective(REACH, None),
            {"objective_id": str(REACH), "aligned_to_objective_id": None},
        ),
        (
            ReassignObjective(GROW, BEN),
            {"objective_id": str(GROW), "owner_id": str(BEN), "effective": None},
        ),
    ],
    ids=repr,
)
def test_a_request_keeps_what_is_null_and_not_what_is_left_out(
    command: Command, fields: dict[str, Any]
) -> None:
    assert fields_of(command) == fields
    assert command_of(type(command).__name__, fields) == command


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        (
            {"objective_id": str(GROW), "owner_id": str(BEN), "team_id": None, "effective": None},
            ReassignObjective(GROW, BEN),
        ),
        (
            {
                "objective_id": str(GROW), "aligned_to_objective_id": None,
                "aligned_to_key_result_id": str(CUSTOMERS), "weight": "1",
            },
            RealignObjective(GROW, None, CUSTOMERS, d("1")),
        ),
        (
            {
                "key_result_id": str(LAUNCH), "trajectory": None,
                "measure": {
                    "kind": "milestone", "baseline": None, "target": None, "unit": None,
                    "steps": ["a"], "zones": None, "direction": None, "minimum": None,
                    "maximum": None,
                },
            },
            RetargetKeyResult(LAUNCH, MeasureChanges(**vars(replace(STEPS, steps=("a",))))),
        ),
    ],
    ids=["stays", "was to be taken away", "a whole measure, and the trajectory stays"],
)  # fmt: skip
def test_a_request_from_before_asks_for_what_it_asked_for_then(
    fields: dict[str, Any], command: Command
) -> None:
    assert command_of(type(command).__name__, fields) == command
