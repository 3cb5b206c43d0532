"""A command that comes again is known by its fingerprint, which covers all it says.

What is personal too; that is in it under a person's key, so nothing of it can be found out from it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.refusals import PersonIsUnknown
from okr_es.domain.values import exact_id
from okr_es.handlers.directory import personal_fields
from okr_es.handlers.fingerprints import fingerprint, fingerprint_before, written_fields
from okr_es.handlers.receipts import decode_receipt
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Appended
from okr_es.log.recorder import LogRecorder
from okr_es.people.directory import Directory
from okr_es.people.encryption import text_key

WITH_TEXTS = b"\x02"  # begins what is hashed since texts are compared


class Said(NamedTuple):
    """Something personal that a command says, and whose key keeps it."""

    person_id: UUID
    texts: dict[str, Any]
    at_fault: str  # the field that names the person


def command_id_of(log: LogRecorder, by: UUID, key: str) -> UUID:
    """Return the id of a person's command under an idempotency key: uuid5 of both.

    Before keys belonged to their actors, a key was a UUID and itself the id of the command. So
    where this person sent a command of that id, it is that one. Of a command that changed nothing
    nobody knows who sent it: that one counts as theirs.
    """
    before = exact_id(key)
    if before is not None and (sender := log.sender_of(before)) and sender.by in {by, None}:
        return before
    return uuid5(by, key)


def recorded_fingerprint(
    directory: Directory, command: c.Command, context: Context, work: UnitOfWork
) -> bytes:
    """Return the fingerprint of a command to record."""
    is_new = isinstance(command, c.RegisterPerson | c.CreateApiKey)
    subject = work.events[0].originator_id if is_new else vars(command).get("person_id")
    said = all_said(command, context, subject)
    keys = directory.keys({each.person_id for each in said})
    for each in said:
        if each.person_id not in keys:
            raise PersonIsUnknown("That person was erased.", field=each.at_fault)
    return whole_fingerprint(command, context, said, keys)


def earlier_outcome(
    log: LogRecorder, directory: Directory, command: c.Command, context: Context
) -> Appended | None:
    """Return the outcome of an earlier arrival of a command; None if there was none.

    None also where what it says cannot be compared: the person whose key kept it was erased. A
    receipt from before texts were compared stands for the command with any of them.
    """
    recorded = log.recorded_command(context.command_id)
    if recorded is None:
        return None
    subject = decode_receipt(recorded.receipt).id
    said = all_said(command, context, subject)
    keys = directory.keys({each.person_id for each in said})
    known = fingerprints_before(command, context, subject, keys)
    if recorded.fingerprint not in known:
        if any(each.person_id not in keys for each in said):
            return None
        known = [whole_fingerprint(command, context, said, keys)]
    return log.earlier_outcome(context.command_id, *known)


def all_said(command: c.Command, context: Context, subject: UUID | None) -> list[Said]:
    """Return what a command says that is personal, each text with the person whose key keeps it.

    Who erases themself destroys the key that keeps why, so that is left out.
    """
    found = []
    written = {"reason": context.reason, "comment": context.comment, **written_fields(command)}
    texts = {name: text for name, text in written.items() if text is not None}
    if texts and not (isinstance(command, c.ErasePerson) and command.person_id == context.by):
        found.append(Said(context.by, texts, "by"))
    if (personal := personal_fields(command)) and subject is not None:
        found.append(Said(subject, personal, "person_id"))
    return found


def whole_fingerprint(
    command: c.Command, context: Context, said: list[Said], keys: Mapping[UUID, bytes]
) -> bytes:
    """Return the fingerprint of a command with what it says, and in whose name."""
    asked_for = b"" if context.on_behalf_of is None else context.on_behalf_of.bytes
    found = hashlib.sha256(WITH_TEXTS + fingerprint(command) + asked_for).digest()
    for each in said:
        found = keyed(keys[each.person_id], context.command_id, found, each.texts)
    return found


def keyed(key: bytes, command_id: UUID, public: bytes, texts: dict[str, Any]) -> bytes:
    """Return a fingerprint with texts.

    It is an HMAC under a key made from that of a person. So it says nothing to anybody once they
    were erased, and then nothing can be compared.
    """
    return hmac.digest(text_key(key, f"command/{command_id}"), public + encoded(texts), "sha256")


def fingerprints_before(
    command: c.Command, context: Context, subject: UUID | None, keys: Mapping[UUID, bytes]
) -> list[bytes]:
    """Return the fingerprints that stood for a command before what people write was compared."""
    found = [fingerprint(command), fingerprint_before(command)]
    personal = personal_fields(command)
    if personal and subject is not None and subject in keys:
        found.append(keyed(keys[subject], context.command_id, found[0], personal))
    return found


def encoded(fields: dict[str, Any]) -> bytes:
    """Return fields as bytes; text that cannot be encoded will be refused, but not for that."""
    try:
        return msgspec.json.encode(fields)
    except UnicodeEncodeError:
        return repr(fields).encode()
