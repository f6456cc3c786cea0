"""The actor around the session core: pty, clock and links on one side, decisions on the other.

It carries out the core's effects in order and feeds it what happens. Everything
runs in callbacks of one loop without an `await` in between, so what the core
decided still holds when it is done. Frames go to peers by level, not by edge: a
wake-up means "look again", and what is sent is the newest picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import assert_never

from pairterm import __version__
from pairterm.access.tokens import Tokens
from pairterm.errors import UsageError
from pairterm.host.peer import Peer, Wire
from pairterm.host.pty import PtyProgram
from pairterm.host.tree import reap
from pairterm.link.attendance import clean_label
from pairterm.link.messages import (
    ClientInfo,
    Ended,
    Info,
    Join,
    LinkAddress,
    Refused,
    Registered,
    Restarting,
    ViewSettings,
)
from pairterm.session.core import SessionCore
from pairterm.session.effects import (
    Announce,
    Closed,
    Effect,
    Publish,
    Refuse,
    ResizePty,
    Tell,
    Wake,
    Welcome,
    WritePty,
)
from pairterm.terminal.frame import Row
from pairterm.types import ClientId, Role, Size

__all__ = ["HostActor"]

logger = logging.getLogger(__name__)

_ORPHANED_PTY_GRACE_S = 1.0
"""How long a program may live on after it closed its terminal before the session ends without it."""

_ANNOUNCE_INTERVAL_S = 0.25
"""Least time between two lists of who is here: a class of 500 joins within seconds."""


_MAX_MESSAGES = 200
"""What `show-messages` can show."""


class HostActor:
    """One running session."""

    def __init__(self, core: SessionCore, *, command: str, settings: ViewSettings, tokens: Tokens) -> None:
        self.closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self.proxies: set[int] = set()
        """Children of ours that carry the link: they end with it, after the last words."""
        self.registered: Registered | None = None
        """Where guests reach the session; None until a gateway took it."""
        self.on_event: Callable[[str, dict[str, object]], None] = lambda kind, params: None
        """Is told what happens, in tmate's words and form (see `webhooks`)."""
        self.gateway_state = "not connected yet"
        self.messages: deque[tuple[float, str]] = deque(maxlen=_MAX_MESSAGES)
        """What happened to the session, the newest last: when (seconds since the epoch), and what."""
        self._core = core
        self._program: PtyProgram | None = None
        self._command = command
        self._settings = settings
        self._tokens = tokens
        self._guests_ever = 0
        self._peers: list[Peer] = []
        self._last_peer = 0
        self._peer_left = asyncio.Event()
        self._created_s = time.time()
        self._loop = asyncio.get_running_loop()
        self._publish_timer: asyncio.TimerHandle | None = None
        self._announce_timer: asyncio.TimerHandle | None = None
        self._announced_s = float("-inf")

    # The pty.

    def start(self, program: PtyProgram) -> None:
        """Begin to read the program, and to watch for its end."""
        self._program = program
        self._loop.add_reader(program.master, self._read_program, program)
        self._loop.add_signal_handler(signal.SIGCHLD, self._child_ended, program)
        self._child_ended(program)

    def _read_program(self, program: PtyProgram) -> None:
        data, is_open = program.read()
        if data:
            self._carry_out(self._core.feed(data, self._loop.time()))
        if not is_open:
            self._loop.remove_reader(program.master)
            self._loop.call_later(_ORPHANED_PTY_GRACE_S, self._finish, 0)

    def _child_ended(self, program: PtyProgram) -> None:
        status = program.poll()
        reap(program.pid)
        if status is not None and not self.closed.done():
            # The last words are still in the pty: they come before the end.
            data, is_open = program.read()
            while data:
                self._carry_out(self._core.feed(data, self._loop.time()))
                data, is_open = program.read() if is_open else (b"", False)
            self._finish(status)

    def _finish(self, status: int) -> None:
        self._carry_out(self._core.finish(status))

    def _write_program(self, data: bytes) -> None:
        if self._program is not None and not self._program.write(data):
            self._loop.add_writer(self._program.master, self._flush_program, self._program)

    def _flush_program(self, program: PtyProgram) -> None:
        if program.flush():
            self._loop.remove_writer(program.master)

    def _hang_up(self) -> None:
        """Close the pty, so that the kernel hangs up whoever still has it."""
        if self._program is not None:
            self._loop.remove_reader(self._program.master)
            self._loop.remove_writer(self._program.master)
            self._program.close()
            self._program = None

    # The peers.

    def add_peer(
        self,
        wire: Wire,
        *,
        is_local: bool,
        on_gateway: Callable[[Registered | Refused | Restarting], None] | None = None,
    ) -> Peer:
        """Take up a link that is open, by its sending end; the peer's `receive` is the other."""
        self._last_peer += 1
        peer = Peer(self._last_peer, self, wire, is_local=is_local, on_gateway=on_gateway)
        self._peers.append(peer)
        peer.greet(self._settings)
        return peer

    def remove_peer(self, peer: Peer) -> None:
        """Let go of a link that has ended, and of everyone who came by it."""
        if peer in self._peers:
            self._peers.remove(peer)
            self._peer_left.set()
            peer.lost()

    def admit(self, token_hash: bytes) -> Role | None:
        """Return the role that a token gives."""
        return self._core.admit(token_hash)

    def join(self, peer: Peer, client: ClientId, message: Join, role: Role | None) -> None:
        """Let a client in, or refuse it."""
        peer.clients[client] = message.client
        size = Size(rows=message.rows, cols=message.cols)
        self._carry_out(self._core.join(client, role, size, clean_label(message.label), self._loop.time()))

    def _remember_arrival(self, client: ClientId) -> None:
        person = self._core.people[client]
        self.remember(f"{person.label} came ({person.role.value})")
        if not self._peer_of(client).is_local:
            self._guests_ever += 1
            readonly = not person.role.may_type
            self.on_event(
                "session_join",
                {"id": client, "type": "ssh", "ip_address": person.label, "pubkey": None, "readonly": readonly},
            )

    def leave(self, client: ClientId) -> None:
        """A client is gone."""
        person = self._core.people.get(client)
        if person is not None:
            self.remember(f"{person.label} left")
            if person.role is not Role.OWNER:
                self.on_event("session_left", {"id": client})
        self._carry_out(self._core.leave(client, self._loop.time()))

    def resize(self, client: ClientId, size: Size) -> None:
        """A client's terminal has another size."""
        self._carry_out(self._core.resize(client, size, self._loop.time()))

    def input(self, client: ClientId, data: bytes) -> None:
        """A client typed."""
        self._carry_out(self._core.input(client, data, self._loop.time()))

    def command(self, client: ClientId, line: str) -> None:
        """A client gave a command."""
        self._carry_out(self._core.command(client, line, self._loop.time()))

    def owner_command(self, line: str) -> tuple[str, bool]:
        """The owner's command line gave a command; return the answer, and whether it is an error."""
        try:
            effects, answer = self._core.owner_command(line, self._loop.time())
        except UsageError as error:
            return error.message, True
        self._carry_out(effects)
        return answer, False

    def history(self, start: int, stop: int) -> tuple[int, list[Row], int]:
        """Return lines of history: the number of the first, the lines, and how many are kept."""
        return self._core.history(start, stop)

    def kill(self, status: int | None = None) -> None:
        """End the session, with this exit status; None: as for a command that was hung up."""
        self._carry_out(self._core.kill() if status is None else self._core.kill(status))

    def info(self) -> Info:
        """Describe the session, for its owner."""
        frame = self._core.frame()
        age_s = time.time() - self._loop.time()
        return Info(
            session=self._core.name,
            pid=os.getpid(),
            created_s=self._created_s,
            rows=self._core.size.rows,
            cols=self._core.size.cols,
            command=self._command[:500],
            title=frame.title[:1000],
            clients=[
                ClientInfo(person.label, person.role.value, person.size.rows, person.size.cols, person.joined_s + age_s)
                for person in self._core.people.values()
            ],
            address=self._address(),
            gateway=self.gateway_state[:500],
            messages=[(when_s, text[:500]) for when_s, text in self.messages],
            guests_ever=self._guests_ever,
        )

    def _register_params(self, *, is_again: bool) -> dict[str, object]:
        found = self.registered
        port = f"-p {found.port} " if found is not None and found.port != 22 else ""
        return {
            "stoken": self._tokens.read_write,
            "stoken_ro": self._tokens.read_only,
            "ssh_cmd_fmt": f"ssh {port}%s@{found.host}" if found is not None else None,
            "web_url_fmt": None,
            "reconnected": is_again,
            "pubkey": None,
            "ip_address": None,
            "client_version": __version__,
        }

    def _address(self) -> LinkAddress | None:
        found = self.registered
        if found is None:
            return None
        return LinkAddress(
            found.host, found.port, found.public_key, found.fingerprint, found.is_loopback and found.is_own,
            self._tokens.read_write, self._tokens.read_only,
        )  # fmt: skip

    # The gateway.

    def gateway_found(self, *, is_again: bool) -> None:
        """The gateway has the session."""
        self.gateway_state = "connected"
        self.on_event("session_register", self._register_params(is_again=is_again))
        if is_again:
            self.note("the gateway is back; the links are the same")

    def gateway_lost(self, text: str) -> None:
        """The gateway is away, and why."""
        if self.closed.done():
            return
        self.gateway_state = f"away: {text}"
        self.on_event("session_disconnect", {})
        self.note(f"the gateway is away: {text}")

    def note(self, text: str) -> None:
        """Tell the owner: a line in the session's messages, and on the owner's terminals."""
        logger.info("%s", text)
        self.remember(text)
        for peer in self._peers:
            peer.note(text)

    def remember(self, text: str) -> None:
        """Put a line into the session's messages."""
        self.messages.append((time.time(), text))

    def publish(self) -> None:
        """Send the newest frame to every peer that may have it now; look again when another may."""
        if not self._core.may_publish:
            return
        now_s = self._loop.time()
        later_s = float("inf")
        for peer in self._peers:
            due_s = peer.due_s(now_s)
            if due_s is None:
                continue
            if due_s <= now_s:
                peer.send_frame(self._core.frame(), now_s)
            else:
                later_s = min(later_s, due_s)
        if later_s < float("inf") and self._publish_timer is None:
            self._publish_timer = self._loop.call_at(later_s, self._publish_later)

    def _publish_later(self) -> None:
        self._publish_timer = None
        self.publish()

    def _announce_soon(self) -> None:
        """Tell all peers who is here: at once, then at most every `_ANNOUNCE_INTERVAL_S`."""
        if self._announce_timer is None:
            due_s = self._announced_s + _ANNOUNCE_INTERVAL_S
            self._announce_timer = self._loop.call_at(due_s, self._announce)

    def _announce(self) -> None:
        self._announce_timer = None
        self._announced_s = self._loop.time()
        attendance = self._core.attendance
        for peer in self._peers:
            if peer.clients:
                peer.announce(attendance)

    # The effects.

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case WritePty(data):
                    self._write_program(data)
                case Publish():
                    self.publish()
                case ResizePty(size):
                    if self._program is not None:
                        self._program.resize(size)
                case Announce():
                    self._announce_soon()
                case Tell(client, text):
                    self._peer_of(client).tell(client, text)
                case Wake(at_s):
                    self._loop.call_at(at_s, self._tick)
                case Welcome(client, role):
                    self._remember_arrival(client)
                    self._peer_of(client).welcome(client, role)
                case Refuse(client, code, text):
                    self._peer_of(client).refuse(client, code, text)
                case Closed():
                    self._close(effect)
                case _:
                    assert_never(effect)

    def _tick(self) -> None:
        self._carry_out(self._core.tick(self._loop.time()))

    def _peer_of(self, client: ClientId) -> Peer:
        return next(peer for peer in self._peers if client in peer.clients)

    def _close(self, closed: Closed) -> None:
        logger.info("session %s %s, status %d", self._core.name, closed.reason, closed.status)
        self.on_event("session_close", {})
        for peer in self._peers:
            if peer.clients:
                peer.send_frame(self._core.frame(), self._loop.time())
            peer.send(Ended(closed.reason, closed.status, closed.text))
        self._hang_up()
        if not self.closed.done():
            self.closed.set_result(closed)

    async def farewell(self, timeout_s: float) -> None:
        """Close every link after its last message, and wait until that has left or the time is over."""
        for peer in self._peers:
            peer.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._peers:
                    self._peer_left.clear()
                    await self._peer_left.wait()
