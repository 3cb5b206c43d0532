"""Rotating the key that checkpoints are signed with."""

from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es.commands import RotateSigningKey
from okr_es.domain.refusals import NotFound, ReasonIsMissing
from okr_es.domain.signing_key import SigningKey
from okr_es.evidence.okr_es_verify import b64
from tests.support.given import World, fact, given


def private_key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


PUBLIC = [b64(private_key(number).public_key().public_bytes_raw()) for number in range(3)]
KEYS = [SigningKey.adopt(public_key=each, origin="okr-es.example").id for each in PUBLIC]


def adopted(number: int) -> SigningKey.Adopted:
    said = {"public_key": PUBLIC[number], "origin": "okr-es.example"}
    return fact(SigningKey.Adopted, KEYS[number], **said)  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def _known_keys(world: World) -> None:
    numbers = count(1)
    world.okr.signing_keys.generate = lambda: private_key(next(numbers))


class TestRotateSigningKey:
    def test_a_new_key_takes_the_place_of_the_old(self, world: World) -> None:
        given(world, adopted(0)).when(RotateSigningKey(), reason="a year has passed").then(
            adopted(1), fact(SigningKey.Retired, KEYS[0], 2, replaced_by=KEYS[1])
        )

    def test_and_is_replaced_in_its_turn(self, world: World) -> None:
        given(world, adopted(0), RotateSigningKey()).when(RotateSigningKey(), reason="x").then(
            adopted(2), fact(SigningKey.Retired, KEYS[1], 2, replaced_by=KEYS[2])
        )

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world, adopted(0)).when(RotateSigningKey(), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_before_there_is_one(self, world: World) -> None:
        given(world).when(RotateSigningKey(), reason="x").then_refused(NotFound)
