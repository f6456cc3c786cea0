"""`record`: begin, end, hold and continue the recording of a session."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import Record
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.effects import Admit, Note, SetRecording
from pairterm.session.recording import Recording, RecordingPhase
from pairterm.session.session_parts import SessionParts

__all__ = ["record"]

_NEWS = {
    RecordingPhase.ON: "this session is recorded from now on",
    RecordingPhase.HELD: "the recording is paused",
    RecordingPhase.OFF: "this session is not recorded any more",
}


def record(parts: SessionParts, command: Record, sender: CommandSender, now_s: float) -> CommandResult:
    """Begin, end, hold or continue the recording. Everybody gets a message.

    Raises:
        UsageError: The policy does not allow it, or there is nothing to hold.
    """
    recording = parts.recording
    before = recording.phase
    wanted = command.phase
    if wanted is None:
        wanted = RecordingPhase.ON if before is RecordingPhase.OFF else RecordingPhase.OFF
    if wanted is before:
        return CommandResult([], f"recording is {before.value} already")
    _check(recording, wanted, command.file)
    recording.phase = wanted
    if before is RecordingPhase.OFF:
        recording.file = command.file
    text = "the recording goes on" if before is RecordingPhase.HELD and wanted is RecordingPhase.ON else _NEWS[wanted]
    note = Note("record", {"state": wanted.value})
    effects = [
        SetRecording(wanted, command.file, command.has_input),
        note,
        Admit(),
        *parts.notices.to_all(text, but=sender.client),
    ]
    return CommandResult(effects, text)


def _check(recording: Recording, wanted: RecordingPhase, file: str) -> None:
    before, policy = recording.phase, recording.policy
    if wanted is RecordingPhase.HELD and before is RecordingPhase.OFF:
        raise UsageError("nothing is recorded now: 'record on' begins", code="not_recorded")
    if wanted is RecordingPhase.ON and policy == "off":
        raise UsageError("recording is off here: 'record = \"off\"' in the configuration", code="recording_off")
    if wanted is not RecordingPhase.ON and policy == "always":
        text = "sessions are always recorded here: 'record = \"always\"' in the configuration"
        raise UsageError(text, code="recorded")
    if wanted is RecordingPhase.ON and recording.gateway_policy == "off":
        raise UsageError("the gateway takes no sessions that are recorded", code="recording_off")
    if wanted is not RecordingPhase.ON and recording.gateway_policy == "always":
        raise UsageError("the gateway takes only sessions that are recorded", code="recorded")
    if file and before is not RecordingPhase.OFF:
        raise UsageError("this session is recorded already, into another file", code="recorded")
