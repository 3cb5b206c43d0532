"""An access log that was cut is moved, backed up and put back; what comes back is cut later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.commands import PlaceLegalHold, SetRetention
from okr_es.context import Context
from okr_es.domain.refusals import Invalid
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.access_tree import AccessCheckpoints
from okr_es.evidence.kept_lists import Gone, add_lists, gone_by
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify_access import verify_accesses
from okr_es.operations.backup import make_backup
from okr_es.operations.copying import FromDatabase, ToDatabase, copy
from okr_es.operations.json_lines import FromJsonLines, ToJsonLines
from okr_es.operations.moment import Moment
from okr_es.operations.restore import restore
from okr_es.operations.retention import carry_out
from tests.okr_es.operations.conftest import NewUrl
from tests.okr_es.operations.test_copying import copied
from tests.okr_es.operations.test_cutting import YEAR, begin
from tests.support.begun import Begun
from tests.support.world import ANN, opened


@pytest.fixture
def url(begun: Begun) -> Iterator[str]:
    """Ten reads, of which five are to be cut; nobody has it open."""
    with begun.fresh("reads of over a year", begin) as url:
        yield url


def cut(url: str) -> list[str]:
    """Cut it; return the checkpoints of the access log, as they are kept outside."""
    world = opened(url)
    world.clock.now += YEAR
    assert carry_out(world.okr).cut.reads == 5
    notes = [each.note for each in AccessCheckpoints(world.okr.database).all()]
    world.okr.close()
    return notes


def state(url: str, notes: list[str]) -> tuple[int, int]:
    """Up to where it is cut and how many reads are left, all proven, also those that follow."""
    with closing(Okr(url)) as okr:
        okr.access_log.record(ANN, "people", {})
        Signer(okr, origin="okr-es.example").sign()
        found = verify_accesses(okr.database, notes)
        assert found.failures == []
        assert okr.access_log.search(cut_at=lambda: found.start)[-1].position == found.start + 1
        return found.start, found.reads


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_copy_is_cut_where_it_was_and_goes_on(engine: str, url: str, new_url: NewUrl) -> None:
    notes, target = cut(url), new_url(engine)
    copied(url, target)
    assert state(target, notes) == (5, 6)


def test_so_is_one_of_json_lines(url: str, new_url: NewUrl, tmp_path: Path) -> None:
    notes, target, file = cut(url), new_url("sqlite"), tmp_path / "all.jsonl"
    with Moment(url) as moment, ToJsonLines(file) as to:
        copy(FromDatabase(moment), to)
    with FromJsonLines(file) as source, ToDatabase(target) as to_database:
        copy(source, to_database)
    assert state(target, notes) == (5, 6)


def test_so_is_a_backup_that_is_put_back(url: str, new_url: NewUrl, tmp_path: Path) -> None:
    notes, target = cut(url), new_url("sqlite")
    make_backup(url, tmp_path / "saved")
    restore(tmp_path / "saved", target, notes)
    with closing(Okr(target)) as okr:
        assert okr.access_log.oldest() > 5
    assert state(target, notes)[0] >= 5


def test_what_a_backup_of_before_the_cut_brings_back_is_counted_then_cut_again(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    make_backup(url, tmp_path / "saved")
    notes, target = cut(url), new_url("sqlite")
    done = restore(tmp_path / "saved", target, notes)
    assert done.by_retention["reads"] == 8  # by now the second day is over a year ago as well
    with closing(Okr(target)) as okr:
        assert (last_cut(okr.database), okr.access_log.oldest()) == (None, 1)
        assert carry_out(okr).cut.reads == 8
        found = last_cut(okr.database)
        assert found is not None
        assert (found.size, okr.access_log.oldest()) == (8, 9)
    assert state(target, notes) == (8, 3)


def test_a_hold_that_is_newer_than_the_backup_is_placed_again_before_anything_goes(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    make_backup(url, tmp_path / "saved")
    notes, target = cut(url), new_url("sqlite")
    restore(tmp_path / "saved", target, notes)
    with closing(Okr(target)) as okr:
        okr.execute(PlaceLegalHold(ANN, "T 1"), Context(ANN, "a claim"))
        assert carry_out(okr).counts()["reads_held"] == 8
        assert okr.access_log.oldest() == 1
    assert state(target, notes) == (0, 11)


def years_set(url: str, *years: int | None) -> None:
    """Set years a year later, one after the other; the last are noted outside with those before."""
    world = opened(url)
    world.clock.now += YEAR
    for each in years:
        world.clock.now += timedelta(seconds=1)
        world.execute(SetRetention(access_log_years=each), reason="So says our list.")
    world.okr.close()


def listed(url: str, folder: Path) -> Gone:
    """What the lists say that are kept outside."""
    with closing(Okr(url)) as okr:
        add_lists(folder, okr.database)
    return gone_by(folder)


def test_years_that_were_set_after_the_backup_are_set_again_and_cut(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    years_set(url, None)
    make_backup(url, tmp_path / "saved")
    years_set(url, 5, 1)
    notes, gone, target = cut(url), listed(url, tmp_path), new_url("sqlite")
    assert [each.access_log_years for each in gone.settings] == [1, None, 5, 1]
    with pytest.raises(Invalid, match="1 list of years of retention must be set again"):
        restore(tmp_path / "saved", target, notes, gone)
    done = restore(tmp_path / "saved", target, notes, gone, ANN)
    assert (len(done.years_set), done.years_not_set, done.by_retention["reads"]) == (1, [], 8)
    with closing(Okr(target)) as okr:
        assert carry_out(okr).cut.reads == 8
    assert state(target, notes) == (8, 3)


def test_years_that_were_set_longer_after_the_backup_let_nothing_go(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    make_backup(url, tmp_path / "saved")
    years_set(url, None)
    done = restore(tmp_path / "saved", new_url("sqlite"), [], listed(url, tmp_path), ANN)
    assert (len(done.years_set), done.by_retention["reads"]) == (1, 0)


def test_years_that_the_backup_knows_are_not_set_again(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    make_backup(url, tmp_path / "saved")
    done = restore(tmp_path / "saved", new_url("sqlite"), [], listed(url, tmp_path))
    assert done.years_set == []


def test_the_control_is_a_backup_that_knows_no_retention(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    years_set(url, None)
    make_backup(url, tmp_path / "saved")
    assert restore(tmp_path / "saved", new_url("sqlite"), []).by_retention["reads"] == 0
