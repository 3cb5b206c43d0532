"""The program: what the API has, and nobody grouped here, is found by its address as well."""

from __future__ import annotations

import click

from web.cli.commands.asking import Asking, words_of_question
from web.cli.commands.groups import OfTheApi
from web.cli.errors import OneLineErrors

SECTIONS = {  # of the help; what is in none of them stands at the end
    "Look at goals": (
        "board", "tree", "goal", "kpis", "objectives", "key-results", "plan", "actual", "replay",
        "templates",
    ),
    "Review and explain": (
        "review", "results", "scoreboard", "compare", "explain", "history", "audit", "approvals",
        "events",
    ),
    "Begin and record": ("setup", "check-ins", "readings", "import", "receipt", "texts"),
    "Organisation and rights": (
        "people", "teams", "cycles", "calendar", "grants", "keys", "scoring-policy",
        "people-figures", "retention", "admin",
    ),
}  # fmt: skip
OTHERS = "Run and maintain"
SHORT = 120  # characters of the text of a command
ASKED_BY_ADDRESS = {"templates": "Templates by which goals and KPIs are written."}


class Program(OneLineErrors):
    """A group that also knows the questions at addresses that begin with the name of a command."""

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into help, by what they are for."""
        texts = {name: each.get_short_help_str(SHORT) for name, each in self.commands.items()}
        texts |= ASKED_BY_ADDRESS
        rest = sorted(texts.keys() - {name for names in SECTIONS.values() for name in names})
        for heading, names in {**SECTIONS, OTHERS: rest}.items():
            with formatter.section(heading):
                formatter.write_dl([(name, texts[name]) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called."""
        found = None if args[0] in self.commands else asked_at(args[0])
        if found is None:
            return super().resolve_command(ctx, args)
        return args[0], found, args[1:]


def asked_at(name: str) -> click.Command | None:
    """Return what asks at the addresses that begin with a name: a command, or a group of them."""
    from web.api.queries import ROUTES
    from web.cli.commands.answers import lines_of

    routes = [
        each for each in ROUTES
        if words_of_question(each.path)[0] == name and not each.streamed
    ]  # fmt: skip
    if not routes:
        return None
    if [each.path for each in routes] == [f"/{name}"]:
        (route,) = routes
        return Asking(name, route.question, lines_of(route.question), route.summary)
    return OfTheApi(name=name, help=f"Questions at /{name}.")
