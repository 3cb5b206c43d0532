"""TLS by the server itself: a certificate and its key, checked before anything listens.

They are read when the server starts: restart it after they were renewed.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from web.settings import Unusable

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CERTIFICATE, KEY = "OKR_ES_TLS_CERTIFICATE", "OKR_ES_TLS_KEY"
SOON = timedelta(days=14)
OTHERS = 0o077  # rights of group and of everybody


@dataclass(frozen=True)
class Tls:
    """Where the certificate with its chain, and its key, lie as PEM."""

    certificate: Path
    key: Path

    @staticmethod
    def of(environment: Mapping[str, str]) -> Tls | None:
        """Return what the environment names, None for no TLS; raise Unusable for one alone."""
        certificate, key = environment.get(CERTIFICATE), environment.get(KEY)
        if not certificate and not key:
            return None
        if not certificate or not key:
            missing = KEY if certificate else CERTIFICATE
            raise Unusable(f"{missing} is not set: certificate and key come together.")
        return Tls(Path(certificate), Path(key))

    def check(self, now: datetime) -> list[str]:
        """Return what should be looked at soon; raise Unusable for what cannot be served with."""
        certificate = self.read_certificate()
        try:
            context_of(self)
        except ssl.SSLError as error:
            raise Unusable(
                f"{KEY} cannot be used with the certificate: {self.key} ({error.reason or error})."
            ) from None
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if now >= ends:
            raise Unusable(f"{CERTIFICATE} is over since {ends}: {self.certificate}.")
        if now < begins:
            raise Unusable(f"{CERTIFICATE} is not valid before {begins}: {self.certificate}.")
        return list(self.warnings(ends - now))

    def warnings(self, left: timedelta) -> Iterator[str]:
        """Yield what does not keep the server from serving."""
        if left < SOON:
            yield f"{CERTIFICATE} ends in {left.days} days: {self.certificate}."
        if self.key.stat().st_mode & OTHERS:
            yield f"{KEY} can be read by others than its owner: chmod 600 {self.key}."

    def read_certificate(self) -> Certificate:
        """Return the certificate of the server; raise Unusable where a file cannot be read."""
        from cryptography.x509 import load_pem_x509_certificates

        read(KEY, self.key)
        try:
            return load_pem_x509_certificates(read(CERTIFICATE, self.certificate))[0]
        except ValueError:
            raise Unusable(f"{CERTIFICATE} is no certificate in PEM: {self.certificate}.") from None


def read(name: str, path: Path) -> bytes:
    """Return what is in the file of a setting; raise Unusable where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"{name} cannot be read: {path}: {error.strerror}.") from None


def context_of(tls: Tls) -> ssl.SSLContext:
    """Return what connections are protected by; raise ssl.SSLError where the files do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key, password="")  # none, and nobody is asked
    return at_least_1_2(context)


def at_least_1_2(context: ssl.SSLContext) -> ssl.SSLContext:
    """Refuse TLS 1.0 and 1.1, whatever the system would allow."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def context_for(_: Any, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return the context of the server, as uvicorn asks for it in each process."""
    return at_least_1_2(default())
