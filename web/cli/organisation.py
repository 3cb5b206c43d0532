"""The organisation of a day on the command line: teams, cycles, a person, a reading, the policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from web.cli.approvals import cycles
from web.cli.commands.asking import Asking
from web.cli.commands.groups import READINGS, SCORING_POLICY, group
from web.cli.output import change_line
from web.cli.people import people, people_lines, person_line
from web.cli.text.goals import Ids, Names, as_of_line, in_plain_words
from web.cli.text.instants import instant
from web.cli.text.values import id_column

if TYPE_CHECKING:
    from projections.as_of.answers import NamedRef
    from projections.one_reading_answers import Deed, OneReadingAnswer
    from projections.organisation_answers import (
        CycleBody,
        CyclesAnswer,
        OneCycleAnswer,
        PersonAnswer,
        ScoringPolicyAnswer,
        TeamAnswer,
        TeamBody,
        TeamsAnswer,
    )


teams = group("teams", "Teams: form, list as a tree, move, disband.")


def add_to(above: click.Group) -> None:
    """Add the commands to the groups they belong to."""
    above.add_command(teams)
    for command in OF_TEAMS:
        teams.add_command(command)
    for command in OF_CYCLES:
        cycles.add_command(command)
    for command in OF_PEOPLE:
        people.add_command(command)
    READINGS.add_command(READING)
    SCORING_POLICY.add_command(POLICY)


# ---- teams ------------------------------------------------------------------------------


def teams_lines(found: TeamsAnswer, _: Names) -> Iterator[str]:
    """Yield the teams of a day, each below the one it belonged to."""
    yield as_of_line(found)
    below: dict[str | None, list[TeamBody]] = defaultdict(list)
    there = {each["id"] for each in found["teams"]}
    for each in found["teams"]:
        above = each["parent"]["id"] if each["parent"] else None
        below[above if above in there else None].append(each)
    yield from branches(below, None, id_column(found["teams"]), "")


def branches(
    below: dict[str | None, list[TeamBody]], above: str | None, short: Ids, to: str
) -> Iterator[str]:
    """Yield the teams below one, with all below them."""
    for each in below[above]:
        yield f"{short(each)}  {to}{team_text(each)}"
        yield from branches(below, each["id"], short, f"{to}  ")


def team_text(row: TeamBody) -> str:
    """Return what a team is, in one line."""
    notes = [row["kind"], "disbanded" if row["disbanded"] else ""]
    if row["recorded_later"] is not None:
        notes.append(f"recorded on {row['recorded_later']}")
    return f"{row['name']}  ({', '.join(filter(None, notes))})"


def team_lines(found: TeamAnswer, _: Names) -> Iterator[str]:
    """Yield one team, what it was below, and what was below it."""
    yield as_of_line(found)
    yield team_text(found)
    yield f"below {named(found['parent'])}" if found["parent"] else "at the top"
    yield from (f"above {named(each)}" for each in found["teams_below"])


def named(reference: NamedRef) -> str:
    """Return the name of a thing, and its id."""
    return f"{reference['name']}  {reference['id']}"


# ---- cycles -----------------------------------------------------------------------------


def cycles_lines(found: CyclesAnswer, _: Names) -> Iterator[str]:
    """Yield a line for each cycle."""
    yield as_of_line(found)
    short = id_column(found["cycles"])
    yield from (f"{short(each)}  {cycle_text(each)}" for each in found["cycles"])


def cycle_text(row: CycleBody) -> str:
    """Return what a cycle is, in one line."""
    state = "closed" if row["closed"] else "open"
    plan = "plan committed" if row["plan_committed"] else "no plan committed"
    return f"{row['name']}  {row['starts']} to {row['ends']}, {state}, {plan}"


def cycle_lines(found: OneCycleAnswer, _: Names) -> Iterator[str]:
    """Yield one cycle, with the commits of its plan and its closings."""
    yield as_of_line(found)
    yield f"{found['id']}  {cycle_text(found)}"
    for each in found["plan_commits"]:
        whose = each["team"]["name"] if each["team"] else "all teams"
        below = " with all below" if each["with_teams_below"] and each["team"] else ""
        yield f"plan of {whose}{below} committed at {each['position']}, {instant(each['at'])}"
    for closing in found["closings"]:
        yield f"closed at {closing['position']}, {instant(closing['at'])}"
    if found["approval_required"]:
        needs = ", ".join(map(in_plain_words, found["approval_required"]))
        yield f"needs approval: {needs}"


# ---- a person, a reading, the policy ----------------------------------------------------


def person_lines(found: PersonAnswer, _: Names) -> Iterator[str]:
    """Yield one person."""
    yield as_of_line(found)
    yield f"{found['id']}  {person_line(found)}"


def reading_lines(found: OneReadingAnswer, _: Names) -> Iterator[str]:
    """Yield a reading, who recorded it, and each correction."""
    said, measured = found["reading"], found["measured"]
    yield as_of_line(found)
    yield f"{measured['title']}  {measured['id']}"
    value = said["value"] or said["zone"] or "no value"
    confidence = "" if said["confidence"] is None else f", confidence {said['confidence']}"
    taken_back = ", taken back" if said["retracted"] else ""
    yield f"{value} about {said['as_of']}{confidence}{taken_back}"
    if said["comment"]:
        yield said["comment"]
    if said["evidence"]:
        yield f"{said['evidence']['link']}  SHA-256 {said['evidence']['sha256']}"
    yield f"recorded at {deed_text(found['recorded'])}"
    for each in found["corrections"]:
        why = f" – {each['reason']}" if each["reason"] else ""
        yield f"{each['type']} at {deed_text(each)}{why}"
        yield from (f"    {change_line(change, {})}" for change in each["changes"])


def deed_text(deed: Deed) -> str:
    """Return where and when something was recorded, and by whom."""
    by = deed["by"]["name"] if deed["by"] else "nobody named"
    for_whom = f" for {deed['on_behalf_of']['name']}" if deed["on_behalf_of"] else ""
    return f"{deed['position']}, {instant(deed['recorded_at'])}, by {by}{for_whom}"


def policy_lines(found: ScoringPolicyAnswer, _: Names) -> Iterator[str]:
    """Yield the thresholds of the scoring policy in force."""
    yield as_of_line(found)
    version = found["version"]
    yield "the built-in policy" if version is None else f"version {version}"
    yield f"on track from a pace of {found['on_track']}, at risk from {found['at_risk']}"
    yield f"yellow from a grade of {found['yellow_from']}"
    yield (
        f"expected, and green: {found['committed_expected']} of committed goals, "
        f"{found['aspirational_expected']} of aspirational ones"
    )
    yield f"not measured: {in_plain_words(found['not_measured'])}"
    for each in found["versions"]:
        yield f"version {each['version']}: recorded on {each['day']} at {each['position']}"


OF_TEAMS = (
    Asking("list", "teams", teams_lines, "List the teams of a day, as a tree."),
    Asking("show", "team", team_lines, "Show one team of a day, and those directly below it."),
)
OF_CYCLES = (
    Asking("list", "cycles", cycles_lines, "List all cycles."),
    Asking(
        "show", "cycle", cycle_lines,
        "Show one cycle, by its id or its name: the commits of its plan, its closings.",
    ),
)  # fmt: skip
OF_PEOPLE = (
    Asking(
        "list", "people", people_lines,
        "List all people: who left, who stands in for whom, which matters hold them.",
    ),
    Asking("show", "person", person_lines, "Show one person, as on a day."),
)  # fmt: skip
READING = Asking(
    "show", "reading", reading_lines,
    "Show a reading or check-in: what it says, who recorded it, and its corrections.",
)  # fmt: skip
POLICY = Asking(
    "show", "scoring_policy", policy_lines,
    "Show the scoring policy in force: thresholds of pace and of grades.",
)  # fmt: skip
