"""The group `audit` of the command line; the modules of evidence add their commands to it."""

from __future__ import annotations

import click

from web.cli import access_log, audit_log, evidence, patterns, sample
from web.cli.errors import OneLineErrors


@click.group(cls=OneLineErrors)
def audit() -> None:
    """Search the audit log, and export evidence."""


audit.add_command(audit_log.log)
audit.add_command(access_log.access_log)
audit.add_command(patterns.patterns)
audit.add_command(sample.sample)
evidence.add_to(audit)


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(audit)
