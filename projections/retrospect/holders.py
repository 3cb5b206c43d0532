"""Who held a goal on which days: its owner, its team, and the teams above that.

Days are those of the hand-overs' effective days, known at a view's moment: what was recorded last
holds from its day on. A stretch is days in a row on which nothing of this changed; the intervals
of a person, a team or a department are stretches put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from okr_es.domain.effective_days import Since, holders, on
from projections.as_of.effective import Tree
from projections.as_of.view import View
from projections.goals.loading_sql import named
from projections.read_model.tables import Row

ONE_DAY = timedelta(days=1)
VERSION = ("id", "known_from", "owner_id", "team_id", "effective", "redated", "state")


class Stretch(NamedTuple):
    """Days in a row, both included, on which a goal had one owner and one team in one place.

    `teams` are its team and all above that, from below.
    """

    first: date
    last: date
    owner: Since[str]
    team: Since[str]
    teams: tuple[str, ...]

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


class Interval(NamedTuple):
    """Stretches in a row that one person or team held, and the stretch that follows."""

    stretches: list[Stretch]
    numbers: list[int]  # of the stretches, in the goal's list
    after: Stretch | None

    @property
    def first(self) -> date:
        """The first day."""
        return self.stretches[0].first

    @property
    def last(self) -> date:
        """The last day, the eve of handing it on."""
        return self.stretches[-1].last

    @property
    def days(self) -> int:
        """How many days it has."""
        return sum(each.days for each in self.stretches)


def intervals(stretches: Sequence[Stretch], is_held: Callable[[Stretch], bool]) -> list[Interval]:
    """Return the intervals in which stretches of a goal are held, in order."""
    found: list[Interval] = []
    for number, each in enumerate(stretches):
        if not is_held(each):
            continue
        if found and found[-1].numbers[-1] == number - 1:
            interval = found.pop()
        else:
            interval = Interval([], [], None)
        after = stretches[number + 1] if number + 1 < len(stretches) else None
        found.append(Interval([*interval.stretches, each], [*interval.numbers, number], after))
    return found


class Holders:
    """The stretches of some objectives of a cycle, up to a view's moment."""

    def __init__(self, view: View, cycle: Row, objectives: dict[str, Row]) -> None:
        self.view = view
        self.starts = date.fromisoformat(cycle["starts"])
        self.ends = date.fromisoformat(cycle["ends"])
        self.last = min(self.ends, view.moment.day)
        self.recorded: dict[int, date] = {}
        self.versions = self.versions_of(list(objectives))
        self.tree = Tree(view)
        self.of = {id_: self.stretches(row) for id_, row in objectives.items()}

    def versions_of(self, objectives: list[str]) -> dict[str, list[Row]]:
        """Return the versions of objectives by id, with what says who held them when."""
        rows = self.view.rows(
            f"SELECT {named('v', VERSION)}, e.recorded_at "
            "FROM objective v JOIN events e ON e.position = v.known_from "
            f"WHERE v.id {self.view.dialect.in_array('ids')} AND v.known_from <= :plan "
            "ORDER BY v.known_from",
            ids=self.view.array(objectives),
            plan=self.view.moment.plan,
        )
        versions: dict[str, list[Row]] = defaultdict(list)
        for *row, recorded_at in rows:
            version = dict(zip(VERSION, row, strict=True))
            self.recorded[version["known_from"]] = self.view.dates.day_of(recorded_at)
            versions[version["id"]].append(version)
        return versions

    def stretches(self, row: Row) -> list[Stretch]:
        """Return the stretches of an objective from its own first day to its end, in order.

        Where it has no day yet, one without days of who holds it.
        """
        held = holders(self.versions[row["id"]], self.recorded)
        owners, teams = held["owner_id"], held["team_id"]
        first, last = self.first_day(row), self.last_day(row)
        changes = {each.day for each in (*owners, *teams)} | set(self.tree.days)
        firsts = [first, *sorted(day for day in changes if first < day <= last)]
        lasts = [*(day - ONE_DAY for day in firsts[1:]), max(last, first - ONE_DAY)]
        found: list[Stretch] = []
        for begins, ends in zip(firsts, lasts, strict=True):
            owner, team = on(owners, begins), on(teams, begins)
            each = Stretch(begins, ends, owner, team, self.tree.teams(team.value, begins))
            if found and found[-1][2:] == each[2:]:
                each = each._replace(first=found.pop().first)
            found.append(each)
        return found

    def first_day(self, row: Row) -> date:
        """Return an objective's own first day: that of its cycle, or of its commit if later."""
        time = row["committed_time"]
        day = self.starts if time is None else max(self.starts, self.view.dates.day_of(time))
        return self.starts if day > self.ends else day

    def last_day(self, row: Row) -> date:
        """Return the last day of an objective: of its cycle, of its abandoning, or the view's."""
        abandoned = None
        for each in self.versions[row["id"]]:
            if each["state"] != "abandoned":
                abandoned = None
            elif abandoned is None:
                abandoned = self.recorded[each["known_from"]]
        return self.last if abandoned is None else min(self.last, abandoned)
