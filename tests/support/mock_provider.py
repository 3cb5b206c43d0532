"""A provider of identity by others, as a process of its own: oidc-provider-mock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

RUNS_AT = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def mock_provider(*people: dict[str, Any]) -> Iterator[str]:
    """The issuer of a provider at which these people, given by their claims, can sign in."""
    words = [word for each in people for word in ("--user-claims", json.dumps(each))]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0", *words],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        said = (RUNS_AT.search(line) for line in process.stderr)
        yield next(found.group() for found in said if found)
    finally:
        process.terminate()
        process.communicate()
