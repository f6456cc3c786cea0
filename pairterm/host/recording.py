"""The recorder of a session, from the host's end: it is started, fed with events, and started again if it dies.

The recorder is another process, attached to the local socket. So the host never waits
for a disk. The content of a pause and of a hidden window never gets onto the recorder's link,
as onto a guest's.
"""

from __future__ import annotations

import logging
import termios
import time
from collections.abc import Callable, Iterable

from pairterm.errors import PairtermError
from pairterm.host.programs import Programs
from pairterm.host.recorder_process import RecorderProcess
from pairterm.host.recorder_turn import RecorderTurn
from pairterm.host.viewer_link import Peer
from pairterm.link.messages import MAX_TYPED_BYTES, RecorderNews, RecordEvent
from pairterm.paths import recordings_dir
from pairterm.session.core import SessionCore
from pairterm.session.effects import Effect, Remark, SetRecording, WritePty
from pairterm.session.recording import RecordingPhase
from pairterm.types import ClientId

__all__ = ["HostRecording"]

logger = logging.getLogger(__name__)

_TYPED_S = 1.0
"""A recording tells once in this time that somebody types."""

_MAX_WAITING = 1000
"""Inputs that are kept for a recorder that is not connected yet."""

_MIN_LIFE_S = 10.0
"""A recorder that lives shorter than this failed at its start."""

_MAX_FAILED_STARTS = 3


class HostRecording:
    """The recording of one session."""

    def __init__(
        self, core: SessionCore, programs: Programs, *, tell_owner: Callable[[str], None], on_failed: Callable[[], None]
    ) -> None:
        """`on_failed` is called when the session can't be recorded any more."""
        self._core = core
        self._programs = programs
        self._tell_owner = tell_owner
        self._on_failed = on_failed
        self.turn = RecorderTurn()
        """When the recorder gets what has happened."""
        self.turn.add(self._send_typed)
        self.pids: set[int] = set()
        """The recorders. They end by themselves, when they have written the end of their file."""
        self._recorder: RecorderProcess | None = None
        """The one that records now. An earlier one may still write the end of its file."""
        self._last_number = 0
        self._file = ""
        self._has_input = False
        self._failed_starts = 0
        self._typed_s: dict[str, float] = {}
        self._typed: list[tuple[str, bytes]] = []
        """Who typed what since the last turn, in its order; b"" for what is not recorded."""

    def set(self, effect: SetRecording) -> None:
        """Begin, end, hold or continue the recording."""
        self._send_typed()
        if effect.phase is RecordingPhase.OFF:
            self._send(RecordEvent("stop"))
            self._recorder = None
        elif self._recorder is None:
            self._file, self._has_input, self._failed_starts = effect.file, effect.has_input, 0
            self._start()
        elif effect.phase is RecordingPhase.HELD:
            self._send(RecordEvent("hold"))
        else:
            self._send(RecordEvent("go-on"))
            if self._recorder.peer is not None:
                self._recorder.peer.send_anew()
                self.turn.soon()

    def attach(self, peer: Peer, number: int) -> None:
        """Take the link of the recorder with this number. One that shall not record any more ends."""
        if self._recorder is None or self._recorder.number != number:
            peer.send(RecordEvent("stop"))
            return
        self._recorder.peer = peer
        self._send_typed()
        if self._core.recording.phase is RecordingPhase.HELD:
            peer.send(RecordEvent("hold"))

    def news(self, peer: Peer, news: RecorderNews) -> None:
        """Take a recorder's news, and tell the owner."""
        match news.state:
            case "recording":
                if self._is_current(peer):
                    self._file = self._core.recording.file = news.text
                self._tell_owner(f"recording into {news.text}")
            case "failed":
                self._tell_owner(f"the recording has a gap: {news.text}")
            case "ended":
                self._tell_owner(f"recorded: {news.text}")

    def silent(self, peer: Peer, is_silent: bool) -> None:
        """Tell the owner that the recorder does not answer, or that it answers again."""
        if self._is_current(peer):
            text = "does not answer: the recording may have a gap" if is_silent else "answers again"
            self._tell_owner(f"the recorder {text}")

    def lost(self, peer: Peer) -> None:
        """Take note that a link has ended. If it is the recorder's, start another one, with a next file."""
        if self._is_current(peer):
            self._start_another()

    def session_ends(self) -> None:
        """Send the recorder what was typed last. It ends now, because the session ends."""
        self._send_typed()
        self._recorder = None

    def _ended(self, recorder: RecorderProcess) -> None:
        """Take note that a process has ended. It may never have been connected."""
        self.pids.discard(recorder.pid)
        if recorder is self._recorder:
            self._start_another()

    def _is_current(self, peer: Peer) -> bool:
        return self._recorder is not None and peer is self._recorder.peer

    def _start_another(self) -> None:
        assert self._recorder is not None
        lived_s = time.monotonic() - self._recorder.started_s
        self._recorder = None
        if self._core.recording.phase is RecordingPhase.OFF or not self._core.has_window:
            return
        self._failed_starts = self._failed_starts + 1 if lived_s < _MIN_LIFE_S else 0
        if self._failed_starts < _MAX_FAILED_STARTS:
            self._tell_owner("the recorder ended unexpectedly; the recording goes on in a next file")
            self._start(keeps_log=True)
        else:
            self._give_up("the recorder ends again and again: see the log")

    def typed(self, client: ClientId, effects: Iterable[Effect]) -> None:
        """Note for the recorder that a client types, before the program gets it; nothing that guests can't see."""
        if self._recorder is None or self._core.recording.phase is not RecordingPhase.ON:
            return
        person = self._core.people.get(client)
        written = next((each for each in effects if isinstance(each, WritePty)), None)
        if person is None or written is None or not self._core.visible.is_shown_to_guests(written.pane):
            return
        if self._has_input and self._echoes(written):
            self._keep_typed(person.name, written.data)
            return
        now_s = time.monotonic()
        if now_s >= self._typed_s.get(person.name, float("-inf")) + _TYPED_S:
            if len(self._typed_s) > len(self._core.people):
                self._typed_s.clear()
            self._typed_s[person.name] = now_s
            self._keep_typed(person.name, b"")

    def _keep_typed(self, name: str, data: bytes) -> None:
        if data and self._typed and self._typed[-1][0] == name and self._typed[-1][1]:
            self._typed[-1] = (name, self._typed[-1][1] + data)
        else:
            self._typed.append((name, data))
        self.turn.soon()

    def _send_typed(self) -> None:
        """Send what waits. If the recorder has only been started, it waits until the recorder is connected."""
        if self._recorder is not None and self._recorder.peer is None:
            del self._typed[:-_MAX_WAITING]
            return
        typed, self._typed = self._typed, []
        for name, data in typed:
            if not data:
                self._send(RecordEvent("typed", name))
            for start in range(0, len(data), MAX_TYPED_BYTES):
                self._send(RecordEvent("typed-text", name, typed=data[start : start + MAX_TYPED_BYTES]))

    def _echoes(self, written: WritePty) -> bool:
        """Return whether the terminal echoes what is typed. It does not while a program asks for a password."""
        master = self._programs.master(written.pane)
        if master is None:
            return False
        try:
            return bool(termios.tcgetattr(master)[3] & termios.ECHO)
        except termios.error:
            return False

    def remark(self, remark: Remark) -> None:
        """Tell the recorder of the keyboard or the chat. Nothing in a pause."""
        if self._core.recording.phase is RecordingPhase.ON and not self._core.is_paused:
            self._send_typed()
            self._send(RecordEvent(remark.kind, remark.name, remark.text))

    def _send(self, event: RecordEvent) -> None:
        if self._recorder is not None:
            self._recorder.send(event)

    def _start(self, *, keeps_log: bool = False) -> None:
        """Start a recorder. If its file exists, it takes the next name."""
        name = self._core.name
        self._last_number += 1
        try:
            # A relative path is one among the recordings: the host has no directory of its own.
            path = recordings_dir() / (self._file or f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.cast")
            self._recorder = RecorderProcess(name, path, self._last_number, self._ended, keeps_log=keeps_log)
        except (OSError, PairtermError) as error:
            self._give_up(f"the recorder can't be started: {error}")
            return
        self.pids.add(self._recorder.pid)

    def _give_up(self, text: str) -> None:
        self._recorder = None
        self._tell_owner(text)
        self._on_failed()
