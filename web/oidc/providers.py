"""The providers of identity that people may sign in by: a file of TOML, read when a server starts.

A provider is `[providers.NAME]`; the name stands in addresses and in the access log.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from web.oidc.rules import NoRule, Rule, rules_of
from web.settings import Unusable, is_this_machine

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
LONGEST = 2_000  # characters of a text in the file
OPENID = "openid"


@dataclass(frozen=True)
class Provider:
    """A provider of identity, and what is settled about it.

    `title` stands on its button. `email_domains` are those of which an e-mail address connects or
    registers somebody, none: all. With `provision` who signs in first is registered. `groups_claim`
    names the groups of somebody, and `roles` says which role a group gives.
    """

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = (OPENID, "email", "profile")
    email_domains: tuple[str, ...] = ()
    provision: bool = False
    groups_claim: str = "groups"
    roles: tuple[Rule, ...] = ()

    def takes(self, email: str) -> bool:
        """Return whether an e-mail address is of a domain that is settled."""
        domain = email.rpartition("@")[2].casefold()
        return not self.email_domains or domain in self.email_domains


def read_providers(path: Path) -> dict[str, Provider]:
    """Return the providers of a file by their names; raise Unusable, which names the field."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} is no TOML: {error}.") from None
    tables = content.pop("providers", None)
    if content or not isinstance(tables, dict) or not tables:
        raise Unusable(f"{path} has [providers.NAME] for each provider, and nothing else.")
    return {name: provider_of(Table(path, name, table)) for name, table in tables.items()}


class Table:
    """The table of one provider; what is taken from it is checked, what is left is unknown."""

    def __init__(self, path: Path, name: str, values: Any) -> None:
        self.folder, self.where = path.parent, f"{path}: providers.{name}"
        if not isinstance(values, dict) or not NAME.fullmatch(name):
            raise Unusable(f"{self.where} is no table with a name of a-z, 0-9 and -.")
        self.name, self.values = name, dict(values)

    def text(self, key: str, otherwise: str | None = None) -> str:
        """Take a text; without `otherwise` it has to be there."""
        value = self.values.pop(key, otherwise)
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
            raise self.unusable(key, f"a text of 1 to {LONGEST} printable characters")
        return value

    def texts(self, key: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """Take a list of texts without blanks."""
        value = self.values.pop(key, list(otherwise))
        are_texts = isinstance(value, list) and all(map(is_word, value))
        if not are_texts:
            raise self.unusable(key, "a list of texts without blanks")
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Take true or false; false where it is left out."""
        value = self.values.pop(key, False)
        if not isinstance(value, bool):
            raise self.unusable(key, "true or false")
        return value

    def rules(self, key: str) -> tuple[Rule, ...]:
        """Take the rules by which groups give roles; none where they are left out."""
        try:
            return rules_of(self.values.pop(key, []))
        except NoRule as error:
            raise self.unusable(key, str(error)) from None

    def secret(self) -> str | None:
        """Take the secret of the client, or what its file holds; a public client has none."""
        if "client_secret_file" not in self.values:
            return self.text("client_secret") if "client_secret" in self.values else None
        if "client_secret" in self.values:
            raise self.unusable("client_secret_file", "left out where client_secret is given")
        file = self.folder / self.text("client_secret_file")
        try:
            secret = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise self.unusable("client_secret_file", f"a file that can be read: {file}") from None
        if not secret:
            raise self.unusable("client_secret_file", f"a file that is not empty: {file}")
        return secret

    def unusable(self, key: str, wanted: str) -> Unusable:
        """Return the error of a field."""
        return Unusable(f"{self.where}.{key} must be {wanted}.")


def is_word(value: object) -> bool:
    """Return whether a value is a text without blanks."""
    return isinstance(value, str) and value.isprintable() and value.split() == [value]


def provider_of(table: Table) -> Provider:
    """Return the provider of a table; raise Unusable."""
    issuer = table.text("issuer")
    if not is_safe_url(issuer):
        raise table.unusable("issuer", "an https URL without query, or http of this machine")
    found = Provider(
        name=table.name,
        title=table.text("title", table.name),
        issuer=issuer,
        client_id=table.text("client_id"),
        client_secret=table.secret(),
        scopes=table.texts("scopes", Provider.scopes),
        email_domains=tuple(map(str.casefold, table.texts("email_domains", ()))),
        provision=table.flag("provision"),
        groups_claim=table.text("groups_claim", Provider.groups_claim),
        roles=table.rules("roles"),
    )
    if OPENID not in found.scopes:
        raise table.unusable("scopes", "a list that has openid")
    for key in table.values:
        raise table.unusable(key, "left out: there is no such field")
    return found


def is_safe_url(url: object) -> bool:
    """Return whether something is a URL of https, or of http on this machine, without a query."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if host is None or "@" in url or "?" in url or "#" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))
