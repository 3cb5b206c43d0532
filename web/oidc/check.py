"""What the doctor checks of providers of identity: that each answers, and what it signs by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from okr_es.operations.doctor.findings import Patient, Said
from web.oidc.discovery import Discovery, ProviderFails
from web.oidc.orphans import orphaned
from web.oidc.providers import Provider, read_providers
from web.settings import OIDC, Unusable

END = "`okr-es grants end-orphaned`"


def check_providers(patient: Patient) -> Iterator[Said]:
    """Ask each provider of identity that the settings name what it says of itself."""
    file = patient.environment.get(OIDC)
    try:
        providers = read_providers(Path(file)) if file else {}
    except Unusable as error:
        yield "wrong", str(error)
        return
    if not providers:
        yield "ok", "none is set up: people sign in by links"
    for provider in providers.values():
        yield said_of(provider)
    if left := len(orphaned(patient.log, patient.clock().date(), providers.values())):
        yield "warning", f"{left} roles came from a group that gives none any more: {END}."


def said_of(provider: Provider) -> Said:
    """Return what is found of one provider."""
    discovery = Discovery(provider)
    try:
        algorithms = ", ".join(sorted(discovery.metadata.get().algorithms))
        keys = len(list(discovery.keys()))
    except ProviderFails as error:
        return "warning", f"{provider.name}: {error} Nobody can sign in there now."
    return "ok", f"{provider.name} answers, and signs by {algorithms} with {keys} keys"
