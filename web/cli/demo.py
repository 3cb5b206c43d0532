"""The example company, ready to be served, and what to try on it."""

from __future__ import annotations

import click

from okr_es.application import Okr
from okr_es.domain.refusals import LogIsNotEmpty
from okr_es.example import Example, build
from projections.read_model.runner import Runner
from web.cli.output import progress


def prepared(okr: Okr) -> Example:
    """Build the example company where it is not there yet, and bring its read model up to date."""
    try:
        with progress("Building the example") as step:
            company = build(okr, progress=step)
    except LogIsNotEmpty as refusal:
        raise click.ClickException(
            "This log holds something other than the example; serve it with `okr-es serve`."
        ) from refusal
    runner = Runner(okr)
    with progress("Reading it back") as step:
        runner.catch_up(step)
    runner.close()
    return company


def things_to_try(okr: Okr, company: Example, at: str) -> str:
    """Return the address and three things to try."""
    api = f"{at}/api/v1"
    return f"""\
okr-es answers at {at}/api/v1/docs (stop with Ctrl+C). In a browser you choose who you are at
{at}/. Three things to try:

1. The board of the quarter that was closed last:
   curl {api}/cycles/{company.last_closed_cycle_id}/board

2. Who changed an objective, when, from what to what, and why:
   curl {api}/goals/{company.objective_id}/history

3. Record a reading of a KPI, then look at the KPI:
   curl {api}/kpis/{company.kpi_id}/readings -H 'Content-Type: application/json' \\
     -d '{{"as_of": "{okr.today()}", "value": "1.5"}}'
   curl {api}/kpis/{company.kpi_id}"""
