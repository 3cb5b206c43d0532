"""One reading: what it says after its corrections, who recorded it, and who corrected it, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.handlers.comments import comments
from okr_es.people.directory import Entry
from projections.as_of.confidential import Sight
from projections.as_of.rows import columns
from projections.as_of.view import View, as_of_fields
from projections.audit_log.answers import EntryAnswer
from projections.audit_log.history import History
from projections.goals.readings import RecordedBy, recorded
from projections.one_reading_answers import CorrectedReading, Deed, OneReadingAnswer, TitledMeasured
from projections.organisation import person_ref
from projections.read_model.tables import Row, plain

# A reading is found by the position of its last version: see the positions of its stream.
READING = f"""
  SELECT {columns("reading")} FROM reading
  WHERE known_from = :position AND id = :id AND as_of <= :day
"""
# As it was called at the moment; of one recorded later by its first name.
MEASURED = """
  SELECT kind, title FROM (
    SELECT 'kpi' AS kind, name AS title, known_from FROM kpi WHERE id = :id
    UNION ALL SELECT 'key_result', title, known_from FROM key_result WHERE id = :id
  ) AS named WHERE known_from <= :known
  ORDER BY CASE WHEN known_from <= :plan THEN -known_from ELSE known_from END LIMIT 1
"""


def reading(view: View, history: History, id_: UUID, sight: Sight | None) -> OneReadingAnswer:
    """Return a reading as known at the moment; raise NotFound.

    So it is where it is about a later day, and where its words are not for the viewer.
    """
    found = any_reading(view, history, id_)
    if found is None or (sight is not None and is_withheld(found, sight)):
        raise NotFound(f"There is no reading {id_} by then.", field="id")
    return found


def is_withheld(found: OneReadingAnswer, sight: Sight) -> bool:
    """Return whether a reading is of what is hidden, or was before that was moved to where it is.

    About a day before the move its title is hidden as well.
    """
    measured_id = found["measured"]["id"]
    moved_at = sight.moved_from_others.get(measured_id, 0)
    return measured_id in sight.hidden_in(found) or found["reading"]["position"] < moved_at


def any_reading(view: View, history: History, id_: UUID) -> OneReadingAnswer | None:
    """Return a reading, for anybody; None where there is none by then."""
    moment = view.moment
    positions = history.of_stream(id_, moment.known)
    row = stored(view, id_, positions)
    if row is None:
        return None
    entries = history.entries(view, positions)
    directory = history.okr.directory
    names = directory.entries(acting(entries))
    said = comments(view.database, directory, [id_], moment.known)
    return {
        **as_of_fields(view),
        "measured": measured(view, row["measured_id"]),
        "reading": recorded(row, said.get(id_), recorded_by(entries[-1])),
        "recorded": deed(entries[-1], names),
        "corrections": [correction(each, names) for each in reversed(entries[:-1])],
    }


def stored(view: View, id_: UUID, positions: list[int]) -> Row | None:
    """Return the row of a reading after the first of some positions; None: there is none."""
    if not positions:
        return None
    day = view.moment.read_until.isoformat()
    rows = view.rows(READING, position=positions[0], id=str(id_), day=day)
    return plain("reading", rows[0]) if rows else None


def measured(view: View, id_: str) -> TitledMeasured:
    """Return a reference to what a reading is of."""
    moment = view.moment
    ((kind, title),) = view.rows(MEASURED, id=id_, known=moment.known, plan=moment.plan)
    return {"kind": kind, "id": id_, "title": title}


def acting(entries: Iterable[EntryAnswer]) -> set[UUID]:
    """Return who acted in some entries, and on whose behalf."""
    actors = (each for entry in entries for each in (entry["by"], entry["on_behalf_of"]))
    return {UUID(str(each["id"])) for each in actors if each is not None}


def recorded_by(entry: EntryAnswer) -> RecordedBy:
    """Return when the first event of a reading was recorded, by whom and on whose behalf."""
    by, for_whom = (
        None if each is None else str(each["id"]) for each in (entry["by"], entry["on_behalf_of"])
    )
    return RecordedBy(entry["recorded_at"], by, for_whom)


def deed(entry: EntryAnswer, names: Mapping[UUID, Entry]) -> Deed:
    """Return where an event was recorded, and by whom."""
    by, for_whom = entry["by"], entry["on_behalf_of"]
    return {
        "position": entry["position"],
        "recorded_at": entry["recorded_at"],
        "by": None if by is None else person_ref(str(by["id"]), names),
        "on_behalf_of": None if for_whom is None else person_ref(str(for_whom["id"]), names),
    }


def correction(entry: EntryAnswer, names: Mapping[UUID, Entry]) -> CorrectedReading:
    """Return an event that changed a reading, with its reason."""
    return {
        **deed(entry, names),
        "type": entry["type"],
        "reason": entry["reason"],
        "changes": entry["changes"],
    }
