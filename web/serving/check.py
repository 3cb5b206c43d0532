"""What the doctor checks of the way from callers to the server: proxies, names, TLS."""

from __future__ import annotations

from collections.abc import Iterator

from okr_es.operations.doctor.findings import Patient, Said
from web.serving.outside import Outside
from web.settings import Unusable


def check_outside(patient: Patient) -> Iterator[Said]:
    """Look for settings that keep the server from starting, and a certificate that ends soon."""
    try:
        outside = Outside.of(patient.environment, asks_who=True)
        warnings = outside.tls.check(patient.clock()) if outside.tls else []
    except Unusable as error:
        yield "wrong", str(error)
        return
    yield from (("warning", each) for each in warnings)
    names = ", ".join(sorted(each.name for each in outside.hosts.named)) or "this machine's alone"
    proxies = ", ".join(map(str, outside.proxies.networks)) or "none"
    watchers = ", ".join(map(str, outside.watchers.networks)) or "here"
    tls = f"TLS by {outside.tls.certificate}" if outside.tls else "no TLS of its own"
    yield (
        "ok",
        f"names: {names}; trusted proxies: {proxies}; watched from: {watchers}; {tls}",
    )
    if outside.hosts.named and not (outside.tls or outside.proxies.networks):
        yield "warning", "It has a name and neither TLS nor a trusted proxy: who asks is unknown."
