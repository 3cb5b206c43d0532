"""The doctor on the command line: what stands around the log, looked at one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli.output import as_json, print_result
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.operations.doctor.findings import Check, Finding, Patient, Said

FAR_BEHIND = 10_000
A_SETTING = re.compile(r'"(OKR_ES_[A-Z_]+[A-Z])"')


@click.command()
@as_json
@click.pass_obj
def doctor(session: Session, as_json: bool) -> None:
    """Check settings, versions, disk, clock, files, backups, checkpoints, locks, places, keys.

    Changes nothing. Exits with 1 if something is wrong, with 0 if there are warnings alone.
    """
    from okr_es.operations.doctor.findings import Patient, examine
    from web.settings import clock_limits

    patient = Patient(session.existing_url(), os.environ, clock_limits=clock_limits())
    try:
        found = examine(patient, checks())
    finally:
        patient.close()
    print_result(found, [line(each) for each in found], as_json)
    if any(each.state == "wrong" for each in found):
        raise click.exceptions.Exit(1)


def line(finding: Finding) -> str:
    """Return a finding as a line."""
    return f"{finding.state:<8}{finding.check}: {finding.message}"


def checks() -> Mapping[str, Check]:
    """Return all checks by name, in the order they are made."""
    from okr_es.operations.doctor import keeping, machine, places
    from web.oidc.check import check_providers
    from web.serving.check import check_outside

    return {
        "versions": machine.check_versions,
        "schema": machine.check_schema,
        "settings": keeping.check_settings(known_settings()),
        "durability": machine.check_durability,
        "disk": machine.check_disk,
        "clock": machine.check_clock,
        "files": machine.check_files,
        "owner": keeping.check_owner,
        "locks": machine.check_locks,
        "backup": keeping.check_backup,
        "checkpoints": keeping.check_checkpoints,
        "jobs": keeping.check_jobs,
        "erasures": keeping.check_erasures,
        "retention": keeping.check_retention,
        "read model": check_read_model,
        "providers": check_providers,
        "places": places.check_places,
        "wrapping": places.check_wrapping,
        "outside": check_outside,
    }


def known_settings() -> set[str]:
    """Return the names of all settings: the texts of the code that look like one."""
    import okr_es
    import web

    folders = [Path(str(each.__file__)).parent for each in (okr_es, web)]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return {name for file in files for name in A_SETTING.findall(file.read_text(encoding="utf-8"))}


def check_read_model(patient: Patient) -> Iterator[Said]:
    """Look for a read model that is missing, damaged or far behind the log."""
    from projections.read_model.health import served_position

    ((head,),) = patient.log.rows("SELECT position FROM counter", {})
    position = served_position(patient.url)
    if position is None:
        yield "warning", "There is none that can be served: the first question builds it."
    elif head - position > FAR_BEHIND or position > head:
        yield "wrong", f"It stands at {position}, and the log ends at {head}."
    else:
        yield "ok", f"at {position} of {head}"


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(doctor)
