"""The crash journal: what a killed process had, so that the next one begins with it.

    records     the file: whole records one after another, and where the whole ones end
    everything  all data and libraries as one record
    collections what it keeps of collections
    recorder    writes a record for each unit that changed something, and compacts the file
    recovering  makes an engine of what a file holds
    crash_journal
                one process's: what it finds, what it says, when it is gone

A record is written when its unit has ended well: once for a cell, nothing for a call. It is the
process that may die at any moment; with `Sync.FULL`, the machine too.
"""

from __future__ import annotations

from redislua_kernel.engine.recovery.crash_journal import SUFFIX, CrashJournal
from redislua_kernel.engine.recovery.recorder import Recorder, Settings, Sync
from redislua_kernel.engine.recovery.records import Damaged, read_records
from redislua_kernel.engine.recovery.recovering import Recovered, recover

__all__ = [
    "SUFFIX",
    "CrashJournal",
    "Damaged",
    "Recorder",
    "Recovered",
    "Settings",
    "Sync",
    "read_records",
    "recover",
]
