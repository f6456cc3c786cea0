"""Whether a session is recorded now, and whether it may be."""

from __future__ import annotations

import enum
from typing import Literal, TypeAlias

__all__ = ["Recording", "RecordingPhase", "RecordingPolicy"]

RecordingPolicy: TypeAlias = Literal["off", "ask", "always"]
"""`off`: nothing is recorded. `ask`: the owner may begin. `always`: each session is recorded, from its start."""


class RecordingPhase(enum.Enum):
    """The state of a recording."""

    OFF = "off"
    ON = "on"
    HELD = "held"
    """The owner holds it: it goes on in the same file."""


class Recording:
    """The recording of one session."""

    def __init__(self) -> None:
        self.phase = RecordingPhase.OFF
        self.policy: RecordingPolicy = "ask"
        """The owner's."""
        self.gateway_policy: RecordingPolicy = "ask"
        """That of the gateway's operator."""
        self.is_planned = False
        """The recording begins when the session begins."""
        self.guests_replay = False
        """Guests may go back in time, also to before they joined."""
        self.file = ""
        """Where it is written. "": that is not known yet."""

    @property
    def is_recorded(self) -> bool:
        """Whether the session is recorded, as its gateway is told. A pause of the recording changes nothing."""
        return self.is_planned or self.phase is not RecordingPhase.OFF

    @property
    def note(self) -> str:
        """The note in everybody's status line; "" for nothing."""
        match self.phase:
            case RecordingPhase.ON:
                return "● rec"
            case RecordingPhase.HELD:
                return "rec paused"
            case RecordingPhase.OFF:
                return ""

    @property
    def greeting(self) -> str:
        """The line for a client that joins; "" for nothing."""
        return "" if self.phase is RecordingPhase.OFF else "this session is recorded"
