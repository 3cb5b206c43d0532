"""All there is to ask about a random story: every question, proof, bundle, receipt and command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.commands import RotateSigningKey
from tests.faults.leaks_story import KEY_IDS, LONGER, NEXT, PEOPLE, SHORT, THIS, Story
from tests.support.company_of_roles import COMPANY, HERE, THERE
from tests.web.api.test_commands import BODIES, filled
from tests.web.test_rights_of_commands import BODY
from web.api.commands import ROUTES as COMMANDS
from web.api.commands import Route as Command
from web.api.queries import ROUTES, Route

PASTS = ("", "known_at=2025-08-06", "at=2025-08-05")
MOST = 1_000  # rows of a page


class Ask(NamedTuple):
    """What is sent."""

    path: str
    method: str = "GET"
    body: dict[str, Any] | None = None

    @property
    def is_command(self) -> bool:
        """Whether it is a command, which is tried out."""
        return self.body is not None

    def __str__(self) -> str:
        body = "" if self.body is None else f" {self.body}"
        return f"{self.method} {self.path}{body}"


def everything(story: Story, size: int) -> list[Ask]:
    """All there is to ask; `size` is the number of events."""
    return [*questions(story), *of_evidence(story, size), *tried(story)]


# ---- questions --------------------------------------------------------------------------


def things(story: Story) -> dict[str, list[str]]:
    """What there is of each kind that an address can be about."""
    found: dict[str, list[Any]] = {
        "cycles": [THIS, NEXT],
        "objectives": [*story.goals],
        "key-results": [*story.key_results],
        "kpis": [*story.kpis],
        "people": [*PEOPLE.values()],
        "approvals": [*story.asked],
    }
    found |= {"teams": [COMPANY, HERE, THERE], "readings": [*story.readings]}
    found["goals"] = [each for ids in found.values() for each in ids]
    found["goals"] += [*story.readings, *story.grants, *KEY_IDS.values(), COMPANY, HERE, THERE]
    return {kind: [str(each) for each in ids] for kind, ids in found.items()}


def filters(story: Story) -> dict[str, list[str]]:
    """What a question is asked with, beside nothing at all."""
    people = [f"person_id={each}" for each in PEOPLE.values()]
    goals = [f"goal_id={each}" for each in [*story.goals, *story.key_results, *story.kpis]]
    teams = [f"team={each}" for each in (COMPANY, HERE, THERE)]
    some = [f"limit={MOST}"]
    words = [f"text=stieglitz{number:04}{SHORT}" for number in range(0, len(story.words), 7)]
    found = [*words, "limit=500", *teams[1:], *(f"owner={each}" for each in PEOPLE.values())]
    return {
        "objectives": [*found, "sort=-title&limit=7"],
        "key_results": [*found, "sort=title&limit=7"],
        "board": [], "tree": [], "kpis": teams[1:], "plan": some, "history": some,
        "compare": [f"from={one}&to={other}{also}"
                    for one, other in (("2025-08-05", "2025-08-20"), ("5", "2025-08-09"),
                                       ("2025-Q3", "2025-Q4"))
                    for also in ("", f"&{people[1]}", f"&{teams[1]}", f"&{goals[0]}")],
        "explanation": ["from=1&to=2025-08-20", "from=2025-08-05&to=2025-08-07"],
        "replay": ["step=event"],
        "audit_log": [
            *(f"{each}&{some[0]}" for each in [*people, *goals, *teams, "order=oldest"]),
            *(f"type={noun}&{some[0]}&language=sv" for noun in NOUNS),
            *(f"type={noun}&{each}&{some[0]}" for noun in NOUNS for each in (people[1], teams[1])),
            *(f"{each}&{also}" for each in words for also in ("limit=2", people[1], teams[1])),
            f"text={LONGER}&{people[2]}",
        ],
        "scoreboard": [f"cycle=2025-Q3&cycle=2025-Q4{also}"
                       for also in ("", *(f"&{each}" for each in (*people, *teams)))],
        "review": [*people, *teams, *(f"objective_id={each}" for each in story.goals)],
        "approvals": [*some, *people, "decision=pending&limit=2"],
        "grants": [*people, *teams, "role=lead"],
        "who_could": [f"may={line}&{each}" for line in ("plans", "reviews", "personal")
                      for each in (people[1], teams[1], goals[0])],
        "access_log": [*people, *(f"by={each}" for each in PEOPLE.values()), *teams, *goals[:5]],
        "patterns": ["last_days=30"],
        "readings": some,
        "changes_by_day": [*teams, *goals, *(f"owner={each}" for each in PEOPLE.values())],
        "check_ins": [*teams, *people, "week=2025-W32", "week=2025-W36"],
        "templates": ["language=sv"],
    }  # fmt: skip


NOUNS = ("objective", "person", "cycle", "grant", "api_key", "team", "approval", "retention")


def questions(story: Story) -> Iterator[Ask]:
    """Every question about everything, with every filter, now and in the past."""
    ids, more = things(story), filters(story)
    for route in ROUTES:
        kind = route.path.split("/")[1]
        for id_ in ids[kind] if "<" in route.path else [""]:
            for with_ in ["", *more.get(route.question, [])]:
                for past in pasts(route):
                    asked = "&".join(filter(None, [with_, past]))
                    yield Ask(re.sub(r"<.+>", id_, route.path) + (f"?{asked}" if asked else ""))
    yield Ask("/sessions")


def pasts(route: Route) -> Iterator[str]:
    """The moments a route can be asked about."""
    named = {parameter.name for parameter in route.parameters}
    yield from (past for past in PASTS if not past or past.partition("=")[0] in named)


# ---- proofs, bundles, receipts ----------------------------------------------------------


def of_evidence(story: Story, size: int) -> Iterator[Ask]:
    """Checkpoints, the proof of each event, bundles, and what became of commands."""
    for path in ("", "/latest", f"/{size}", f"/{size}/consistency?from=3"):
        yield Ask(f"/checkpoints{path}")
    yield from (Ask(f"/events/{position}/proof") for position in range(1, size + 1))
    scopes = [f"team={each}" for each in (COMPANY, HERE, THERE)]
    scopes += [f"person_id={each}" for each in PEOPLE.values()]
    scopes += [f"goal_id={each}" for each in [*story.goals, *story.key_results]]
    for each in ["", *(f"?{scope}" for scope in scopes)]:
        yield Ask(f"/evidence{each}", "POST")
        drawn = f"{each or '?'}{'&' if each else ''}seed=1&size=400"
        yield Ask(f"/evidence/sample{drawn}")
        yield Ask(f"/evidence/sample{drawn}", "POST")
    yield from (Ask(f"/commands/{each}") for each in story.commands)


# ---- commands, tried out ----------------------------------------------------------------


def tried(story: Story) -> Iterator[Ask]:
    """Every command about each goal as a dry run, and drafts that have the title of another."""
    goals = [*story.goals]
    for number, id_ in enumerate(goals):
        goal = story.goals[id_]
        result = next(iter(goal.results), id_)
        ids = named(id_, result, goals[number - 1], story)
        for route in COMMANDS:
            if route.command is RotateSigningKey:  # each world has a key of its own
                continue
            body = filled(BODY.get(route.command.__name__, BODIES[route.command]), ids)
            yield Ask(address_of(route, ids), "POST", body | {"dry_run": True})
    for number, word in enumerate(story.words):
        for name in ("member", "another", "third") if word.kind == "goal" else ():
            yield Ask("/objectives", "POST", {
                "cycle_id": str(THIS), "team_id": str(HERE), "owner_id": str(PEOPLE[name]),
                "title": f"stieglitz{number:04}{SHORT}", "dry_run": True,
            })  # fmt: skip


def named(objective: UUID, result: UUID, other: UUID, story: Story) -> dict[str, str]:
    """The ids that addresses and bodies of commands name."""
    ids: dict[str, Any] = {
        "objective_id": objective, "draft_id": other, "key_result_id": result,
        "kpi_id": next(iter(story.kpis)), "reading_id": next(iter(story.readings), objective),
        "person_id": story.goals[objective].owner, "team_id": HERE, "other_team_id": THERE,
        "cycle_id": THIS, "grant_id": next(iter(story.grants)), "key_id": KEY_IDS["key of hr"],
        "approval_id": next(iter(story.asked), objective), "position": 9,
    }  # fmt: skip
    return {name: str(value) for name, value in ids.items()}


def address_of(route: Command, ids: dict[str, str]) -> str:
    """The address of a command."""
    return re.sub(r"<\w+:(\w+)>", lambda match: ids[match[1]], route.path)
