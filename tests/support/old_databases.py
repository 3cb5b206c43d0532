"""Databases of earlier schema versions, kept as rows: what the test of upgrades begins with.

Before a schema version is raised, `python -m tests.support.old_databases` writes a database of
the version that stands, into tests/data/databases, and never over one that is there: what stands
in a file stands in somebody's database. It is rows by table, the same for both engines; the tables
are made by the migrations up to that version.
"""

from __future__ import annotations

import json
import lzma
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, MetaData, Table, Uuid, insert, select

from okr_es import commands as c
from okr_es import example
from okr_es.application import Okr
from okr_es.areas import databases, schema_versions
from okr_es.context import Context
from okr_es.database.creation import owner_transaction
from okr_es.database.schema_versions import migrate
from okr_es.domain.measure import Measure
from okr_es.domain.values import Controlled, Kind
from okr_es.evidence.signer import Signer
from okr_es.people.identities import Identities, Identity

FOLDER = Path(__file__).parents[1] / "data" / "databases"
FIRST_WEEKS = 250  # commands of the example company
MARA, SAMIR = example.naming.person("mara"), example.naming.person("samir")
GUEST, CYCLE, OBJECTIVE, KEY_RESULT = (UUID(int=0xE5_0000 + n) for n in range(4))
TARGET = Measure(Kind.METRIC, Decimal(0), Decimal(100), "leads")


def build(url: str, commands: int | None = None) -> None:
    """Record the example company, or its first commands, then what it lacks; sign twice, read once.

    The clock stands still, so all but what is random by nature is the same each time.
    """
    okr = Okr(url, clock=lambda: datetime(2026, 2, 16, 12, tzinfo=UTC))
    example.execute_steps(okr, example.story()[:commands])
    signer = Signer(okr, origin="okr-es.example")
    assert signer.sign() is not None
    for number, (command, by) in enumerate(remaining_commands()):
        okr.execute(command, Context(by, f"because of {number}", command_id=UUID(int=number)))
    approve_refuse_withdraw(okr)
    account = Identity("https://login.example", "samir")
    assert Identities(okr.directory).connect(SAMIR, account)
    okr.client_info.note(UUID(int=0), MARA, "192.0.2.7", "a browser")
    okr.access_log.record(MARA, "history", {"goal_id": str(OBJECTIVE)}, [MARA])
    assert signer.sign() is not None
    okr.close()


def remaining_commands() -> Iterator[tuple[c.Command, UUID]]:
    """Yield commands that the example company has no use for, and who gives them."""
    team = example.naming.team("company")
    yield c.RegisterPerson("Gesa Guest", "gesa@example.org", GUEST), MARA
    yield c.OpenCycle("spring", date(2026, 1, 1), date(2026, 6, 30), id=CYCLE), MARA
    yield c.DraftObjective(CYCLE, team, GUEST, "be ready for spring", id=OBJECTIVE), GUEST
    yield c.AddKeyResult(OBJECTIVE, "100 leads", TARGET, id=KEY_RESULT), GUEST
    yield c.CommitObjective(OBJECTIVE), GUEST
    yield c.CommitPlan(CYCLE), MARA
    yield c.CheckIn(KEY_RESULT, date(2026, 2, 15), 7, Decimal(25), id=UUID(int=0xE5_0100)), GUEST
    yield c.RequireApproval(CYCLE, tuple(Controlled)), MARA
    yield c.ReassignObjective(OBJECTIVE, SAMIR), GUEST
    yield c.ErasePerson(GUEST, "GDPR article 17 (1) (b)"), MARA
    yield c.RotateSigningKey(), MARA


def approve_refuse_withdraw(okr: Okr) -> None:
    """Have one request approved, one refused and one withdrawn; one is never decided."""
    endings = (c.ApproveRequest, c.RefuseRequest, c.WithdrawRequest, None)
    for number, ending in enumerate(endings, 100):
        weight = c.ReweightKeyResult(KEY_RESULT, Decimal(number))
        receipt = okr.execute(weight, Context(SAMIR, "it matters", command_id=UUID(int=number)))
        if ending is not None:
            by = SAMIR if ending is c.WithdrawRequest else MARA
            decided = Context(by, "it is decided", command_id=UUID(int=number + 100))
            okr.execute(ending(receipt.approval_id), decided)


def write(url: str, path: Path) -> None:
    """Write all rows of a database, but for its read model."""
    lines = []
    versions = {each.area: each.version for each in schema_versions(url) if each.version}
    for area, database in databases(url):
        if area.name not in versions:  # no job was ever done
            continue
        with owner_transaction(database) as connection:
            lines += [[area.name, *each] for each in rows_of(connection, area.metadata)]
    text = "\n".join(json.dumps(each) for each in [versions, *lines])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(text.encode(), preset=9))


def load(path: Path, url: str) -> dict[str, int]:
    """Make the database that a file holds; return the schema version of each area."""
    versions, *lines = lines_of(path)
    for area, database in databases(url):
        if area.name not in versions:
            continue
        with owner_transaction(database) as connection:
            migrate(connection, area.name, versions[area.name])
            tables = MetaData()
            tables.reflect(connection)
            for name, rows in by_table(lines, area.name):
                table = tables.tables[name]
                connection.execute(insert(table), [from_json(row, table) for row in rows])
        database.dispose()
    return versions


def lines_of(path: Path) -> list[Any]:
    """The lines of a file: the schema version of each area, then area, table and row."""
    return [json.loads(line) for line in lzma.decompress(path.read_bytes()).decode().split("\n")]


def by_table(lines: list[Any], area: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The tables of an area, each with its rows."""
    of_area = [(table, row) for name, table, row in lines if name == area]
    for table, rows in groupby(of_area, key=itemgetter(0)):
        yield table, [row for _, row in rows]


def rows_of(connection: Connection, metadata: MetaData) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of each table, as JSON has them."""
    for table in metadata.sorted_tables:
        ordered = select(table).order_by(*table.primary_key.columns)
        for row in connection.execute(ordered).mappings():
            yield table.name, {name: to_json(value) for name, value in row.items()}


def to_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, bytes | memoryview):
        return value
    try:
        return {"utf-8": bytes(value).decode()}
    except UnicodeDecodeError:
        return {"hex": bytes(value).hex()}


def from_json(row: dict[str, Any], table: Table) -> dict[str, Any]:
    ids = {column.name for column in table.columns if isinstance(column.type, Uuid)}
    return {
        name: UUID(value) if value is not None and name in ids else bytes_of(value)
        for name, value in row.items()
    }


def bytes_of(value: Any) -> Any:
    match value:
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"utf-8": text}:
            return text.encode()
    return value


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        here = f"sqlite:///{folder}/okr.db"
        build(here)
        newest = max(each.needed for each in schema_versions(here))
        file = FOLDER / f"version_{newest}.jsonl.xz"
        if file.exists():
            raise SystemExit(f"{file.name} is there, and stays as it is.")
        write(here, file)
