"""How long what is about people is kept, as was set last, and where the access log was cut."""

from __future__ import annotations

from okr_es.application import Okr
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.kept_lists import SETTINGS
from projections.audit_log.access import cut_answer
from projections.audit_log.answers import RetentionAnswer


def retention(okr: Okr) -> RetentionAnswer:
    """Return what is set now; where nothing was set, all is kept for ever."""
    position = okr.log.head()
    last = next(reversed(SETTINGS.in_log(okr.database)), None)
    cut = last_cut(okr.database)
    return {
        "position": position,
        "person_texts_years": None if last is None else last.person_texts_years,
        "client_info_years": None if last is None else last.client_info_years,
        "access_log_years": None if last is None else last.access_log_years,
        "set_at": None if last is None else last.recorded_at,
        "set_by_event": None if last is None else last.position,
        "access_log_cut": None if cut is None else cut_answer(cut),
    }
