"""From nothing to a committed plan, asked step by step: recorded only after the last yes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

import click

from web.cli.output import number_of, print_text
from web.cli.rehearsal import Rehearsal
from web.cli.session import Session, trying

if TYPE_CHECKING:
    from okr_es.application import Okr

T = TypeVar("T")
STANDS_FOR_DAYS = re.compile(r"[0-9]{4}(-(Q[1-4]|H[12]))?", re.IGNORECASE)
WHY = "The organisation is set up."
TO_REACH = ("increase", "decrease")
CADENCES = ("daily", "weekly", "every_two_weeks", "monthly", "quarterly")
BEGUN = (
    "There is an organisation in this database already: people, teams and goals are added by the "
    "commands of their groups. Name another by --database."
)


@click.command("setup")
@trying
@click.pass_obj
def setup(session: Session) -> None:
    """Set up a new organisation: from nothing to the committed plan of a quarter.

    It asks for the time zone, you, teams, people, a cycle, objectives with key results, and KPIs.
    Each answer is tried out at once, on a database that is thrown away, and asked again where it is
    refused. Nothing is recorded before the last yes: who stops earlier begins again.
    """
    refuse_begun(session)
    zone = until_taken(ask_zone)
    with TemporaryDirectory(prefix="okr-es-") as folder, scratch(folder, zone) as okr:
        plan = Rehearsal(okr, uuid4(), WHY)
        interview(plan)
    print_text("\n".join(["", *plan.told]))
    if session.dry_run:
        print_text("dry run: nothing is recorded")
        return
    click.confirm(f"Record all this, in {number_of(len(plan.calls), 'commands')}?", abort=True)
    os.environ["OKR_ES_TIMEZONE"] = zone
    record(session, plan)


def refuse_begun(session: Session) -> None:
    """Refuse a database in which somebody did something already."""
    from web.settings import Unusable

    try:
        session.existing_url()
    except Unusable:
        return  # it is not there yet
    with session.okr() as okr:
        if okr.has_begun():
            raise click.ClickException(BEGUN)


@contextmanager
def scratch(folder: str, zone: str) -> Iterator[Okr]:
    """Open a database that is thrown away, in a folder that nobody else can read."""
    from okr_es.application import Okr

    okr = Okr(f"sqlite:///{folder}/okr.db", timezone=zone)
    try:
        yield okr
    finally:
        okr.close()


def record(session: Session, plan: Rehearsal) -> None:
    """Record all that was answered, in its order."""
    from okr_es.context import Context
    from web.cli.commands.carrying import loaded
    from web.cli.receipts import executed

    with session.okr(begins=True) as okr:
        if okr.has_begun():
            raise click.ClickException(BEGUN)
        for number, call in enumerate(plan.calls, 1):
            command, common = loaded(call)
            executed(session, okr, command, Context(plan.by, **common), number)
    print_text(f"It is recorded. You are {plan.by}: export OKR_ES_DEFAULT_ACTOR={plan.by}")


# ---- the questions ----------------------------------------------------------------------


def interview(plan: Rehearsal) -> None:
    """Ask all there is to ask."""
    heading("You, the first administrator")
    until_taken(lambda: ask_you(plan))
    until_taken(lambda: ask_holidays(plan))
    heading("Teams: the company first, then those below it. Enter ends a list.")
    company = until_taken(lambda: plan.form(text("company"), "company", None))
    each_of("team", lambda name: plan.form(name, "team", ask_above(plan, company)))
    heading("People")
    each_of("person", lambda name: ask_person(plan, name))
    heading("The cycle of your first goals")
    until_taken(lambda: ask_cycle(plan))
    heading("Objectives: “I will [objective], measured by [key results]”")
    each_of("objective", lambda title: ask_objective(plan, title))
    heading("KPIs: numbers to watch all the time")
    each_of("KPI", lambda name: ask_kpi(plan, name))
    if plan.has_goals and click.confirm("Commit the plan of the cycle?", default=True, err=True):
        plan.commit_plan()


def ask_zone() -> str:
    """Ask for the time zone."""
    from okr_es.domain.calendar import zone_names
    from okr_es.domain.refusals import Invalid

    zone = text("time zone, such as Europe/Stockholm", "UTC")
    if zone not in zone_names():
        raise Invalid(f"{zone} is no time zone.")
    return zone


def ask_holidays(plan: Rehearsal) -> None:
    """Ask for a country whose holidays are free."""
    if place := text("holidays of a country (SE) or a part of it (DE-BY); Enter for none", ""):
        plan.holidays_of(place)


def ask_you(plan: Rehearsal) -> None:
    """Ask who sets up: they register themselves, and become administrator."""
    plan.register_first(text("your name"), text("your e-mail; Enter for none", ""))


def ask_cycle(plan: Rehearsal) -> None:
    """Ask for the name of the cycle, and its days where the name does not stand for some."""
    name = text("cycle", plan.this_quarter())
    starts = ends = ""
    if not STANDS_FOR_DAYS.fullmatch(name):
        starts, ends = text("  first day, YYYY-MM-DD"), text("  last day")
    plan.open_cycle(name, starts, ends)


def ask_above(plan: Rehearsal, company: UUID) -> UUID:
    """Ask below which team a new one is."""
    return chosen("  below", plan.teams, company)


def ask_person(plan: Rehearsal, name: str) -> None:
    """Ask about a person: their address, and the team they lead."""
    person = plan.register(name, text("  e-mail; Enter for none", ""))
    if team := maybe("  leads the team; Enter for none", plan.teams):
        plan.give_lead(name, person, team)


def ask_objective(plan: Rehearsal, title: str) -> None:
    """Ask about an objective: its team, its owner, and its key results."""
    team = chosen("  team", plan.teams, plan.first_team)
    owner = chosen("  owner", plan.people, plan.by)
    objective = plan.draft(title, team, owner)
    each_of("  key result", lambda each: ask_key_result(plan, objective, each))


def ask_key_result(plan: Rehearsal, objective: UUID, title: str) -> None:
    """Ask about a key result: from where to where, in which unit, read how often."""
    baseline, target = text("    from", "0"), text("    to")
    unit, cadence = text("    unit"), one_of("    read", CADENCES, "weekly")
    plan.add_key_result(objective, title, baseline, target, unit, cadence)


def ask_kpi(plan: Rehearsal, name: str) -> None:
    """Ask about a KPI: its four parts (target, time frame, source, cadence), unit and owner."""
    direction = one_of("  direction", (*TO_REACH, "at_least", "at_most"), "increase")
    baseline = text("  from") if direction in TO_REACH else ""
    target, unit, source = text("  target"), text("  unit"), text("  source of the numbers")
    cadence = one_of("  read", CADENCES, "monthly")
    owner = chosen("  owner", plan.people, plan.by)
    plan.define_kpi(
        {"name": name, "direction": direction, "unit": unit, "source": source, "cadence": cadence},
        baseline, target, owner,
    )  # fmt: skip


# ---- how they are asked -----------------------------------------------------------------


def heading(words: str) -> None:
    """Show what the next questions are about."""
    click.echo(f"\n{words}", err=True)


def text(label: str, default: str | None = None) -> str:
    """Ask for a text; without a default until there is one."""
    said: str = click.prompt(label, default=default, show_default=bool(default), err=True)
    return said.strip()


def until_taken(ask: Callable[[], T]) -> T:
    """Ask until the answer is not refused; say why it is."""
    from okr_es.domain.refusals import Refusal

    while True:
        try:
            return ask()
        except (Refusal, click.UsageError) as refusal:
            click.echo(f"  {refusal.message}", err=True)


def each_of(thing: str, take: Callable[[str], object]) -> None:
    """Ask for things until Enter ends the list; one that is refused is asked for again."""

    def one() -> bool:
        name = text(thing, "")
        if name:
            take(name)
        return bool(name)

    while until_taken(one):
        pass


def chosen(label: str, among: dict[str, UUID], default: UUID) -> UUID:
    """Ask for one of some things by name."""
    names = {id_: name for name, id_ in among.items()}
    return until_taken(lambda: found(text(label, names[default]), among))


def maybe(label: str, among: dict[str, UUID]) -> UUID | None:
    """Ask for one of some things by name, or none."""

    def one() -> UUID | None:
        said = text(label, "")
        return found(said, among) if said else None

    return until_taken(one)


def found(said: str, among: dict[str, UUID]) -> UUID:
    """Return the thing of a name; raise Invalid with all there are."""
    from okr_es.domain.refusals import Invalid
    from okr_es.domain.values import folded

    by_name = {folded(name): id_ for name, id_ in among.items()}
    if folded(said) not in by_name:
        raise Invalid(f"There is none called {said}; there are: {', '.join(among)}.")
    return by_name[folded(said)]


def one_of(label: str, words: tuple[str, ...], default: str) -> str:
    """Ask for one of some words."""
    said: Any = click.prompt(label, default=default, type=click.Choice(words), err=True)
    return str(said)


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(setup)
