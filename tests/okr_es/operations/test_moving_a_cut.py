"""An access log that was cut is moved, backed up and put back; what a backup brings back is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.commands import SetRetention
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.access_tree import AccessCheckpoints
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


def test_what_a_backup_of_before_the_cut_brings_back_is_cut_again(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    make_backup(url, tmp_path / "saved")
    notes, target = cut(url), new_url("sqlite")
    done = restore(tmp_path / "saved", target, notes)
    assert done.by_retention["reads"] == 8  # by now the second day is over a year ago as well
    with closing(Okr(target)) as okr:
        found = last_cut(okr.database)
        assert found is not None
        assert (found.size, okr.access_log.oldest()) == (8, 9)
    assert state(target, notes) == (8, 3)


def test_the_control_is_a_backup_that_knows_no_retention(
    url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    world = opened(url)
    world.clock.now += YEAR
    world.execute(SetRetention(access_log_years=None), reason="For ever.")
    world.okr.close()
    make_backup(url, tmp_path / "saved")
    assert restore(tmp_path / "saved", new_url("sqlite"), []).by_retention["reads"] == 0
