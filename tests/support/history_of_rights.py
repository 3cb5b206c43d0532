"""What people decide about rights in random histories: roles, keys, confidential goals, texts.

It is drawn beside the other steps where rights matter, so that all others find what they found.
"""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.api_key import KeyRole
from okr_es.domain.text import RedactionGround
from okr_es.domain.values import Role
from tests.support.random_history import NOTHING, near, perhaps, steps, these, weighted

purposes = NOTHING | st.just("Audit 25")
a_name = st.just("Warehouse")
firsts = NOTHING | st.sampled_from([date(2025, 8, 25), date(2025, 9, 1)])
lasts = NOTHING | near | st.sampled_from([date(2025, 8, 25), date(2025, 10, 31)])
named = st.lists(these, min_size=1, max_size=2).map(tuple)
rights = weighted(
    (4, st.builds(c.GrantRole, these, st.sampled_from(Role), perhaps, firsts, lasts, purposes)),
    (4, st.builds(c.GrantRole, these, st.just(Role.LEAD), these)),
    (1, st.builds(c.GrantRole, these, st.just(Role.ADMINISTRATOR))),
    (4, st.builds(c.RescheduleGrant, these, lasts)),
    (4, st.builds(c.EndGrant, these)),
    (1, st.builds(c.EndGrant, these, firsts)),
    (4, st.builds(c.KeepConfidential, these)),
    (3, st.builds(c.OpenToAll, these)),
    (2, st.builds(c.CreateApiKey, a_name, st.just(KeyRole.INGEST_KEY), kpi_ids=named)),
    (1, st.builds(c.CreateApiKey, a_name, st.sampled_from(KeyRole), perhaps)),
    (3, st.builds(c.RevokeApiKey, these)),
    (1, st.builds(c.SetRetention, st.sampled_from([None, 2, 3]), st.sampled_from([None, 1]))),
    (2, st.builds(c.RedactText, st.integers(1, 80), st.sampled_from(RedactionGround))),
)
steps_with_rights = weighted((2, steps), (3, rights))
ruled = st.sampled_from(range(12, 31)).flatmap(
    lambda length: st.lists(steps_with_rights, min_size=length, max_size=length)
)
