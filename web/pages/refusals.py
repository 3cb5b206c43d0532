"""Sign-ins that were refused: some a minute are recorded, so that nobody fills the access log.

What is left out is counted, and the next one that is recorded says how many it were.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from uuid import UUID

from okr_es.application import Okr
from web.access_log import record_sign_in
from web.api.throttle import Failures

MOST_RECORDED = 20  # in a minute: of one client address, and of all that are about nobody


class Refusals:
    """Refusals of one way to sign in, in this process."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr
        self.of_address = Failures(most=MOST_RECORDED)
        self.of_nobody = Failures(most=MOST_RECORDED)
        self.left_out = 0
        self.lock = threading.Lock()

    def record(self, address: str | None, person: UUID | None, about: Mapping[str, str]) -> None:
        """Record that a client at an address was refused, or count it where there were too many.

        `person` is whom it was about; None where that is nobody. Raises ReadNotRecorded.
        """
        is_of_many = self.of_address.note(address) > 0
        if person is None and not is_of_many:
            is_of_many = self.of_nobody.note(None) > 0
        with self.lock:
            if is_of_many:
                self.left_out += 1
                return
            before, self.left_out = self.left_out, 0
        counted = {"left_out": str(before)} if before else {}
        record_sign_in(self.okr, person, "sign_in_refused", {**about, **counted})
