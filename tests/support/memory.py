"""Where the files of tests lie: in memory, where the machine has such a place with room in it.

Every commit is durable, as it is in earnest: on a disk most of the time of the tests would be spent
on waiting for that. Nothing of a test outlives it, so nothing is lost with the memory.
"""

import os
import shutil
from pathlib import Path

PLACE = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes, for each process that runs tests


def in_memory() -> Path | None:
    """The folder for files in memory; None where there is none, or too little room."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if not os.access(PLACE, os.W_OK) or shutil.disk_usage(PLACE).free < ROOM * processes:
        return None
    return PLACE
