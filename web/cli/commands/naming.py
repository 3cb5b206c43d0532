"""How commands of the API are called on the command line: as their addresses are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.api.commands import Route

# Where an address ends in no verb: the first word of the command's name.
NAMED = {
    "RegisterPerson": ("people", "register"),
    "GrantRole": ("grants", "give"),
    "CreateApiKey": ("keys", "create"),
    "FormTeam": ("teams", "form"),
    "OpenCycle": ("cycles", "open"),
    "DraftObjective": ("objectives", "draft"),
    "AddKeyResult": ("key-results", "add"),
    "CheckIn": ("key-results", "check-in"),
    "DefineKpi": ("kpis", "define"),
    "SetKpiTarget": ("kpis", "set-target"),
    "CorrectKpiTarget": ("kpis", "correct-target"),
    "RecordReading": ("readings", "record"),
    "RecordReadings": ("readings", "record-many"),
    "SetCalendar": ("calendar", "set"),
    "AdoptScoringPolicy": ("scoring-policy", "adopt"),
    "ChoosePeopleFigures": ("people-figures", "choose"),
    "SetRetention": ("retention", "set"),
}  # fmt: skip

# What cannot be undone: a person is asked first, a script says --yes.
FINAL = frozenset({
    "ErasePerson", "RedactText", "SetRetention", "RevokeApiKey", "RotateSigningKey", "AcceptClock",
    "DisbandTeam", "CommitPlan", "CloseCycle", "RetractReading",
})  # fmt: skip


def words_of(route: Route) -> tuple[str, str]:
    """Return the group and the name of the command of an address."""
    named = NAMED.get(route.command.__name__)
    if named is not None:
        return named
    first, *_, last = route.path.strip("/").split("/")
    return first, last


def option_of(field: str) -> str:
    """Return the option of a field, without its dashes: that of `owner_id` is `owner`."""
    return field.removesuffix("_id").removesuffix("_ids").replace("_", "-")
