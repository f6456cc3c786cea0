"""A session as the gateway keeps it: its last picture and its guests, while its host's link comes and goes.

A host that is away (its laptop sleeps, its network is gone) keeps its session here
for a grace: guests see the last picture and since when, what they type is refused,
and when the host is back each of them is brought in again on the new link, with the
number it had. The host decides anew on each. Nothing is replayed.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, assert_never

import msgspec

from pairterm.access.authorized_keys import fingerprint_of
from pairterm.access.name_claims import Claim
from pairterm.access.proved_key import ProvedKey
from pairterm.access.rate_limits import Share
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.link.history_wire import history_lines
from pairterm.link.messages import (
    CodeRevoked,
    FetchHistory,
    History,
    Input,
    InvitationWire,
    Join,
    Joined,
    JoinPending,
    Leave,
    Refused,
    Resize,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ScreenUpdate,
    ShowText,
    ViewerMessage,
    ViewSettings,
)
from pairterm.link.screen_replica import Replica
from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import Attendance, Role, Size
from pairterm.view.paint_cache import PaintCache

__all__ = ["Credentials", "HostWire", "HostedSession", "Spectator"]


_PAINT_BURST_S = 0.1
_PAINT_PART = 0.3
"""The loop's time that painting one session may take at once and in the long run: 60 paintings a second of 5 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """By what a guest came, and whence."""

    token_hash: bytes | None
    """None: by a key and the session's name."""
    address: str
    key: ProvedKey = field(default_factory=ProvedKey)


class Spectator(Protocol):
    """A guest, as the session sees it."""

    def joined(self, role: Role, may_type: bool, ticket: bytes) -> None:
        """The host let it in, or in again; by the ticket it comes back, b"": by the one that it has."""

    def change_role(self, role: Role, may_type: bool) -> None:
        """The host says what it may do from now on."""

    def hold(self, text: str) -> None:
        """It has to wait."""

    def show(self, frame: Frame) -> None:
        """There is a newer picture."""

    def attend(self, attendance: Attendance) -> None:
        """Others came or went, or another one types."""

    def tell(self, text: str, title: str, items: Sequence[str], *, starts_at_end: bool = False) -> None:
        """There is a text for it; with a title, a page."""

    def history(self, lines: HistoryLines) -> None:
        """Here are the lines of history that it asked for."""

    def charge(self, took_s: float) -> None:
        """What it asked for took so much of the loop's time."""

    def host_away(self, since_s: float | None) -> None:
        """The host is away since then (the loop's clock), or with None is back."""

    def end(self, line: str, status: int, *, may_return: bool = False) -> None:
        """It has to go; the line is its last. `may_return`: it may come again in a moment."""


class HostWire(Protocol):
    """The sending end of a host's link."""

    @property
    def waiting_bytes(self) -> int:
        """What was sent and the other side has not taken yet."""

    def send(self, message: ViewerMessage) -> None:
        """Send a message; nothing happens on a link that has ended."""

    def close(self) -> None:
        """End the link after what is still to be sent."""

    def excuse(self, took_s: float) -> None:
        """So much of its turn went into showing something to guests: it is not the link's share of the loop's time."""


@dataclass(slots=True)
class _Guest:
    spectator: Spectator
    join: Join
    """What brings it in again; with its size of now."""
    role: Role | None = None
    """None: not in yet."""


class HostedSession:
    """One session of the gateway's directory."""

    def __init__(self, name: str, owner: HostOwner, roles: dict[bytes, Role], claim: Claim, fixed_name: str) -> None:
        self.name = name
        self.owner = owner
        self.roles = roles
        """SHA-256 of the tokens that it registered with → what they give. By these its host is known again."""
        self.links = {each: InvitationWire(each, "ro") for each in roles}
        """What leads here now, by SHA-256 of its token. The host decides."""
        self.seal = b""
        """What proves a token to be this session's: see `access.tokens`."""
        self.keys: tuple[str, ...] = ()
        """Lines of public keys and authorities that come in by the session's name, or besides a link."""
        self.needs_key = False
        """A link alone is not enough."""
        self.tries: Counter[str] = Counter()
        """Wrong words for each of its spoken codes."""
        self.since_epoch_s = time.time()
        self.claim = claim
        self.fixed_name = fixed_name
        """The user name under which it is found besides its tokens; "" for none."""
        self.settings = ViewSettings()
        """How the owner wants views to be."""
        self.cache = PaintCache()
        self.share = Share(_PAINT_BURST_S, _PAINT_PART)
        """What painting this session for its guests may take of the loop's time."""
        self.attendance = Attendance()
        """Who is in the session, guests of other links too."""
        self._frame: Frame | None = None
        self._is_stale = True
        """Nobody watched here since the host sent `_frame`: it may show what has been hidden since."""
        self.away_since_s: float | None = None
        """Since when the host is away, on the loop's clock; None while it is here."""
        self.on_event: Callable[[str, dict[str, str | int]], None] = lambda event, fields: None
        """Is told what became of guests, for the gateway's audit."""
        self._link: HostWire | None = None
        self._replica = Replica()
        self._guests: dict[int, _Guest] = {}
        self._last_guest = 0
        self._typist = 0
        """The number of the guest who typed last."""

    @property
    def link(self) -> HostWire | None:
        """The host's link; None while it is away."""
        return self._link

    @property
    def frame(self) -> Frame | None:
        """The newest picture; None while there is none, or none that a guest may be shown."""
        return None if self._is_stale else self._frame

    @property
    def guest_count(self) -> int:
        """How many guests of this gateway are in it."""
        return len(self._guests)

    @property
    def waiting_bytes(self) -> int:
        """What the host has not taken yet."""
        return self._link.waiting_bytes if self._link is not None else 0

    # The host's link.

    def connect(self, link: HostWire, settings: ViewSettings) -> None:
        """Take a link of the host, and bring all guests in on it."""
        self._link = link
        self._replica = Replica()
        self._is_stale = True
        self.settings = settings
        self.away_since_s = None
        for guest in list(self._guests.values()):
            guest.spectator.host_away(None)
            link.send(guest.join)

    def disconnect(self, now_s: float) -> None:
        """Take note that the host is away."""
        self._link = None
        self.away_since_s = now_s
        for guest in list(self._guests.values()):
            guest.spectator.host_away(now_s)

    def update(self, message: ScreenUpdate) -> None:
        """Take a newer picture, and show it to everyone; first to whoever typed last, who waits for it."""
        frame = self._frame = self._replica.apply(message)
        if message.base == 0:
            self._is_stale = False  # A host begins anew for the first guest who comes again.
        began_s = time.thread_time()
        typist = self._guests.get(self._typist)
        if typist is not None:
            typist.spectator.show(frame)
        for guest in list(self._guests.values()):
            if guest is not typist:
                guest.spectator.show(frame)
        self._excuse(began_s)

    def _excuse(self, began_s: float) -> None:
        """What is shown to guests is paid for by their views; a session with many of them is no attack."""
        if self._link is not None:
            self._link.excuse(time.thread_time() - began_s)

    def attend(self, attendance: Attendance) -> None:
        """Take who is here."""
        self.attendance = attendance
        began_s = time.thread_time()
        for guest in list(self._guests.values()):
            guest.spectator.attend(attendance)
        self._excuse(began_s)

    def take_for_guest(self, message: Joined | RoleChanged | JoinPending | Refused | ShowText | History) -> None:
        """Take what is for one guest; it may have left while the message was under way."""
        number = message.client
        guest = self._guests.get(number) if number is not None else None
        if guest is None or number is None:
            return
        match message:
            case Joined(role=role, may_type=may_type, ticket=ticket):
                if ticket:
                    guest.join = msgspec.structs.replace(guest.join, ticket=ticket)
                guest.spectator.joined(Role(role), may_type, ticket)
                self._note_role(guest, Role(role))
            case RoleChanged(role=role, may_type=may_type):
                guest.spectator.change_role(Role(role), may_type)
                self._note_role(guest, Role(role))
            case JoinPending(text=text):
                guest.spectator.hold(text)
                self._note("knock", guest)
            case Refused(code=code, text=text):
                del self._guests[number]
                self._is_stale = self._is_stale or not self._guests
                self._note("turned-away" if guest.role is None else "shown-out", guest, why=code)
                guest.spectator.end(f"pairterm: {text}", 1)
            case ShowText(text=text, title=title, items=items, starts_at_end=starts_at_end):
                guest.spectator.tell(text, title, items, starts_at_end=starts_at_end)
            case History():
                began_s = time.thread_time()
                guest.spectator.history(history_lines(message))
                guest.spectator.charge(time.thread_time() - began_s)
            case _:
                assert_never(message)

    def _note_role(self, guest: _Guest, role: Role) -> None:
        """Tell of a guest's first role, and of another one."""
        before, guest.role = guest.role, role
        if before is None:
            self._note("join", guest, role=role.value)
        elif before is not role:
            self._note("role", guest, role=role.value)

    def _note(self, event: str, guest: _Guest, **fields: str) -> None:
        """Tell what became of a guest: who it is, whence, in which session. By which link is not said, nor its hash."""
        join = guest.join
        who: dict[str, str | int] = {"session": self.name, "owner": self.owner.id, "id": join.client}
        who |= {"address": join.label, "transport": join.transport, **fields}
        if join.key:
            who["key"] = fingerprint_of(join.key)
        self.on_event(event, who)

    # What guests want.

    def join(
        self,
        guest: Spectator,
        credentials: Credentials,
        size: Size,
        *,
        term: str,
        ticket: bytes = b"",
        transport: Literal["ssh", "join"] = "ssh",
    ) -> int:
        """Ask the host to let a guest in, or with a ticket in again; return the guest's number.

        `transport`: which program the guest comes by.
        """
        self._last_guest += 1
        join = Join(
            client=self._last_guest,
            rows=size.rows,
            cols=size.cols,
            token_hash=credentials.token_hash,
            label=credentials.address[:200],
            term=term[:64],
            transport=transport,
            key=credentials.key.key,
            key_name=credentials.key.name,
            authority=credentials.key.authority,
            ticket=ticket,
        )
        self._guests[self._last_guest] = _Guest(guest, join)
        if self.away_since_s is not None:
            guest.host_away(self.away_since_s)
        self._send(join)
        return self._last_guest

    def leave(self, number: int, *, is_lost: bool = False) -> None:
        """A guest is gone; `is_lost`: perhaps to come back by its ticket."""
        guest = self._guests.pop(number, None)
        self._is_stale = self._is_stale or not self._guests
        if guest is not None:
            self._send(Leave(number, is_lost))
            self._note("leave", guest)

    def resize(self, number: int, size: Size) -> None:
        """A guest's terminal has another size."""
        guest = self._guests.get(number)
        if guest is not None:
            guest.join = msgspec.structs.replace(guest.join, rows=size.rows, cols=size.cols)
            self._send(Resize(number, size.rows, size.cols))

    def say(self, number: int, line: str) -> None:
        """A guest gives a command in words; the host judges it."""
        self._send(RunCommand(number, line))

    def fetch_history(self, number: int, start: int, stop: int, place: int | None) -> None:
        """A guest wants lines of history."""
        self._send(FetchHistory(number, 0, start, stop, place))

    def measured(self, number: int, round_trip_ms: int) -> None:
        """A guest's packets take so long to it and back. A host that does not read is not told."""
        if self.waiting_bytes == 0:
            self._send(RoundTrip(number, round_trip_ms))

    def tried(self, nameplate: str, *, is_refused: bool = False) -> None:
        """A spoken code is dead: too many wrong words were tried on it, or the gateway does not take it."""
        self._send(CodeRevoked(nameplate, is_refused))

    def input(self, number: int, data: bytes) -> None:
        """A guest who may type did so."""
        self._typist = number
        self._send(Input(number, 0, data))

    def end_guests(self, line: str, status: int, *, may_return: bool = False) -> None:
        """Part with all guests; the line is their last. `may_return`: they may come again in a moment."""
        guests, self._guests = self._guests, {}
        for guest in guests.values():
            self._note("leave", guest)
            guest.spectator.end(line, status, may_return=may_return)

    def _send(self, message: ViewerMessage) -> None:
        if self._link is not None:
            self._link.send(message)
