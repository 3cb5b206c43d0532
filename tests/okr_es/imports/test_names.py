"""Which KPI, team or person a file means: nothing is recorded twice under names that look alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import OperationalError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Conflict
from okr_es.domain.values import Cadence, Direction, TeamKind
from okr_es.imports import bulk
from okr_es.imports.kpis import kpi_id
from tests.support.begun import Begun, OnSqlite
from tests.support.csv_files import (
    ME,
    SIMPLE,
    all_kpis,
    imported,
    kpi_of,
    opened,
    simple,
    value_of,
    written,
)
from web.cli.imports import import_lines

BO, TEAM, OTHER = (UUID(int=number) for number in (11, 12, 13))
API = UUID(int=20)
YEAR = Target(date(2021, 1, 1), date(2021, 12, 31), Decimal(90))
WITH_PLACES = {**SIMPLE["columns"], "team": "team", "owner": "owner"}


@pytest.fixture
def okr(begun: Begun) -> Iterator[Okr]:
    yield from opened(begun)


@pytest.fixture
def on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[Okr]:
    yield from opened(begun_on_sqlite)


def defined(okr: Okr, name: str, id_: UUID = API) -> None:
    """A KPI as the API defines it, with a target for 2021."""
    command = c.DefineKpi(name, Direction.AT_LEAST, "%", "x", Cadence.YEARLY, ME, YEAR, id=id_)
    okr.execute(command, Context(by=ME))


class TestKpis:
    """A KPI that is recorded is found by its name, whoever defined it."""

    @pytest.mark.parametrize(
        ("recorded", "written_as"),
        [
            ("Uptime", "Uptime"),
            ("Renewal rate", "RENEWAL RATE"),
            ("Renewal rate", "Renewal\u00a0rate"),
            ("Renewal\u202frate", "renewal  rate "),
            ("Zürich", "Zu\u0308rich"),
            ("År", "A\u030ar"),
        ],
    )
    def test_it_is_found(self, okr: Okr, tmp_path: Path, recorded: str, written_as: str) -> None:
        defined(okr, recorded)
        rows = simple(tmp_path, f"{written_as},2021,90,80", f"{written_as},2022,91,81")
        report = imported(okr, *rows)
        assert report.planned == {"SetKpiTarget": 1, "RecordReading": 2}
        assert list(all_kpis(okr)) == [recorded]
        assert value_of(okr, API, "2022-12-31") == 81
        assert imported(okr, *rows).is_recorded

    @pytest.mark.parametrize(
        ("recorded", "written_as"), [("År", "Ar"), ("Cost", "Costs"), ("Pull-ups", "Pull ups")]
    )
    def test_another_name_is_another_kpi(
        self, on_sqlite: Okr, tmp_path: Path, recorded: str, written_as: str
    ) -> None:
        defined(on_sqlite, recorded)
        report = imported(on_sqlite, *simple(tmp_path, f"{written_as},2021,90,80"), dry_run=True)
        assert report.planned == {"DefineKpi": 1, "RecordReading": 1}
        kept_apart = any("kept apart" in note and recorded in note for note in report.notes)
        assert kept_apart == (recorded == "Pull-ups")

    def test_two_in_one_file_are_one(self, okr: Okr, tmp_path: Path) -> None:
        """The first way it is written names it; a note says so, and they may not contradict."""
        rows = simple(
            tmp_path, "Renewal rate,2021,90,80", "RENEWAL  RATE,2022,91,81", "renewal rate,2021,92,"
        )
        report = imported(okr, *rows, keep_going=True)
        assert list(all_kpis(okr)) == ["Renewal rate"]
        assert [(bad.line, bad.column) for bad in report.bad] == [(4, "target")]
        assert any("is taken for the same as 'Renewal rate'" in note for note in report.notes)

    def test_two_files_are_one(self, okr: Okr, tmp_path: Path) -> None:
        imported(okr, *simple(tmp_path, "Renewal rate,2021,90,80"))
        report = imported(okr, *simple(tmp_path, "RENEWAL RATE,2021,90,80"))
        assert report.is_recorded
        assert any("taken for the recorded 'Renewal rate'" in note for note in report.notes)

    def test_a_value_recorded_otherwise_is_not_recorded_twice(
        self, okr: Okr, tmp_path: Path
    ) -> None:
        """A reading has another id by the API, and is about the same day."""
        defined(okr, "Uptime")
        reading = c.RecordReading(API, date(2021, 12, 31), Decimal(80), UUID(int=30))
        okr.execute(reading, Context(by=ME))
        subject = replace(reading, id=UUID(int=31), subject="North", value=Decimal(1))
        okr.execute(subject, Context(by=ME))
        assert imported(okr, *simple(tmp_path, "Uptime,2021,90,80")).is_recorded
        other = simple(tmp_path, "Uptime,2021,90,81")
        assert "The recorded value is 80." in imported(okr, *other).bad[0].reason
        report = imported(okr, *other, reason="Misread.")
        assert report.planned == {"CorrectReading": 1}
        assert imported(okr, *other).is_recorded

    def test_of_two_recorded_the_one_of_exactly_the_name_is_meant(
        self, on_sqlite: Okr, tmp_path: Path
    ) -> None:
        defined(on_sqlite, "Renewal rate", API)
        defined(on_sqlite, "RENEWAL RATE", OTHER)
        rows = ("RENEWAL RATE,2022,91,81", "renewal rate,2023,91,81")
        report = imported(on_sqlite, *simple(tmp_path, *rows), keep_going=True)
        assert [target.starts.year for target in kpi_of(on_sqlite, OTHER).targets] == [2021, 2022]
        assert [(bad.line, bad.column) for bad in report.bad] == [(3, "name")]
        assert "could be any of the KPIs" in report.bad[0].reason

    def test_of_two_of_one_name_the_one_an_import_defined_is_meant(
        self, on_sqlite: Okr, tmp_path: Path
    ) -> None:
        """So that the same import adds nothing to a log that has both already."""
        rows = simple(tmp_path, "Uptime,2021,90,80")
        imported(on_sqlite, *rows)
        defined(on_sqlite, "Uptime")
        assert imported(on_sqlite, *rows).is_recorded

    def test_another_unit_or_direction_is_a_bad_row(self, on_sqlite: Okr, tmp_path: Path) -> None:
        """Units that look alike are one."""
        defined(on_sqlite, "Uptime")
        defaults = {**SIMPLE["defaults"], "unit": "hours"}
        report = imported(on_sqlite, *simple(tmp_path, "UPTIME,2021,90,80", defaults=defaults))
        assert [bad.column for bad in report.bad] == ["unit"]
        spaced = {**SIMPLE["defaults"], "unit": "\u00a0%"}
        assert imported(on_sqlite, *simple(tmp_path, "UPTIME,2021,90,", defaults=spaced)).bad == []


class TestTeamsAndOwners:
    """They are looked up by name; nobody's name is recorded."""

    def company(self, okr: Okr) -> None:
        okr.execute(c.RegisterPerson("Bo Ek", "bo@example.com", id=BO), Context(by=ME))
        okr.execute(c.FormTeam("Sales North", TeamKind.TEAM, id=TEAM), Context(by=ME))

    @pytest.mark.parametrize("owner", ["bo@example.com", "BO  EK", "Bo\u00a0Ek", str(BO)])
    @pytest.mark.parametrize("team", ["sales north", str(TEAM)])
    def test_they_are_found(self, on_sqlite: Okr, tmp_path: Path, owner: str, team: str) -> None:
        self.company(on_sqlite)
        content = f"name,year,target,actual,team,owner\nUptime,2021,90,80,{team},{owner}\n"
        assert imported(on_sqlite, *written(tmp_path, content, WITH_PLACES)).bad == []
        kpi = kpi_of(on_sqlite, kpi_id("Uptime"))
        assert (kpi.owner_id, kpi.team_id) == (BO, TEAM)

    def test_a_blank_cell_means_who_imports_and_no_team(self, okr: Okr, tmp_path: Path) -> None:
        content = "name,year,target,actual,team,owner\nUptime,2021,90,80,,\n"
        imported(okr, *written(tmp_path, content, WITH_PLACES))
        kpi = kpi_of(okr, kpi_id("Uptime"))
        assert (kpi.owner_id, kpi.team_id) == (ME, None)

    def test_those_that_are_not_there_or_two_are_bad(self, okr: Okr, tmp_path: Path) -> None:
        self.company(okr)
        okr.execute(c.RegisterPerson("bo ek", "other@example.com"), Context(by=ME))
        okr.execute(c.FormTeam("Gone", TeamKind.TEAM, id=OTHER), Context(by=ME))
        okr.execute(c.DisbandTeam(OTHER), Context(by=ME))
        rows = ("Sales Nort,", ",Nobody", ",Bo Ek", "Gone,", f"{OTHER},", f",{UUID(int=99)}")
        lines = "".join(f"Uptime {n},2021,90,80,{row}\n" for n, row in enumerate(rows))
        content = "name,year,target,actual,team,owner\n" + lines
        report = imported(okr, *written(tmp_path, content, WITH_PLACES))
        assert [bad.column for bad in report.bad] == [
            "team", "owner", "owner", "team", "team", "owner",
        ]  # fmt: skip
        assert "did you mean 'Sales North'?" in report.bad[0].reason
        assert "2 people are called" in report.bad[2].reason
        assert report.appended == 0

    def test_what_is_recorded_stays_and_is_noted(self, okr: Okr, tmp_path: Path) -> None:
        self.company(okr)
        defined(okr, "Uptime")
        content = "name,year,target,actual,team,owner\nUptime,2021,90,80,Sales North,Bo Ek\n"
        report = imported(okr, *written(tmp_path, content, WITH_PLACES))
        assert report.planned == {"RecordReading": 1}
        assert sum("of 'Uptime' stays" in note for note in report.notes) == 2


class TestStopped:
    """What ends an import midway: the report says what was appended, and the rest can follow."""

    @pytest.mark.parametrize(
        "error", [Conflict("Too late."), OperationalError("disk"), KeyboardInterrupt()]
    )
    def test_it_says_so_and_the_same_import_adds_the_rest(
        self, okr: Okr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        rows = simple(tmp_path, *(f"KPI {number},2021,90,80" for number in range(4)))
        before, sent = okr.log.head(), bulk.send

        def stopping(okr: Okr, command: c.Command, *rest: object) -> object:
            if isinstance(command, c.DefineKpi) and command.name == "KPI 2":
                raise error
            return sent(okr, command, *rest)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(bulk, "send", stopping)
            report = imported(okr, *rows)
        assert report.stopped
        assert report.appended == okr.log.head() - before == 4
        assert import_lines(report)[-2:] == [
            "what was appended stays; the same import once more adds the rest",
            "4 events appended",
        ]
        assert imported(okr, *rows).appended == 8
        assert imported(okr, *rows).is_recorded
