"""What goes in comes out: exact numbers to the digit, and personal words to nobody else."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from okr_es.commands import (
    AddKeyResult,
    DeactivatePerson,
    ErasePerson,
    RealignObjective,
    RecordReading,
    RecordReadings,
    RegisterPerson,
    RenameTeam,
)
from okr_es.domain.measure import Measure
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Kind
from okr_es.ids import event_id
from okr_es.people.texts import EncryptedText
from tests.support.begun import Begun
from tests.support.given import World, refused
from tests.support.world import (
    BEN,
    GROW,
    NEW,
    OTHER,
    PRODUCT,
    REACH,
    RESPONSE,
    TODAY,
    begun_world,
    d,
)

DIGITS = [
    str(Decimal("0.1") + Decimal("0.2")), "0.30000000000000004", "1234567890123456789",
    "9007199254740993", "0.1234567890123456789"[:20], "-1E-18",
    "123456789012345678901234.123456789012345678", "1.10", "100", "0.0", "1E-18",
]  # fmt: skip
SECRETS = ("Xanthippe Quellwasser", "xq@example.org", "because of her illness", "told me at lunch")


@pytest.fixture
def world(begun: Begun) -> Iterator[World]:
    yield from begun_world(begun)


@pytest.mark.parametrize("digits", DIGITS)
def test_a_number_keeps_its_digits_from_command_to_bytes_to_event(
    digits: str, world: World
) -> None:
    world.execute(RecordReading(RESPONSE, TODAY, d(digits), NEW))
    plain = format(d(digits), "f")
    (stored,) = world.okr.log.select_events(NEW)
    assert f'"value":"{plain}"'.encode() in bytes(stored.state)
    for found in (world.facts()[-1], world.okr.repository.get(NEW)):
        assert format(found.value, "f") == plain  # type: ignore[union-attr]


def test_so_do_the_numbers_inside_a_measure_and_beside_the_stream(world: World) -> None:
    measure = Measure(Kind.METRIC, d(DIGITS[4]), d(DIGITS[6]), "x")
    world.execute(AddKeyResult(REACH, "x", measure, d("0.10"), id=NEW))
    world.execute(RealignObjective(REACH, GROW, weight=d(DIGITS[6])))
    with world.okr.database.reader.connect() as connection:
        kept = b"".join(
            bytes(row[0]) for row in connection.execute(text("SELECT state FROM streams"))
        )
    for digits in (DIGITS[4], DIGITS[6], "0.10"):
        assert f'"{digits}"'.encode() in kept


@pytest.mark.parametrize("digits", ["1" * 25, "0." + "1" * 19, "1E+24"])
def test_more_digits_than_are_promised_are_refused_not_rounded(digits: str, world: World) -> None:
    with refused(Invalid, field="value"):
        world.execute(RecordReading(RESPONSE, TODAY, d(digits)))


def tell_secrets(world: World) -> None:
    name, email, reason, comment = SECRETS
    world.execute(RegisterPerson(name, email, id=OTHER))
    world.execute(RenameTeam(PRODUCT, "P"), by=OTHER, reason=reason, comment=comment)
    many = tuple(RecordReading(RESPONSE, TODAY, d(n), subject=f"{n}") for n in range(201))
    world.execute(RecordReadings(many), by=OTHER, reason=reason, comment=comment)


def bytes_of_the_log(world: World) -> bytes:
    """All there is of the log: the files on SQLite, every column of every table on PostgreSQL."""
    database = world.okr.database
    if database.is_sqlite:
        files = sorted(database.path.parent.glob(f"{database.path.name}*"))
        return b"".join(Path(file).read_bytes() for file in files)
    found: list[bytes] = []
    with database.reader.connect() as connection:
        for table in ("events", "commands", "counter", "streams"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(found)


def encrypted_of(world: World) -> list[EncryptedText]:
    rows = world.okr.log.rows(0, 10_000, ("command_id", "stream", "version", "encrypted"))
    return [
        EncryptedText(event_id(stream, version), bytes(encrypted), UUID(str(command)))
        for _, command, stream, version, encrypted in rows
        if encrypted is not None
    ]


def test_nothing_personal_is_in_the_bytes_of_the_log(world: World) -> None:
    tell_secrets(world)
    found = bytes_of_the_log(world)
    assert b"team.renamed" in found
    for secret in SECRETS:
        assert secret.encode() not in found
        assert secret.encode().hex().encode() not in found


def test_it_is_read_with_the_key_and_the_right_event(world: World) -> None:
    tell_secrets(world)
    pieces = encrypted_of(world)
    assert len(pieces) == 202
    decrypt = world.okr.directory.texts.decrypt
    assert decrypt(pieces) == [{"reason": SECRETS[2], "comment": SECRETS[3]}] * 202
    (here, first, command), (there, second, _) = pieces[:2]
    wrong = [(there, first, command), (here, second, command), (here, first, UUID(int=5))]
    forged = (here, first[:-1] + bytes([first[-1] ^ 1]), command)
    assert decrypt(EncryptedText(*each) for each in [*wrong, forged]) == [{}] * 4


def test_equal_words_are_not_seen_to_be_equal(world: World) -> None:
    tell_secrets(world)
    pieces = [each.encrypted for each in encrypted_of(world)]
    assert len(set(pieces)) == len(pieces)
    assert len({piece[:12] for piece in pieces}) == len(pieces)


def test_once_erased_what_is_about_them_is_gone_and_the_log_stands(world: World) -> None:
    tell_secrets(world)
    world.execute(DeactivatePerson(OTHER), by=BEN, reason=SECRETS[2])
    before, texts = encrypted_of(world), world.okr.directory.texts
    records = texts.decrypt(before)
    assert records[-1] == {"reason": SECRETS[2]}
    world.execute(ErasePerson(OTHER, "GDPR 17"), by=BEN, reason="asked")
    assert texts.decrypt(before) == [*records[:-1], {}]
    assert OTHER not in world.okr.directory.entries()
    assert encrypted_of(world)[:-1] == before
