"""What answers say of the score of an objective: how far it has come, its grade, its outcome."""

from __future__ import annotations

from typing import Annotated, TypedDict

from okr_es.scoring.grades import Band, EndedBy, Outcome
from projections.as_of.answers import Count, Exact, Rounded, Status, doc
from projections.goals.documents import Document

Expected = Annotated[Rounded, doc("The share of the way planned for the day, 0 to 1.")]


class ScoredAlone(TypedDict):
    """How far an objective has come by itself."""

    score: Annotated[
        Rounded | None,
        doc(
            "The weighted mean of its own key results, 0 to 1; null: not measured. What is not "
            "measured is left out until it is graded, closed or its cycle is over."
        ),
    ]
    coverage: Annotated[Rounded, doc("The weight of what is measured of all, 0 to 1.")]


class Progressed(ScoredAlone):
    """How far an objective has come, with what is aligned to it."""

    rolled_up: Annotated[
        Rounded | None,
        doc("Its score with the scores of all that is aligned to it; null: unmeasured."),
    ]


class Judged(TypedDict):
    """Where an objective is, by its pace."""

    status: Status
    off_track: Annotated[Count, doc("How many of its key results that weigh are off track.")]
    not_measured: Annotated[Count, doc("How many of its key results are not measured.")]


class Scored(Progressed, Judged):
    """How far an objective has come, and where it is."""


class Ending(TypedDict):
    """What came out of an objective, and by what it ended."""

    outcome: Annotated[
        Outcome | None,
        doc("By its final grade, or by its score where it has none; null while it runs."),
    ]
    ended_by: Annotated[
        EndedBy | None,
        doc("Carried over also when graded; ungraded: closed without a grade; null: it runs."),
    ]
    late_days: Annotated[
        Count | None,
        doc("Days after its due day from which its score stayed; null: not met, or by hand."),
    ]


class Planned(TypedDict):
    """What was planned for the day."""

    expected: Expected
    pace: Annotated[
        Rounded | None,
        doc("Score over expected times expected grade; null: unmeasured, or 0 is expected."),
    ]


class Paced(Scored, Planned):
    """What an objective has come to, beside what was planned for the day."""


class Grade(TypedDict):
    """Computed and adjusted grade side by side."""

    computed: Annotated[
        Rounded | None,
        doc("The score, what is not measured as 0; null: unmeasured, which the policy leaves out."),
    ]
    adjusted: Annotated[Exact | None, doc("0 to 1; null where the computed grade holds.")]
    band: Annotated[
        Band | None,
        doc("Of the adjusted, else of the computed grade; null: unmeasured."),
    ]
    expected: Annotated[Exact, doc("The grade its commitment lets expect, 0 to 1: green from it.")]
    coverage: Annotated[Rounded, doc("The weight of what is measured of all, 0 to 1.")]
    not_measured: Annotated[Count, doc("How many of its key results are not measured.")]
    of: Annotated[Count, doc("How many key results it has.")]
    evidence: Document


class Graded(TypedDict):
    """The grade of an objective."""

    grade: Annotated[Grade | None, doc("Null until it is graded.")]
