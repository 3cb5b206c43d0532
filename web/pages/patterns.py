"""What an auditor may want to check in a cycle: each pattern with its goals and events."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from okr_es.domain.cycle import CycleRef
from web.pages.approvals import zone_of
from web.pages.frame.language import gettext
from web.pages.frame.site import Site


def _(text: str) -> str:
    return text


PATTERNS = {
    "lowered_target": _("A target was made easier"),
    "last_days": _("The plan was changed in the last days of the cycle"),
    "late_reading": _("A reading was recorded late"),
    "changed_reading": _("A reading was corrected or taken back"),
    "adjusted_grade": _("A grade differs from the computed one"),
    "realigned_again": _("A goal was re-aligned more than once"),
    "graded_own": _("Somebody graded their own goal"),
    "repeated_reason": _("The same reason stands beside several changes"),
    "approved_each_other": _("Two people approved nothing but each other's requests"),
    "backdated_hand_over": _("A goal was handed over from a day more than a week before"),
    "moved_outcome": _("A correction in the last week moved what came out of a goal"),
    "retired_kpi": _("A KPI that fed the plan was retired while the cycle ran"),
    "changed_policy": _("The scoring policy was changed while the cycle ran"),
}


def add_to(made: Blueprint, site: Site) -> None:
    """Add the page of patterns."""

    @made.get("/audit/patterns/<cycle:cycle>")
    def patterns(cycle: CycleRef) -> Response:
        """Show what of a cycle is worth a question; the look is recorded."""
        found = site.ask("patterns", cycle)
        kinds = {kind: gettext(PATTERNS[kind]) for kind in found["counts"]}
        return site.page("patterns.html", found=found, kinds=kinds, zone=zone_of(site))
