"""Check-ins on the command line, as people say them: `okr-es check-in KEY_RESULT 120 -c 7`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import DAY, day_of
from web.cli.output import as_json
from web.cli.receipts import carried_out
from web.cli.session import Session, acting

if TYPE_CHECKING:
    from okr_es.domain.evidence import Evidence

ZONES = ("none", "commit", "target", "stretch")


class Said(click.ParamType[dict[str, Any]]):
    """A number, or the zone of an ordinal."""

    name = "value"

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, Any]:
        """Return it under the name of its field."""
        from okr_es.domain.values import Zone

        word = value.strip().lower()
        if word in ZONES:
            return {"zone": Zone(word)}
        try:
            return {"value": Decimal(word)}
        except InvalidOperation:
            self.fail(f"write a number such as 1350.5, or a zone: {', '.join(ZONES)}", param, ctx)


SAID = Said()


def evidence_of(link: str | None, sha256: str | None) -> Evidence | None:
    """Return the document that two options name; refuse one without the other."""
    from okr_es.domain.evidence import Evidence

    if link is None and sha256 is None:
        return None
    if link is None or sha256 is None:
        raise click.UsageError("A document has both: --link and --sha256.")
    return Evidence(link, sha256)


@click.command("check-in")
@click.argument("key_result", type=click.UUID)
@click.argument("said", metavar="[VALUE]", type=SAID, required=False)
@click.option(
    "--done", "done_steps", multiple=True, metavar="STEP",
    help="A step of a milestone that is done, by its name; may be repeated.",
)  # fmt: skip
@click.option("-c", "--confidence", type=int, help="Of success, 0 to 10.")
@click.option("-m", "--comment", help="A comment. It may stand alone.")
@click.option(
    "--as-of", type=DAY,
    help="The day it is about: today if not given, after the end of the cycle its last day.",
)  # fmt: skip
@click.option("--link", help="Where the document is that it was taken from; with --sha256.")
@click.option("--sha256", help="The SHA-256 of that document, in hexadecimal.")
@acting
@as_json
@click.pass_obj
def check_in(
    session: Session,
    key_result: UUID,
    said: dict[str, Any] | None,
    done_steps: tuple[str, ...],
    confidence: int | None,
    comment: str | None,
    as_of: datetime | None,
    link: str | None,
    sha256: str | None,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Check in on a key result: a value, a zone or steps done, with confidence or a comment.

    VALUE is a number, or none, commit, target or stretch. Confidence or a comment may stand alone.
    """
    fields = {
        "as_of": day_of(as_of), "confidence": confidence, "done_steps": done_steps or None,
        "evidence": evidence_of(link, sha256), **(said or {}),
    }  # fmt: skip
    carried_out(session, lambda c: c.CheckIn(key_result, **fields), by, as_json, comment=comment)


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(check_in)
