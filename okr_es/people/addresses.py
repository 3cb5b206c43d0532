"""Who has an e-mail address."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from okr_es.people.directory import Directory


def people_with(directory: Directory, email: str) -> list[UUID]:
    """Return the people of the directory with an e-mail address."""
    wanted = folded(email)
    entries = directory.entries().values()
    return [each.id for each in entries if each.email and folded(each.email) == wanted]


def folded(email: str) -> str:
    """Return an e-mail address as two of them are compared.

    Only letters of ASCII count as their capitals: some others, such as the long s, would become
    one of ASCII, and the address that of somebody else.
    """
    text = unicodedata.normalize("NFC", email).strip()
    return text.lower() if text.isascii() else text
