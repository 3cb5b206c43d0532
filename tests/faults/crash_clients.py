"""Clients of servers that are killed: they send each command until it is answered, and keep a
ledger of what was acknowledged."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid5

API = "/api/v1"
ADA = UUID("6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01")
READINGS = 10
ANSWER_SECONDS = 20
PATIENCE_SECONDS = 90
PAUSE_SECONDS = 0.02
DENIED = "/problems/database-is-unavailable"  # "this time nothing was recorded"
# How many events a command has.
EVENTS = {
    "person": 1, "rename": 1, "erase": 1, "team": 1, "objective": 1, "key result": 1,
    "readings": READINGS,
}  # fmt: skip


@dataclass
class Entry:
    """A command, what came of it, and how often it was sent."""

    kind: str
    path: str
    body: dict[str, Any]
    key: str
    sent: int = 0
    receipt: dict[str, Any] | None = None

    @property
    def command_id(self) -> UUID:
        """The id that actor and key make."""
        return uuid5(ADA, self.key)


@dataclass
class Answer:
    """What a server answered: status 0 where it did not."""

    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)


class Caller:
    """Asks servers at some ports, over connections that are kept."""

    def __init__(self) -> None:
        self.connections: dict[int, HTTPConnection] = {}

    def ask(self, port: int, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask one of them."""
        connection = self.connections.pop(port, None)
        connection = connection or HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Okr-Actor": str(ADA), "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        try:
            connection.request("GET" if body is None else "POST", API + path, data, named)
            response = connection.getresponse()
            answer = Answer(response.status, json.loads(response.read()))
        except (OSError, HTTPException, ValueError):
            connection.close()
            return Answer()
        self.connections[port] = connection
        return answer

    def close(self) -> None:
        """Close all connections."""
        for connection in self.connections.values():
            connection.close()


class Client(Thread):
    """Sends commands one after the other; none is given up before it is answered.

    A client that is not `careful` takes another key each time: a control.
    """

    def __init__(
        self, name: str, ports: list[int], company: Mapping[str, str], *, careful: bool = True
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.ports = ports
        self.company = company
        self.careful = careful
        self.chance = random.Random(name)
        self.numbers = count()
        self.caller = Caller()
        self.stopped = Event()
        self.entries: list[Entry] = []
        self.wrong: list[str] = []
        self.served: Counter[int] = Counter()
        self.unanswered = 0
        self.known: dict[str, str] = {}
        self.position = 0

    def run(self) -> None:
        """Go on until stopped; what was sent by then is completed."""
        while not self.stopped.is_set():
            kind = self.chance.choice(list(EVENTS))
            entry = self.entry(kind)
            self.entries.append(entry)
            self.deliver(entry)
            time.sleep(self.chance.uniform(0, PAUSE_SECONDS))
            if self.chance.random() < 0.2:
                self.look()
        self.caller.close()

    # ---- commands -----------------------------------------------------------------------

    def entry(self, kind: str) -> Entry:
        """Return a command of a kind, or what must come before it."""
        needs = {"rename": "person", "erase": "person", "key result": "objective"}
        if needs.get(kind, kind) not in self.known and kind in needs:
            kind = needs[kind]
        number = next(self.numbers)
        path, body = self.commands()[kind](f"{kind} {number} of {self.name}", number)
        return Entry(kind, path, body, f"{self.name} {number}")

    def commands(self) -> dict[str, Callable[[str, int], tuple[str, dict[str, Any]]]]:
        """Return address and body of each kind of command."""
        company, person = self.company, f"/people/{self.known.get('person')}"
        of_company = {key: company[key] for key in ("cycle_id", "team_id")}
        key_results = f"/objectives/{self.known.get('objective')}/key-results"
        return {
            "person": lambda text, _: ("/people", {"name": text, "email": "a@example.org"}),
            "rename": lambda text, _: (f"{person}/rename", {"name": text}),
            "erase": lambda _, __: (
                f"{person}/erase", {"reason": "They asked.", "legal_ground": "Article 17"},
            ),
            "team": lambda text, _: ("/teams", {"name": text}),
            "objective": lambda text, _: (
                "/objectives", {"title": text, "owner_id": str(ADA), **of_company},
            ),
            "key result": lambda text, _: (
                key_results, {"title": text, "measure": {"kind": "milestone"}},
            ),
            "readings": lambda _, number: ("/readings", {"readings": list(self.readings(number))}),
        }  # fmt: skip

    def readings(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield readings of days that are over."""
        today = datetime.now(UTC).date()
        for days in range(READINGS):
            about: date = today - timedelta(days=2 + days)
            yield {"kpi_id": self.company["kpi_id"], "as_of": f"{about}", "value": number}

    # ---- sending ------------------------------------------------------------------------

    def deliver(self, entry: Entry) -> None:
        """Send a command until it is answered, and note what was wrong on the way."""
        until, recorded = time.monotonic() + PATIENCE_SECONDS, None
        while time.monotonic() < until:
            port = self.chance.choice(self.ports)
            entry.sent += 1
            if not self.careful:
                entry.key = f"{self.name} {next(self.numbers)}"
            answer = self.caller.ask(port, entry.path, entry.body, Idempotency_Key=entry.key)
            if 200 <= answer.status < 300:
                self.served[port] += 1
                self.acknowledge(entry, answer.body, recorded)
                return
            if 400 <= answer.status < 500:
                break
            self.unanswered += 1
            time.sleep(PAUSE_SECONDS)
            recorded = self.receipt(entry) or recorded
            if recorded and entry.sent == 1 and answer.body.get("type") == DENIED:
                self.wrong.append(f"denied: {entry.kind}, which was recorded")
        self.wrong.append(f"refused: {entry.kind}, sent {entry.sent} times: {answer.body}")

    def receipt(self, entry: Entry) -> dict[str, Any] | None:
        """Return the receipt of a command, where a server says that it is recorded."""
        answer = self.caller.ask(self.chance.choice(self.ports), f"/commands/{entry.command_id}")
        return answer.body if answer.status == 200 else None

    def acknowledge(
        self, entry: Entry, receipt: dict[str, Any], recorded: dict[str, Any] | None
    ) -> None:
        """Note a receipt, and what of it contradicts what was said before."""
        entry.receipt = receipt
        self.position = max(self.position, receipt["last_position"] or 0)
        if self.careful and receipt["command_id"] != str(entry.command_id):
            self.wrong.append(f"twice: {entry.kind} got another command id")
        if receipt["repeated"] and entry.sent == 1:
            self.wrong.append(f"twice: {entry.kind} was sent once, and counts as repeated")
        if recorded and receipt["first_position"] != recorded["first_position"]:
            self.wrong.append(f"twice: {entry.kind} was recorded, and is somewhere else now")
        if entry.kind == "erase":
            self.known.pop("person", None)
        elif entry.kind in {"person", "objective"} and receipt["id"]:
            self.known[entry.kind] = receipt["id"]

    def look(self) -> None:
        """Ask the read model about what was acknowledged last."""
        about = self.known.get("objective")
        if about is None:
            return
        answer = self.caller.ask(self.chance.choice(self.ports), f"/objectives/{about}")
        if answer.status == 404:
            self.wrong.append("lost: an objective is not shown")
        elif answer.status == 200 and answer.body["position"] < self.position:
            self.wrong.append("lost: an answer is older than what was acknowledged before")
