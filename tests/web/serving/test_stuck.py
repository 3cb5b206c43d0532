"""The whole server with more stuck clients than places: the short form of the faults."""

from pathlib import Path

from tests.faults import stuck


def test_stuck_bodies_streams_and_locks_hinder_nobody(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/okr.db"
    found = stuck.tried(tmp_path, url, 3, "bodies", "streams", "a lock")
    assert [wrong for _, wrong in found.values()] == [[], [], []]
    assert all(number > 0 for number, _ in found.values())


def test_plain_threads_do_not_pass(tmp_path: Path):
    assert stuck.control(tmp_path, patience=4) > 0
