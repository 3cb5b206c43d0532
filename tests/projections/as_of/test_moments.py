"""Moments by example: what each text means, where it begins and ends, and which are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from okr_es import commands as c
from okr_es.domain.cycle import CycleName
from okr_es.domain.refusals import Invalid, NotFound, Refusal
from projections.as_of.moments import now
from tests.support.fraction_formulas import cut_down
from tests.support.given import refused
from tests.support.story import ANN, COMPANY, NOW, Story, day, metric

MICROSECOND = timedelta(microseconds=1)
FIELDS = ("known_at", "at")


@pytest.fixture
def young(sqlite_url: str) -> Iterator[Story]:
    """A story of nobody yet, which can begin on any day."""
    story = Story(sqlite_url)
    yield story
    story.close()


def begins(story: Story, moment: datetime, zone: str = "UTC") -> None:
    """Ann and the company are there from that moment on, in that time zone."""
    story.proposes(zone)
    story.clock.now = moment
    story.does(c.RegisterPerson("Ann Example", id=ANN))
    story.does(c.FormTeam("Company", id=COMPANY))


def happens(story: Story, moment: datetime) -> int:
    """Something happens at that moment; its position."""
    story.clock.now = moment
    story.does(c.RenameTeam(COMPANY, f"Company {moment} {story.okr.log.head()}"))
    return story.okr.log.head()


def stands(story: Story, **when: str) -> tuple[int, int]:
    """The positions an answer stands on: of what is known, and of the plan."""
    found = story.queries.kpis(**when)
    return found["position"], found["plan_position"]


def known(story: Story, text: str) -> int:
    return stands(story, known_at=text)[0]


# ---- what is refused -------------------------------------------------------------------------

NONSENSE = [
    "nonsense", "0", "1000", "-1", "9999999999999999999", "99999999999999999999", "1.5",
    "2025-02-29", "2025-13-01", "2025-1-1", "2025-W01-1", "1899-12-31", "3000-01-01",
    "2025-01-01T10:00", "2025-01-01T25:00Z", "1899-12-31T10:00Z", "0001-01-01T00:00+14:00",
    "now:plan-committed", "now:published", "now:published-1", "now:published-0", "now:closed",
    "plan-committed", "published", "cycle-end", "no cycle:cycle-end", ":cycle-end",
]  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_what_names_no_moment_is_refused(story_on_sqlite: Story, text: str) -> None:
    for field in FIELDS:
        with refused(Invalid, field):
            story_on_sqlite.queries.kpis(**{field: text})


def test_a_word_of_an_unknown_cycle_is_not_found(story_on_sqlite: Story) -> None:
    for cycle in ("nobody", "2031-Q1", UUID(int=1)):
        for field in FIELDS:
            with refused(NotFound, field):
                story_on_sqlite.queries.kpis(**{field: f"{cycle}:cycle-end"})


def test_a_cycle_is_found_by_its_name_in_any_case(story: Story) -> None:
    moments, id_ = story.queries.reader.moments, story.does(c.OpenCycle("FY26", day(1), day(9)))
    story.queries.runner.fresh()
    for ref in (id_, CycleName("FY26"), CycleName("fy26")):
        assert moments.cycle(ref, "cycle") == id_
    asked = {"cycle": CycleName("Fy26"), "team_id": COMPANY, "known_at": "fy26:cycle-end"}
    assert moments.with_ids(asked) == asked | {"cycle": id_}
    assert moments.point("fy26:cycle-end", "at") == moments.point("FY26:cycle-end", "at")


def test_an_unknown_cycle_is_named_as_it_was_written(story_on_sqlite: Story) -> None:
    with refused(NotFound, "cycle") as found:
        story_on_sqlite.queries.reader.moments.cycle(CycleName("Fy26"), "cycle")
    assert found[0].message == "There is no cycle Fy26."
    story_on_sqlite.does(c.OpenCycle("FY26", day(1), day(9), id=UUID(int=0xC1)))
    assert story_on_sqlite.queries.reader.moments.cycle(CycleName("Fy26"), "x") == UUID(int=0xC1)


def test_a_cycle_is_there_by_a_moment_once_it_is_opened(story: Story) -> None:
    moments, before = story.queries.reader.moments, story.okr.log.head()
    id_ = story.does(c.OpenCycle("FY26", day(1), day(9)))
    assert moments.cycle(CycleName("fy26"), "id", moments.moment(str(before + 1), None)) == id_
    assert moments.cycle(CycleName("fy26"), "id", now(day(50))) == id_
    for asked in ({"known_at": str(before)}, {"at": str(before)}):
        for ref in (CycleName("fy26"), id_):
            for ask in (story.queries.board, story.queries.tree):
                with refused(NotFound, "id") as found:
                    ask(ref, **asked)
                assert found[0].message == f"There is no cycle {ref} by then."
    for ask in (story.queries.plan, story.queries.results, story.queries.review):
        with refused(NotFound, "id") as found:
            ask(CycleName("fy26"), known_at=str(before))
        assert found[0].message == "There is no cycle fy26 by then."


def test_a_name_is_found_by_who_has_read_nothing_yet(story: Story) -> None:
    story.does(c.OpenCycle("FY26", day(1), day(9)))
    other = story.again()
    assert other.queries.board(CycleName("fy26"))["cycle"]["name"] == "FY26"
    other.close()


def test_a_cycle_is_looked_up_once(story_on_sqlite: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = story_on_sqlite.queries.reader.moments
    assert moments.cycle(CycleName("NOW"), "id") == NOW
    monkeypatch.setattr("projections.as_of.moments.holder", None)
    assert moments.cycle(CycleName("now"), "id") == NOW
    with pytest.raises(TypeError):
        moments.cycle(CycleName("next"), "id")


def test_every_letter_of_a_name_is_found_in_either_case(story: Story) -> None:
    letters = "AZaz09._-" + "".join(map(chr, range(ord("B"), ord("Z"))))
    id_ = story.does(c.OpenCycle(letters, day(1), day(9)))
    assert story.queries.reader.moments.cycle(CycleName(letters.swapcase()), "id") == id_


def test_nothing_is_known_of_the_future(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    now, today = story.clock.now, story.okr.today()
    for text in (str(today + timedelta(days=1)), str(now + MICROSECOND), "now:cycle-end"):
        with refused(Invalid, "known_at"):
            story.queries.board(NOW, known_at=text.replace(" ", "T"))
    for text in (str(today), now.isoformat()):
        assert known(story, text) == story.okr.log.head()


def test_a_question_may_be_about_the_future(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    found = story.queries.board(NOW, at="cycle-end")
    assert (found["day"], found["position"]) == (day(100), story.okr.log.head())


@pytest.mark.parametrize("field", FIELDS)
def test_a_bare_word_needs_a_cycle_goal_or_key_result(story_on_sqlite: Story, field: str) -> None:
    story, when = story_on_sqlite, {field: "plan-committed"}
    goal = story.objective()
    key_result, kpi = story.key_result(goal), story.kpi()
    story.does(c.CommitPlan(NOW))
    asking = story.queries
    for ask, id_ in (
        (asking.board, NOW),
        (asking.objective, goal),
        (asking.key_result, key_result),
    ):
        assert ask(id_, **when)["plan_position"] == story.okr.log.head()
    for ask, id_ in ((asking.kpi, kpi), (asking.readings, key_result)):
        with refused(Invalid, field):
            ask(id_, **when)
    for ask in (asking.objective, asking.key_result):
        with refused(NotFound, "id"):
            ask(UUID(int=1), **when)


def test_what_did_not_exist_by_then_is_not_found(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    before = str(story.okr.log.head())
    goal = story.objective()
    key_result, kpi = story.key_result(goal), story.kpi()
    asked: tuple[tuple[Any, UUID], ...] = (
        (story.queries.objective, goal),
        (story.queries.key_result, key_result),
        (story.queries.readings, key_result),
    )
    for ask, id_ in asked:
        for when in ({"known_at": before}, {"at": before}):
            with refused(NotFound, "id"):
                ask(id_, **when)
    with refused(NotFound, "id"):
        story.queries.kpi(kpi, known_at=before)
    with refused(NotFound, "id"):
        story.queries.readings(kpi, known_at=before)
    assert story.queries.readings(kpi, at=before)["readings"] == []
    assert story.queries.kpi(kpi, at=before)["recorded_later"]
    assert story.queries.board(NOW, known_at=before)["objectives"] == []
    assert story.queries.kpis(known_at=before)["kpis"] == []


# ---- where moments begin and end -------------------------------------------------------------


def test_an_event_at_exactly_the_instant_is_known(story: Story) -> None:
    moment = story.clock.now + timedelta(hours=1)
    position = happens(story, moment)
    story.clock.now += timedelta(hours=1)
    assert known(story, (moment - MICROSECOND).isoformat()) == position - 1
    assert known(story, moment.isoformat()) == position
    assert known(story, (moment + MICROSECOND).isoformat()) == position


def test_of_events_at_one_instant_all_are_known_and_each_has_its_position(story: Story) -> None:
    moment = story.clock.now + timedelta(hours=1)
    positions = [happens(story, moment) for _ in range(3)]
    story.clock.now += timedelta(hours=1)
    assert known(story, moment.isoformat()) == positions[-1]
    assert known(story, (moment - MICROSECOND).isoformat()) == positions[0] - 1
    assert [known(story, str(position)) for position in positions] == positions


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-19T13:00:00Z",
        "2025-02-19T13:00:00+00:00",
        "2025-02-19T14:00+01:00",
        "2025-02-19T14:00 01:00",  # a plus that a query string lost
        "2025-02-19T05:00:00.000000-08:00",
        "2025-02-20T02:45+13:45",
    ],
)
def test_an_instant_is_the_same_in_any_time_zone(story_on_sqlite: Story, text: str) -> None:
    story = story_on_sqlite
    moment = datetime(2025, 2, 19, 13, tzinfo=UTC)
    position = happens(story, moment)
    assert happens(story, moment + MICROSECOND) == position + 1
    assert known(story, text) == position


DAYS = [
    ("UTC", "2024-02-29", "2024-02-29T00:00Z", "2024-03-01T00:00Z"),
    ("Europe/Stockholm", "2025-07-01", "2025-06-30T22:00Z", "2025-07-01T22:00Z"),
    ("America/Los_Angeles", "2025-07-01", "2025-07-01T07:00Z", "2025-07-02T07:00Z"),
    ("Pacific/Auckland", "2025-07-01", "2025-06-30T12:00Z", "2025-07-01T12:00Z"),
    # Days on which clocks change have 23 or 25 hours.
    ("Europe/Stockholm", "2025-03-30", "2025-03-29T23:00Z", "2025-03-30T22:00Z"),
    ("Europe/Stockholm", "2025-10-26", "2025-10-25T22:00Z", "2025-10-26T23:00Z"),
    ("America/Los_Angeles", "2025-11-02", "2025-11-02T07:00Z", "2025-11-03T08:00Z"),
    ("Pacific/Auckland", "2025-09-28", "2025-09-27T12:00Z", "2025-09-28T11:00Z"),
    # In Cairo that midnight was left out, in Havana there were two, in Apia a whole day was.
    ("Africa/Cairo", "2025-04-25", "2025-04-24T22:00Z", "2025-04-25T21:00Z"),
    ("America/Havana", "2025-11-02", "2025-11-02T04:00Z", "2025-11-03T05:00Z"),
    ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00Z", "2011-12-30T10:00Z"),
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z", "2011-12-31T10:00Z"),
]


@pytest.mark.parametrize(("zone", "day", "first", "end"), DAYS)
def test_a_date_is_all_of_the_organisations_day(
    young: Story, zone: str, day: str, first: str, end: str
) -> None:
    begun, over = datetime.fromisoformat(first), datetime.fromisoformat(end)
    begins(young, begun - timedelta(hours=1), zone)
    moments = (begun - MICROSECOND, begun, over - MICROSECOND, over)
    before, morning, evening, after = (happens(young, moment) for moment in moments)
    assert (known(young, day), after) == (evening, evening + 1)
    eve = (begun - MICROSECOND).astimezone(ZoneInfo(zone)).date()
    assert known(young, str(eve)) == before
    days = [young.queries.kpis(known_at=str(n))["day"] for n in (before, morning, evening, after)]
    assert days[1:3] == [date.fromisoformat(day)] * 2
    assert days[0] < days[1] < days[3]


def test_a_day_on_which_nothing_happened_ends_where_the_one_before_did(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    position = story.okr.log.head()
    happens(story, story.clock.now + timedelta(days=9))
    assert known(story, str(day(53))) == position
    assert story.queries.kpis(known_at=str(day(53)))["day"] == day(53)
    assert known(story, "1900-01-01") == 0


FISCAL = [
    (date(2024, 2, 29), date(2024, 5, 31)),
    (date(2024, 1, 31), date(2024, 2, 29)),
    (date(2023, 12, 31), date(2024, 12, 30)),
    (date(2025, 2, 28), date(2025, 2, 28)),
    *((date(2024, 7, n), date(2024, 10, n)) for n in (1, 2, 14, 15, 30, 31)),
]


@pytest.mark.parametrize(("starts", "ends"), FISCAL)
def test_a_cycle_may_start_on_any_day_of_the_month(young: Story, starts: date, ends: date) -> None:
    begins(young, datetime(2023, 6, 1, 12, tzinfo=UTC))
    fiscal = young.does(c.OpenCycle("fiscal", starts, ends))
    young.objective(cycle_id=fiscal)
    days = (ends - starts).days + 1

    def expected(at: str) -> Decimal:
        return young.queries.board(fiscal, at=at)["objectives"][0]["expected"]

    assert expected(str(starts - timedelta(days=1))) == 0
    assert expected(str(starts)) == cut_down(Fraction(1, days))
    assert expected("cycle-end") == expected(str(ends + timedelta(days=1))) == 1
    young.on(ends + timedelta(days=2))
    found = young.queries.kpis(known_at="fiscal:cycle-end")
    assert (found["day"], found["position"]) == (ends, young.okr.log.head())


# ---- two clocks ------------------------------------------------------------------------------


def test_what_was_known_then_and_what_is_known_now_of_it(story: Story) -> None:
    leads = story.key_result(story.objective())
    story.checks_in(leads, "10", on=day(40))
    then = str(story.okr.log.head())
    story.on(day(60))
    late = story.checks_in(leads, "30", on=day(45))
    story.checks_in(leads, "50", on=day(60))
    story.does(c.CorrectReading(late, Decimal(35)))

    def value(**when: str) -> str:
        return story.queries.key_result(leads, **when)["reading"]["value"]

    assert value() == "50"
    assert value(known_at=then) == "10"
    assert value(at=str(day(50))) == value(at=then) == "35"
    assert value(at=str(day(50)), known_at=str(story.okr.log.head() - 1)) == "30"


def test_the_day_may_lie_behind_what_is_known(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective())
    story.checks_in(leads, "10", on=day(50))
    then = story.okr.log.head()
    story.on(day(60))
    story.checks_in(leads, "50", on=day(60))
    story.does(c.RetargetKeyResult(leads, metric("0", "50")))
    found = story.queries.key_result(leads, known_at=str(then), at=str(day(100)))
    assert (found["position"], found["plan_position"], found["day"]) == (then, then, day(100))
    assert (found["reading"]["value"], found["target"]) == ("10", "100")
    assert found["expected"] == 1


def test_the_plan_is_of_the_earlier_of_the_two(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective())
    planned = story.okr.log.head()
    story.does(c.ReweightKeyResult(leads, Decimal(3)))
    changed = story.okr.log.head()
    for at, known_at in ((planned, changed), (changed, planned), (planned, planned)):
        found = story.queries.key_result(leads, known_at=str(known_at), at=str(at))
        assert (found["position"], found["plan_position"]) == (known_at, planned)
        assert found["weight"] == "1"
    assert story.queries.key_result(leads, at=str(changed))["weight"] == "3"


def test_words_stand_for_commitment_end_and_each_closing(story: Story) -> None:
    story.objective()
    positions = {}
    for name, command in (
        ("plan-committed", c.CommitPlan(NOW)),
        ("published-1", c.CloseCycle(NOW)),
        ("reopened", c.ReopenCycle(NOW)),
        ("published-2", c.CloseCycle(NOW)),
        ("renamed", c.RenameTeam(COMPANY, "Other")),
    ):
        story.does(command)
        positions[name] = story.okr.log.head()
    for word in ("plan-committed", "published-1", "published-2"):
        for text in (f"now:{word}", f"{NOW}:{word}"):
            assert known(story, text) == positions[word]
        assert story.queries.board(NOW, known_at=word)["position"] == positions[word]
    assert known(story, "now:published") == positions["published-2"]
    with refused(Invalid, "known_at"):
        known(story, "now:published-3")
    with refused(NotFound, "known_at"):
        known(story, "other:published")


def test_a_closed_cycle_keeps_the_policy_it_was_closed_under(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective())
    story.checks_in(leads, "40", on=day(50))
    built_in = str(story.okr.log.head())
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.7"), at_risk=Decimal("0.5")))
    eased = str(story.okr.log.head())
    story.does(c.CloseCycle(NOW))
    story.does(c.AdoptScoringPolicy(on_track=Decimal(1), at_risk=Decimal("0.9")))
    sharpened = str(story.okr.log.head())
    story.does(c.ReopenCycle(NOW))

    def status(at: str) -> str:
        return story.queries.key_result(leads, at=at)["status"]

    assert [status(at) for at in (built_in, eased, "published", sharpened)] == [
        "at_risk", "on_track", "on_track", "on_track",
    ]  # fmt: skip
    assert status(str(story.okr.log.head())) == "off_track"


# ---- what stays ------------------------------------------------------------------------------


def test_what_cannot_change_any_more_is_fixed(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    story.objective()
    story.does(c.CommitPlan(NOW))
    story.does(c.CloseCycle(NOW))
    head, last = str(story.okr.log.head()), story.clock.now
    for text in (head, "plan-committed", "published-1", str(day(49)), last - MICROSECOND):
        assert fixed(story, known_at=text)
        assert not fixed(story, known_at=text, at="cycle-end")  # it may be corrected
        assert fixed(story, known_at=text, at="published-1")
        assert not fixed(story, known_at=text, at="published")
        assert not fixed(story, at=text)
    for text in ("published", str(day(50)), last):
        assert not fixed(story, known_at=text)
    assert story.queries.board(NOW)["fixed"] is False
    story.on(day(51))
    assert not fixed(story, known_at=str(day(50)))
    happens(story, story.clock.now)
    assert fixed(story, known_at=str(day(50)))
    assert fixed(story, known_at=last)


def fixed(story: Story, **when: str | datetime) -> bool:
    texts = {name: str(text).replace(" ", "T") for name, text in when.items()}
    answer = story.queries.board(NOW, **texts)
    assert isinstance(answer["fixed"], bool)
    return answer["fixed"]


def test_an_answer_about_the_last_closing_changes_with_the_next(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    story.does(c.CloseCycle(NOW))
    closed = story.okr.log.head()
    story.does(c.ReopenCycle(NOW))
    story.does(c.CloseCycle(NOW))
    again = story.okr.log.head()
    for text, position in (("published", again), ("published-1", closed), ("published", again)):
        assert story.queries.board(NOW, known_at=str(again), at=text)["plan_position"] == position


def test_a_clock_that_went_back_takes_nothing_back(story: Story) -> None:
    story.on(day(60))
    position = happens(story, story.clock.now)
    story.on(day(55))
    assert happens(story, story.clock.now) == position + 1
    for text in (str(day(60)), "2025-03-01T12:00:00Z", str(position + 1)):
        assert known(story, text) == position + 1
    assert known(story, str(day(57))) == position - 1
    with refused(Invalid, "known_at"):
        known(story, "2025-03-01T12:00:00.000001Z")
    story.on(day(61))
    assert known(story, "2025-03-01T12:00:00.000001Z") == position + 1


def test_every_refusal_of_a_moment_says_what_is_wanted(story_on_sqlite: Story) -> None:
    with pytest.raises(Refusal, match=r"known_at is not an instant .* a position, or a word"):
        known(story_on_sqlite, "yesterday")
    with pytest.raises(Refusal, match="write it as 2025-01-01T10:00Z"):
        known(story_on_sqlite, "2025-01-01T10:00")
    with pytest.raises(Refusal, match="it has 1 to 7"):
        known(story_on_sqlite, "8")


@pytest.mark.parametrize("text", ["2025-W10", "2025-W10-1", "2025-10", "20250101T"])
def test_no_refusal_advises_what_would_be_refused_as_well(
    story_on_sqlite: Story, text: str
) -> None:
    for advised in (text, f"{text}Z"):
        with pytest.raises(Refusal, match="known_at is not an instant with its offset"):
            known(story_on_sqlite, advised)


def test_a_closing_there_is_not_is_refused_by_its_number(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    with pytest.raises(Refusal, match="now is not closed yet: nothing is published"):
        known(story, "now:published")
    story.does(c.CloseCycle(NOW))
    for text in ("published-0", "now:published-0"):
        with pytest.raises(Refusal, match="known_at: closings are counted from published-1"):
            known(story, text)
    with pytest.raises(Refusal, match="no published-3, the last closing of now is published-1"):
        known(story, "now:published-3")
