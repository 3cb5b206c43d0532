"""A server of mail on this machine that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Kept:
    """The messages that were taken, with the addresses they are to, and who logged in."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.users: list[str] = []
        self.refuses = False
        self.port = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "554 no"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append((envelope.rcpt_tos, message))
        return "250 OK"

    def authenticate(self, *arguments: Any) -> AuthResult:
        self.users.append(arguments[-1].login.decode())
        return AuthResult(success=arguments[-1].password == b"p@ss")


class OnAnyPort(Controller):
    """A server on a port that is free."""

    def _trigger_server(self) -> None:
        (socket, *_) = self.server.sockets
        self.port = socket.getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(**options: Any) -> Iterator[Kept]:
    """A server that answers on a port of its own."""
    kept = Kept()
    controller = OnAnyPort(
        kept, hostname="127.0.0.1", port=0, authenticator=kept.authenticate, **options
    )
    controller.start()
    kept.port = controller.port
    try:
        yield kept
    finally:
        controller.stop()
