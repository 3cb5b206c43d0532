"""The requests for approval about a goal that wait, as known at a moment: one statement."""

from __future__ import annotations

from okr_es.handlers.approval_gate import REQUESTABLE
from projections.as_of.references import goal_ref, ref
from projections.as_of.view import View
from projections.goals.answers import PendingRequest
from projections.read_model.tables import FOREVER

OWN_KEY_RESULTS = """
  SELECT b.child_id FROM links b WHERE b.parent_id = :id AND b.kind = 'key_result'
    AND b.known_from <= :plan AND b.known_until > :plan
"""
PENDING = f"""
  SELECT a.id, a.command, a.about, a.asked_by, e.recorded_at,
    EXISTS (SELECT 1 FROM objective o WHERE o.id = a.about) AS is_of_objective
  FROM approval now JOIN approval a ON a.id = now.id AND a.known_from <= :known
    AND a.known_until > :known JOIN events e ON e.position = a.first_position
  WHERE now.known_until = {FOREVER} AND (now.about = :id OR now.about IN ({OWN_KEY_RESULTS}))
    AND a.decision = 'pending' ORDER BY a.first_position
"""


def pending_requests(view: View, id_: str) -> list[PendingRequest]:
    """Return the requests that wait about an objective with its key results, or a key result.

    The oldest first. Those for a grade are among them; of none is said what it would change.
    """
    rows = view.rows(PENDING, id=id_, plan=view.moment.plan, known=view.moment.known)
    return [
        {
            "id": request_id,
            "what": what(command),
            "goal": goal_ref("objective" if is_of_objective else "key_result", about),
            "requester": ref(asked_by),
            "since": recorded_at,
        }
        for request_id, command, about, asked_by, recorded_at, is_of_objective in rows
    ]


def what(command: str) -> str:
    """Return what a command that was asked for does, in a sentence."""
    doc = (REQUESTABLE[command].__doc__ or "") if command in REQUESTABLE else f"{command}."
    return doc.partition("\n")[0].partition(". ")[0].rstrip(".") + "."
