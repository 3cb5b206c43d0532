"""What TLS needs in tests: a certificate of its own, and its key, as files."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from web.serving.tls import Tls

NOW = datetime(2026, 11, 30, tzinfo=UTC)
YEAR = timedelta(days=365)


class Made(NamedTuple):
    """A certificate of its own, and its key, as files."""

    certificate: Path
    key: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"OKR_ES_TLS_CERTIFICATE": str(self.certificate), "OKR_ES_TLS_KEY": str(self.key)}

    def check(self, now: datetime = NOW) -> list[str]:
        return Tls(self.certificate, self.key).check(now)


def made(folder: Path, name: str = "own", begins: datetime = NOW - YEAR, password: bytes = b""):
    """Make a certificate for two years."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(called, called, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + 2 * YEAR)
        .add_extension(addresses, critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Made(folder / f"{name}.pem", folder / f"{name}.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    locked = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    files.key.write_bytes(pem)
    files.key.chmod(0o600)
    return files
