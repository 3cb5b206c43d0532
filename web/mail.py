"""Mail: one message to one address, over TLS, by the server that the settings name."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

from okr_es.people.directory import Entry
from web.settings import MAIL_FROM, SMTP, Unusable, is_this_machine

SECONDS = 10.0  # for each step of sending
PORTS = {"smtp": 587, "smtps": 465}
LONGEST_ADDRESS = 254


class MailFails(Exception):
    """A message was not sent; the message says why, and names no password."""


@dataclass(frozen=True)
class Mailer:
    """Sends mail by one server. With `smtps` all is TLS; else it begins by STARTTLS."""

    host: str
    port: int
    sender: Address
    is_tls: bool
    begins_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a message; raise MailFails where the server does not take it."""
        message = message_of(self.sender, to, subject, text)
        try:
            with self.connected() as server:
                if self.begins_tls:
                    server.starttls(context=tls_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            why = type(error).__name__
            raise MailFails(f"{self.host}:{self.port} does not take the mail: {why}.") from error

    def connected(self) -> smtplib.SMTP:
        """Return a connection to the server."""
        if self.is_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=tls_context())
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)


def tls_context() -> ssl.SSLContext:
    """Return how the server's certificate is checked: by those the system trusts."""
    return ssl.create_default_context()


def message_of(sender: Address, to: str, subject: str, text: str) -> EmailMessage:
    """Return a message to one address; raise MailFails where that is none."""
    message = EmailMessage()
    try:
        message["From"], message["To"] = sender, address_of(to)
        message["Subject"] = subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
    except (ValueError, MessageError) as error:
        raise MailFails("The address of the person is no e-mail address.") from error
    return message


def address_of(text: str) -> Address:
    """Return one e-mail address; raise ValueError where a text is none, or more than one."""
    found = Address(addr_spec=text.strip())
    is_plain = found.username and found.domain and text.strip().isprintable()
    if not is_plain or len(text) > LONGEST_ADDRESS:
        raise ValueError(text)
    return found


def mailer_of(url: str | None, sender: str | None) -> Mailer | None:
    """Return the mailer of two settings, None where neither is set; raise Unusable."""
    if not url and not sender:
        return None
    if not url or not sender:
        raise Unusable(f"{SMTP} and {MAIL_FROM} are set both or neither.")
    try:
        from_address = address_of(sender)
    except (ValueError, MessageError):
        raise Unusable(f"{MAIL_FROM} is no e-mail address: {sender}.") from None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    query = parse_qs(parts.query, keep_blank_values=True)
    is_plain = query == {"starttls": ["no"]}
    if host is None or parts.scheme not in PORTS or not (is_plain or not query):
        raise Unusable(f"{SMTP} is no smtp://USER:PASSWORD@HOST:PORT, nor smtps://….")
    if is_plain and not (parts.scheme == "smtp" and is_this_machine(host)):
        raise Unusable(f"{SMTP} has starttls=no, which is for a server on this machine alone.")
    return Mailer(
        host,
        port or PORTS[parts.scheme],
        from_address,
        is_tls=parts.scheme == "smtps",
        begins_tls=parts.scheme == "smtp" and not is_plain,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


# ---- the message with a link ---------------------------------------------------------------

SUBJECTS = {"en": "Sign in to okr-es", "sv": "Logga in i okr-es"}
TEXTS = {
    "en": """\
Hello {name},

this link signs you in to okr-es, once, until {ends}:

{link}

If you did not expect it, you need not do anything.
""",
    "sv": """\
Hej {name},

den här länken loggar in dig i okr-es, en gång, till {ends}:

{link}

Om du inte väntade dig den behöver du inte göra något.
""",
}


def send_link(mailer: Mailer, entry: Entry, link: str, ends: datetime, language: str) -> None:
    """Send a person a link to sign in by, which ends at a time. Raises MailFails."""
    if entry.email is None:
        raise MailFails("The person has no e-mail address.")
    until = ends.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = TEXTS[language].format(name=entry.name, link=link, ends=until)
    mailer.send(entry.email, SUBJECTS[language], text)
