"""Api keys as they may once have been recorded are revoked, and others made, all the same."""

from datetime import date
from uuid import UUID

from okr_es.access.secrets import Secret, hash_of
from okr_es.commands import CreateApiKey, RevokeApiKey
from okr_es.domain.api_key import ApiKey, KeyRole
from tests.support.given import World, fact, given
from tests.support.world import BEN, NOBODY, TODAY

KEY, OTHER = UUID(int=0xAE1), UUID(int=0xAE2)
SECRET = Secret("s" * 43, hash_of("s" * 43))
# A member of a team with KPIs that are not there, made by nobody, for ten years.
OLD = fact(
    ApiKey.Created, KEY, role=KeyRole.MEMBER, team_id=NOBODY, kpi_ids=(NOBODY,),
    ends=date(2035, 1, 1), created_by=NOBODY, secret_hash="",
)  # fmt: skip


def test_it_is_revoked(world: World) -> None:
    given(world, OLD).when(RevokeApiKey(KEY), reason="x").then(fact(ApiKey.Revoked, KEY, 2))


def test_another_is_made_beside_it(world: World) -> None:
    world.okr.new_secret = lambda: SECRET
    given(world, OLD).when(
        CreateApiKey("Lake", KeyRole.MEMBER, ends=TODAY, id=OTHER), by=BEN, reason="x"
    ).then(
        fact(
            ApiKey.Created, OTHER, role=KeyRole.MEMBER, team_id=None, kpi_ids=(), ends=TODAY,
            created_by=BEN, secret_hash=SECRET.hash.hex(),
        )
    )  # fmt: skip
