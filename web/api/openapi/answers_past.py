"""What the questions about the past answer, as JSON Schema: a component for each shared part."""

from __future__ import annotations

from okr_es.domain.values import Commitment, Direction, Kind, State
from web.api.openapi.answers import (
    ALIGNED_TO,
    CONFIDENCE,
    COUNT,
    CYCLE,
    DAY,
    ENCRYPTED,
    EXACT,
    ID,
    NEXT_BEFORE,
    OBJECTIVE,
    OF_CYCLE,
    PLACE,
    PROGRESS,
    PROMISE,
    REVISED,
    ROUNDED,
    SCORE,
    STATUSES,
    TEXT,
    TRUTH,
    VALUE,
    ZONE,
    Schema,
    answer,
    answer_then,
    described,
    listed,
    nullable,
    part,
    shape,
    word_of,
    words,
)
from web.api.openapi.answers import SCHEMAS as PRESENT

MARKS: Schema = {
    "planned": described(TRUTH, "It was part of the plan when that was committed."),
    "added_mid_cycle": REVISED["added_mid_cycle"],
    "dropped_mid_cycle": described(TRUTH, "It was dropped or given up since."),
}
REVISIONS: Schema = {
    "revisions": described(COUNT, "Changes since the plan was committed."),
    "added": described(COUNT, "Goals that came since."),
    "dropped": described(COUNT, "Goals that were dropped or given up since."),
}
INSTANT: Schema = {"type": "string", "format": "date-time"}
EVENT: Schema = {
    "position": PLACE,
    "recorded_at": INSTANT,
    "id": {"type": "string", "pattern": "^[0-9a-f-]{36}/[1-9][0-9]*$"},
    "type": {"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"},
    "by": nullable(ID, "The person who acted."),
}
SAID: Schema = {
    "position": PLACE,
    "recorded_at": INSTANT,
    "by": nullable(ID),
    **dict.fromkeys(("reason", "comment"), ENCRYPTED),
    "day": DAY,
}
SHARE = nullable(ROUNDED, "A share, 0 to 1; null: not measured, or not there.")
ANY: Schema = {"description": "Whatever the field holds."}
READING_VALUE = {"value": VALUE, "zone": ZONE}
MEANS: Schema = {
    "scores": shape(
        "Weighted means; null: none has a score.",
        committed=described(SHARE, "Against the plan as committed."),
        ended=described(SHARE, "Against the plan as it ended."),
    ),
    "not_measured": shape("Left out, and no zeros.", committed=COUNT, ended=COUNT),
    "not_planned": described(COUNT, "Goals that were no part of the committed plan."),
    "given_up": described(COUNT, "Goals that were given up: no score as it ended."),
    "counts": part("HappenedCounts"),
}
OWNERSHIP: Schema = {
    "owner_id": ID,
    "from": DAY,
    "until": nullable(DAY, "The day it was handed over; null: to the end."),
    "days": described(COUNT, "Of the cycle, the day of a hand-over being the new owner's."),
    "from_position": PLACE,
    "until_position": nullable(PLACE),
    "progress_at_start": SHARE,
    "progress_at_end": SHARE,
    "counts": described(part("HappenedCounts"), "Of their time."),
}
KEY_RESULT_PROMISE = {
    name: PROMISE[name]
    for name in (
        "title", "kind", "baseline", "target", "unit", "weight", "cadence", "steps", "zones",
        "trajectory", "kpi_id",
    )
}  # fmt: skip
TRACED: Schema = {
    "readings": listed(part("TracedReading"), "By the day they are about."),
    "markers": listed(
        part("Marker"),
        "Changes on the way, oldest first: of what was the goal's own then. A KPI's readings are "
        "from its link until its unlink, what hangs below a goal while it hangs there.",
    ),
}
STEP: Schema = {
    "day": DAY,
    "position": COUNT,
    "statuses": shape("How many objectives have it.", **dict.fromkeys(STATUSES, COUNT)),
    "changed": listed(
        part("ReplayedObjective"),
        "Those that changed; at first all. What is expected of them, and so their pace, moves with "
        "the days, so on a new day most are here even if nothing happened.",
    ),
}
LISTS = {name: PROMISE[name] for name in ("steps", "zones", "trajectory")}
BOUND = nullable(EXACT)
THRESHOLDS = (
    "on_track", "at_risk", "yellow_from", "green_from", "committed_expected",
    "aspirational_expected",
)  # fmt: skip
POLICY = shape("A scoring policy.", **dict.fromkeys(THRESHOLDS, EXACT))
OVERRIDING = shape(
    "What the steps are judged by.",
    base=described(
        words("valid_then"),
        "The scoring policy valid at each step; a closed cycle keeps the one it was closed under.",
    ),
    overridden={
        "type": "object",
        "description": "Thresholds that were named, in place of the policy's, as exact decimals.",
        "propertyNames": words(*THRESHOLDS),
        "additionalProperties": {"type": "string"},
    },
)

SCHEMAS: dict[str, Schema] = {
    "Plan": answer_then(
        "The plan of a cycle, and a page of its revisions, the newest first.",
        **OF_CYCLE,
        committed=nullable(
            shape("When the plan was committed.", position=PLACE, day=DAY), "Null: not yet."
        ),
        **REVISIONS,
        teams=listed(shape("A team's share.", team_id=ID, **REVISIONS)),
        goals=listed(part("PlannedGoal")),
        changes=listed(part("Revision")),
        next_before=NEXT_BEFORE,
    ),
    "PlannedGoal": shape(
        "What became of a goal since the plan was committed.",
        **dict.fromkeys(("id", "objective_id", "team_id", "owner_id"), ID),
        kind=words("objective", "key_result"),
        title=TEXT,
        **MARKS,
        revisions=REVISED["revisions"],
    ),
    "Revision": shape(
        "An entry of the audit log, with the goal it is about.",
        **PRESENT["Entry"]["properties"],
        goal_id=ID,
        objective_id=ID,
    ),
    "Results": answer_then(
        "All that was published of a cycle, and what is known of it since.",
        **OF_CYCLE,
        closings=listed(part("Closing"), "The oldest first."),
        restatement=nullable(part("Restatement"), "Of the last closing; null before it."),
    ),
    "Closing": shape(
        "A closing: it published this result, for good.",
        number=described(PLACE, "The first is 1: published-1."),
        **SAID,
        policy=POLICY,
        objectives=listed(part("PublishedObjective")),
        reopened=nullable(shape("The cycle was reopened.", **SAID), "Null: it was not."),
    ),
    "PublishedObjective": shape(
        "An objective as it was published.",
        **dict.fromkeys(("id", "team_id", "owner_id"), ID),
        title=TEXT,
        commitment=word_of(Commitment),
        state=word_of(State),
        **{name: SCORE[name] for name in ("progress", "rolled_up", "status", "not_measured")},
        overdue=OBJECTIVE["overdue"],
        grade=OBJECTIVE["grade"],
    ),
    "Restatement": shape(
        "What reads otherwise now than it was published.",
        of=described(PLACE, "The number of the closing."),
        position=COUNT,
        objectives=listed(
            shape("It differs.", id=ID, published=part("Restated"), restated=part("Restated"))
        ),
    ),
    "Restated": shape(
        "A result.",
        **{name: SCORE[name] for name in ("progress", "rolled_up", "not_measured")},
        grade=OBJECTIVE["grade"],
    ),
    "Compare": answer(
        "What differs between two sides. Applied to the one it gives the other.",
        fixed=described(TRUTH, "Nothing recorded later can change this answer."),
        **{"from": part("Side")},
        to=part("Side"),
        limited_to=shape(
            "What both sides are limited to, beside their cycles; null: nothing.",
            **dict.fromkeys(("team_id", "person_id", "goal_id"), nullable(ID)),
        ),
        counts=listed(shape("How many goals.", what=TEXT, goals=COUNT)),
        statuses=listed(
            shape(
                "How many goals moved from a status to another.",
                kind=words("objective", "key_result"),
                before=nullable(TEXT),
                after=nullable(TEXT),
                goals=COUNT,
            )
        ),
        entries=listed(part("Compared")),
    ),
    "Side": shape(
        "One side.",
        asked=TEXT,
        cycle_id=nullable(ID, "The cycle whose goals it is limited to; null: of all."),
        position=COUNT,
        day=DAY,
    ),
    "Compared": shape(
        "A goal that differs.",
        kind=words("objective", "key_result"),
        before_id=nullable(ID, "Null: it was not there."),
        after_id=nullable(ID, "Another id: it was carried over. Null: it is not there."),
        objective_id=ID,
        title=TEXT,
        what=listed(TEXT, "added, dropped, carried_over, retitled, retargeted, score_moved …"),
        changes=listed(part("Difference")),
    ),
    "Difference": shape("A field on both sides.", field=TEXT, before=ANY, after=ANY),
    "Review": answer_then(
        "The review of a cycle: as of its last closing, or as known now.",
        **OF_CYCLE,
        goals=listed(part("ReviewedGoal")),
        people=listed(
            shape(
                "A person; goals weigh by the days they had them.",
                person_id=ID,
                goals=listed(shape("Their time.", objective_id=ID, **OWNERSHIP)),
                **MEANS,
            )
        ),
        teams=listed(shape("A team.", team_id=ID, goals=listed(ID), **MEANS)),
    ),
    "ReviewedGoal": shape(
        "The review of an objective.",
        id=ID,
        title=TEXT,
        team_id=ID,
        commitment=word_of(Commitment),
        state=word_of(State),
        **MARKS,
        promised=nullable(part("Promise"), "Null: it was no part of the committed plan."),
        ended_as=part("Promise"),
        scores=shape(
            "Side by side.",
            committed=nullable(part("Score"), "Null: it was no part of the plan."),
            ended=nullable(part("Score"), "Null: it was given up."),
        ),
        grade=OBJECTIVE["grade"],
        counts=part("HappenedCounts"),
        owners=listed(shape("Who was accountable, and when.", **OWNERSHIP)),
        key_results=listed(part("ReviewedKeyResult")),
    ),
    "Promise": shape(
        "What was promised.",
        **{name: OBJECTIVE[name] for name in ("title", "team_id", "owner_id", "commitment", "due")},
        **ALIGNED_TO,
    ),
    "Score": shape(
        "A score.",
        **{name: SCORE[name] for name in ("progress", "rolled_up", "status", "not_measured")},
    ),
    "ReviewedKeyResult": shape(
        "The review of a key result.",
        id=ID,
        title=TEXT,
        objective_id=ID,
        **MARKS,
        promised=nullable(part("KeyResultPromise")),
        ended_as=nullable(part("KeyResultPromise"), "Null: it was dropped."),
        scores=shape(
            "Side by side.",
            **dict.fromkeys(
                ("committed", "ended"),
                nullable(shape("A score.", progress=PROGRESS, status=words(*STATUSES, "overdue"))),
            ),
        ),
        reading=nullable(part("Reading")),
        counts=part("HappenedCounts"),
        confidence=listed(
            shape("Told by a check-in.", as_of=DAY, recorded_on=DAY, confidence=COUNT),
            "Over time.",
        ),
    ),
    "KeyResultPromise": shape("What a key result promised.", **KEY_RESULT_PROMISE),
    "HappenedCounts": shape(
        "What happened since the plan was committed.",
        **dict.fromkeys(
            (
                "retitlings",
                "retargets",
                "reweightings",
                "realignments",
                "reassignments",
                "moves",
                "links",
                "corrections",
                "retractions",
                "overdue_readings",
            ),
            COUNT,
        ),
    ),
    "Explanation": answer(
        "Why progress changed, by cause; the parts sum exactly to the whole. In this sum what "
        "is not measured counts as 0, and a null `before` or `after` says so.",
        fixed=described(TRUTH, "Nothing recorded later can change this answer."),
        id=ID,
        **dict.fromkeys(("from", "to"), shape("A moment.", position=COUNT, day=DAY)),
        before=SHARE,
        after=SHARE,
        change=part("ExactChange"),
        causes=listed(
            shape(
                "A cause, with its events.",
                cause=TEXT,
                change=part("ExactChange"),
                events=listed(shape("An event.", **EVENT, change=part("ExactChange"))),
            )
        ),
    ),
    "ExactChange": shape(
        "A change of a share.",
        exact={"type": "string", "pattern": "^-?[0-9]+/[1-9][0-9]*$"},
        rounded=ROUNDED,
    ),
    "ObjectivePlanAndActual": answer_then(
        "Planned and actual progress, on each day something happened.",
        id=ID,
        kind=words("objective"),
        committed_position=nullable(PLACE, "Where the original plan stands."),
        series=listed(
            shape(
                "A day.",
                day=DAY,
                position=COUNT,
                believed=described(SHARE, "Progress as known then."),
                known=described(SHARE, "Progress as known now."),
                expected_original=described(SHARE, "Planned when it was committed."),
                expected_revised=described(SHARE, "Planned by then."),
            )
        ),
        markers=TRACED["markers"],
    ),
    "KeyResultPlanAndActual": answer_then(
        "Planned trajectories and readings.",
        id=ID,
        kind=word_of(Kind),
        unit=PROMISE["unit"],
        planned=listed(
            shape(
                "A trajectory.",
                position=PLACE,
                day=DAY,
                original=described(TRUTH, "It held when the plan was committed."),
                baseline=BOUND,
                target=BOUND,
                **LISTS,
                points=listed(
                    shape("A turn.", on=DAY, share=ROUNDED, value=nullable(ROUNDED, "Of a metric."))
                ),
            )
        ),
        **TRACED,
    ),
    "KpiPlanAndActual": answer_then(
        "Targets and readings of a KPI.",
        id=ID,
        kind=words("kpi"),
        unit=TEXT,
        direction=word_of(Direction),
        planned=listed(
            shape(
                "A target.",
                position=PLACE,
                day=DAY,
                original=described(TRUTH, "It is the first of its span."),
                starts=DAY,
                ends=DAY,
                target=BOUND,
                minimum=BOUND,
                maximum=BOUND,
            )
        ),
        **TRACED,
    ),
    "TracedReading": shape(
        "A reading as believed when it was recorded, and as known.",
        id=ID,
        measured_id=ID,
        as_of=DAY,
        position=PLACE,
        recorded_on=DAY,
        believed=shape("As recorded.", **READING_VALUE),
        known=nullable(shape("As known.", **READING_VALUE), "Null: it was retracted."),
        confidence=CONFIDENCE,
    ),
    "Marker": shape("A change on the way.", what=TEXT, day=DAY, **EVENT),
    "ReplayLine": {
        "anyOf": [part("ReplayHeading"), part("ReplayDay"), part("ReplayEvent"), part("Broken")]
    },
    "ReplayHeading": shape(
        "The first line.",
        cycle=shape("The cycle.", **CYCLE),
        step=words("day", "event"),
        **dict.fromkeys(("from", "to"), DAY),
        policy=OVERRIDING,
    ),
    "ReplayDay": shape(
        "The end of a day.", **STEP, events=described(COUNT, "Since the day before.")
    ),
    "ReplayEvent": shape(
        "Right behind an event.",
        **STEP,
        event=nullable(shape("The event.", **EVENT), "Null: the state at the beginning."),
    ),
    "ReplayedObjective": shape(
        "An objective.",
        id=ID,
        title=TEXT,
        **{name: SCORE[name] for name in ("progress", "rolled_up", "expected", "pace", "status")},
        state=word_of(State),
        grade=OBJECTIVE["grade"],
    ),
    "Broken": shape("The stream broke off.", error=TEXT),
}
