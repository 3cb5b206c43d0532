"""A week's check-ins on the command line: from a file, or asked one by one; sent after a yes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import click

from web.cli.output import number_of, print_text
from web.cli.session import Session, acting
from web.cli.short_ids import shortened
from web.cli.text.values import stands_at
from web.cli.things import PERSON, TEAM, Thing, all_rows

if TYPE_CHECKING:
    from web.cli.commands.carrying import Call

WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
WHOLE = re.compile(r"-?[0-9]{1,9}")
COLUMNS = ("key_result", "title", "stands_at", "value", "zone", "done_steps", "confidence",
           "comment", "as_of")  # fmt: skip
SAID = ("value", "zone", "confidence", "comment")
ZONES = ("none", "commit", "target", "stretch")
KEY_RESULT = Thing("key_result")
CANNOT_ASK = "Nobody can be asked here: --yes sends them, --dry-run shows them."


class Week(click.ParamType[date]):
    """A week by ISO 8601, as its last day, or today if that is earlier."""

    name = "week"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Return the day that check-ins of the week are about."""
        found = WEEK.fullmatch(value) if isinstance(value, str) else None
        try:
            if found is None:
                raise ValueError
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            self.fail("write a week such as 2026-W33", param, ctx)
        return monday + timedelta(days=6)


class CheckIn(NamedTuple):
    """What is said of a key result."""

    key_result: dict[str, Any]
    body: dict[str, Any]


@click.command("check-ins")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--week", type=Week(), help="Such as 2026-W33: about its last day; this week if left out."
)
@click.option(
    "--person", type=PERSON, metavar="PERSON", help="Of this person only; --by if left out."
)
@click.option("--team", type=TEAM, metavar="TEAM", help="Of this team, in the place of a person.")
@click.option("--form", is_flag=True, help="Print the CSV file to fill in, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask at the end.")
@acting
@click.pass_obj
def check_ins(
    session: Session,
    file: Path | None,
    week: date | None,
    person: UUID | None,
    team: UUID | None,
    form: bool,
    yes: bool,
    by: UUID | None,
) -> None:
    """Check in on all key results of a week: from a CSV file, or asked one by one.

    The columns of FILE are key_result (name or id), value or zone or done_steps (parted by ;),
    confidence, comment and as_of; --form prints it. Without a file each key result is shown with
    where it stands; Enter leaves it out. All are sent at the end, after a yes.
    """
    rows = rows_of(session, by, person or (None if team else by), team)
    if form:
        print_form(rows)
        return
    said = list(from_file(file, rows) if file else asked(rows))
    if not said:
        print_text("nothing to check in")
        return
    tried = list(tried_out(session, said, week, by))
    if session.dry_run:
        print_text("\n".join(tried))
        return
    for line in summary(said):
        click.echo(line, err=True)
    if not yes:
        confirm(number_of(len(said), "check-ins"))
    send(session, said, week, by)


def rows_of(
    session: Session, by: UUID | None, person: UUID | None, team: UUID | None
) -> list[dict[str, Any]]:
    """Return the key results of running goals that people check in on, as the boards have them."""
    with session.queries(by) as queries:
        cycles = [each for each in all_rows(queries.cycles, "cycles") if not each["closed"]]
        ids = [UUID(str(each["id"])) for each in cycles]
        boards = [[*all_rows(partial(queries.board, id_), "objectives")] for id_ in ids]
    return [
        {**each, "objective_title": objective["title"]}
        for objectives in boards
        for objective in objectives
        if objective["state"] == "committed" and (team is None or is_of(objective["team"], team))
        for each in objective["key_results"]
        if each["kpi"] is None and (
            person is None or is_of(each["owner"] or objective["owner"], person)
        )
    ]  # fmt: skip


def is_of(reference: dict[str, Any], id_: UUID) -> bool:
    """Return whether a reference leads to a thing."""
    return str(reference["id"]) == str(id_)


# ---- one by one -------------------------------------------------------------------------


def asked(rows: list[dict[str, Any]]) -> Iterator[CheckIn]:
    """Ask about each key result; yield what is said, Enter is nothing."""
    for number, row in enumerate(rows, 1):
        click.echo(
            f"\n{number} of {len(rows)}: {row['title']}  ({row['objective_title']})", err=True
        )
        click.echo(f"  {where_it_stands(row)}", err=True)
        said = {name: answer for name in questions_of(row) if (answer := ask(row, name))}
        if said:
            yield CheckIn(row, as_body(said))


def where_it_stands(row: dict[str, Any]) -> str:
    """Return the last value of a key result, of when it is, and what is promised."""
    reading = row["reading"]
    last = f", last about {reading['as_of']}" if reading else ""
    return f"{stands_at(row)}{last}"


def questions_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Return what is asked about a key result, by its kind."""
    said = {"ordinal": "zone", "milestone": "done_steps" if row["steps"] else "value"}
    return (said.get(row["kind"], "value"), "confidence", "comment")


def ask(row: dict[str, Any], name: str) -> str:
    """Ask for one field until it can be read; return an empty text for Enter."""
    hints = {
        "value": f"value ({row['unit'] or '1: done'})", "zone": f"zone ({', '.join(ZONES)})",
        "done_steps": f"steps done, parted by ; ({'; '.join(row['steps'])})",
        "confidence": "confidence (0 to 10)",
    }  # fmt: skip
    while True:
        answer: str = click.prompt(
            f"  {hints.get(name, name)}", default="", show_default=False, err=True
        ).strip()
        if not answer or not (wrong := mistake_in({name: answer})):
            return answer
        click.echo(f"  {wrong}", err=True)


# ---- a file -----------------------------------------------------------------------------


def from_file(file: Path, rows: list[dict[str, Any]]) -> Iterator[CheckIn]:
    """Yield the check-ins of a CSV file; refuse it as a whole where a row cannot be read."""
    from web.cli.commands.rows import rows_in

    by_id = {str(row["id"]): row for row in rows}
    try:
        cells = rows_in(file)
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from error
    found, wrong = [], []
    for line, row in enumerate(cells, 2):
        if unknown := row.keys() - {*COLUMNS}:
            raise click.ClickException(f"{file}: there is no column {min(unknown)}.")
        said = {name: row[name] for name in (*SAID, "done_steps", "as_of") if row.get(name)}
        if not said.keys() - {"as_of"}:
            continue
        try:
            id_ = KEY_RESULT.convert(row.get("key_result", ""), None, click.get_current_context())
        except click.ClickException as error:
            wrong.append(f"line {line}: {error.message}")
            continue
        if mistake := mistake_in(said):
            wrong.append(f"line {line}: {mistake}")
        known = by_id.get(str(id_), {"id": str(id_), "title": row.get("title", row["key_result"])})
        found.append(CheckIn(known, as_body(said)))
    if wrong:
        raise click.ClickException("\n".join([f"{file}: nothing is sent.", *wrong]))
    yield from found


def print_form(rows: list[dict[str, Any]]) -> None:
    """Print the CSV file in which check-ins are filled in."""
    import csv
    import sys

    from web.cli.tables import guarded

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = {"key_result": row["id"], "title": row["title"], "stands_at": stands_at(row)}
        writer.writerow([guarded(cells.get(name)) for name in COLUMNS])


# ---- what is sent -----------------------------------------------------------------------


def as_body(said: dict[str, str]) -> dict[str, Any]:
    """Return what is said as the API takes it."""
    body: dict[str, Any] = dict(said)
    if WHOLE.fullmatch(said.get("confidence", "")):
        body["confidence"] = int(said["confidence"])
    if "done_steps" in body:
        body["done_steps"] = [each.strip() for each in said["done_steps"].split(";")]
    return body


def mistake_in(said: dict[str, str]) -> str:
    """Return what is wrong with what is said; empty where the schema takes it."""
    from web.api.command_schemas import schema_of
    from web.cli.commands.carrying import BY_NAME

    route = BY_NAME["CheckIn"]
    errors = schema_of(route.command, route.in_path).validate(as_body(said))
    return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items())


def summary(said: list[CheckIn]) -> Iterator[str]:
    """Yield what is going to be sent, a line each."""
    short = shortened(each.key_result["id"] for each in said)
    for each in said:
        parts = ", ".join(
            f"{name.replace('_', ' ')} {shown(value)}" for name, value in each.body.items()
        )
        yield f"{short(each.key_result['id'])}  {each.key_result['title']}: {parts}"


def shown(value: Any) -> str:
    """Return a value of a check-in as a person reads it."""
    return "; ".join(value) if isinstance(value, list) else str(value)


def confirm(what: str) -> None:
    """Ask whether to send; refuse where nobody can be asked."""
    from web.cli.commands.making import is_terminal

    if not is_terminal():
        raise click.ClickException(CANNOT_ASK)
    click.confirm(f"Send {what}?", abort=True, err=True)


def tried_out(
    session: Session, said: list[CheckIn], week: date | None, by: UUID | None
) -> Iterator[str]:
    """Yield what would be recorded; refuse all where one would be refused, with each that would."""
    from web.cli.commands.many import try_all
    from web.cli.receipts import dry_run_lines

    found, wrong = try_all(session, list(calls_of(said, week)), by)
    refuse(said, wrong)
    for each in found:
        yield from dry_run_lines(each)


def refuse(said: list[CheckIn], wrong: dict[int, str]) -> None:
    """Refuse all where some are refused: by title, and why."""
    lines = [f"{said[number].key_result['title']}: {why}" for number, why in sorted(wrong.items())]
    if lines:
        raise click.ClickException("\n".join(["Nothing is sent.", *lines]))


def send(session: Session, said: list[CheckIn], week: date | None, by: UUID | None) -> None:
    """Send check-ins in one body, all or none."""
    from web.cli.commands.many import carry_out_all

    refuse(said, carry_out_all(session, list(calls_of(said, week)), by))
    print_text(f"{number_of(len(said), 'check-ins')} recorded")


def calls_of(said: list[CheckIn], week: date | None) -> Iterator[Call]:
    """Yield the calls, about the last day of the week if no other day is named, or about today."""
    from web.cli.commands.carrying import call_of

    about = {} if week is None or week >= today() else {"as_of": week.isoformat()}
    for each in said:
        yield call_of("CheckIn", about | each.body, key_result_id=UUID(str(each.key_result["id"])))


def today() -> date:
    """Return the day of this machine: a day that is still to come is left out, not sent."""
    from okr_es.database.clock import utc_now

    return utc_now().date()


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(check_ins)
