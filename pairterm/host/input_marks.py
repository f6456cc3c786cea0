"""Marks of input: a client that shows its text before the echo is told which frame shows the echo.

The client numbers its inputs. A while after an input was given to the program, the
host says so, with the generation of the pane's frame. The client judges its guesses by
that frame (`view.prediction`).
"""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from pairterm.host.viewer_link import Peer
from pairterm.link.messages import InputMarked
from pairterm.session.core import SessionCore
from pairterm.types import ECHO_TIME_S, ClientId

__all__ = ["InputMarks"]

_MAX_WAITING = 1000
"""The most marks of a session that wait at once. A few people type a handful of keys in `ECHO_TIME_S`."""


class _Wanted(msgspec.Struct, frozen=True):
    due_s: float
    peer: Peer
    client: ClientId
    serial: int


class InputMarks:
    """The marks that the clients of one session wait for."""

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self._wanted: deque[_Wanted] = deque()
        self._newest: dict[ClientId, int] = {}
        """The newest serial of each client that waits."""
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def mark(self, peer: Peer, client: ClientId, serial: int) -> None:
        """Send the client its mark when the program has had time to echo its input."""
        if client in peer.clients and len(self._wanted) < _MAX_WAITING:
            self._newest[client] = serial
            self._wanted.append(_Wanted(self._loop.time() + ECHO_TIME_S, peer, client, serial))
            if self._timer is None:
                self._timer = self._loop.call_later(ECHO_TIME_S, self._send_due)

    def forget(self, peer: Peer) -> None:
        """Forget the marks of a link that has ended."""
        for each in [wanted for wanted in self._wanted if wanted.peer is peer]:
            self._wanted.remove(each)
            self._newest.pop(each.client, None)

    def _send_due(self) -> None:
        self._timer = None
        now_s = self._loop.time()
        while self._wanted and self._wanted[0].due_s <= now_s:
            self._send(self._wanted.popleft())
        if self._wanted:
            self._timer = self._loop.call_at(self._wanted[0].due_s, self._send_due)

    def _send(self, wanted: _Wanted) -> None:
        number = wanted.peer.clients.get(wanted.client)
        newest = self._newest[wanted.client]
        if newest == wanted.serial:
            del self._newest[wanted.client]
        pane = self._core.pane_of(wanted.client)
        sight = self._core.visible.pane(pane, wanted.peer.clients) if pane is not None else None
        if number is not None and sight is not None:
            wanted.peer.send(InputMarked(number, wanted.serial, newest, sight.frame().generation))
