"""One host's link, from the gateway's end: its session's picture, and the guests who look at it.

What a host says is checked before it is believed (T23): a bad message ends this
link. Frames are taken into a replica and acknowledged at once; each guest paints
from there at its own pace, and guests in step share the painted bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from pairterm import __version__
from pairterm.errors import PeerError, UsageError
from pairterm.gateway.directory import Directory, Registration
from pairterm.gateway.keyring import ProvedKey
from pairterm.link.attendance import attendance_from
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    Admits,
    AttendanceWire,
    Ended,
    FetchHistory,
    Held,
    Hello,
    History,
    HostMessage,
    Info,
    Input,
    Join,
    Joined,
    Leave,
    Measured,
    Ping,
    Pong,
    Refused,
    Register,
    Registered,
    Resize,
    RoleChanged,
    Say,
    ScreenUpdate,
    Told,
    Tried,
    ViewerMessage,
    ViewSettings,
    check_protocol,
    decode_host_message,
)
from pairterm.link.screens import Replica, history_rows
from pairterm.linkio import LinkStream
from pairterm.terminal.frame import Frame, Row
from pairterm.types import Attendance, Role, Size
from pairterm.view.cache import PaintCache

__all__ = ["Credentials", "HostLink", "Spectator"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """By what a guest came, and whence."""

    token_hash: bytes | None
    """None: by a key and the session's name."""
    address: str
    key: ProvedKey = field(default_factory=ProvedKey)


class Spectator(Protocol):
    """A guest, as the link sees it."""

    def joined(self, role: Role, may_type: bool) -> None:
        """The host let it in."""

    def change_role(self, role: Role, may_type: bool) -> None:
        """The host says what it may do from now on."""

    def hold(self, text: str) -> None:
        """It has to wait."""

    def show(self, frame: Frame) -> None:
        """There is a newer picture."""

    def attend(self, attendance: Attendance) -> None:
        """Others came or went, or another one types."""

    def tell(self, text: str, title: str, items: Sequence[str]) -> None:
        """There is a text for it; with a title, a page."""

    def history(self, start: int, rows: list[Row], kept: int) -> None:
        """Here are the lines of history that it asked for."""

    def end(self, line: str, status: int) -> None:
        """It has to go; the line is its last."""


class HostLink(LinkStream):
    """A host and its one session."""

    def __init__(
        self,
        *,
        uid: int,
        directory: Directory,
        on_register: Callable[[HostLink, Register], Registered],
        on_gone: Callable[[HostLink], None],
    ) -> None:
        super().__init__(self._receive, self._gone)
        self.cache = PaintCache()
        self._uid = uid
        self._directory = directory
        self._on_register = on_register
        self._on_gone = on_gone
        self._has_hello = False
        self._registration: Registration | None = None
        self.settings = ViewSettings()
        """How the owner wants views to be."""
        self.attendance = Attendance()
        """Who is in the session, guests of other links too."""
        self._replica = Replica()
        self._owed: Ack | None = None
        self._guests: dict[int, Spectator] = {}
        self._last_guest = 0

    @property
    def name(self) -> str:
        """The session's name; "" before it is registered."""
        return self._registration.name if self._registration is not None else ""

    @property
    def frame(self) -> Frame | None:
        """The session's newest picture; None before anyone asked for it."""
        return self._replica.frame

    @property
    def guest_count(self) -> int:
        """How many guests came by here, those who wait to be let in among them."""
        return len(self._guests)

    def greet(self) -> None:
        """Say hello, which is the first message each way."""
        self.send(Hello(PROTOCOL, __version__, "gateway"))

    def send(self, *messages: HostMessage | ViewerMessage) -> None:
        """Send messages, and with them the acknowledgement that is owed."""
        if self._owed is not None:
            owed, self._owed = self._owed, None
            super().send(owed, *messages)
        else:
            super().send(*messages)

    def _acknowledge(self, update: ScreenUpdate) -> None:
        """Acknowledge every second update at once, the one before it along with what is sent next.

        The host may have two under way, so nothing waits for the first. Typing costs neither side a message and a
        wake-up more then: the acknowledgement of one key's echo goes with the next key.
        """
        if self._owed is None:
            self._owed = Ack(update.window, update.generation)
        else:
            self.send(Ack(update.window, update.generation))

    # What guests want.

    def join(self, guest: Spectator, credentials: Credentials, size: Size, *, term: str) -> int:
        """Ask the host to let a guest in; return the guest's number on this link."""
        self._last_guest += 1
        self._guests[self._last_guest] = guest
        self.send(
            Join(
                client=self._last_guest,
                rows=size.rows,
                cols=size.cols,
                token_hash=credentials.token_hash,
                label=credentials.address[:200],
                term=term[:64],
                transport="ssh",
                key=credentials.key.key,
                key_name=credentials.key.name,
                authority=credentials.key.authority,
            )
        )
        return self._last_guest

    def leave(self, number: int) -> None:
        """A guest is gone."""
        if self._guests.pop(number, None) is not None:
            self.send(Leave(number))

    def resize(self, number: int, size: Size) -> None:
        """A guest's terminal has another size."""
        self.send(Resize(number, size.rows, size.cols))

    def say(self, number: int, line: str) -> None:
        """A guest gives a command in words; the host judges it."""
        self.send(Say(number, line))

    def fetch_history(self, number: int, start: int, stop: int) -> None:
        """A guest wants lines of history."""
        self.send(FetchHistory(number, 0, start, stop))

    def measured(self, number: int, round_trip_ms: int) -> None:
        """A guest's packets take so long to it and back."""
        self.send(Measured(number, round_trip_ms))

    def tried(self, nameplate: str) -> None:
        """Too many wrong words were tried on a spoken code."""
        self.send(Tried(nameplate))

    def input(self, number: int, data: bytes) -> None:
        """A guest who may type did so."""
        self.send(Input(number, 0, data))

    # What the host says.

    def _receive(self, payload: bytes) -> None:
        message = decode_host_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            return
        if self._registration is None and not isinstance(message, Register | ViewSettings):
            raise PeerError("a host has to register first", code="unexpected_message")
        self._take(message)

    def _take(self, message: HostMessage) -> None:
        match message:
            case ScreenUpdate():
                frame = self._replica.apply(message)
                for guest in list(self._guests.values()):
                    guest.show(frame)
                self._acknowledge(message)
            case AttendanceWire():
                self.attendance = attendance_from(message)
                for guest in list(self._guests.values()):
                    guest.attend(self.attendance)
            case Joined() | RoleChanged() | Held() | Refused() | Told() | History():
                self._take_for_guest(message)
            case Register() | Admits():
                self._take_for_directory(message)
            case ViewSettings():
                self.settings = message
            case Ended(text=text):
                self.end_guests(text, 0)
                self.close()
            case Ping():
                self.send(Pong())
            case Pong():
                pass
            case Hello() | Info():
                raise PeerError("a message out of place", code="unexpected_message")
            case _:
                assert_never(message)

    def _take_for_guest(self, message: Joined | RoleChanged | Held | Refused | Told | History) -> None:
        """Take what is for one guest; it may have left while the message was under way."""
        guest = self._guests.get(message.client) if message.client is not None else None
        if guest is None:
            return
        match message:
            case Joined(role=role, may_type=may_type):
                guest.joined(Role(role), may_type)
            case RoleChanged(role=role, may_type=may_type):
                guest.change_role(Role(role), may_type)
            case Held(text=text):
                guest.hold(text)
            case Refused(client=number, text=text):
                self._guests = {key: each for key, each in self._guests.items() if key != number}
                guest.end(f"pairterm: {text}", 1)
            case Told(text=text, title=title, items=items):
                guest.tell(text, title, items)
            case History(start=start, kept=kept):
                guest.history(start, history_rows(message), kept)
            case _:
                assert_never(message)

    def _register(self, message: Register) -> None:
        if self._registration is not None:
            raise PeerError("registered already", code="unexpected_message")
        roles = {message.read_write_hash: Role.READ_WRITE, message.read_only_hash: Role.READ_ONLY}
        registration = Registration(message.session, self._uid, roles, self)
        try:
            answer = self._on_register(self, message)
            self._directory.add(registration)
        except UsageError as error:
            self.send(Refused(None, error.code, error.message))
            self.close()
            return
        self._registration = registration
        logger.info("session %s of uid %d registered", message.session, self._uid)
        self.send(answer)

    def _take_for_directory(self, message: Register | Admits) -> None:
        if isinstance(message, Register):
            self._register(message)
            return
        assert self._registration is not None
        try:
            self._directory.admit(self._registration, message)
        except UsageError as error:
            raise PeerError(error.message, code=error.code) from error

    def _gone(self, error: PeerError | None) -> None:
        if self._registration is not None:
            self._directory.remove(self._registration)
            logger.info("session %s of uid %d gone", self._registration.name, self._uid)
        self.end_guests(f"[{self.name} lost: its host is gone]", 1)
        self._on_gone(self)

    def end_guests(self, line: str, status: int) -> None:
        """Part with all guests; the line is their last."""
        guests, self._guests = self._guests, {}
        for guest in guests.values():
            guest.end(line, status)
