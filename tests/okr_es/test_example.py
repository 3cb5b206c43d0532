"""The example company: the same log every time, on both engines, with everything in it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from okr_es import commands, example
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.reading import Reading
from okr_es.example import company
from okr_es.log.mapper import topic_of
from okr_es.log.schema import events
from okr_es.log.stream_states import WITH_STATE
from tests.support.begun import OnSqlite, begin_example

RANDOM_BY_NATURE = {"written_at", "encrypted", "hash"}
STORY = example.story()
# Slips that the firm never made: commands, and the events that nothing of it comes to.
NEVER_MADE = {
    commands.CreateApiKey,
    commands.RevokeApiKey,
    commands.KeepConfidential,
    commands.OpenToAll,
    commands.CorrectKpi, commands.CorrectKpiTarget, commands.CorrectObjective,
    commands.ReassignKpi, commands.ReinstateKpi, commands.ReinstateTeam,
    commands.RenameCycle, commands.RenameKpi, commands.ReplaceKpiPurpose, commands.ReplaceTeamKind,
    commands.RescheduleCycle,
}  # fmt: skip
NEVER_HAPPENED = {
    "api_key.created", "api_key.revoked",
    "objective.kept_confidential", "objective.opened_to_all",
    "cycle.renamed", "cycle.rescheduled", "kpi.corrected",
    "kpi.purpose_replaced", "kpi.reassigned", "kpi.reinstated", "kpi.renamed",
    "kpi.target_corrected", "objective.corrected", "reading.comment_corrected",
    "reading.confidence_corrected", "reading.evidence_corrected", "reading.subject_corrected",
    "team.kind_replaced", "team.reinstated",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(begun_on_sqlite: OnSqlite) -> Iterator[Okr]:
    """The example company on SQLite, built once; only for looking at."""
    with begun_on_sqlite.fresh("example", begin_example) as url, closing(Okr(url)) as okr:
        yield okr


def canonical(okr: Okr) -> list[tuple[object, ...]]:
    """Every event without what differs by nature; of encrypted texts, whether there is one."""
    columns = [column for column in events.columns if column.name not in RANDOM_BY_NATURE]
    query = select(*columns, events.c.encrypted.is_not(None)).order_by(events.c.position)
    with okr.database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def data(okr: Okr) -> list[bytes]:
    return [bytes(row[1]) for row in okr.log.rows(0, 10_000, ["data"])]


def types(okr: Okr) -> Counter[str]:
    return Counter(row[1] for row in okr.log.rows(0, 10_000, ["type"]))


def test_every_build_gives_the_same_log_and_the_second_appends_nothing(
    database_url: str, built: Okr
) -> None:
    """Built anew, on either engine, it is the same; built upon itself, nothing happens."""
    okr = Okr(database_url)
    first = example.build(okr)
    assert canonical(okr) == canonical(built)
    assert example.build(okr) == first
    assert okr.log.head() == built.log.head()
    okr.close()


def test_a_build_that_was_cut_short_is_finished(sqlite_url: str, built: Okr) -> None:
    """Whatever was told before is not told again, and the rest follows."""
    okr = Okr(sqlite_url)
    example.execute_steps(okr, STORY[:300])
    example.build(okr)
    assert canonical(okr) == canonical(built)
    okr.close()


def test_progress_counts_every_command_up_to_the_last(built: Okr) -> None:
    """Also when there is nothing to do, the bar reaches its end."""
    seen: list[tuple[int, int]] = []
    example.build(built, lambda done, total: seen.append((done, total)))
    assert seen == [(len(STORY), len(STORY))]


def test_every_command_but_erasing_four_eyes_and_keys_is_shown() -> None:
    """A newcomer finds an example of each; a firm of eleven needs nobody's approval.

    Its log is not encrypted while it is told: it has no key to rotate.
    """
    known = {
        cls
        for cls in vars(commands).values()
        if isinstance(cls, type) and issubclass(cls, commands.Command)
    }
    told = {type(command) for command, _ in STORY}
    four_eyes = {
        commands.RequireApproval,
        commands.ApproveRequest,
        commands.RefuseRequest,
        commands.WithdrawRequest,
    }
    untold = {
        commands.Command,
        commands.ErasePerson,
        commands.RotateSigningKey,
        commands.AcceptClock,
        commands.RedactText,
        commands.SetRetention,
    }
    assert known - told == untold | four_eyes | NEVER_MADE


def test_every_event_but_erasing_four_eyes_and_keys_is_in_the_log(built: Okr) -> None:
    """Every kind of fact a read model may meet is there to be met."""
    known = {
        topic_of(event)
        for aggregate in [*WITH_STATE.values(), Reading]
        for event in vars(aggregate).values()
        if isinstance(event, type) and issubclass(event, Change) and hasattr(event, "TOPIC")
    }
    others = ("approval.", "cycle.approval", "signing_key.", "clock.", "text.", "retention")
    untold = {topic for topic in known if topic.startswith(others)}
    assert known - set(types(built)) == {"person.erased", *untold, *NEVER_HAPPENED}
    assert len(untold) == 13


def test_the_story_has_the_size_of_a_small_firm(built: Okr) -> None:
    """About thirty objectives, seventy key results and fifteen hundred events."""
    counted = types(built)
    assert counted["person.registered"] == 11
    assert counted["team.formed"] == 7
    assert counted["objective.drafted"] == 35
    assert counted["key_result.added"] == 78
    assert 700 < counted["reading.recorded"] < 900
    assert 1_400 < built.log.head() < 1_600


def test_nothing_personal_is_in_the_data_of_events(built: Okr) -> None:
    """Names and addresses are in the directory alone, reasons and comments encrypted."""
    everything = b"\n".join(data(built)).decode()
    people = {**company.PEOPLE, **company.LATER}
    secrets = {part for called in people.values() for part in called.split()}
    secrets |= {"@kestrelly"}
    for _, context in STORY:
        secrets |= {text for text in (context.reason, context.comment) if text}
    assert {secret for secret in secrets if secret in everything} == set()
    entries = built.directory.entries()
    assert {entry.name for entry in entries.values()} == set(people.values())


def test_times_are_office_hours_that_never_go_backwards() -> None:
    """Seeded times read like work, and the last one is the day the story stops."""
    times = [context.seed_time for _, context in STORY if context.seed_time]
    assert len(times) == len(STORY)
    assert times == sorted(times)
    assert {moment.weekday() for moment in times} <= {0, 1, 2, 3, 4}
    assert {moment.hour for moment in times} <= set(range(9, 17))
    assert times[-1].date() == datetime(2026, 2, 13, tzinfo=UTC).date()


def test_command_ids_are_unique() -> None:
    """Two commands with one id would be one command."""
    assert len({context.command_id for _, context in STORY}) == len(STORY)


def test_the_last_quarter_is_closed_and_the_next_one_runs(built: Okr) -> None:
    """So that a result can be reviewed and the board is alive."""
    ids = example.build(built)
    work = built.work(Context(by=ids.person_id))
    assert work.load(Cycle, ids.last_closed_cycle_id, "id").closed
    assert work.load(Cycle, ids.year_id, "id").closed
    running = work.load(Cycle, ids.running_cycle_id, "id")
    assert running.plan_committed
    assert not running.closed


def test_the_main_things_are_there(built: Okr) -> None:
    """Whoever opens the demo is led to things that exist."""
    ids = vars(example.build(built))
    work = built.work(Context(by=ids["person_id"]))
    work.fetch(set(ids.values()))
    assert set(ids.values()) <= set(work.loaded)


def test_the_story_has_no_long_file() -> None:
    """It is read, so each part of it fits on a few screens."""
    folder = Path(example.__file__).parent
    lengths = {path.name: len(path.read_text().splitlines()) for path in folder.glob("*.py")}
    assert {name: n for name, n in lengths.items() if n >= 300} == {}
