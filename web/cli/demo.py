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
    """Return the address, three things to try on its pages, and three with its API."""
    api = f"{at}/api/v1"
    return f"""\
okr-es answers at {at}/ (stop with Ctrl+C). In a browser you choose there who you are;
then three things to try:

1. The board of a quarter, on any day of it:
   {at}/board/2025-Q3

2. A quarter played back, event by event:
   {at}/replay/2025-Q3

3. What you have to read this week; check in on all of it at once:
   {at}/check-ins

The same is answered to programs, described at {api}/docs:

   curl {api}/cycles/{company.last_closed_cycle_id}/board
   curl {api}/goals/{company.objective_id}/history
   curl {api}/kpis/{company.kpi_id}/readings -H 'Content-Type: application/json' \\
     -d '{{"as_of": "{okr.today()}", "value": "1.5"}}'
   curl {api}/kpis/{company.kpi_id}"""
