"""All that is fed with inputs, by its name."""

from tests.fuzz.target import Target
from tests.fuzz.targets.cells import Cells
from tests.fuzz.targets.commands import Commands
from tests.fuzz.targets.debugging import DebuggerRequests, DebuggerWords
from tests.fuzz.targets.decoders import Decoders
from tests.fuzz.targets.files import Files
from tests.fuzz.targets.help import Help
from tests.fuzz.targets.journals import Journals
from tests.fuzz.targets.libraries import Libraries
from tests.fuzz.targets.payloads import Payloads
from tests.fuzz.targets.replies import Replies
from tests.fuzz.targets.requests import Requests
from tests.fuzz.targets.scripts import Scripts
from tests.fuzz.targets.transcripts import Transcripts

__all__ = ["TARGETS"]

TARGETS: dict[str, type[Target]] = {
    "cells": Cells,
    "commands": Commands,
    "debugger_requests": DebuggerRequests,
    "debugger_words": DebuggerWords,
    "decoders": Decoders,
    "files": Files,
    "help": Help,
    "journals": Journals,
    "libraries": Libraries,
    "payloads": Payloads,
    "replies": Replies,
    "requests": Requests,
    "scripts": Scripts,
    "transcripts": Transcripts,
}
