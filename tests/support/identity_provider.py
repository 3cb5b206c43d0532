"""A provider of identity on this machine that answers as a test wants it, also wrongly."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "okr-es"
DISCOVERY, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"


class IdentityProvider:
    """Issues codes for what a browser was sent with, and ID tokens for codes."""

    def __init__(self, address: str, now: Callable[[], float]) -> None:
        self.issuer, self.now = address, now
        self.keys = [ECKey.generate_key("P-256", {"kid": "first"})]
        self.codes: dict[str, tuple[str, Callable[[], str]]] = {}
        self.asked: Counter[str] = Counter()
        self.more: dict[str, Any] = {}
        self.is_down = False

    # ---- what a browser is sent with, and comes back with ----------------------------------

    def send_back(self, location: str, subject: str = "ada", **claims: Any) -> dict[str, str]:
        """What the browser comes back with after the person signed in here."""
        return self.code_for(location, lambda: self.token_for(location, subject, **claims))

    def code_for(self, location: str, token: Callable[[], str]) -> dict[str, str]:
        """A code for a token, however that is made."""
        asked, code = query_of(location), uuid4().hex
        self.codes[code] = (asked["code_challenge"], token)
        return {"code": code, "state": asked["state"]}

    def token_for(self, location: str, subject: str = "ada", **claims: Any) -> str:
        """An ID token for who signed in; `claims` take the place of what would be right."""
        return self.signed(self.claims_for(location, subject, **claims))

    def claims_for(self, location: str, subject: str = "ada", **claims: Any) -> dict[str, Any]:
        """The claims of an ID token; what is None is left out."""
        asked, now = query_of(location), int(self.now())
        right = {
            "iss": self.issuer,
            "sub": subject,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        return {name: value for name, value in (right | claims).items() if value is not None}

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """Claims as a token, signed with the newest key."""
        key = self.keys[-1]
        return jwt.encode({"alg": "ES256", "kid": key.kid} | header, claims, key)

    # ---- what it answers ---------------------------------------------------------------------

    def get(self, path: str) -> dict[str, Any]:
        if path == DISCOVERY:
            return self.metadata() | self.more
        if path == KEYS:
            return {"keys": [each.as_dict(private=False) for each in self.keys]}
        return {"error": "not found"}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}{TOKEN}",
            "jwks_uri": f"{self.issuer}{KEYS}",
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        }

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A token for a code: once, and for who has what the code was asked with."""
        challenge, made = self.codes.pop(form.get("code", ""), ("", lambda: ""))
        proof = sha256(form.get("code_verifier", "").encode()).digest()
        if not challenge or urlsafe_b64encode(proof).decode().rstrip("=") != challenge:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": made()}


def query_of(location: str) -> dict[str, str]:
    """The parameters of an address, each once."""
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}


@contextmanager
def identity_provider(now: Callable[[], float]) -> Iterator[IdentityProvider]:
    """A provider that answers on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked[self.path] += 1
            self.answer(503 if provider.is_down else 200, provider.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: value for name, (value,) in parse_qs(body).items()}
            self.answer(*provider.token(form))

        def answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}", now)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
