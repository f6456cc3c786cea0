"""One link of a host with a viewer's side (a gateway or an attached terminal): its clients, and its messages.

A peer on the local socket is a process of the owner, whose uid was checked before. A gateway
brings guests by their tokens and keys. Every message is checked here: may this peer send it?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from msgspec.structs import replace

from pairterm import __version__
from pairterm.errors import PeerError
from pairterm.host.peer_seams import GatewayNews, SessionActions, Wire
from pairterm.host.visitors import visitor_of
from pairterm.link.attendance import attendance_message, questions_message
from pairterm.link.codec import decode_viewer_message
from pairterm.link.history_wire import captured_message, history_message
from pairterm.link.link_panes import LinkPanes
from pairterm.link.messages import (
    MAX_HISTORY_LINES,
    MAX_TEXT_CHARS,
    PROTOCOL,
    Ack,
    Capture,
    Clipboard,
    CodeRevoked,
    DocumentAck,
    DocumentUpdate,
    FetchHistory,
    GatewayAway,
    GoBack,
    Hello,
    HostMessage,
    Input,
    Join,
    Joined,
    JoinPending,
    Kill,
    Leave,
    LookAt,
    MarkInput,
    Ping,
    Pong,
    ProveHome,
    Publish,
    PublishedText,
    PublishEnd,
    Query,
    Record,
    RecorderNews,
    Refused,
    Registered,
    ReplayKeys,
    Resize,
    Restarting,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ShareDocuments,
    ShareHello,
    ShowText,
    ViewerMessage,
    ViewSettings,
    WatchDocuments,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.session.effects import Tell
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, ClientId, PaneId, Question, Role, Size

__all__ = ["Peer"]

_MAX_WAITING_FOR_CLIPBOARD_BYTES = 256 << 10
"""A terminal that has so much unread gets no clipboards: they would pile up."""


class Peer:
    """One link, from the host's end."""

    def __init__(
        self,
        number: int,
        session: SessionActions[Peer],
        wire: Wire,
        *,
        is_local: bool,
        on_gateway: Callable[[GatewayNews], None] | None = None,
    ) -> None:
        self.number = number
        """The number of this link in the host."""
        self._session = session
        self.wire = wire
        self.is_local = is_local
        self.is_recorder = False
        """The client of this link is a recorder: it gets what guests get, and nothing that is for the owner."""
        self._on_gateway = on_gateway
        self._has_hello = False
        self.shown = LinkPanes()
        self.is_gateway = False
        """A gateway has accepted the session on this link, and gets the links and keys that it shall accept."""
        self.clients: dict[ClientId, int] = {}
        """The clients of this link, with the numbers that the other side gave them."""
        self._replays: dict[ClientId, tuple[int, PaneId]] = {}
        """The clients that go back in time: their number, and the pane of their player."""
        self._asked: dict[ClientId, tuple[Question, ...]] = {}
        """The requests that each client knows of those that it may answer."""

    def send(self, message: HostMessage) -> None:
        """Send a message."""
        self.wire.send(message)

    def close(self) -> None:
        """End the link when all messages are sent."""
        self.wire.close()

    def greet(self, settings: ViewSettings) -> None:
        """Send hello, which is the first message in each direction, and the settings of views."""
        self.send(Hello(PROTOCOL, __version__, "host"))
        self.send(settings)

    def receive(self, payload: bytes) -> None:
        """Take one message.

        Raises:
            PeerError: It is not a message, or this peer may not send it.
        """
        message = decode_viewer_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
        elif isinstance(message, Input):
            self._session.input(self._client(message.client), message.data)
        else:
            self._take(message)

    def lost(self) -> None:
        """Remove all clients of this link, which is lost."""
        for client in list(self.clients):
            self.clients.pop(client)
            self._session.lose(client)

    @property
    def panes(self) -> tuple[PaneId, ...]:
        """The panes that some client of this link looks at, as the other side knows."""
        return self.shown.panes

    def show_windows(
        self, windows: Windows, looks: Mapping[ClientId | None, LookAt], leader: ClientId | None = None
    ) -> None:
        """Tell the other side what it does not know yet of the windows, and of where its clients look."""
        numbered = {
            self.clients[client] if client is not None else None: look
            for client, look in looks.items()
            if client is None or client in self.clients
        }
        leads = self.clients.get(leader) if leader is not None else None
        for message in self.shown.changes(replace(windows, leads=leads), numbered):
            self.send(message)

    def due_s(self, pane: PaneId, now_s: float, generation: int, *, is_urgent: bool = False) -> float | None:
        """Return the time at which this peer may get the frame of this generation of a pane.

        None if it has that frame already, if it has no client, or while too many updates are unacknowledged. An
        urgent frame does not wait.
        """
        if not self.clients:
            return None
        return self.shown.due_s(pane, now_s, generation, is_urgent=is_urgent)

    def send_frame(self, pane: PaneId, frame: Frame, now_s: float) -> bool:
        """Send the change to `frame`, if there is any. Return False if that was a part, and another has to follow."""
        update = self.shown.update(pane, frame, now_s)
        if update is not None:
            self.wire.send(update)
        return not self.shown.is_partial(pane)

    def show_replay(self, client: ClientId, pane: PaneId | None) -> None:
        """Show a client this pane of a player, and no window, from now on. None: they see the session again."""
        if pane is None:
            del self._replays[client]
        else:
            self._replays[client] = self.clients[client], pane
        for message in self.shown.replay_changes(dict(self._replays.values())):
            self.send(message)

    def send_anew(self) -> None:
        """Send whole frames next: the other side shows none of those that it has."""
        self.shown.send_anew()

    def welcome(self, client: ClientId, role: Role, *, may_type: bool, ticket: bytes, number: int) -> None:
        """Tell the other side that its client has joined, with the ticket to return by and their number."""
        self.send(Joined(self.clients[client], role.value, may_type, ticket, number))

    def change_role(self, client: ClientId, role: Role, *, may_type: bool, is_granted: bool = True) -> None:
        """Tell the other side the new role of its client."""
        self.send(RoleChanged(self.clients[client], role.value, may_type, is_granted))

    def hold(self, client: ClientId, text: str) -> None:
        """Tell the other side that its client has to wait."""
        self.send(JoinPending(self.clients[client], text))

    def refuse(self, client: ClientId, code: str, text: str) -> None:
        """Tell the other side that its client is refused, or is disconnected."""
        self.send(Refused(self.clients.pop(client), code, text))
        self._asked.pop(client, None)
        if not self.clients:
            self.shown.forget()

    def tell(self, tell: Tell) -> None:
        """Show a client a text. Parts to copy, and a command for "yes", are for the owner's own terminals only."""
        text, title, items = tell.text[:MAX_TEXT_CHARS], tell.title[:200], list(tell.items[:1024])
        copies, confirms = (list(tell.copies), tell.confirms) if self.is_local else ([], "")
        told = ShowText(
            self.clients[tell.client],
            text,
            title=title,
            items=items,
            copies=copies,
            confirms=confirms,
            starts_at_end=tell.starts_at_end,
            said_by=tell.said_by,
        )
        self.send(told)

    def answer(self, text: str, is_error: bool = False) -> None:
        """Answer a command of the owner's shell."""
        self.send(ShowText(None, text[:MAX_TEXT_CHARS], is_error))

    def set_clipboard(self, data: bytes) -> None:
        """Send a program's clipboard to the owner's terminal; a terminal that does not read gets none."""
        if self.is_local and self.wire.waiting_bytes <= _MAX_WAITING_FOR_CLIPBOARD_BYTES:
            self.send(Clipboard(data))

    def note(self, text: str) -> None:
        """Show a line to the owner's clients on this link."""
        if self.is_local and not self.is_recorder:
            for client in self.clients:
                self.tell(Tell(client, text))

    def gateway_away(self, seconds: int | None) -> None:
        """Tell the owner's clients how many seconds the gateway has been away; None: it is back."""
        if self.is_local and self.clients and not self.is_recorder:
            self.send(GatewayAway(seconds))

    def announce(self, attendance: Attendance) -> None:
        """Tell who is here."""
        self.send(attendance_message(attendance))

    def ask(self, client: ClientId, questions: tuple[Question, ...]) -> None:
        """Tell the requests that a client may answer, if it does not know them yet."""
        if self._asked.get(client, ()) != questions:
            self._asked[client] = questions
            self.send(questions_message(self.clients[client], questions))

    def _client(self, number: int) -> ClientId:
        return ClientId(f"{self.number}:{number}")

    def _take(self, message: ViewerMessage) -> None:
        match message:
            case Input(client=number, data=data):
                self._session.input(self._client(number), data)
            case Ack(pane=pane, generation=generation):
                if self.shown.acknowledge(PaneId(pane), generation):
                    self._session.publish(PaneId(pane))
                    self._session.replays.publish(PaneId(pane))
            case Join() | Leave() | Resize() | FetchHistory() | RunCommand() | RoundTrip() | MarkInput():
                self._take_from_client(message)
            case GoBack() | ReplayKeys() | Ping() | Pong() | Publish() | PublishedText() | PublishEnd():
                self._take_beside(message)
            case Query() | Kill() | Capture():
                self._command(message)
            case Record() | RecorderNews():
                self._take_from_recorder(message)
            case Registered() | Refused() | Restarting() | CodeRevoked() | ProveHome():
                self._take_from_gateway(message)
            case WatchDocuments() | DocumentAck() | ShareHello() | ShareDocuments() | DocumentUpdate():
                self._session.take_document_message(self, message)
            case Hello():
                raise PeerError("hello twice", code="unexpected_message")
            case _:
                assert_never(message)

    def _take_from_recorder(self, message: Record | RecorderNews) -> None:
        if not self.is_local or (self.clients and not self.is_recorder):
            raise PeerError("only a recorder of the owner says this", code="unexpected_message")
        if isinstance(message, RecorderNews):
            self._session.recorder_says(self, message)
        elif not self.clients:
            self.is_recorder = True
            self.clients[self._client(message.client)] = message.client
            self._session.record(self, message.number)

    def _take_from_gateway(self, message: GatewayNews | CodeRevoked) -> None:
        if self._on_gateway is None:
            raise PeerError("only a gateway says this", code="unexpected_message")
        if isinstance(message, CodeRevoked):
            self._session.tried(message.nameplate, is_refused=message.is_refused)
            return
        self._on_gateway(message)
        if isinstance(message, Registered):
            self.is_gateway = True
            self.send(self._session.admits())

    def _take_from_client(
        self, message: Join | Leave | Resize | FetchHistory | RunCommand | RoundTrip | MarkInput
    ) -> None:
        match message:
            case MarkInput(client=number, serial=serial):
                self._session.mark_input(self, self._client(number), serial)
            case Join():
                self._join(message)
            case Leave(client=number, is_lost=is_lost):
                self._leave(self._client(number), is_lost=is_lost)
            case Resize(client=number, rows=rows, cols=cols):
                self._session.resize(self._client(number), Size(rows=rows, cols=cols))
                self._session.replays.resize(self._client(number), Size(rows=rows, cols=cols))
            case FetchHistory():
                self._fetch_history(message)
            case RunCommand():
                self._say(message)
            case RoundTrip(client=number, round_trip_ms=round_trip_ms):
                self._session.measured(self._client(number), round_trip_ms)
            case _:
                assert_never(message)

    def _join(self, message: Join) -> None:
        client = self._client(message.client)
        if client in self.clients or self.is_recorder:
            raise PeerError(f"client {message.client} is in already", code="unexpected_message")
        size = Size(rows=message.rows, cols=message.cols)
        self._session.join(self, client, message.client, visitor_of(message, is_local=self.is_local), size)

    def _take_beside(self, message: GoBack | ReplayKeys | Ping | Pong | Publish | PublishedText | PublishEnd) -> None:
        """Take a message that is not for the session's windows."""
        match message:
            case GoBack(client=number):
                if self._client(number) in self.clients:
                    self._session.replays.begin(self, self._client(number))
            case ReplayKeys(client=number, data=data):
                self._session.replays.keys(self._client(number), data)
            case Ping():
                self.wire.answer_ping()
            case Pong():
                pass
            case _:
                self._session.take_document_message(self, message)

    def _leave(self, client: ClientId, *, is_lost: bool) -> None:
        if self.clients.pop(client, None) is None:
            return
        self._asked.pop(client, None)
        if not self.clients:
            # No client is left: nothing is sent any more, and the next client gets a whole frame.
            self.shown.forget()
        if is_lost:
            self._session.lose(client)
        else:
            self._session.leave(client)

    def _fetch_history(self, message: FetchHistory) -> None:
        if self._client(message.client) in self.clients:
            stop = min(message.stop, message.start + MAX_HISTORY_LINES)
            pane = PaneId(message.pane)
            lines = self._session.history(self._client(message.client), pane, message.start, stop, message.place)
            self.send(history_message(message.client, pane, lines))

    def _say(self, message: RunCommand) -> None:
        if message.client is not None:
            self._session.command(self._client(message.client), message.line)
        elif self.is_local:
            pane = PaneId(message.pane) if message.pane is not None else None
            if message.line.startswith("wait-for "):
                answer = self._session.wait_for(self, message.line)
            else:
                answer = self._session.owner_command(message.line, pane)
            if answer is not None:
                self.answer(*answer)
        else:
            raise PeerError("only the owner's own processes may ask this", code="unexpected_message")

    def _command(self, message: Query | Kill | Capture) -> None:
        if not self.is_local:
            raise PeerError("only the owner's own processes may ask this", code="unexpected_message")
        if isinstance(message, Kill):
            self._session.kill(message.status)
        elif isinstance(message, Capture):
            stop = min(message.stop, message.start + MAX_HISTORY_LINES)
            pane = PaneId(message.pane) if message.pane is not None else None
            lines = self._session.capture(message.start, stop, pane, is_primary=message.is_primary)
            if lines is not None:
                self.send(captured_message(lines))
            else:
                self.send(ShowText(None, "the pane is gone", is_error=True))
        else:
            self.send(self._session.info())
