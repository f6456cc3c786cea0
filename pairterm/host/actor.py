"""The actor of a session: it feeds the core with events, and carries out the effects that the core returns.

Events come from the pty, the clock, the links and the owner's command line. Effects are carried out in order, in
callbacks of one loop without an `await` in between. So a decision of the core still holds when it is carried out.
`program_effects` starts and ends programs, `program_pump` moves the bytes of a pty, `peers` sends frames and texts to
the links, and `typing_lane` is a short way for keys and their echoes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import assert_never

from pairterm.errors import UsageError
from pairterm.host.admission_rules import admission_rules
from pairterm.host.client_effects import ClientEffects
from pairterm.host.documents import DocumentMessage, HostDocuments
from pairterm.host.event_log import EventLog
from pairterm.host.gateway_state import GatewayState
from pairterm.host.input_marks import InputMarks
from pairterm.host.key_lists import KeyLists
from pairterm.host.peer_seams import GatewayNews, Wire
from pairterm.host.peers import Peers
from pairterm.host.program_effects import ProgramEffects
from pairterm.host.programs import Programs
from pairterm.host.pty import PtyProgram
from pairterm.host.publishers import Publishers
from pairterm.host.recording import HostRecording
from pairterm.host.replays import Replays
from pairterm.host.session_info import describe
from pairterm.host.spoken_codes import end_spoken_code
from pairterm.host.typing_lane import TypingLane
from pairterm.host.viewer_link import Peer
from pairterm.host.wait_requests import WaitRequests
from pairterm.link.messages import (
    AdmissionRules,
    RecorderNews,
    SessionInfo,
    ViewSettings,
)
from pairterm.runtime.supervisor import Supervisor
from pairterm.session.core import SessionCore
from pairterm.session.effects import (
    Admit,
    Announce,
    ChangeRole,
    Closed,
    Effect,
    EndProgram,
    Hold,
    Note,
    Pin,
    PipePane,
    Publish,
    Refuse,
    Remark,
    ResizePty,
    SetClipboard,
    SetRecording,
    ShowWindows,
    StartProgram,
    Tell,
    Wake,
    Welcome,
    WritePty,
)
from pairterm.session.recording import RecordingPolicy
from pairterm.session.session_admission import Visitor
from pairterm.session.windows.program_name import program_name
from pairterm.session.windows.workspace import WindowSettings
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.types import ClientId, PaneId, Size

__all__ = ["HostActor"]

logger = logging.getLogger(__name__)


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
        """`on_note` gets the events for the audit log and the hooks; `on_pin` gets the keys to remember."""
        self.closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self.proxies: set[int] = set()
        """Child processes that carry the link: they end with it, after the last messages."""
        self.event_log = EventLog()
        self._core = core
        self.programs = Programs(on_output=self._take_output, on_end=self._finish)
        self._command, self._settings = command, settings
        self._on_note = on_note
        self._on_pin = on_pin
        self._key_lists: KeyLists | None = None
        self.recording = HostRecording(core, self.programs, tell_owner=self.note, on_failed=self._recording_failed)
        self._peers = Peers(core, self.recording.turn)
        self.replays = Replays(core, self.programs)
        self.gateway = GatewayState(core, self._peers, self.event_log, tell_owner=self.note)
        self._clients = ClientEffects(core, self._peers, self.event_log, self.gateway)
        self._waits = WaitRequests()
        publishers, end = Publishers(core, self._carry_out), lambda: self.kill(0)
        self._documents = HostDocuments(core.code, self._peers, publishers, carry_out=self._carry_out, end_session=end)
        self._marks = InputMarks(core)
        self._program_effects = ProgramEffects(
            core, self.programs, tell_owner=self.note, carry_out=self._carry_out, on_look=lambda p: self._lane.reopen(p)
        )
        self._lane = TypingLane(core, self._peers, self.programs, self._program_effects, carry_out=self._carry_out)
        self.pipes = self._program_effects.pipes
        self._last_peer = 0
        self._created_s = time.time()
        self._loop = asyncio.get_running_loop()

    def start(self, program: PtyProgram) -> None:
        """Begin to read the output of the session's first program, and to watch for its end."""
        first, name = self._core.first_pane, program_name(self._command)
        self._carry_out(self._core.take_command(first, name, "", self._loop.time()))
        self._program_effects.started(self._core.first_pane, program)

    def expect_editor(self) -> None:
        """Wait for the editor for which a session without a program is there; end the session if none comes."""
        self._documents.expect_editor()

    def _take_output(self, pane: PaneId, data: bytes) -> None:
        self._carry_out(self._core.feed(pane, data, self._loop.time()))
        self._program_effects.printed(pane, data)
        self._lane.open(pane, data)

    def _finish(self, pane: PaneId, status: int) -> None:
        signal = self.programs.signal(pane)
        self._carry_out(self._core.finish(pane, status, self._loop.time(), signal=signal, when=time.ctime()))

    def open_workspace(self, settings: list[WindowSettings]) -> None:
        """Open the windows and panes that the session is started with, but for the first pane, which runs.

        Raises:
            UsageError: A layout does not fit, or there are too many panes.
        """
        self._carry_out(self._core.open_workspace(settings, self._loop.time()))

    def add_peer(
        self,
        wire: Wire,
        *,
        is_local: bool,
        on_gateway: Callable[[GatewayNews], None] | None = None,
    ) -> Peer:
        """Add an open link, by its sending end; the receiving end is the returned peer's `receive`."""
        self._last_peer += 1
        peer = Peer(self._last_peer, self, wire, is_local=is_local, on_gateway=on_gateway)
        self._peers.add(peer)
        peer.greet(self._settings)
        return peer

    def remove_peer(self, peer: Peer) -> None:
        """Remove a link that has ended, and all clients that came by it."""
        if peer in self._peers:
            self._peers.remove(peer)
            self._waits.forget(peer)
            self._marks.forget(peer)
            peer.lost()
            self.recording.lost(peer)
            self._documents.lost(peer)

    def record(self, peer: Peer, number: int) -> None:
        """Let the recorder with this number watch."""
        self.recording.attach(peer, number)
        self._peers.welcome(peer)

    def recorder_says(self, peer: Peer, news: RecorderNews) -> None:
        """Take a recorder's news."""
        self.recording.news(peer, news)

    def take_document_message(self, peer: Peer, message: DocumentMessage) -> None:
        """Take what a link says about documents.

        Raises:
            PeerError: This link may not say it.
        """
        self._documents.take(peer, message)

    def begin_recording(self, policy: RecordingPolicy, *, is_on: bool, file: str, has_input: bool) -> None:
        """Begin to record if the policy or the owner wants that.

        Raises:
            UsageError: The policy does not allow it.
        """
        self._carry_out(self._core.record(policy, is_on=is_on, file=file, has_input=has_input, now_s=self._loop.time()))

    def _recording_failed(self) -> None:
        self._carry_out(self._core.recording_failed(self._loop.time()))

    def join(self, peer: Peer, client: ClientId, number: int, visitor: Visitor, size: Size) -> None:
        """Let a client in, let it wait, or refuse it; `number` is its number on the link."""
        peer.clients[client] = number
        if visitor.origin.key and self._key_lists is not None and self._key_lists.look():
            self._take_keys(False)
        self._carry_out(self._core.join(client, visitor, size, self._loop.time()))

    def follow_keys(self, lists: KeyLists, tasks: Supervisor) -> None:
        """Follow these lists of keys as long as the session lives."""
        self._key_lists = lists
        lists.on_problem = self.note
        tasks.keep("following the lists of keys", lambda: lists.follow(lambda is_final: self._take_keys(is_final)))
        if lists.urls:
            tasks.keep("fetching the lists of keys", lists.follow_urls)

    def _take_keys(self, is_final: bool) -> None:
        if self._key_lists is not None:
            self._carry_out(self._core.take_keys(self._key_lists.entries, self._loop.time(), is_final=is_final))

    def admits(self) -> AdmissionRules:
        """Return the rules by which a gateway decides who may ask to join."""
        core = self._core
        return admission_rules(core.admission, self._loop.time(), is_recorded=core.recording.is_recorded)

    def tried(self, nameplate: str, *, is_refused: bool) -> None:
        """End a spoken code: too many wrong words were tried on it, or the gateway refused it (`is_refused`)."""
        ended = end_spoken_code(self._core.admission.invitations, nameplate, is_refused=is_refused)
        if ended is not None:
            note, text = ended
            self._on_note(note)
            self.note(text)

    def measured(self, client: ClientId, round_trip_ms: int) -> None:
        """Keep how long a client's packets take to it and back."""
        if client in self._core.people:
            self._core.people.change(client, round_trip_ms=round_trip_ms)

    def leave(self, client: ClientId) -> None:
        """Remove a client that left."""
        self._leave(client, may_return=False)

    def lose(self, client: ClientId) -> None:
        """Remove a client whose link was lost; it may return with the same name and role."""
        self._leave(client, may_return=True)

    def _leave(self, client: ClientId, *, may_return: bool) -> None:
        person = self._core.people.get(client)
        if person is not None:
            self.event_log.left(client, person.origin.address, is_guest=person.origin.transport != "local")
        self._carry_out(self._core.leave(client, self._loop.time(), may_return=may_return))

    def resize(self, client: ClientId, size: Size) -> None:
        """Take a client's new terminal size."""
        self._carry_out(self._core.resize(client, size, self._loop.time()))

    def input(self, client: ClientId, data: bytes) -> None:
        """Take a client's input."""
        effects = self._core.input(client, data, self._loop.time())
        self.recording.typed(client, effects)
        self._carry_out(effects)

    def mark_input(self, peer: Peer, client: ClientId, serial: int) -> None:
        """Tell the peer when the program has had time to echo what the client has typed up to `serial`."""
        self._marks.mark(peer, client, serial)

    def command(self, client: ClientId, line: str) -> None:
        """Carry out a client's command."""
        peer = self._peers.of(client)
        said = self._waits.take_at_prompt(line) if self._core.visible.are_owners([client]) else None
        if peer is not None and said is not None:
            if said:
                peer.tell(Tell(client, said))
            return
        self._carry_out(self._core.command(client, line, self._loop.time()))

    def owner_command(self, line: str, pane: PaneId | None = None) -> tuple[str, bool]:
        """Carry out a command of the owner's command line; return the answer, and whether it is an error."""
        self._program_effects.start_error = ""
        try:
            effects, answer = self._core.owner_command(line, self._loop.time(), pane)
        except UsageError as error:
            return error.message, True
        self._carry_out(effects)
        start_error = self._program_effects.start_error
        return start_error or answer, bool(start_error)

    def wait_for(self, peer: Peer, line: str) -> tuple[str, bool] | None:
        """Run `wait-for`, and answer those who wait no longer; None: the peer waits."""
        return self._waits.take(peer, line)

    def history(self, client: ClientId, pane: PaneId, start: int, stop: int, place: int | None) -> HistoryLines:
        """Return the lines of a pane's history that the client may see."""
        return self._core.visible.history(client, pane, start, stop, place)

    def capture(
        self, start: int, stop: int, pane: PaneId | None = None, *, is_primary: bool = False
    ) -> CapturedLines | None:
        """Return lines of the history and of the screen of a pane, for the owner; None: there is no such pane."""
        return self._core.capture(start, stop, pane, is_primary=is_primary, now_s=self._loop.time())

    def kill(self, status: int | None = None) -> None:
        """End the session with this exit status; None: the status of a command that was hung up."""
        self._carry_out(self._core.kill() if status is None else self._core.kill(status))

    def info(self) -> SessionInfo:
        """Describe the session, for its owner."""
        found = describe(
            self._core,
            command=self._command,
            created_s=self._created_s,
            registered=self.gateway.registered,
            gateway=self.gateway.text[:500],
            now_s=self._loop.time(),
        )
        return self.event_log.added_to(found)

    # The gateway.

    def gateway_lost(self, text: str) -> None:
        """Note that the gateway is away; the text says why."""
        if not self.closed.done():
            self.gateway.lost(text)

    def gateway_silent(self, is_silent: bool) -> None:
        """Note that the gateway owes an answer for longer than a round trip takes, or that it answers again."""
        if not self.closed.done():
            self.gateway.silent(is_silent)

    def note(self, text: str) -> None:
        """Show the owner a line: in the session's messages, and on the owner's terminals."""
        logger.info("told the owner: %s", text)
        self.event_log.add(text)
        for peer in self._peers:
            peer.note(text)

    def publish(self, pane: PaneId | None = None) -> None:
        """Send the newest frame of a pane, or of all panes, to every link that can take it now."""
        self._peers.publish(pane)

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case WritePty(data, pane):
                    self.programs.write(pane, data)
                case Publish(pane):
                    self._peers.publish(pane)
                case ResizePty() | StartProgram() | EndProgram() | PipePane():
                    self._program_effects.change(effect)
                case ShowWindows():
                    self._peers.show_windows()
                case SetClipboard(data):
                    self._peers.set_clipboard(data)
                case Announce():
                    self._peers.announce_soon()
                case Tell() | Welcome() | ChangeRole() | Hold() | Refuse():
                    self._clients.send(effect)
                case Wake(at_s):
                    self._loop.call_at(at_s, self._tick)
                case Note() | Pin() | Admit() | SetRecording() | Remark():
                    self._keep(effect)
                case Closed():
                    self._close(effect)
                case _:
                    assert_never(effect)
        self._documents.publish()
        self.replays.check()

    def _tick(self) -> None:
        self._carry_out(self._core.tick(self._loop.time()))

    def _keep(self, effect: Note | Pin | Admit | SetRecording | Remark) -> None:
        """Pass on an event, a key to remember, the rules of admission, or what the recorder needs."""
        match effect:
            case Note():
                self._on_note(effect)
            case Pin():
                self._on_pin(effect)
            case Admit():
                self._peers.send_rules(self.admits())
            case SetRecording():
                self.recording.set(effect)
            case Remark():
                self.recording.remark(effect)

    def _close(self, closed: Closed) -> None:
        logger.info("session %s %s, status %d", self._core.name, closed.reason, closed.status)
        try:
            self.event_log.closed()
            self.recording.session_ends()
            self._peers.end(closed)
        finally:
            # Even if the last messages fail, the process ends, and the program with it.
            self.programs.hang_up_all()
            if not self.closed.done():
                self.closed.set_result(closed)

    async def farewell(self, timeout_s: float) -> None:
        """Close every link after its last message, and wait until all are closed or the time is over."""
        await self._peers.close(timeout_s)
