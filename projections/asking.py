"""Who may ask which question, by the table of rights, and what of an answer they are shown.

It is asked with today's roles, teams and owners, also about the past. A filter bounds what an
answer shows: where one of them names something the viewer has the right to, the question is
allowed. Where none is given, a viewer whose roles give nothing more is shown what is their own. Who
leads or audits one team is shown that team, also of a person. All else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.access.in_words import NOT_ALLOWED, OR, refusal
from okr_es.access.lines import QUESTIONS
from okr_es.access.rights import TABLE, About, Answer, Held, Line, Part, may, word_of
from okr_es.domain.refusals import ApiKeyMayNot, NotAllowed, NotFound
from okr_es.domain.values import Decision
from projections.about_requests import AboutRequests, parties_of
from projections.as_of.about import Things, about_goal, about_of, team_of_all, teams_above
from projections.as_of.view import Rights, View
from projections.read_model.tables import FOREVER, Row

Asked = dict[str, Any]

# Nouns that types of events begin with: what is about people, and what is set for all.
PEOPLE = frozenset({"person"})
CONFIGURATION = frozenset({
    "api_key", "calendar", "clock", "cycle", "grant", "people_figures", "scoring_policy",
    "signing_key", "team",
})  # fmt: skip
# What everybody is shown the history of; that of all else is shown as the audit log shows it.
WITH_HISTORY = frozenset({"objective", "key_result", "kpi", "reading", "cycle"})
FIELDS = {
    "objective_id": "goal_id", "goal_id": "goal_id", "team_id": "team_id",
    "person_id": "person_id", "acted_by": "person_id", "by": "person_id",
}  # fmt: skip
ASK_WITH = {
    "en": "You may ask for a part of it, with {filters}.",
    "sv": "Du får fråga efter en del av det, med {filters}.",
}
GRANT = f"SELECT person_id, team_id FROM role_grant WHERE id = :id AND known_until = {FOREVER}"


class Rule(NamedTuple):
    """How a question is asked: by its line, the filters that bound it, and what is one's own.

    `own` is the filter for that, `team` whether a filter by team narrows the answer. `path` is the
    filter in whose place the path of the question stands. `of_others` are filters by something of
    one's own that bound the answer to what others did: they make nothing of it one's own.
    """

    line: Line
    part: Callable[[Asked], Part | None]
    bounds: tuple[str, ...] = ()
    own: str | None = None
    team: bool = False
    path: str | None = None
    of_others: tuple[str, ...] = ()


class Usable(NamedTuple):
    """A filter with which a viewer may ask, and its value."""

    name: str
    value: str


class Viewer(NamedTuple):
    """Who asks, with the roles that hold today; of a key, its own."""

    id: UUID
    roles: tuple[Held, ...]
    is_key: bool = False

    def may(self, line: Line, about: About) -> bool:
        """Return whether they may see what a line says about something."""
        return may(line, self.id, self.roles, about) == Answer.YES


def always(part: Part | None) -> Callable[[Asked], Part | None]:
    """Return what says of any filters that it is this part."""
    return lambda _: part


def part_of_types(asked: Asked) -> Part:
    """Return of which part of the audit log the events are that a search is limited to."""
    noun = (asked.get("type") or "").partition(".")[0]
    return Part.PEOPLE if noun in PEOPLE else (
        Part.CONFIGURATION if noun in CONFIGURATION else Part.PLAN
    )  # fmt: skip


SEARCHED = Rule(
    Line.AUDIT,
    part_of_types,
    ("person_id", "acted_by", "goal_id", "team_id"),
    "person_id",
    team=True,
)
RULES: dict[str, Rule] = {
    "review": Rule(
        Line.REVIEWS, always(Part.READ), ("person_id", "team_id", "objective_id"), "person_id",
        team=True,
    ),
    "scoreboard": Rule(
        Line.REVIEWS, always(Part.READ), ("person_id", "team_id"), "person_id", team=True
    ),
    "needs": Rule(Line.REVIEWS, always(Part.READ), ("person_id",), path="person_id"),
    "audit_log": SEARCHED,
    "exportEvidence": SEARCHED,
    "auditSample": SEARCHED,
    "exportSample": SEARCHED,
    "previewImport": Rule(Line.CYCLES, always(None)),
    "patterns": Rule(Line.AUDIT, always(Part.PLAN)),
    "grants": Rule(Line.AUDIT, always(None), ("person_id", "team_id"), "person_id", team=True),
    "who_could": Rule(Line.AUDIT, always(None), ("person_id", "goal_id", "team_id")),
    "held_data": Rule(Line.PERSONAL, always(Part.READ), ("person_id",), path="person_id"),
    "keys": Rule(Line.DIRECTORY, always(Part.CONFIGURATION)),
    "access_log": Rule(
        Line.ACCESS_LOG, always(Part.READ), ("by", "goal_id", "team_id"), "by", team=True,
        of_others=("goal_id",),
    ),
}  # fmt: skip
# What shows each viewer its own part of the whole: `shows_request` and `shows_event` say which.
BY_ROW = frozenset({"approvals", "approval", "proof"})
OF_A_PERSON = Rule(Line.REVIEWS, always(Part.READ), ("person_id", "team_id", "goal_id"), team=True)
# Which part of the audit log shows a request, by the part of the approvals that it is of.
SEEN_AS = {Part.GRADE: Part.PEOPLE, Part.POLICY: Part.CONFIGURATION, Part.PLAN: Part.PLAN}


def is_for_all(question: str) -> bool:
    """Return whether every member may ask a question, and is answered the same."""
    return QUESTIONS[question][0] == Line.SEE and question not in {"compare", "people", "person"}


def permitted(
    view: View, viewer: Viewer, question: str, id_: Any, asked: Mapping[str, Any], language: str
) -> tuple[Asked, Rights]:
    """Return the filters a question may be asked with, and what the viewer may see of the answer.

    `view` is of today; `id_` is what the question is about, if it is about one thing. Raises
    NotAllowed, and NotFound for a filter that names nothing.
    """
    filters = dict(asked)
    rule = OF_A_PERSON if question == "compare" and "person_id" in asked else RULES.get(question)
    if question in BY_ROW:
        return filters, Rights(viewer.id, viewer.roles)
    if rule is None:
        about = About(kpi_id=id_ if isinstance(id_, UUID) else None)
        if not viewer.may(Line.SEE, about):
            raise refusal(NotAllowed, NOT_ALLOWED, Line.SEE, about, language)
        return filters, Rights(viewer.id, viewer.roles)
    if viewer.is_key and rule.line == Line.PERSONAL:
        raise ApiKeyMayNot("No key reads what is held about a person: somebody signs in for that.")
    in_path = {} if rule.path is None else {rule.path: id_}
    abouts = list(bounded_by(rule, view, filters | in_path))
    if not any(viewer.may(rule.line, each) for each in abouts):
        more = narrowed(rule, viewer, filters)
        if not more:
            raise refused(rule, abouts[0], usable(rule, viewer, filters), language)
        return permitted(view, viewer, question, id_, filters | more, language)
    teams = frozenset[UUID]().union(*(each.teams for each in abouts[:-1]))
    return filters, Rights(viewer.id, viewer.roles, teams)


def narrowed(rule: Rule, viewer: Viewer, asked: Asked) -> Asked:
    """Return the filter that is added to one that is not allowed, to show what is in scope of it.

    A person is in no team, so who leads or audits one team is shown what there is of them there.
    """
    given = {name for name in rule.bounds if asked.get(name) is not None}
    if given - {"person_id", "acted_by", "by"}:
        return {}
    more = [each for each in viewer.roles if gives_more(rule.line, each)]
    if rule.team and len(more) == 1 and more[0].team_id is not None:
        return {"team_id": more[0].team_id}
    if rule.own is not None and not more and not given and not viewer.is_key:
        return {rule.own: viewer.id}
    return {}


def gives_more(line: Line, held: Held) -> bool:
    """Return whether a role gives more of a line than that of a member."""
    return word_of(line, held.role) not in {"no", TABLE[line][0]}


def bounded_by(rule: Rule, view: View, asked: Asked) -> Iterator[About]:
    """Yield what each filter bounds an answer to, and at last all there is."""
    part = rule.part(asked)
    for name in rule.bounds:
        if asked.get(name) is not None:
            named = {FIELDS[name]: asked[name]}
            about, _ = about_of(view, Things(**(dict.fromkeys(Things._fields) | named)))
            owners = frozenset() if name in rule.of_others else about.owners
            yield replace(about, owners=owners, part=part)
    yield About(teams=frozenset() if rule.bounds else team_of_all(view), part=part)


def usable(rule: Rule, viewer: Viewer, asked: Asked) -> list[Usable]:
    """Return the filters with which a viewer may ask what they may not ask without them.

    They name the viewer and the teams of their roles, and no goal or person beside.
    """
    found, part = list[Usable](), rule.part(asked)
    bounds = () if rule.path else rule.bounds

    def allowed(**about: Any) -> bool:
        return viewer.may(rule.line, About(**{"part": part, **about}))

    if not viewer.is_key and allowed(owners=frozenset({viewer.id})):
        found += [Usable(name, str(viewer.id)) for name in bounds if name in {"person_id", "by"}]
    teams = sorted({str(each.team_id) for each in viewer.roles if each.team_id is not None})
    for team_id in teams if "team_id" in bounds else ():
        if allowed(teams=frozenset({UUID(team_id)})):
            found.append(Usable("team", team_id))
    if rule is SEARCHED:
        for of_it, nouns in ((Part.PEOPLE, PEOPLE), (Part.CONFIGURATION, CONFIGURATION)):
            if allowed(part=of_it):
                found += [Usable("type", noun) for noun in sorted(nouns)]
    return found


def refused(rule: Rule, about: About, filters: Sequence[Usable], language: str) -> NotAllowed:
    """Return the refusal of a question: who has the right, and with which filters one may ask."""
    found = refusal(NotAllowed, NOT_ALLOWED, rule.line, about, language)
    said = ""
    if filters:
        language = language if language in ASK_WITH else "en"
        written = OR[language].join("=".join(each) for each in filters)
        said = f" {ASK_WITH[language].format(filters=written)}"
    named = [each._asdict() for each in filters]
    return NotAllowed(f"{found.message}{said}", **found.facts, filters=named)


def may_review(view: View, team_id: UUID | None) -> bool:
    """Return whether the viewer may ask for the review of a team, or of all."""
    if view.rights is None:
        return True
    viewer = Viewer(view.rights.viewer, view.rights.roles)
    asked = bounded_by(RULES["review"], view, {"team_id": team_id})
    return any(viewer.may(Line.REVIEWS, each) for each in asked)


# ---- what shows each viewer its own part ----------------------------------------------------


def shows_requests(requests: AboutRequests) -> Callable[[Sequence[Row]], list[Row]]:
    """Return what picks the requests for approval that the viewer of a view is shown.

    Those they asked for, and those of which they may read the audit log or which they may decide.
    Of those about a person, who may decide them is shown them as long as they wait, no longer.
    """
    rights = requests.view.rights
    if rights is None:
        return list
    return partial(shown_to, Viewer(rights.viewer, rights.roles), requests)


def shown_requests(view: View, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    """Return those of some requests for approval that a viewer is shown; `view` is of today."""
    requests = AboutRequests(view)
    return [row["id"] for row in shown_to(viewer, requests, requests.rows(ids))]


def shown_to(viewer: Viewer, requests: AboutRequests, rows: Sequence[Row]) -> list[Row]:
    """Return those of some requests for approval that a viewer is shown."""
    of_others = requests.of(row for row in rows if viewer.id not in parties_of(row))
    return [
        row
        for row in rows
        if row["id"] not in of_others or is_shown(viewer, row, *of_others[row["id"]])
    ]


def is_shown(viewer: Viewer, row: Row, line: Line, about: About) -> bool:
    """Return whether a viewer is shown what others ask for, by what it is about."""
    if line == Line.PERSONAL:
        if viewer.may(line, replace(about, part=Part.READ, asked_as=None)):
            return True
        return row["decision"] == Decision.PENDING and viewer.may(line, about)
    seen = replace(about, part=Part.PLAN if about.part is None else SEEN_AS[about.part])
    return viewer.may(Line.AUDIT, seen) or viewer.may(line, about)


def may_decide(requests: AboutRequests, viewer: Viewer) -> Callable[[Sequence[Row]], list[Row]]:
    """Return what picks the requests for approval that somebody may decide.

    It is what the table of rights says of them today; a command that decides is looked at again.
    """

    def decidable(rows: Sequence[Row]) -> list[Row]:
        found = requests.of(rows)
        return [row for row in rows if viewer.may(*found[row["id"]])]

    return decidable if len(viewer.roles) > 1 else lambda _: []


def shows_event(view: View, by: UUID | None, stream: UUID) -> bool:
    """Return whether the viewer is shown an event as the log has it: by whom, of which stream."""
    if view.rights is None:
        return True
    viewer = Viewer(view.rights.viewer, view.rights.roles)
    try:
        about, _ = about_goal(view, stream)
    except NotFound:
        about = About()
    doings = frozenset() if by is None else frozenset({by})
    return viewer.may(Line.AUDIT, About(doings, teams=about.teams, part=Part.PLAN))


def shows_history(view: View, viewer: Viewer, noun: str, id_: str) -> bool:
    """Return whether a viewer is shown the history of what not everybody is shown that of.

    `noun`: what its events are of.
    """
    if noun == "approval":
        return shown_requests(view, viewer, [id_]) == [id_]
    about = About(part=part_of_types({"type": noun}))
    if noun == "person":
        about = replace(about, owners=frozenset({UUID(id_)}))
    elif noun == "team":
        about = replace(about, teams=teams_above(view, id_))
    elif noun == "grant":
        ((person_id, team_id),) = view.rows(GRANT, id=id_)
        teams = frozenset() if team_id is None else teams_above(view, team_id)
        about = About(owners=frozenset({UUID(person_id)}), teams=teams)
    return viewer.may(Line.AUDIT, about)


def shows_clients(view: View, team_id: UUID | None) -> bool:
    """Return whether the viewer is shown from where all commands came that a search finds."""
    if view.rights is None:
        return True
    teams = frozenset() if team_id is None else teams_above(view, str(team_id))
    about = About(teams=teams, part=Part.READ)
    return Viewer(view.rights.viewer, view.rights.roles).may(Line.ACCESS_LOG, about)


def shows_texts_about(view: View, person_id: str) -> bool:
    """Return whether the viewer is shown what is recorded about a person, such as legal holds."""
    if view.rights is None:
        return True
    about = About(owners=frozenset({UUID(person_id)}), part=Part.READ)
    return Viewer(view.rights.viewer, view.rights.roles).may(Line.PERSONAL, about)
