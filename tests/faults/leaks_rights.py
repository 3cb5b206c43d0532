"""Who may read which word of the random story: by hand, from the table of rights and its page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from tests.faults.leaks_story import ITS_KPI, KEY_IDS, KEYS, PEOPLE, Asked, Story, Word
from tests.support.company_of_roles import COMPANY

ALL_OF_IT = None


class Viewer(NamedTuple):
    """Who asks, with the roles of today: each for a team, or for all of it."""

    name: str
    id: UUID
    roles: frozenset[tuple[str, UUID | None]]
    is_key: bool = False
    also: UUID | None = None  # whose own is theirs as well

    def owns(self, person: UUID | None) -> bool:
        """Whether what is a person's own is theirs: nothing is that of a key."""
        return person is not None and person in {None if self.is_key else self.id, self.also}

    def has(self, role: str, teams: Collection[UUID] = ()) -> bool:
        """Whether they have a role for all of it, or for one of some teams."""
        return (role, ALL_OF_IT) in self.roles or any((role, team) in self.roles for team in teams)


def viewers(story: Story) -> list[Viewer]:
    """Everybody who can ask today: people who have not left, and api keys."""
    found = [Viewer(name, id_, roles_of(story, id_))
             for name, id_ in PEOPLE.items() if id_ not in story.away]  # fmt: skip
    keys = (Viewer(name, KEY_IDS[name], frozenset({(str(role), team)}), is_key=True)
            for name, (role, team) in KEYS.items())  # fmt: skip
    return [*found, *keys]


def roles_of(story: Story, person: UUID) -> frozenset[tuple[str, UUID | None]]:
    """The roles of a person today."""
    return frozenset(
        (str(grant.role), grant.team)
        for grant in story.grants.values()
        if grant.person == person and grant.starts <= story.today
        if grant.ends is None or grant.ends >= story.today
    )


class Readers:
    """Says of each word of a story whether a viewer may read it."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def hidden_from(self, viewer: Viewer) -> set[int]:
        """The numbers of the words that a viewer may not read."""
        return {number for number, word in enumerate(self.story.words)
                if not self.may_read(viewer, word)}  # fmt: skip

    def hidden_ids(self, viewer: Viewer) -> set[str]:
        """The ids that a viewer is not shown: of api keys, and of requests that came to nothing.

        That of one that was approved stands in the history of the goal.
        """
        story = self.story
        maker = PEOPLE["administrator"]
        keys = {id_ for id_ in KEY_IDS.values() if id_ != viewer.id
                and not self.may_read(viewer, Word("key", id_, maker))}  # fmt: skip
        requests = {
            id_ for id_ in story.asked.keys() - story.approved
            if not any(self.has_part(viewer, word) for word in story.words if word.about == id_)
        }  # fmt: skip
        return set(map(str, keys | requests))

    def may_read(self, viewer: Viewer, word: Word) -> bool:
        """Whether a viewer may read a word."""
        if viewer.has("ingest_key"):
            return word.kind == "kpi" and word.about == ITS_KPI
        return READS[word.kind](self, viewer, word)

    def reads_result(self, viewer: Viewer, word: Word) -> bool:
        """The words of a key result go with the objective it belongs to today."""
        return self.reads_goal(viewer, self.story.parent.get(word.about))

    def reads_promise(self, viewer: Viewer, word: Word) -> bool:
        """What it promises, and its readings, are its owner's as well."""
        return viewer.owns(self.story.key_results.get(word.about)) or self.reads_result(
            viewer, word
        )

    def ever(self, word: Word) -> frozenset[UUID]:
        """The teams in which it is that a word was written about, or was when it was written."""
        return word.teams | self.story.teams_of(word.about)

    def oversees(self, viewer: Viewer, teams: Collection[UUID]) -> bool:
        """Whether a viewer leads or audits one of some teams, or audits all of it."""
        return viewer.has("auditor", teams) or viewer.has("lead", teams)

    def reads_goal(self, viewer: Viewer, id_: UUID | None) -> bool:
        """The words of a confidential objective: owner, leads above it, HR, auditors in scope."""
        goal = self.story.goals.get(id_)
        if goal is None:  # it was asked for and never came, or it is none
            return True
        owns = viewer.owns(goal.owner)
        above = self.oversees(viewer, self.story.with_above(goal.team))
        return not goal.confidential or owns or above or viewer.has("hr")

    def reads_grant(self, viewer: Viewer, id_: UUID | None) -> bool:
        """What is said of a role: whose it is, HR, administrators, and who oversees the team."""
        grant = self.story.grants[id_]
        own = viewer.owns(grant.person)
        teams = self.story.with_above(grant.team)
        return (
            own or viewer.has("hr") or viewer.has("administrator") or self.oversees(viewer, teams)
        )

    def reads_request(self, viewer: Viewer, word: Word) -> bool:
        """Those who have part in it, if they may read of the goal. Who owns a key result reads what
        it would promise.
        """
        asked = self.story.asked[word.about]
        promised = word.of_request == "promise" and viewer.owns(
            self.story.key_results.get(asked.goal)
        )
        readable = promised or self.reads_goal(viewer, self.objective_of(asked))
        return self.has_part(viewer, word) and readable

    def has_part(self, viewer: Viewer, word: Word) -> bool:
        """Who has part in the request that a word is of: those who asked, decided, own it or are
        named, leads and auditors; of a grade HR as well, of a policy administrators.
        """
        if viewer.has("ingest_key"):
            return False
        asked = self.story.asked[word.about]
        goal = self.story.goals.get(self.objective_of(asked))
        people = {word.by, asked.by, self.story.key_results.get(asked.goal), *asked.names}
        own = any(map(viewer.owns, people | {None if goal is None else goal.owner}))
        teams = frozenset() if goal is None else self.story.with_above(goal.team)
        decides = {"grade": "hr", "policy": "administrator"}.get(asked.part, "nobody")
        return own or self.oversees(viewer, teams) or viewer.has(decides)

    def objective_of(self, asked: Asked) -> UUID | None:
        """The objective that a request is about, itself or by its key result."""
        return self.story.parent.get(asked.goal, asked.goal)

    def as_asked(self, viewer: Viewer, path: str) -> Viewer:
        """Who HR or an auditor of all of it is, asking for all that is held about somebody.

        The file is that person's, and complete: what is theirs to read is in it.
        """
        if not path.endswith("/held-data") or not (viewer.has("hr") or viewer.has("auditor")):
            return viewer
        return viewer._replace(also=UUID(path.split("/")[2]))


def about_person(_: Readers, viewer: Viewer, word: Word) -> bool:
    """What is written about somebody: theirs, who wrote it, HR, auditors of all of it."""
    own = viewer.owns(word.by) or viewer.owns(word.about)
    return own or viewer.has("hr") or viewer.has("auditor")


def set_for_all(_: Readers, viewer: Viewer, word: Word) -> bool:
    """What is set for all: who set it, administrators, auditors of all of it."""
    return viewer.owns(word.by) or viewer.has("administrator") or viewer.has("auditor")


READS: dict[str, Callable[[Readers, Viewer, Word], bool]] = {
    **dict.fromkeys(("all", "cycle", "kpi"), lambda *_: True),
    "goal": lambda of, viewer, word: of.reads_goal(viewer, word.about),
    "result": Readers.reads_result,
    "promise": Readers.reads_promise,
    "reading": Readers.reads_promise,
    "person": about_person,
    "key": set_for_all,
    "redaction": set_for_all,
    # The report of patterns is for the lead of all as well, and has the policy.
    "all settings": lambda of, viewer, word: (
        viewer.has("lead", {COMPANY}) or set_for_all(of, viewer, word)
    ),
    "grant": lambda of, viewer, word: viewer.owns(word.by) or of.reads_grant(viewer, word.about),
    "team": lambda of, viewer, word: (
        set_for_all(of, viewer, word) or of.oversees(viewer, of.ever(word))
    ),
    "request": Readers.reads_request,
    **dict.fromkeys(
        ("client", "look at a goal"),
        lambda of, viewer, word: viewer.owns(word.by) or viewer.has("auditor", of.ever(word)),
    ),
    "look at somebody": lambda _, viewer, word: (
        viewer.owns(word.by) or viewer.owns(word.about) or viewer.has("auditor")
    ),
}
