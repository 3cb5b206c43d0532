"""The limits of fields: what the description says of them is what is enforced.

The length of a text is checked as a body is read, all else by the domain; a test goes beyond each
of them and is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from okr_es.commands import GrantRole, OpenCycle, RecordReadings, RenameCycle, SetCalendar
from okr_es.domain.api_key import MOST_KPIS
from okr_es.domain.calendar import MONTHS, MOST_GRACE, MOST_HOLIDAYS
from okr_es.domain.cycle import NAME
from okr_es.domain.evidence import Evidence
from okr_es.domain.measure import MOST_STEPS
from okr_es.domain.reading import HIGHEST_CONFIDENCE
from okr_es.domain.retention import MOST_YEARS
from okr_es.domain.values import FIRST_YEAR, LAST_YEAR, LONGEST_NAME

Limits = Mapping[str, Any]

ITEMS = "items"
MOST_ROWS = 50_000
SHARE: Limits = {"minimum": 0, "maximum": 1}
THRESHOLD: Limits = {"exclusiveMinimum": 0, "maximum": 1}
YEARS: Limits = {"minimum": 1, "maximum": MOST_YEARS}
YEAR: Limits = {"minimum": FIRST_YEAR, "maximum": LAST_YEAR}
GRACE: Limits = {"minimum": 0, "maximum": MOST_GRACE}
SHORT: Limits = {"maxLength": LONGEST_NAME}

# What all fields of a name have in common, by what they are.
OF_TEXTS: dict[str, Limits] = {
    "email": SHORT, "legal_ground": SHORT, "matter": SHORT, "name": SHORT, "source": SHORT,
    "subject": SHORT, "unit": SHORT,
}  # fmt: skip
OF_NUMBERS: dict[str, Limits] = {
    "access_log_years": YEARS, "client_info_years": YEARS, "person_texts_years": YEARS,
    "adjusted_grade": SHARE, "share": SHARE,
    "aspirational_expected": THRESHOLD, "at_risk": THRESHOLD, "committed_expected": THRESHOLD,
    "on_track": THRESHOLD, "yellow_from": THRESHOLD,
    "confidence": {"minimum": 0, "maximum": HIGHEST_CONFIDENCE},
    "daily": GRACE, "weekly": GRACE, "every_two_weeks": GRACE, "monthly": GRACE,
    "quarterly": GRACE, "half_yearly": GRACE, "yearly": GRACE,
    "first_month": {"minimum": 1, "maximum": MONTHS},
    "preset_from": YEAR, "preset_to": YEAR,
    "version": {"minimum": 1},
    "weight": {"minimum": 0},
}  # fmt: skip
OF_LISTS: dict[str, Limits] = {
    "kpi_ids": {"maxItems": MOST_KPIS},
    "steps": {"maxItems": MOST_STEPS, "uniqueItems": True, ITEMS: SHORT},
}
# What only those of one command or part have.
OF_ONE: dict[tuple[type, str], Limits] = {
    (Evidence, "link"): {"pattern": r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s/@?#]+([/?#][\s\S]*)?$"},
    (Evidence, "sha256"): {"pattern": r"^\s*[0-9A-Fa-f]{64}\s*$"},
    (GrantRole, "purpose"): SHORT,
    (OpenCycle, "name"): {"pattern": f"^{NAME.pattern}$"},
    (RenameCycle, "name"): {"pattern": f"^{NAME.pattern}$"},
    (RecordReadings, "readings"): {"maxItems": MOST_ROWS},
    (SetCalendar, "holidays"): {"maxItems": MOST_HOLIDAYS},
    (SetCalendar, "working_days"): {"minItems": 1, "uniqueItems": True},
}


def limits_of(cls: type, name: str, kind: Any) -> Limits:
    """Return the limits of a field of a command or of a part of one; `kind` is its type."""
    common = {str: OF_TEXTS, int: OF_NUMBERS, Decimal: OF_NUMBERS}.get(kind, OF_LISTS)
    return OF_ONE.get((cls, name)) or common.get(name, {})
