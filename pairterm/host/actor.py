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
import signal
import time
from collections.abc import Callable, Iterable
from typing import assert_never

import msgspec

from pairterm.errors import UsageError
from pairterm.host.children import collect_orphans
from pairterm.host.event_log import EventLog
from pairterm.host.key_lists import KeyLists
from pairterm.host.pty import PIECE_BYTES, PtyProgram
from pairterm.host.session_info import describe, join_line, link_address
from pairterm.host.viewer_link import Peer, Wire
from pairterm.link.messages import (
    AdmissionRules,
    Ended,
    InvitationWire,
    Refused,
    Registered,
    Restarting,
    SessionInfo,
    ViewSettings,
)
from pairterm.link.ssh_commands import invitations_page
from pairterm.runtime.supervisor import Supervisor
from pairterm.session.admission import Visitor
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.core import SessionCore
from pairterm.session.effects import (
    Admit,
    Announce,
    ChangeRole,
    Closed,
    Effect,
    Hold,
    Note,
    Pin,
    Publish,
    Refuse,
    ResizePty,
    SetClipboard,
    Tell,
    Wake,
    Welcome,
    WritePty,
)
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.types import ClientId, Role, Size

__all__ = ["HostActor"]

logger = logging.getLogger(__name__)

_READING_TURN_S = 0.02
"""How long one turn of the loop may take in what the program prints: people's input waits no longer.
What is not read stays in the pty, and the program waits."""

_ORPHANED_PTY_GRACE_S = 1.0
"""How long a program may live on after it closed its terminal before the session ends without it."""

_ANNOUNCE_INTERVAL_S = 0.25
"""Least time between two lists of who is here: a class of 500 joins within seconds."""


class HostActor:
    """One running session."""

    def __init__(
        self,
        core: SessionCore,
        *,
        command: str,
        settings: ViewSettings,
        on_note: Callable[[Note], None] = lambda note: None,
        on_pin: Callable[[Pin], None] = lambda pin: None,
    ) -> None:
        """`on_note` is told what happened, for the audit and the hooks; `on_pin` which key to remember."""
        self.closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self.proxies: set[int] = set()
        """Children of ours that carry the link: they end with it, after the last words."""
        self.registered: Registered | None = None
        """Where guests reach the session; None until a gateway took it."""
        self.event_log = EventLog()
        self.gateway_state = "not connected yet"
        self._core = core
        self._program: PtyProgram | None = None
        self._command = command
        self._settings = settings
        self._on_note = on_note
        self._on_pin = on_pin
        core.write_links_by(join_line=lambda token: join_line(self.registered, token), links_page=self._links_page)
        self._away_since_s: float | None = None
        """Since when the gateway is away, on the loop's clock; None while it is there."""
        self._key_lists: KeyLists | None = None
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
        until_s = self._loop.time() + _READING_TURN_S
        is_open = has_more = True
        while has_more and is_open and self._loop.time() < until_s:
            data, is_open = program.read()
            has_more = len(data) >= PIECE_BYTES
            if data:
                self._carry_out(self._core.feed(data, self._loop.time()))
        if not is_open:
            self._loop.remove_reader(program.master)
            self._loop.call_later(_ORPHANED_PTY_GRACE_S, self._finish, 0)

    def _child_ended(self, program: PtyProgram) -> None:
        status = program.poll()
        collect_orphans(program.pid)
        if status is not None and not self.closed.done():
            try:
                self._read_last_words(program)
            finally:
                self._finish(status)

    def _read_last_words(self, program: PtyProgram) -> None:
        """Read what is still in the pty: it comes before the end."""
        data, is_open = program.read()
        while data:
            self._carry_out(self._core.feed(data, self._loop.time()))
            data, is_open = program.read() if is_open else (b"", False)

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

    def join(self, peer: Peer, client: ClientId, number: int, visitor: Visitor, size: Size) -> None:
        """Let a client in, have it wait, or refuse it; `number` is what the other side calls it."""
        peer.clients[client] = number
        if visitor.origin.key and self._key_lists is not None and self._key_lists.look():
            self._take_keys(False)
        self._carry_out(self._core.join(client, visitor, size, self._loop.time()))

    def follow_keys(self, lists: KeyLists, tasks: Supervisor) -> None:
        """Take other keys when they are on these lists, as long as the session lives."""
        self._key_lists = lists
        lists.on_problem = self.note
        tasks.keep("following the lists of keys", lambda: lists.follow(lambda is_final: self._take_keys(is_final)))
        if lists.urls:
            tasks.keep("fetching the lists of keys", lists.follow_urls)

    def _take_keys(self, is_final: bool) -> None:
        if self._key_lists is not None:
            self._carry_out(self._core.take_keys(self._key_lists.entries, self._loop.time(), is_final=is_final))

    def admits(self) -> AdmissionRules:
        """Return who may come to the door, for a gateway."""
        admission = self._core.admission
        is_keys_only = admission.settings.mode is AdmitMode.KEY
        links = [
            InvitationWire(
                each.token_hash,
                "ro" if each.role is Role.READ_ONLY else "rw",
                admission.makes_knock(each),
                each.nameplate,
            )
            for each in (() if is_keys_only else admission.invitations.all())
        ]
        keys = admission.keys.lines(self._loop.time() + admission.epoch_s)
        return AdmissionRules(links, keys, admission.settings.mode is AdmitMode.BOTH)

    def tried(self, nameplate: str, *, is_refused: bool) -> None:
        """Too many wrong words were tried on a spoken code, or the gateway does not take it: it is dead."""
        link = self._core.admission.invitations.kill_spoken(nameplate)
        if link is None:
            return
        self._on_note(Note("link-refused" if is_refused else "link-tried-too-often", {"link": link.number}))
        why = "the gateway has too many codes" if is_refused else "wrong words were tried too often"
        self.note(
            f"link {link.number}: {why}, its spoken code opens nothing any more; "
            "'pairterm link new --spoken' makes another"
        )

    def measured(self, client: ClientId, round_trip_ms: int) -> None:
        """A client's packets take so long to it and back."""
        if client in self._core.people:
            self._core.people.change(client, round_trip_ms=round_trip_ms)

    def leave(self, client: ClientId) -> None:
        """A client is gone."""
        self._leave(client, may_return=False)

    def lose(self, client: ClientId) -> None:
        """A client's link is gone; it may come back as it was."""
        self._leave(client, may_return=True)

    def _leave(self, client: ClientId, *, may_return: bool) -> None:
        person = self._core.people.get(client)
        if person is not None:
            self.event_log.left(client, person.origin.address, is_guest=person.role is not Role.OWNER)
        self._carry_out(self._core.leave(client, self._loop.time(), may_return=may_return))

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

    def history(self, client: ClientId, start: int, stop: int, place: int | None) -> HistoryLines:
        """Return lines of history, as far as the client may see them."""
        return self._core.history_for(client, start, stop, place)

    def capture(self, start: int, stop: int) -> CapturedLines:
        """Return lines of the history and of the screen, for the owner."""
        return self._core.capture(start, stop)

    def kill(self, status: int | None = None) -> None:
        """End the session, with this exit status; None: as for a command that was hung up."""
        self._carry_out(self._core.kill() if status is None else self._core.kill(status))

    def info(self) -> SessionInfo:
        """Describe the session, for its owner."""
        found = describe(
            self._core,
            command=self._command,
            created_s=self._created_s,
            registered=self.registered,
            gateway=self.gateway_state[:500],
            now_s=self._loop.time(),
        )
        event_log = self.event_log
        return msgspec.structs.replace(found, messages=list(event_log.messages), guests_ever=event_log.guests_ever)

    # The gateway.

    def gateway_found(self, registered: Registered) -> None:
        """A gateway has the session, under these links; the owner is told when they are others than before."""
        before, self.registered = self.registered, registered
        self.gateway_state = "connected"
        self._set_away(None)
        self.event_log.registered(link_address(self._core, registered), registered, is_again=before is not None)
        if before is None:
            return
        if (before.host, before.port) == (registered.host, registered.port):
            self.note("the gateway is back; the links are the same")
        else:
            self.note(f"the gateway is back on port {registered.port}: the links are new, 'pairterm links' shows them")

    def gateway_lost(self, text: str) -> None:
        """The gateway is away, and why."""
        if self.closed.done():
            return
        self.gateway_state = f"away: {text}"
        self.event_log.disconnected()
        if self._away_since_s is None:
            self._set_away(self._loop.time())
        self.note(f"the gateway is away: {text}")

    def gateway_silent(self, is_silent: bool) -> None:
        """The gateway owes an answer for longer than a round trip takes, or has given a sign of life again."""
        if self.closed.done() or is_silent == (self._away_since_s is not None):
            return
        self._set_away(self._loop.time() if is_silent else None)
        self.note("the gateway does not answer" if is_silent else "the gateway answers again")

    def _set_away(self, since_s: float | None) -> None:
        """Take since when the gateway is away, and have the owner's terminals count it."""
        if since_s != self._away_since_s:
            self._away_since_s = since_s
            for peer in self._peers:
                peer.gateway_away(self._away_s)

    @property
    def _away_s(self) -> int | None:
        return None if self._away_since_s is None else max(0, int(self._loop.time() - self._away_since_s))

    def _links_page(self) -> tuple[str, list[str]]:
        """Return the owner's page of links, and what can be copied from it."""
        return invitations_page(link_address(self._core, self.registered), self.gateway_state)

    def note(self, text: str) -> None:
        """Tell the owner: a line in the session's messages, and on the owner's terminals."""
        logger.info("%s", text)
        self.event_log.add(text)
        for peer in self._peers:
            peer.note(text)

    def publish(self) -> None:
        """Send the newest frame to every peer that may have it now; look again when another may."""
        now_s = self._loop.time()
        later_s = float("inf")
        for peer in self._peers:
            is_hidden = self._core.hides_from(peer.clients)
            if not self._core.may_publish and not is_hidden:
                continue
            due_s = peer.due_s(now_s, self._core.generation_for(peer.clients), is_urgent=is_hidden)
            if due_s is None:
                continue
            if due_s <= now_s:
                peer.send_frame(self._core.frame_for(peer.clients), now_s)
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
                case SetClipboard(data):
                    self._set_clipboard(data)
                case Announce():
                    self._announce_soon()
                case Tell() | Welcome() | ChangeRole() | Hold() | Refuse():
                    self._send_to(effect)
                case Wake(at_s):
                    self._loop.call_at(at_s, self._tick)
                case Note() | Pin() | Admit():
                    self._keep(effect)
                case Closed():
                    self._close(effect)
                case _:
                    assert_never(effect)

    def _set_clipboard(self, data: bytes) -> None:
        """Pass a clipboard on to links on which everybody is the owner."""
        for peer in self._peers:
            if peer.clients and self._core.are_owners(peer.clients):
                peer.set_clipboard(data)

    def _tick(self) -> None:
        self._carry_out(self._core.tick(self._loop.time()))

    def _send_to(self, effect: Tell | Welcome | ChangeRole | Hold | Refuse) -> None:
        """Send a client what is for it; one who was shown out by an effect before has no peer any more."""
        client = effect.client
        peer = next((each for each in self._peers if client in each.clients), None)
        if peer is None:
            return
        match effect:
            case Tell():
                peer.tell(effect)
            case Welcome(_, role, may_type, ticket):
                origin = self._core.people[client].origin
                self.event_log.came(client, origin.address, role, key=origin.key, is_guest=not peer.is_local)
                peer.welcome(client, role, may_type=may_type, ticket=ticket)
                if self._away_s is not None:
                    peer.gateway_away(self._away_s)
            case ChangeRole(_, role, may_type):
                peer.change_role(client, role, may_type=may_type)
            case Hold(_, text):
                peer.hold(client, text)
            case Refuse(_, code, text):
                peer.refuse(client, code, text)
            case _:
                assert_never(effect)

    def _keep(self, effect: Note | Pin | Admit) -> None:
        """Pass on what outlasts the moment: to the audit, the list of known keys, the gateways."""
        match effect:
            case Note():
                self._on_note(effect)
            case Pin():
                self._on_pin(effect)
            case Admit():
                self._admit()

    def _admit(self) -> None:
        """Tell every gateway who may come to the door now."""
        admits = self.admits()
        for peer in self._peers:
            if peer.is_gateway:
                peer.send(admits)

    def _close(self, closed: Closed) -> None:
        logger.info("session %s %s, status %d", self._core.name, closed.reason, closed.status)
        try:
            self.event_log.closed()
            for peer in self._peers:
                if peer.clients:
                    peer.send_frame(self._core.frame_for(peer.clients), self._loop.time())
                peer.send(Ended(closed.reason, closed.status, closed.text))
        finally:
            # Whatever fails in the last words: the process ends, and the program with it.
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
