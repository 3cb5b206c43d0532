"""What can be wrong with a backup or a copy; each message says what to do."""

from __future__ import annotations

from okr_es.database.creation import AreaIsThere
from okr_es.evidence.okr_es_verify import Failed
from okr_es.operations.backup import NoBackup
from okr_es.operations.copying import CopyDiffers
from okr_es.operations.moment import NoDatabase
from okr_es.operations.restore import NotAsRecorded

EXPECTED = (AreaIsThere, CopyDiffers, Failed, NoBackup, NoDatabase, NotAsRecorded)
