"""What is answered about what needs somebody."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from projections.as_of.answers import AsOf, Day, Id, KindRef, NamedCycle, NamedPerson, doc

What = Annotated[
    Literal["reading_overdue", "reading_due", "approval", "grade", "draft", "request"],
    doc(
        "A reading that is overdue, or due in the week; a request for approval to decide; an "
        "objective without a grade, whose cycle has ended; a draft that is not committed; a "
        "request of one's own that waits for somebody else."
    ),
]


class Need(TypedDict):
    """Something that waits for a person, or for an answer to them."""

    what: What
    goal: Annotated[KindRef | None, doc("The goal it is about; null: it is about none.")]
    cycle: Annotated[NamedCycle | None, doc("Its cycle; null: it is of none.")]
    approval_id: Annotated[Id | None, doc("The request for approval; null: it is none.")]
    on_behalf_of: Annotated[
        NamedPerson | None, doc("For whom the person stands in as deputy; null: it is their own.")
    ]
    since: Annotated[Day | None, doc("The first day it has waited; null: it does not wait yet.")]
    by_day: Annotated[Day | None, doc("The last day on which it is on time; null: there is none.")]


class NeedsAnswer(AsOf):
    """What needs a person: what is late first, then by its day."""

    person: Annotated[NamedPerson, doc("Whom it needs.")]
    needs: Annotated[
        list[Need], doc("Readings, requests to decide, grades, drafts, requests; late ones first.")
    ]
