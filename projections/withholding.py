"""Takes the words of confidential goals out of any answer, by the shape that answers share.

An answer is made of objects that name what they are about: by `id`, or by a reference such as
`objective`. Of one that is about a goal whose words are withheld only what is listed here stays:
what is not listed becomes null, or an empty list. So a new field shows nothing until it is listed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

Hidden = frozenset[str]

# Fields whose value stays, or is looked through where it holds objects.
STAYS = frozenset({
    "id", "version", "kind", "position", "plan_position", "recorded_at", "recorded_on",
    "recorded_later", "type", "by", "on_behalf_of", "origin",
    "command_id", "approval_id", "sentence", "goal", "address", "client", "known_at", "day",
    "zone", "fixed", "asked", "next_before", "entries", "team", "owner", "objective",
    "key_result", "key_results", "aligned", "aligned_to", "carried_from", "carried_to",
    "commitment", "due", "state", "graded", "adjusted_grade", "grade", "computed", "adjusted",
    "band", "of", "expected", "coverage", "score", "rolled_up", "progress", "pace", "status",
    "off_track", "not_measured", "overdue", "outcome", "ended_by", "late_days", "weight",
    "cadence", "dropped", "comparable", "redefined", "revisions", "corrections", "corrected",
    "returns", "added_mid_cycle", "planned", "dropped_mid_cycle", "promised_at", "promised",
    "ended_as", "scores", "committed", "ended", "published", "restated", "days", "in_mean",
    "counts", "what", "field", "before", "after", "from", "to", "cause", "exact", "rounded",
    "events", "committed_position", "action", "decision", "command", "subject", "requested",
    "decided", "amount", "share", "days_left", "days_late", "days_back", "after_closing",
    "times", "moved", "label", "parameter", "matches", "requester", "approver", "request",
    "others", "person", "recorded",
})  # fmt: skip
# What a reference within it is called: a person, a team, a cycle. Not of what is hidden itself.
NAME = "name"
# Fields that hold no words at all, however deep.
STAYS_WHOLE = frozenset({
    "cycle", "due", "redacted", "owners", "teams", "intervals", "series", "markers", "change",
    "causes", "handed_on",
})  # fmt: skip
# Numbers of a key result, and the like, are words of it: by how much a target was eased, too.
OF_KEY_RESULTS = frozenset({"amount", "share"})
# What may be said to have changed of a goal whose words are withheld.
CHANGES = frozenset({
    "team", "owner", "commitment", "due", "state", "graded", "adjusted_grade", "score",
    "rolled_up", "progress", "pace", "status", "outcome", "ended_by", "weight", "coverage",
    "overdue", "expected", "dropped", "aligned_to",
})  # fmt: skip
# References by which an object says what it is about.
REFERENCES = ("objective", "key_result", "goal", "subject", "measured", "before", "after")


def shown(answer: Any, hidden: Hidden, *, within: bool = False, moved_at: int = 0) -> Any:
    """Return an answer, or a part of one, without the words that are hidden.

    `within`: it is part of what is about such a goal. `moved_at` is the position at which the key
    result that it is about was moved out of one: its readings before are withheld. Nothing is
    changed in place: caches hold it.
    """
    if moved_at and "readings" in answer:
        return answer | {"readings": [
            shown(each, hidden, within=each["position"] < moved_at) for each in answer["readings"]
        ]}  # fmt: skip
    if isinstance(answer, dict):
        about = is_about(answer, hidden)
        if about or (about is None and within):
            kept = {name: stays(name, value, hidden) for name, value in answer.items()}
            if NAME in answer and not is_hidden(answer.get("id"), hidden):
                kept[NAME] = answer[NAME]
            return kept
        return {name: shown(value, hidden) for name, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [shown(each, hidden, within=within) for each in answer]
    return answer


def is_about(found: dict[str, Any], hidden: Hidden) -> bool | None:
    """Return whether an object is about a hidden goal; None: it says nothing of the kind."""
    if is_hidden(found.get("id"), hidden):
        return True
    if "id" in found and "title" in found:
        return False
    references = (found.get(name) for name in REFERENCES)
    if any(isinstance(each, dict) and is_hidden(each.get("id"), hidden) for each in references):
        return True
    return None


def is_hidden(id_: Any, hidden: Hidden) -> bool:
    """Return whether an id, as text or as such, is that of a hidden goal."""
    return isinstance(id_, (str, UUID)) and str(id_) in hidden


def stays(name: str, value: Any, hidden: Hidden) -> Any:
    """Return what stays of a field of an object that is about a hidden goal."""
    if name == "changes":
        kept = [each for each in value if each["field"] in CHANGES]
        return shown(kept, hidden, within=True)
    if name == "planned" and isinstance(value, list):
        return []  # the promises of a key result, one after the other
    if name in STAYS_WHOLE or (name == "counts" and isinstance(value, dict)):
        return value
    if name in STAYS and name not in OF_KEY_RESULTS:
        return shown(value, hidden, within=True)
    return [] if isinstance(value, (list, tuple)) else None
