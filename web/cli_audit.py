"""What an auditor asks for on the command line: a group that each kind of evidence adds to."""

from __future__ import annotations

import click

from . import cli_evidence, cli_patterns, cli_reads, cli_record
from .terminal import Asked


@click.group(cls=Asked)
def audit() -> None:
    """Look into the record, and take evidence along."""


audit.add_command(cli_record.record)
audit.add_command(cli_reads.reads)
audit.add_command(cli_patterns.patterns)
cli_evidence.add_to(audit)


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(audit)
