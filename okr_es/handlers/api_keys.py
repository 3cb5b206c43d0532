"""Api keys: made with no wider rights than those of who makes them, and what they never do."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from okr_es import commands as c
from okr_es.access.bearer import bearer_of
from okr_es.domain.api_key import ApiKey, KeyRole
from okr_es.domain.kpi import Kpi
from okr_es.domain.refusals import ApiKeyIsOver, ApiKeyIsWider, ApiKeyMayNot
from okr_es.domain.team import Team
from okr_es.handlers.administrators import all_grants
from okr_es.handlers.registry import handle, living_team, new_id, saved
from okr_es.handlers.unit_of_work import UnitOfWork

ON_THE_MACHINE = frozenset({"cli", "seed"})  # where somebody could read the database anyhow
FOR_ANYBODY = frozenset({KeyRole.INGEST_KEY, KeyRole.MEMBER})
# Of a key nothing is its own: with one, somebody would do alone what takes two about oneself.
TAKES_TWO_ABOUT_ONESELF = (
    c.DeactivatePerson, c.ReactivatePerson, c.PlaceLegalHold, c.LiftLegalHold, c.RedactText,
    c.GradeObjective,
)  # fmt: skip
OF_PEOPLE_ALONE = (
    c.ApproveRequest, c.RefuseRequest, c.GrantRole, c.RescheduleGrant, c.EndGrant, c.CreateApiKey,
    c.ReplaceEmail, c.SetRetention, *TAKES_TWO_ABOUT_ONESELF,
)  # fmt: skip


@handle.register
def _(command: c.CreateApiKey, work: UnitOfWork) -> UUID:
    team_id = None if command.team_id is None else living_team(work, command.team_id)
    require_not_wider(work, command.role, team_id)
    require_living_kpis(work, command.kpi_ids)
    id_, secret = new_id(work, command.id), work.new_secret()
    key = ApiKey.create(
        id=id_,
        role=command.role,
        team_id=team_id,
        kpi_ids=command.kpi_ids,
        ends=command.ends,
        today=work.today,
        created_by=work.context.by,
        secret_hash=secret.hash.hex(),
        reason=work.reason,
    )
    work.secret = bearer_of(id_, secret)
    return saved(work, key)


@handle.register
def _(command: c.RevokeApiKey, work: UnitOfWork) -> UUID:
    key = work.load(ApiKey, command.key_id, "key_id")
    key.revoke(work.reason)
    return saved(work, key)


def require_living_kpis(work: UnitOfWork, ids: tuple[UUID, ...]) -> None:
    """Refuse KPIs that are not there, or retired."""
    work.fetch(set(ids))
    for id_ in ids:
        work.load(Kpi, id_, "kpi_ids").require_living()


def require_not_wider(work: UnitOfWork, role: KeyRole, team_id: UUID | None) -> None:
    """Refuse a role that who makes the key does not have today, for the same teams.

    Everybody may look as a member, and an ingest key sees less. On the machine it is not asked.
    """
    if role in FOR_ANYBODY or work.context.origin in ON_THE_MACHINE:
        return
    teams = {None, *(team_and_above(work, team_id) if team_id else ())}
    for grant in all_grants(work):
        is_theirs = grant.person_id == work.context.by and grant.holds_on(work.today)
        if is_theirs and str(grant.role) == role and grant.team_id in teams:
            return
    raise ApiKeyIsWider(
        f"Who makes a key with the role {role} has that role themselves, for the same teams; "
        "or makes it on the machine, by `okr-es keys create`.",
        field="role",
    )


def team_and_above(work: UnitOfWork, team_id: UUID) -> Iterator[UUID]:
    """Yield a team and all that are above it."""
    above: UUID | None = team_id
    while above is not None:
        yield above
        above = work.load(Team, above, "team_id").parent_id


def require_key_may(work: UnitOfWork, command: c.Command) -> None:
    """Refuse what is done by a key that works no more, or that no key does.

    Where none of this is refused, the table of rights decides.
    """
    key = work.find(ApiKey, work.context.by)
    if key is None or not key.works_on(work.today):
        raise ApiKeyIsOver(
            "The key is not there, was revoked, or its last day is past.", field="by"
        )
    if work.context.on_behalf_of is not None:
        raise ApiKeyMayNot("A key acts for nobody.", field="on_behalf_of")
    if isinstance(command, OF_PEOPLE_ALONE):
        raise ApiKeyMayNot(
            "A key approves and grades nothing, gives no role, makes no key, replaces no e-mail "
            "address, sets no time for which texts are kept, records nobody's leaving or return, "
            "places and lifts no legal hold, and redacts no text.",
            field="by",
        )
