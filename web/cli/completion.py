"""Completion of commands and options in a shell."""

from __future__ import annotations

import click

from web.cli.output import print_text

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands and options.

    For bash: `okr-es completion bash > ~/.okr-es.bash`, and `. ~/.okr-es.bash` in `~/.bashrc`.
    """
    from click.shell_completion import get_completion_class

    program = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    if made is None:
        raise RuntimeError(f"click knows no {shell}.")
    print_text(made(program, {}, "okr-es", "_OKR_ES_COMPLETE").source())


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(completion)
