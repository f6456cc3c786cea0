"""The note in everybody's status line: recording, pause, lock and knocks. Each window has a note beside it."""

from __future__ import annotations

from pairterm.session.input_gate import InputGate
from pairterm.session.recording import Recording
from pairterm.session.session_admission import Admission

__all__ = ["StatusNote"]


class StatusNote:
    """The note of one session."""

    def __init__(self, admission: Admission, gate: InputGate, recording: Recording) -> None:
        self.text = ""
        self._admission = admission
        self._gate = gate
        self._recording = recording

    def update(self, knocks: int) -> None:
        """Write the note anew while so many people knock."""
        parts = [self._recording.note] if self._recording.note else []
        parts += ["paused"] if self._gate.is_paused else []
        parts += ["all watch"] if self._admission.is_locked else []
        parts += [f"{knocks} at the door"] if knocks else []
        self.text = ", ".join(parts)
