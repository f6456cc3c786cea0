"""Guests who go back in time: each has a player of the recording, whose screen nobody else sees.

A player is `pairterm play` on a pty of its own. It is no pane of the session: no window has it, no
command names it, and only `ReplayKeys` of its guest reach it. It follows the session's rules: in a pause
and when the recording ends, all players end.
"""

from __future__ import annotations

import asyncio
import sys

from pairterm.errors import PairtermError
from pairterm.host.programs import Programs
from pairterm.host.viewer_link import Peer
from pairterm.session.core import SessionCore
from pairterm.session.effects import Tell
from pairterm.session.recording import RecordingPhase
from pairterm.terminal import Terminal
from pairterm.types import ClientId, PaneId, Role, Size

__all__ = ["Replays"]

_BACK_S = 10
"""How far back a replay begins."""

_MAX_REPLAYS = 8
"""Players at a time. Each is a process of about 30 MB on the owner's machine."""

_BEGIN_S = 1.0
"""Least time between two replays of one client: each starts a process."""

_FIRST_PANE = 1 << 30
"""The number of the first player's pane. A session never gets so many panes of its own."""

_PICTURE_S = 0.04
"""Least time between two pictures of a player."""


class _Replay:
    """One player, and the guest that it plays for."""

    def __init__(self, peer: Peer, client: ClientId, pane: PaneId, size: Size) -> None:
        self.peer = peer
        self.client = client
        self.pane = pane
        self.terminal = Terminal(size, history_lines=0)
        self.timer: asyncio.TimerHandle | None = None


class Replays:
    """The players of one session."""

    def __init__(self, core: SessionCore, programs: Programs) -> None:
        self._core = core
        self._programs = programs
        self._replays: dict[ClientId, _Replay] = {}
        self._next_pane = _FIRST_PANE
        self._began_s: dict[ClientId, float] = {}
        self._loop = asyncio.get_running_loop()

    def begin(self, peer: Peer, client: ClientId) -> None:
        """Start a player for a client, or tell them why there is none."""
        if client in self._replays:
            return
        refusal = self._refusal(client) or self._start(peer, client)
        if refusal and client in self._core.people:
            peer.tell(Tell(client, refusal))

    def _refusal(self, client: ClientId) -> str:
        person, recording = self._core.people.get(client), self._core.recording
        if person is None or self._core.is_paused:
            return "paused by the owner"
        if recording.phase is RecordingPhase.OFF or not recording.file:
            return "only a session that is recorded can go back in time"
        if not (recording.guests_replay or person.role is Role.OWNER):
            return "the owner lets nobody go back in time: 'set replay on' allows it"
        is_soon = self._loop.time() < self._began_s.get(client, float("-inf")) + _BEGIN_S
        if is_soon or len(self._replays) >= _MAX_REPLAYS:
            return "too many go back in time now: try again in a moment"
        return ""

    def _start(self, peer: Peer, client: ClientId) -> str:
        """Start the player; return why it can't be started, or ""."""
        if self._programs.start_program is None:
            return "this session can't start the player"
        size = self._core.people[client].size
        pane = PaneId(self._next_pane)
        play = ("-m", "pairterm", "play", "--follow", "--back", str(_BACK_S), "--", self._core.recording.file)
        try:
            program = self._programs.start_program(pane, (sys.executable, "-P", *play), "/", size)
        except PairtermError as error:
            return f"the player can't be started: {error.message}"
        self._next_pane += 1
        self._began_s = {each: at_s for each, at_s in self._began_s.items() if each in self._core.people}
        self._began_s[client] = self._loop.time()
        replay = self._replays[client] = _Replay(peer, client, pane, size)
        peer.show_replay(client, pane)
        self._programs.start(
            pane,
            program,
            on_output=lambda data: self._printed(replay, data),
            on_end=lambda status: self._ended(replay, status),
        )
        return ""

    def keys(self, client: ClientId, data: bytes) -> None:
        """Take what a client typed while they see a replay. After its end, it goes nowhere."""
        if (replay := self._replays.get(client)) is not None:
            self._programs.write(replay.pane, data)

    def resize(self, client: ClientId, size: Size) -> None:
        """Follow the size of a client's terminal."""
        if (replay := self._replays.get(client)) is not None:
            replay.terminal.resize(size)
            self._programs.resize(replay.pane, replay.terminal.size)
            self._publish(replay)

    def check(self) -> None:
        """End the players that may not go on: their client has left, the session is paused, or is not recorded."""
        if not self._replays:
            return
        recording = self._core.recording
        all_end = self._core.is_paused or recording.phase is RecordingPhase.OFF
        for replay in list(self._replays.values()):
            person = self._core.people.get(replay.client)
            if all_end or person is None or not (recording.guests_replay or person.role is Role.OWNER):
                self._end(replay)

    def publish(self, pane: PaneId) -> None:
        """Send the newest picture of a player, if this is one's pane, because its guest can take one again."""
        for replay in self._replays.values():
            if replay.pane == pane:
                self._publish(replay)

    def _printed(self, replay: _Replay, data: bytes) -> None:
        replay.terminal.feed(data)
        replay.terminal.take_events()
        if replies := replay.terminal.take_replies():
            self._programs.write(replay.pane, replies)
        if replay.timer is None:
            replay.timer = self._loop.call_later(_PICTURE_S, self._publish, replay)

    def _publish(self, replay: _Replay) -> None:
        if replay.timer is not None:
            replay.timer.cancel()
            replay.timer = None
        now_s = self._loop.time()
        due_s = replay.peer.due_s(replay.pane, now_s, replay.terminal.generation)
        is_whole = True
        if due_s is not None and due_s <= now_s:
            is_whole = replay.peer.send_frame(replay.pane, replay.terminal.snapshot(), now_s)
        if not is_whole or (due_s is not None and due_s > now_s):
            replay.timer = self._loop.call_later(_PICTURE_S, self._publish, replay)

    def _ended(self, replay: _Replay, status: int) -> None:
        """Take note that a player has ended: its guest has left it, or it could not play."""
        self._end(replay)
        if status and replay.client in self._core.people:
            replay.peer.tell(Tell(replay.client, "the recording can't be played now"))

    def _end(self, replay: _Replay) -> None:
        if self._replays.get(replay.client) is not replay:
            return
        del self._replays[replay.client]
        if replay.timer is not None:
            replay.timer.cancel()
        self._programs.hang_up(replay.pane)
        replay.peer.show_replay(replay.client, None)
