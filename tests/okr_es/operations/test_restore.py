"""A backup that is put back: verified, how far it is behind, and who was erased stays erased."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from okr_es.application import Okr
from okr_es.commands import (
    CreateApiKey,
    EndGrant,
    ErasePerson,
    FormTeam,
    GrantRole,
    PlaceLegalHold,
    RedactText,
    RegisterPerson,
    RescheduleGrant,
    RevokeApiKey,
)
from okr_es.context import Context
from okr_es.domain.api_key import KeyRole
from okr_es.domain.refusals import Invalid
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import Role
from okr_es.evidence.background import sign_closings
from okr_es.evidence.checkpoint_sinks import DirectorySink
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.kept_lists import (
    ENDINGS,
    ERASURES,
    REDACTIONS,
    REVOCATIONS,
    EndedRole,
    Erasure,
    Gone,
    add_lists,
    gone_by,
)
from okr_es.evidence.signer import Signer
from okr_es.operations.backup import make_backup
from okr_es.operations.moment import Moment, NoDatabase
from okr_es.operations.restore import NotAsRecorded, restore
from tests.okr_es.operations.conftest import NewUrl
from tests.support.begun import Begun

ADA, BO = UUID(int=0xADA), UUID(int=0xB0)  # those of the world that processes share
GROUND = "GDPR article 17 (1) (b)"
WHY = "Bo asked for it."


@pytest.fixture
def url(begun: Begun) -> Iterator[str]:
    """Ada and Bo are registered; nobody has it open."""
    with begun.fresh("Ada and Bo", begin_ada_and_bo) as url:
        yield url


def begin_ada_and_bo(url: str) -> None:
    with closing(Okr(url)) as okr:
        for person, name in ((ADA, "Ada"), (BO, "Bo")):
            okr.execute(RegisterPerson(name, f"{name}@example.org", person), Context(ADA))


@pytest.fixture
def okr(url: str, tmp_path: Path) -> Iterator[Okr]:
    """They, signed once; closings and erasures are signed at once, into a directory."""
    with closing(Okr(url)) as okr:
        signer = Signer(okr, [DirectorySink(tmp_path / "outside")], "okr-es.example")
        sign_closings(okr, signer)
        signer.sign()
        yield okr


@pytest.fixture
def saved(okr: Okr, url: str, tmp_path: Path) -> Path:
    """A backup of that log."""
    make_backup(url, tmp_path / "backup")
    return tmp_path / "backup"


def erase(okr: Okr, person: UUID) -> None:
    okr.execute(ErasePerson(person, GROUND), Context(ADA, WHY))


def notes(okr: Okr) -> list[str]:
    return [each.note for each in Checkpoints(okr.database).all()]


def name_of(url: str, person: UUID) -> str | None:
    with closing(Okr(url)) as okr:
        entry = okr.directory.entries([person]).get(person)
        return entry and entry.name


def test_a_backup_that_continues_the_checkpoints_lacks_nothing(
    okr: Okr, saved: Path, new_url: NewUrl
) -> None:
    done = restore(saved, new_url("sqlite"), notes(okr))
    assert (done.position, done.behind) == (okr.log.head(), (okr.log.head(), 0, True))


def test_it_is_said_how_far_a_backup_is_behind(okr: Okr, saved: Path, new_url: NewUrl) -> None:
    before = okr.log.head()
    okr.execute(FormTeam("Web"), Context(ADA))
    okr.execute(FormTeam("Sales"), Context(ADA))
    Signer(okr).sign()
    done = restore(saved, new_url("sqlite"), notes(okr))
    assert (done.position, done.behind) == (before, (before + 2, 2, True))


def test_checkpoints_over_reads_say_how_many_reads_are_missing_and_nothing_of_events(
    okr: Okr, saved: Path, new_url: NewUrl, tmp_path: Path
) -> None:
    for _ in range(40):
        okr.access_log.record(ADA, "people", {})
    Signer(okr, [DirectorySink(tmp_path / "outside")]).sign()
    outside = [path.read_text() for path in (tmp_path / "outside").glob("*.checkpoint")]
    done = restore(saved, new_url("sqlite"), outside)
    assert done.missing_reads == 40
    assert done.behind is not None
    assert (done.behind.size, done.behind.events) == (okr.log.head(), 0)


def test_without_checkpoints_it_is_unknown(saved: Path, new_url: NewUrl) -> None:
    assert restore(saved, new_url("sqlite")).behind is None


def test_a_checkpoint_of_another_log_is_not_taken_for_one_of_this(
    saved: Path, new_url: NewUrl, sqlite_url: str, tmp_path: Path
) -> None:
    other, target = f"sqlite:///{tmp_path}/other/okr.db", new_url("sqlite")
    with closing(Okr(other)) as okr:
        okr.execute(RegisterPerson("Eve", None, ADA), Context(ADA))
        Signer(okr, origin="another.example").sign()
        small = notes(okr)
        for number in range(9):
            okr.execute(FormTeam(f"Team {number}"), Context(ADA))
        Signer(okr).sign()
        large = notes(okr)[-1:]
    with pytest.raises(NotAsRecorded, match="is not restored"):
        restore(saved, target, small)
    with pytest.raises(NoDatabase), Moment(target):
        pass
    done = restore(saved, target, large)
    assert done.behind is not None
    assert not done.behind.is_signed


def test_who_was_erased_after_the_backup_is_erased_again(
    okr: Okr, saved: Path, new_url: NewUrl, tmp_path: Path
) -> None:
    erase(okr, BO)
    listed = ERASURES.read(tmp_path / "outside" / ERASURES.file)
    target = new_url("sqlite")
    done = restore(saved, target, notes(okr), Gone(listed), ADA)
    assert (done.erased, done.not_erased) == ([BO], [])
    assert (name_of(target, BO), name_of(target, ADA)) == (None, "Ada")
    with closing(Okr(target)) as restored:
        assert [each.person_id for each in ERASURES.in_log(restored.database)] == [BO]


def test_a_text_that_was_redacted_after_the_backup_is_redacted_again(
    okr: Okr, url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    position = okr.execute(FormTeam("Named"), Context(ADA, "Bo wanted it.")).last_position
    assert position is not None
    make_backup(url, tmp_path / "before")
    okr.execute(RedactText(position, RedactionGround.OBJECTION), Context(ADA, WHY))
    listed = REDACTIONS.read(tmp_path / "outside" / REDACTIONS.file)
    assert [each.at_position for each in listed] == [position]
    target = new_url("sqlite")
    done = restore(tmp_path / "before", target, notes(okr), Gone(redactions=listed), ADA)
    assert (done.redacted, done.not_redacted) == (1, [])
    with closing(Okr(target)) as restored:
        (again,) = REDACTIONS.in_log(restored.database)
        assert (again.text_of, again.legal_ground) == (listed[0].text_of, listed[0].legal_ground)
        assert restored.directory.texts.left_of([again.text_of]) == set()


def test_a_key_that_was_revoked_after_the_backup_is_revoked_again(
    okr: Okr, url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    made = okr.execute(CreateApiKey("Lake", KeyRole.MEMBER), Context(ADA, WHY)).id
    stays = okr.execute(CreateApiKey("Sea", KeyRole.MEMBER), Context(ADA, WHY)).id
    assert made is not None
    make_backup(url, tmp_path / "before")
    okr.execute(RevokeApiKey(made), Context(ADA, WHY))
    listed = REVOCATIONS.read(tmp_path / "outside" / REVOCATIONS.file)
    assert [each.key_id for each in listed] == [made]
    target = new_url("sqlite")
    with pytest.raises(Invalid, match="1 api keys must be revoked again"):
        restore(tmp_path / "before", target, gone=Gone(revocations=listed))
    done = restore(tmp_path / "before", target, by=ADA, gone=Gone(revocations=listed))
    assert done.revoked == [made]
    with closing(Okr(target)) as restored:
        assert [each.key_id for each in REVOCATIONS.in_log(restored.database)] == [made]
        assert stays in restored.directory.keys([stays])


def test_a_role_that_ended_after_the_backup_is_ended_again(
    okr: Okr, url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    """One that ended, and one that got an earlier last day; one that got a later one stays."""
    okr.execute(GrantRole(ADA, Role.ADMINISTRATOR), Context(ADA, WHY, origin="cli"))
    team = okr.execute(FormTeam("Led"), Context(ADA)).id
    today, longer = okr.today(), okr.today() + timedelta(days=30)
    ended, earlier, later = (
        okr.execute(GrantRole(BO, role, led, ends=longer), Context(ADA, WHY)).id
        for role, led in ((Role.HR, None), (Role.LEAD, team), (Role.ADMINISTRATOR, None))
    )
    assert ended is not None and earlier is not None and later is not None  # noqa: PT018
    make_backup(url, tmp_path / "before")
    okr.execute(EndGrant(ended), Context(ADA, WHY))
    okr.execute(RescheduleGrant(earlier, today + timedelta(days=2)), Context(ADA, WHY))
    okr.execute(RescheduleGrant(later, today), Context(ADA, WHY))
    okr.execute(RescheduleGrant(later, longer + timedelta(days=1)), Context(ADA, WHY))
    listed = gone_by(tmp_path / "outside")
    assert {each.grant_id for each in listed.endings} == {ended, earlier, later}
    target = new_url("sqlite")
    with pytest.raises(Invalid, match="2 roles must be ended again"):
        restore(tmp_path / "before", target, gone=listed)
    done = restore(tmp_path / "before", target, gone=listed, by=ADA)
    assert (set(done.ended), done.not_ended) == ({ended, earlier}, [])
    with closing(Okr(target)) as restored:
        days = {each.grant_id: each.ends for each in ENDINGS.in_log(restored.database)}
        assert days == {ended: today - timedelta(days=1), earlier: today + timedelta(days=2)}


def test_the_last_administrator_of_a_backup_does_not_end_and_is_named(
    okr: Okr, url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    okr.execute(GrantRole(ADA, Role.ADMINISTRATOR), Context(ADA, WHY, origin="cli"))
    (grant,) = grants_in(okr)
    make_backup(url, tmp_path / "before")
    listed = [EndedRole(99, "2026-01-01T00:00:00.000000Z", grant, okr.today() - timedelta(days=9))]
    done = restore(tmp_path / "before", new_url("sqlite"), gone=Gone(endings=listed), by=ADA)
    assert (done.ended, [id_ for id_, _ in done.not_ended]) == ([], [grant])
    assert "administrator" in done.not_ended[0][1]


def grants_in(okr: Okr) -> list[UUID]:
    rows = okr.database.rows("SELECT stream FROM streams WHERE type = 'grant'", {})
    return [UUID(str(id_)) for (id_,) in rows]


def test_the_lists_of_a_log_are_added_once(okr: Okr, tmp_path: Path) -> None:
    erase(okr, BO)
    add_lists(tmp_path, okr.database)
    add_lists(tmp_path, okr.database)
    assert len(gone_by(tmp_path).erasures) == 1


def test_the_control_without_the_list_brings_them_back(
    okr: Okr, saved: Path, new_url: NewUrl
) -> None:
    erase(okr, BO)
    target = new_url("sqlite")
    assert restore(saved, target, notes(okr)).erased == []
    assert name_of(target, BO) == "Bo"


def test_somebody_must_do_it_and_before_that_nothing_is_restored(
    okr: Okr, saved: Path, new_url: NewUrl
) -> None:
    erase(okr, BO)
    target = new_url("sqlite")
    for by in (None, uuid4()):
        with pytest.raises(Invalid if by is None else Exception):
            restore(saved, target, (), Gone(ERASURES.in_log(okr.database)), by)
        with pytest.raises(NoDatabase), Moment(target):
            pass


def test_who_is_held_in_the_backup_is_named(
    okr: Okr, url: str, new_url: NewUrl, tmp_path: Path
) -> None:
    okr.execute(PlaceLegalHold(BO, "T 1-25"), Context(ADA, "A claim."))
    make_backup(url, tmp_path / "held")
    listed = [Erasure(99, "2026-01-01T00:00:00.000000Z", BO, GROUND)]
    done = restore(tmp_path / "held", new_url("sqlite"), (), Gone(listed), ADA)
    assert (done.erased, [person for person, _ in done.not_erased]) == ([], [BO])
    assert "hold" in done.not_erased[0][1].lower() or "held" in done.not_erased[0][1].lower()


# ---- the list ---------------------------------------------------------------------------


def test_an_erasure_is_signed_and_listed_outside_at_once(okr: Okr, tmp_path: Path) -> None:
    erase(okr, BO)
    file = tmp_path / "outside" / ERASURES.file
    (listed,) = ERASURES.read(file)
    assert (listed.person_id, listed.legal_ground) == (BO, GROUND)
    assert f"{listed.position:012}.checkpoint" in {p.name for p in file.parent.iterdir()}
    assert not any(word in file.read_text() for word in ("Bo@", "Bo ", WHY))


def test_an_older_log_takes_nobody_out_of_the_list(
    okr: Okr, saved: Path, new_url: NewUrl, tmp_path: Path
) -> None:
    erase(okr, BO)
    file, target = tmp_path / "outside" / ERASURES.file, new_url("sqlite")
    before = file.read_bytes()
    restore(saved, target)
    with closing(Okr(target)) as older:
        Signer(older, [DirectorySink(tmp_path / "outside")]).sign()
        Signer(older, [DirectorySink(tmp_path / "outside")]).publish()
    assert file.read_bytes() == before
