"""The report of patterns, on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from web.cli.approvals import attribution_line
from web.cli.commands.asking import Asking
from web.cli.output import change_line
from web.cli.text.goals import Names, as_of_line, name_of, share

if TYPE_CHECKING:
    from projections.patterns.answers import FindingAnswer, PatternsAnswer

HEADINGS = {
    "lowered_target": "targets made easier after the plan was committed",
    "last_days": "changes of the plan in the last days",
    "late_reading": "readings recorded late, or after the closing",
    "changed_reading": "readings corrected or retracted",
    "adjusted_grade": "grades adjusted",
    "realigned_again": "goals re-aligned more than once",
    "graded_own": "goals graded by their owner",
    "repeated_reason": "reasons given word for word again",
    "approved_each_other": "pairs who approved nothing but each other's requests",
    "backdated_hand_over": "goals handed over from a day more than a week before",
    "moved_outcome": "corrections in the last week that moved what comes out of a goal",
    "retired_kpi": "KPIs retired while they fed the plan",
    "changed_policy": "changes of the scoring policy while the cycle ran",
}
WITHOUT_CHANGES = {"repeated_reason", "approved_each_other"}  # they are about who and why
OBVIOUS = {"measured_id", "retracted", "graded"}  # the type of the event says as much


def patterns_lines(found: PatternsAnswer, names: Names) -> Iterable[str]:
    """Yield the findings of a cycle by kind: how many, then each with its events."""
    yield f"{found['cycle']['name']}, {as_of_line(found)}"
    counts: Mapping[str, object] = found["counts"]
    for kind, heading in HEADINGS.items():
        yield f"{counts[kind]:>4}  {heading}"
    for kind, findings in groupby(found["findings"], itemgetter("kind")):
        yield f"\n{HEADINGS[kind]}"
        for finding in findings:
            yield from finding_lines(finding, names)


def finding_lines(finding: FindingAnswer, names: Names) -> Iterable[str]:
    """Yield a finding: the goal, how much, and its events with before and after."""
    facts = ", ".join(facts_of(finding))
    yield f"  {subject_of(finding, names)}" + (f"  ({facts})" if facts else "")
    for event in finding["events"]:
        yield f"    {event['position']}  {event['type']}  {attribution_line(event, names)}"
        if (request := event["request"]) is not None:
            title = request["subject"] and request["subject"]["title"]
            yield f"        {request['what']}  {title or ''}".rstrip()
        for change in event["changes"] if finding["kind"] not in WITHOUT_CHANGES else ():
            if change["field"] not in OBVIOUS:
                yield f"        {change_line(change, names)}"


def subject_of(finding: FindingAnswer, names: Names) -> str:
    """Return what a finding is about: a goal, two people, the policy, or a reason."""
    if finding["goal"] is not None:
        return finding["goal"]["title"] or "(confidential)"
    if finding["kind"] == "approved_each_other":
        approvals = (e for e in finding["events"] if e["type"] == "approval.approved")
        return " and ".join(dict.fromkeys(name_of(event["by"], names) for event in approvals))
    if finding["kind"] == "changed_policy":
        return "scoring policy"
    return f"“{finding['events'][0]['reason']}”"


def facts_of(finding: FindingAnswer) -> Iterable[str]:
    """Yield the numbers of a finding, in words."""
    if finding["amount"] is not None:
        yield f"by {finding['amount']}"
    if finding["share"] is not None:
        yield f"{share(finding['share'])} of the way"
    if finding["computed"] is not None:
        yield f"computed {finding['computed']}"
    if (days := finding["days_left"]) is not None:
        yield f"{days} days before the end" if days >= 0 else f"{-days} days after the end"
    if finding["days_late"] is not None:
        yield f"{finding['days_late']} days after the day it is about"
    if finding["days_back"] is not None:
        yield f"from {finding['days_back']} days before"
    if finding["after_closing"]:
        yield "after the closing"
    if finding["times"] is not None:
        yield f"{finding['times']} times"
    for each in finding["moved"]:
        yield f"{each['title'] or '(confidential)'}: {each['before']} → {each['after']}"


patterns = Asking(
    "patterns", "patterns", patterns_lines,
    "Patterns in a cycle that deserve an auditor's attention.",
)  # fmt: skip
