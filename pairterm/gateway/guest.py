"""One guest of one session: the state and the rules that all kinds of guests share.

A guest asks to be let in, waits for the host's answer, is in, and leaves. The host may
make them wait, also again after it was away. Until the guest is in, they see nothing of
the session and send nothing to it. Their input goes through one gate (`input_gate`).

How the session reaches the person is the presentation's part: painted on a terminal
(`painted_guest`), or relayed as messages (`joined_guest`). Nothing here knows SSH.
A failure of ours ends the guest it concerns, and nobody else. Times are seconds of
the clock that the guest is given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, assert_never

import msgspec

from pairterm.access.proved_key import ProvedKey
from pairterm.access.rate_limits import Share
from pairterm.access.signed_login import SignedLogin
from pairterm.access.user_names import UserName
from pairterm.gateway.crowds import CrowdMember
from pairterm.gateway.direct_terminal import DirectTerminal
from pairterm.gateway.guest_clock import Clock, Timer
from pairterm.gateway.guest_presentation import Presentation, Traffic, Transport
from pairterm.gateway.guest_session import GuestSession
from pairterm.gateway.input_gate import let_through
from pairterm.link.attendance import questions_from
from pairterm.link.messages import (
    MAX_INPUT_BYTES,
    FetchHistory,
    GoBack,
    InputMarked,
    Join,
    Joined,
    JoinPending,
    MarkInput,
    Questions,
    ReplayKeys,
    Resize,
    RoleChanged,
    RoundTrip,
    RunCommand,
    ShowText,
)
from pairterm.link.session_replica import Picture
from pairterm.session.people import clean_name
from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import Attendance, PaneId, Role, Size
from pairterm.view.waiting_input import WaitingInput

__all__ = ["Credentials", "Guest"]

logger = logging.getLogger(__name__)

_MEASURE_S = 15.0
"""How often a guest's round trip is measured while something is sent to them. An idle guest wakes nobody."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How a guest may come in, and from where they connect."""

    token_hash: bytes | None
    """The SHA-256 of their token; None: they came by a key and the session's name."""
    address: str
    owner_proof: bytes = field(default=b"", repr=False)
    """What proves to the host that the token is an owner's."""
    user_name: UserName | None = field(default=None, repr=False)
    """The user name of their connection: by it they are brought to the gateway that has their session."""
    key: ProvedKey = field(default_factory=ProvedKey)
    login: SignedLogin | None = field(default=None, repr=False)
    """What proves the key to another gateway; None: there is no other, or no key."""
    returns_only: bool = False
    """They come by their return ticket or not at all."""


class Guest:
    """One guest, from their request to be let in until they leave."""

    def __init__(
        self,
        session: GuestSession,
        credentials: Credentials,
        presentation: Presentation,
        *,
        clock: Clock,
        share: Share,
        traffic: Traffic,
        is_elsewhere: bool = False,
    ) -> None:
        """`share` is the guest's part of the loop's time: their connection's. `is_elsewhere`: see the attribute."""
        self.is_elsewhere = is_elsewhere
        """The guest is at another gateway, and is shown the session by a relay."""
        self._session = session
        self.credentials = credentials
        self._presentation = presentation
        self._clock = clock
        self._share = share
        self._traffic = traffic
        self._number: int | None = None
        self._request: Join | None = None
        self._role: Role | None = None
        self._person = 0
        self._may_type = False
        self._is_in = False
        self._is_over = False
        self._waiting = WaitingInput()
        self.measure_timer: Timer | None = None
        self._fetch_timer: Timer | None = None
        self.direct_terminal: DirectTerminal | None = None
        """The guest's terminal for a typing lane; None: only the presentation reaches it."""

    @property
    def number(self) -> int | None:
        """The guest's number; None before they asked to be let in, and after they left."""
        return self._number

    @property
    def request(self) -> Join:
        """The message that lets the guest in, or in again: with their size and ticket of now."""
        assert self._request is not None
        return self._request

    @property
    def role(self) -> Role | None:
        """The role that the host gave last; None: the host has never let this guest in."""
        return self._role

    @property
    def transport(self) -> Transport:
        """The program that the guest uses."""
        return self._presentation.transport

    @property
    def crowd_member(self) -> CrowdMember | None:
        """The guest, as one who can sit in a crowd now; None: they can't."""
        return self._presentation.crowd_member if self._is_in else None

    @property
    def person(self) -> int:
        """The number by which commands name the guest; 0: not known."""
        return self._person

    @property
    def is_in(self) -> bool:
        """Whether the guest is shown the session now."""
        return self._is_in

    @property
    def is_held(self) -> bool:
        """Whether the host makes the guest wait."""
        return self._waiting.is_held

    # From the request to the end.

    def ask_in(self, size: Size, *, term: str, ticket: bytes = b"") -> None:
        """Ask the host to let the guest in, or with a ticket in again, with a terminal of this size and kind."""
        session, credentials = self._session, self.credentials
        self._number = session.add(self)
        self._request = Join(
            client=self._number,
            rows=size.rows,
            cols=size.cols,
            token_hash=credentials.token_hash,
            label=credentials.address[:200],
            term=term[:64],
            transport=self._presentation.transport,
            key=credentials.key.key,
            key_name=credentials.key.name,
            authority=credentials.key.authority,
            ticket=ticket,
            owner_proof=credentials.owner_proof,
            returns_only=credentials.returns_only,
        )
        if session.away_since_s is not None:
            self.host_away(session.away_since_s)
        session.send(self._request)

    def end(self, line: str, status: int, *, may_return: bool = False) -> None:
        """Show the guest a last line, and let them leave with this exit status."""
        if not self._is_over:
            self._is_over = True
            self.run(self._presentation.end, line, status, may_return=may_return)
            self.leave()

    def abort(self) -> None:
        """Drop the guest at once."""
        self.leave()
        self._presentation.abort()

    def leave(self) -> None:
        """Leave the session, once: the connection is gone, or about to go."""
        self._is_over = True
        self._is_in = False
        for timer in (self.measure_timer, self._fetch_timer):
            if timer is not None:
                timer.cancel()
        self._presentation.stop()
        number, self._number = self._number, None
        if number is not None:
            self._session.remove(number, is_lost=self._presentation.keeps_ticket)

    def run(self, work: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Do something for this guest. A failure of ours drops this guest, with a log entry, and nobody else."""
        try:
            work(*args, **kwargs)
        except Exception:
            self._failed()

    def _failed(self) -> None:
        """Drop this guest after a failure of ours, which is under way."""
        logger.exception("a guest of %s made us fail: dropped", self._session.name)
        self.abort()

    # Messages of the host.

    def take(self, message: Joined | RoleChanged | JoinPending | Questions | ShowText | InputMarked) -> None:
        """Take what the host says to this guest."""
        self.run(self._take, message)

    def _take(self, message: Joined | RoleChanged | JoinPending | Questions | ShowText | InputMarked) -> None:
        shown = self._presentation
        match message:
            case Joined(role=role, may_type=may_type, ticket=ticket, number=number):
                self._person = number
                self._enter(Role(role), may_type, ticket)
            case RoleChanged(role=role, may_type=may_type):
                self._role, self._may_type = Role(role), may_type
                shown.set_role(self._role, may_type)
            case JoinPending(text=text):
                self._is_in = False
                self._waiting.hold()
                shown.hold(text)
            case InputMarked(serial=serial, newest=newest, generation=generation):
                shown.input_marked(serial, newest, generation)
            case Questions():
                shown.ask(questions_from(message))
            case ShowText(text=text, title=title, items=items, starts_at_end=starts_at_end, said_by=said_by):
                shown.tell(text, title, items, starts_at_end=starts_at_end, said_by=said_by)
            case _:
                assert_never(message)

    def _enter(self, role: Role, may_type: bool, ticket: bytes) -> None:
        if ticket:
            self._request = msgspec.structs.replace(self.request, ticket=ticket)
        self._role, self._may_type, self._is_in = role, may_type, True
        self._presentation.enter(role, may_type, ticket, self._waiting.enter())
        self.measure()

    def show(self, picture: Picture) -> None:
        """There is a newer picture."""
        if self._is_in:
            try:  # as `run`, without a call in between: each key comes here
                self._presentation.show(picture)
            except Exception:
                self._failed()

    def show_windows(self) -> None:
        """The windows changed, or the guest looks elsewhere."""
        if self._is_in:
            self.run(self._presentation.show_windows)

    def show_documents(self) -> None:
        """Show the files that editors share now."""
        if self._is_in:
            self.run(self._presentation.show_documents)

    def attend(self, attendance: Attendance) -> None:
        """Somebody came or left, or another person types."""
        if self._is_in:
            self.run(self._presentation.attend, attendance)

    def host_away(self, since_s: float | None) -> None:
        """The host is away since then; None: it is back."""
        self.run(self._presentation.host_away, since_s)

    def history(self, lines: HistoryLines, pane: PaneId) -> None:
        """These are the lines of a pane's history that the guest asked for."""
        if self._is_in:
            self.run(self._presentation.history, lines, pane)

    def charge(self, took_s: float) -> None:
        """Take so much time from the guest's share: they asked for it, and wait longer before their next keys."""
        self._share.spend(self._clock.time(), took_s)

    # Actions of the guest.

    def type(self, data: bytes) -> None:
        """Send what the guest typed to the session, through the gateway's gate (Law 6)."""
        number = self._number if self._is_in else None
        refusal = let_through(self._session, number, self._role or Role.READ_ONLY, self._may_type, data)
        if refusal:
            self._presentation.tell(refusal)

    @property
    def types_freely(self) -> bool:
        """Whether all that the guest types goes to the session now."""
        number = self._number if self._is_in and self._may_type and self._role is not Role.READ_ONLY else None
        return number is not None and self._session.away_since_s is None and not self._session.is_back(number)

    def go_back(self) -> None:
        """Ask the host to show the guest what was on the screen before."""
        if self._number is not None and self._is_in:
            self._session.send(GoBack(self._number))

    def type_to_replay(self, data: bytes) -> bool:
        """Send what the guest typed to the player, if they see a replay. Return whether they do."""
        if self._number is None or not self._session.is_back(self._number):
            return False
        for start in range(0, len(data), MAX_INPUT_BYTES):
            self._session.send(ReplayKeys(self._number, data[start : start + MAX_INPUT_BYTES]))
        return True

    def mark_input(self, serial: int) -> None:
        """Ask the host to say when the guest's input has been echoed. For a guest who may not type, nothing is."""
        if self._number is not None and self._is_in and self._may_type and self._session.waiting_bytes == 0:
            self._session.send(MarkInput(self._number, serial))

    def type_waiting(self, data: bytes, echo: Callable[[str], None]) -> None:
        """Take what the guest typed before they were in: kept for the session, or their name while they wait.

        `echo` shows a text on the guest's terminal.
        """
        typed = self._waiting.feed(data, self._clock.time())
        if typed.echo:
            echo(typed.echo)
        if name := clean_name(typed.name):
            self.command(f"name {name}")
        if typed.leaves:
            self.end("[left]", 0)

    def resize(self, size: Size) -> None:
        """Tell the host which size of the session fits the guest's terminal now: the guest's vote."""
        if self._number is not None:
            self._request = msgspec.structs.replace(self.request, rows=size.rows, cols=size.cols)
            self._session.send(Resize(self._number, size.rows, size.cols))

    def command(self, line: str) -> None:
        """Give the host a command in words; the host decides whether this guest may."""
        if self._number is not None:
            self._session.send(RunCommand(self._number, line))

    def fetch_history(self, start: int, stop: int, place: int | None, pane: PaneId) -> None:
        """Ask the host for lines of a pane's history, as soon as the guest may take the loop's time again.

        Only the newest request counts.
        """
        if self._fetch_timer is not None:
            self._fetch_timer.cancel()
            self._fetch_timer = None
        if self._number is None:
            return
        wait_s = self._share.wait_s(self._clock.time())
        if wait_s:
            self._fetch_timer = self._clock.call_later(wait_s, self.run, self.fetch_history, start, stop, place, pane)
        else:
            self._session.send(FetchHistory(self._number, pane, start, stop, place))

    # The guest's connection.

    def received(self, size_bytes: int) -> None:
        """Count what the guest sent."""
        self._traffic.bytes_in += size_bytes

    def sent(self, size_bytes: int) -> None:
        """Count what was sent to the guest, and measure their round trip in a while."""
        self._traffic.bytes_out += size_bytes
        if self.measure_timer is None and not self._is_over:
            self.measure_timer = self._clock.call_later(_MEASURE_S, self.run, self.measure)

    def measure(self) -> None:
        """Tell the host how long packets take to the guest and back. A host that does not read is not told."""
        if self.measure_timer is not None:
            self.measure_timer.cancel()
            self.measure_timer = None
        round_trip_ms = self._presentation.round_trip_ms() if self._number is not None else None
        if round_trip_ms is not None and self._number is not None and self._session.waiting_bytes == 0:
            self._session.send(RoundTrip(self._number, round_trip_ms))
