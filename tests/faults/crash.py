"""`python -m tests.faults.crash [KILLS]`: kill -9 of servers, workers and importers under load.

Two servers, a worker and an importer work on one database; clients send commands to either server,
each until it is answered, and keep a ledger. Now and then one of the programs is killed, or an
import of JSON lines into a new database, or on PostgreSQL the process of a connection, and begins
again. What was acknowledged must be there once, and all beside it be in order. One control
acknowledges before it commits and must lose; the other takes a new key each time a command is sent
and must double.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.kpi import Target
from okr_es.domain.values import Cadence, Direction
from tests.faults.crash_clients import ADA, Client
from tests.faults.crash_imports import Importer, faults_of_copy, to_json_lines
from tests.faults.crash_oracle import faults_of
from tests.faults.crash_programs import (
    Change,
    Program,
    acknowledging_first,
    without_long_pauses,
)
from tests.faults.results import run_families
from tests.faults.stores import Store, file_of, name_of

KILLS = 300
OF_A_ROUND = 50  # then everything is killed and verified
CLIENTS, SERVERS = 4, 2
MOST_PAUSE = 0.3
SERVES_SECONDS = 60
STARTS_SECONDS = 30
WEIGHTS = {"server": 12, "importer": 5, "worker": 3, "json lines": 2, "everything": 1}


@dataclass
class Tally:
    """How often what was killed, and what came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    commands: int = 0
    unanswered: int = 0
    repeated: int = 0

    def as_json(self, *must_be_wrong: str) -> dict[str, Any]:
        """Return it as it stands in build/faults.json; a control must be wrong in these ways."""
        words = Counter(line.partition(":")[0] for line in self.wrong)
        holds = all(words[word] for word in must_be_wrong) if must_be_wrong else not self.wrong
        return {
            "tried": self.kills.total(),
            "wrong": len(self.wrong),
            "killed": dict(self.kills),
            "commands": self.commands,
            "unanswered": self.unanswered,
            "recorded_without_an_answer": self.repeated,
            "wrong_by_kind": dict(words),
            "holds": holds and self.kills.total() > 0,
        }


class Attack:
    """An installation under load, and how its programs are killed."""

    def __init__(self, store: Store, folder: Path, chance: random.Random) -> None:
        self.store = store
        self.folder = folder
        self.chance = chance
        self.url = store.url()
        self.companies = founded(self.url)
        self.json_lines = folder / "all.jsonl"
        self.events = to_json_lines(self.url, self.json_lines)
        self.ports = free_ports(SERVERS)
        self.server_change: Change | None = None
        self.servers: dict[int, Program] = {}
        self.served_before: Counter[int] = Counter()
        self.worker: Program | None = None
        self.importer = Importer(folder, self.start)
        self.clients: list[Client] = []
        self.wrong: list[str] = []
        self.had_outage = False

    def start(self, *arguments: str, change: Change | None = None) -> Program:
        """Start a program on the database."""
        return Program(self.url, self.folder / arguments[0], *arguments, change=change)

    @contextmanager
    def under_load(self, change: Change | None, *, has_jobs: bool, careful: bool) -> Iterator[None]:
        """Let programs and clients work; then what clients sent is completed, and all is killed.

        `change` is one of the servers; without jobs there are no worker and no importer.
        """
        self.server_change = change
        for port in self.ports:
            self.serve(port)
        if has_jobs:
            self.worker = self.start("worker", change=without_long_pauses)
        names = [f"{self.chance.random()}" for _ in range(CLIENTS)]
        self.clients = [
            Client(name, self.ports, company, careful=careful)
            for name, company in zip(names, self.companies, strict=True)
        ]
        try:
            for client in self.clients:
                client.start()
            yield
            for client in self.clients:
                client.stopped.set()
            for client in self.clients:
                client.join()
            self.wrong += self.importer.complete()
        finally:
            self.kill_all()

    def serve(self, port: int) -> None:
        """Start a server."""
        self.served_before[port] = self.served(port)
        self.servers[port] = self.start(
            "serve", "--development", "--port", str(port), change=self.server_change
        )

    def served(self, port: int) -> int:
        """How many commands were acknowledged at a port."""
        return sum(client.served[port] for client in self.clients)

    def kill_all(self) -> None:
        """Kill everything."""
        for program in (*self.servers.values(), self.worker, self.importer.program):
            if program is not None:
                program.kill()

    # ---- what is killed -----------------------------------------------------------------

    def kill(self, kind: str) -> None:
        """Kill a program at a random moment of its work; it begins again."""
        if self.worker is not None:
            self.importer.go_on()
        if self.had_outage:
            self.start_again()
        self.ways()[kind]()

    def ways(self) -> dict[str, Callable[[], None]]:
        """How each kind of program is killed."""
        return {
            "server": self.kill_server,
            "worker": self.kill_worker,
            "importer": self.kill_importer,
            "json lines": self.kill_json_lines,
            "everything": self.kill_everything,
            "connection": self.kill_connection,
        }

    def pause(self, most: float = MOST_PAUSE) -> None:
        """Let a random moment come."""
        time.sleep(self.chance.uniform(0, most))

    def await_load(self) -> None:
        """Wait until each server has acknowledged something since it began."""
        until = time.monotonic() + SERVES_SECONDS
        while any(self.served(port) == self.served_before[port] for port in self.ports):
            if time.monotonic() > until:
                self.wrong.append("refused: a server does not serve")
                return
            if self.had_outage:
                self.start_again()
            time.sleep(0.01)

    def kill_server(self) -> None:
        """Kill one of the servers, and the others go on."""
        port = self.chance.choice(self.ports)
        self.await_load()
        self.pause()
        if not self.servers[port].kill():
            self.wrong.append("refused: a server has ended by itself")
        self.serve(port)

    def kill_worker(self) -> None:
        """Kill the worker."""
        assert self.worker is not None
        self.pause()
        if not self.worker.kill():
            self.wrong.append("refused: the worker has ended by itself")
        self.worker = self.start("worker", change=without_long_pauses)

    def kill_importer(self) -> None:
        """Kill an import that has not come to its end."""
        while True:
            program = self.importer.go_on()
            self.pause(1.0)
            if program.exit_code is None and program.kill():
                return

    def kill_json_lines(self) -> None:
        """Kill an import of JSON lines."""
        was_killed = False
        while not was_killed:
            url = self.store.url()
            program = Program(url, self.folder / "copy", "copy", str(self.json_lines), url)
            self.pause(0.8)
            was_killed = program.kill()
            self.wrong += faults_of_copy(url, self.events)
            self.remove(url)

    def remove(self, url: str) -> None:
        """Remove a database."""
        if self.store.name == "sqlite":
            shutil.rmtree(file_of(url).parent, ignore_errors=True)
        else:
            self.store.admin.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    def kill_everything(self) -> None:
        """Kill all programs at once."""
        self.await_load()
        self.pause()
        self.kill_all()
        for port in self.ports:
            self.serve(port)
        self.worker = self.start("worker", change=without_long_pauses)
        self.importer.go_on()

    def kill_connection(self) -> None:
        """Kill the process of one of the connections; PostgreSQL begins again then."""
        self.await_load()
        self.pause()
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = %s "
            "ORDER BY state = 'active' DESC, random() LIMIT 1"
        )
        with psycopg.connect(self.store.server_url) as admin:
            found = admin.execute(query, (name_of(self.url), "client backend")).fetchone()
        if found is not None:
            with suppress(ProcessLookupError):
                os.kill(found[0], signal.SIGKILL)
            self.await_database(found[0])
            self.had_outage = True

    def start_again(self) -> None:
        """Start what has ended by itself, because there was no database."""
        for port in self.ports:
            if self.servers[port].exit_code is not None:
                self.serve(port)
        if self.worker is not None and self.worker.exit_code is not None:
            self.worker = self.start("worker", change=without_long_pauses)

    def await_database(self, killed: int) -> None:
        """Wait until PostgreSQL has begun again; the connection of the store is renewed."""
        until = time.monotonic() + STARTS_SECONDS
        query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        while time.monotonic() < until:
            self.store.__dict__.pop("admin", None)
            with suppress(psycopg.OperationalError):
                if self.store.admin.execute(query, (killed,)).fetchone() == (0,):
                    return
            time.sleep(0.05)


def founded(url: str) -> list[dict[str, str]]:
    """Found a company with a team and a KPI for each client; return the ids they need."""
    today = datetime.now(UTC).date()
    span = today - timedelta(days=40), today + timedelta(days=40)
    context = Context(ADA, origin="job")
    with closing(Okr(url)) as okr:

        def done(command: c.Command) -> str:
            return str(okr.execute(command, Context(ADA, origin="job")).id)

        done(c.RegisterPerson("Ada", None, context.by))
        cycle = done(c.OpenCycle("now", *span))
        target = Target(*span, Decimal(1))
        return [
            {
                "cycle_id": cycle,
                "team_id": done(c.FormTeam(f"Team {number}")),
                "kpi_id": done(
                    c.DefineKpi(
                        f"KPI {number}", Direction.AT_LEAST, "points", "books", Cadence.DAILY, ADA,
                        target,
                    )
                ),
            }
            for number in range(CLIENTS)
        ]  # fmt: skip


def free_ports(number: int) -> list[int]:
    """Return ports that nobody uses."""
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def tried(
    store: Store, victims: Sequence[str], change: Change | None = None, *, careful: bool = True
) -> Tally:
    """Kill these one after the other, in rounds, each with a database of its own."""
    tally, chance = Tally(), random.Random(f"{store.name} {len(victims)}")
    for begun in range(0, len(victims), OF_A_ROUND):
        with tempfile.TemporaryDirectory(prefix="okr-es-crash-") as folder:
            attack = Attack(store, Path(folder), chance)
            with attack.under_load(change, has_jobs="worker" in victims, careful=careful):
                for kind in victims[begun : begun + OF_A_ROUND]:
                    attack.kill(kind)
                    tally.kills[kind] += 1
            count(attack, tally)
            attack.remove(attack.url)
    return tally


def count(attack: Attack, tally: Tally) -> None:
    """Count what came of a round."""
    ledger = [entry for client in attack.clients for entry in client.entries]
    tally.wrong += attack.wrong
    tally.wrong += [line for client in attack.clients for line in client.wrong]
    tally.wrong += faults_of(attack.url, ledger, attack.importer.events)
    receipts = [entry.receipt for entry in ledger if entry.receipt]
    tally.commands += len(receipts)
    tally.unanswered += sum(client.unanswered for client in attack.clients)
    tally.repeated += sum(receipt["repeated"] for receipt in receipts)


def family(store: Store, kills: int) -> dict[str, Any]:
    """Kill so many programs, and on PostgreSQL connections besides; return what came of it."""
    chance = random.Random(store.name)
    victims = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=kills)
    if store.name == "postgresql":  # of the faults, which nobody else uses
        victims += ["connection"] * (1 + kills // 12)
        chance.shuffle(victims)
    tally = tried(store, victims)
    print(*tally.wrong[:20], sep="\n", file=sys.stderr)
    return tally.as_json()


def control_lost(store: Store, kills: int) -> dict[str, Any]:
    """Acknowledge before it is committed."""
    return tried(store, ["server"] * kills, acknowledging_first).as_json("lost")


def control_twice(store: Store, kills: int) -> dict[str, Any]:
    """Take another key each time."""
    return tried(store, ["server"] * kills, careful=False).as_json("twice")


def families(both: list[Store], kills: int) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Both engines, and the controls of each."""
    for store in both:
        yield f"crash.{store.name}", partial(family, store, kills)
        few = min(3 + kills // 40, 10)
        yield f"crash.control_lost_{store.name}", partial(control_lost, store, few)
        yield f"crash.control_twice_{store.name}", partial(control_twice, store, few)


def main(arguments: list[str]) -> int:
    """Kill so many times on each engine, or on those named; return 1 if one does not hold."""
    from tests.faults.__main__ import stores

    kills = int(arguments[0]) if arguments else KILLS
    with stores() as both:
        chosen = [store for store in both if store.name in (arguments[1:] or [store.name])]
        return run_families("kill -9 under load", families(chosen, kills))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
