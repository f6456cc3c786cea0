"""A guest who is at another gateway, as the presentation of an ordinary guest of this one.

The guest's own messages go on the relay link with the number that their gateway gave them. The
link itself sends the pictures for all guests of that gateway once (`home_end`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pairterm.access.rate_limits import Share
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.guest_clock import Clock
from pairterm.gateway.guest_presentation import Traffic, Transport
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.link.attendance import questions_message
from pairterm.link.codec import LinkMessage
from pairterm.link.gateway_relay import ClientEnded
from pairterm.link.history_wire import history_message
from pairterm.link.messages import (
    MAX_HISTORY_LINES,
    FetchHistory,
    InputMarked,
    Joined,
    JoinPending,
    RoleChanged,
    ShowText,
)
from pairterm.link.session_replica import Picture
from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import Attendance, PaneId, Question, Role

__all__ = ["RelayWire", "RemoteGuest"]

_MAX_HISTORY_CELLS = 20_000
"""Of one answer with lines of history; the guest's view asks again for the others."""


class RelayWire(Protocol):
    """The relay link, as its guests use it."""

    def send(self, *messages: LinkMessage) -> None:
        """Send messages to the guest's gateway."""

    def entered(self) -> None:
        """A guest is in: show them what there is."""

    def left(self, client: int) -> None:
        """A guest is no longer in the session."""


class RemoteGuest:
    """One guest of another gateway. `client` is their number on the relay link."""

    keeps_ticket = True
    """Until their gateway says that they left for good."""
    crowd_member = None

    def __init__(
        self,
        client: int,
        session: HostedSession,
        credentials: Credentials,
        wire: RelayWire,
        *,
        transport: Transport,
        clock: Clock,
        share: Share,
        traffic: Traffic,
    ) -> None:
        self.transport = transport
        self._session = session
        self._client = client
        self._wire = wire
        self._is_over = False
        self.guest = Guest(session, credentials, self, clock=clock, share=share, traffic=traffic, is_elsewhere=True)

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        """Say that the guest is in. Their own gateway keeps the keys typed before."""
        self._wire.send(Joined(self._client, role.value, may_type, ticket, self.guest.person))
        self._wire.entered()

    def set_role(self, role: Role, may_type: bool) -> None:
        """Send the guest's new role. This gateway has audited it."""
        self._wire.send(RoleChanged(self._client, role.value, may_type, is_granted=False))

    def hold(self, text: str) -> None:
        """Say that the guest has to wait."""
        self._wire.send(JoinPending(self._client, text))

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        """Send a text; with a title, it is a page."""
        self._wire.send(
            ShowText(self._client, text, title=title, items=list(items), starts_at_end=starts_at_end, said_by=said_by)
        )

    def input_marked(self, serial: int, newest: int, generation: int) -> None:
        """Send the host's mark of the guest's input."""
        self._wire.send(InputMarked(self._client, serial, newest, generation))

    def ask(self, questions: tuple[Question, ...]) -> None:
        """Send the requests that wait for the guest's answer."""
        self._wire.send(questions_message(self._client, questions))

    def history(self, lines: HistoryLines, pane: PaneId) -> None:
        """Send the lines of a pane's history that the guest asked for."""
        self._wire.send(history_message(self._client, pane, lines))

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        """Let the guest's gateway disconnect them. If this gateway goes away, it keeps them: it finds the next home."""
        if not may_return and not self._is_over:
            self._wire.send(ClientEnded(self._client, line[:512], status))

    def stop(self) -> None:
        """The guest has left."""
        self._is_over = True
        self._wire.left(self._client)

    def abort(self) -> None:
        """A failure of ours: their gateway disconnects the guest."""
        self._wire.send(ClientEnded(self._client, "[the session's gateway failed: connect again]", 1))

    def round_trip_ms(self) -> int | None:
        """Return None: the guest's gateway measures and reports it."""
        return None

    def fetch_history(self, wanted: FetchHistory) -> None:
        """Ask the host for lines of a pane's history, as many as one answer may have."""
        if not self.guest.is_in:
            return
        picture = self._session.picture(self.guest.number) if self.guest.number is not None else None
        cols = picture.frame.size.cols if picture is not None else 1
        stop = min(wanted.stop, wanted.start + min(MAX_HISTORY_LINES, max(1, _MAX_HISTORY_CELLS // cols)))
        self.guest.fetch_history(wanted.start, stop, wanted.place, PaneId(wanted.pane))

    # The link sends the pictures for all guests of the other gateway, once.

    def show(self, picture: Picture) -> None:
        """Send nothing."""

    def show_windows(self) -> None:
        """Send nothing."""

    def show_documents(self) -> None:
        """Send nothing."""

    def attend(self, attendance: Attendance) -> None:
        """Send nothing."""

    def host_away(self, since_s: float | None) -> None:
        """Send nothing."""
