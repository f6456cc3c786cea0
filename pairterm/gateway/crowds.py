"""The crowds of a session: guests who see the same, and are sent each picture together.

Most guests of a large audience look at the session and at nothing else. Each of them has a view, a pace and a
connection, and all of these come to the same. So those who are in step sit in a *crowd*. It paints a picture once, and
then encrypts and sends it for each seat. A guest leaves their seat as soon as anything else happens to them: they type,
their terminal has another size, there is a message for them, their connection sends something else, or it does not
take what it is sent. Then their view catches up and goes on by itself. They sit down again when they are in step. A
crowd has the pace of a single view, and its paintings are charged to the session's share.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from pairterm.access.rate_limits import Share
from pairterm.gateway.outlet import Outlet
from pairterm.link.session_replica import Picture
from pairterm.terminal.frame import Frame
from pairterm.view.crowd_view import Standing
from pairterm.view.pacing import MAX_IN_FLIGHT_BYTES, Pacer
from pairterm.view.paint_cache import PaintCache
from pairterm.view.shown_panes import ShownPanes

__all__ = ["FEW_GUESTS", "CrowdMember", "Crowds"]

logger = logging.getLogger(__name__)

FEW_GUESTS = 12
"""A session with at most so many guests has a typing lane (`typing_lane`), and one with more has crowds. Each would
take the guests from the other. With eleven guests, a key takes 0.8 of the CPU by the lane."""

_PACKET_BYTES = 64
"""How much longer a sealed packet is than its data, at most: lengths, padding, tag."""

_SEQ_MASK = 0xFFFFFFFF


class CrowdMember(Protocol):
    """A guest who can sit in a crowd."""

    @property
    def standing(self) -> Standing | None:
        """What they are shown, if only a newer picture can change it; None: they can't sit down now."""

    def lend(self, on_taken: Callable[[], None]) -> Outlet | None:
        """Lend the sending side of their connection; None: it can't be lent now."""

    def join_crowd(self, leave: Callable[[], None]) -> None:
        """Leave the painting to the crowd. `leave` ends that."""

    def catch_up(
        self, base: Frame, frame: Frame, panes: ShownPanes, pacer: Pacer, *, is_painted: bool, sent_bytes: int
    ) -> None:
        """Go on alone from what the crowd has sent: see `LiveView.catch_up`."""


class _Seat:
    """One guest in a crowd."""

    __slots__ = ("crowd", "member", "number", "outlet")

    def __init__(self, crowd: _Crowd, number: int, member: CrowdMember, outlet: Outlet) -> None:
        self.crowd = crowd
        self.number = number
        self.member = member
        self.outlet = outlet

    def leave(self, rest: bytes = b"") -> None:
        """Let the guest go on alone. `rest`: what the socket did not take of the last packet."""
        if self.crowd.seats.pop(self.number, None) is None:
            return
        crowd, outlet = self.crowd, self.outlet
        outlet.give_back(rest)
        self.member.catch_up(
            crowd.base, crowd.frame, crowd.panes, crowd.pacer, is_painted=crowd.is_painted, sent_bytes=outlet.data_bytes
        )


class _Crowd:
    """The guests with one appearance and one form of packets. All of them are shown the same."""

    def __init__(self, standing: Standing, outlet: Outlet, cache: PaintCache, share: Share) -> None:
        self.seats: dict[int, _Seat] = {}
        self.appearance = standing.appearance
        self.base = standing.base
        """What all their terminals show."""
        self.frame = standing.frame
        self.panes = standing.panes
        """The newest picture, which may have to wait for its time."""
        self.is_painted = True
        """The newest picture has been sent."""
        self.pacer = Pacer()
        self._pack = outlet.pack
        self._cache = cache
        self._share = share
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def has(self, standing: Standing) -> bool:
        """Return whether somebody who is shown this is in step."""
        return (
            self.is_painted
            and standing.base is self.base
            and standing.frame is self.frame
            and standing.panes is self.panes
        )

    def show(self, picture: Picture) -> None:
        """Show a newer picture. If more than the frame has changed, everybody goes on alone."""
        frame, panes, known, shape = picture.frame, picture.panes, self.panes, self.appearance.shape
        if (
            panes is None
            or not panes.is_arranged_as(known)
            or frame.is_hidden
            or frame.size is not shape.size
            or frame.modes is not shape.modes
        ):
            self.dissolve()
            return
        self.frame, self.panes, self.is_painted = frame, panes, False
        if self._timer is None:
            self._paint_when_due()

    def dissolve(self) -> None:
        """Let everybody go on alone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for seat in list(self.seats.values()):
            seat.leave()

    def _paint_when_due(self) -> None:
        """Send the newest picture now, or as soon as the pace and the session's share allow it."""
        self._timer = None
        now_s = self._loop.time()
        delay_s = max(self.pacer.delay_s(now_s, 0), self._share.wait_s(now_s))
        if delay_s > 0:
            self._timer = self._loop.call_later(delay_s, self._paint_when_due)
            return
        try:
            began_s = time.thread_time()
            base, next_row, painted = self._cache.step(self.base, self.frame, self.appearance)
            self._share.spend(now_s, time.thread_time() - began_s)
            if next_row is None:
                self._send(painted, base, now_s)
            else:
                self.dissolve()  # A very large picture is sent in parts: each guest takes them as they can.
        except Exception:
            logger.exception("a crowd made us fail: its guests go on alone")
            self.dissolve()

    def _send(self, painted: bytes, base: Frame, now_s: float) -> None:
        """Send a painting to everybody. Those who can't take it now get it when they can, by their own view."""
        stuck: list[tuple[_Seat, bytes]] = []
        if painted:
            header, packet = self._pack(painted)
            data_bytes, packet_bytes, held_bytes = len(painted), len(packet), len(painted) + _PACKET_BYTES
            for seat in list(self.seats.values()):
                outlet = seat.outlet
                is_full = outlet.held_bytes > MAX_IN_FLIGHT_BYTES and outlet.ask_held_bytes() > MAX_IN_FLIGHT_BYTES
                if is_full or outlet.room_bytes < packet_bytes:
                    seat.leave()
                    continue
                sealed = outlet.seal(outlet.seq, header, packet)
                outlet.seq = (outlet.seq + 1) & _SEQ_MASK
                outlet.room_bytes -= packet_bytes
                outlet.held_bytes += held_bytes
                outlet.data_bytes += data_bytes
                try:
                    sent = outlet.send(sealed)
                except OSError:
                    sent = 0  # The connection's own write finds out why.
                if sent != len(sealed):
                    stuck.append((seat, sealed[sent:]))
            self.pacer.painted(now_s, data_bytes)
        self.base, self.is_painted = base, True
        for seat, rest in stuck:
            seat.leave(rest)


class Crowds:
    """All crowds of one session: one for each appearance that its guests have."""

    def __init__(self, cache: PaintCache, share: Share) -> None:
        self._cache = cache
        self._share = share
        self._crowds: dict[Hashable, _Crowd] = {}

    def show(self, picture: Picture | None) -> set[int]:
        """Show all crowds a newer picture; return the numbers of those who sit in one. None: there is no common one."""
        seated: set[int] = set()
        for key, crowd in list(self._crowds.items()):
            if picture is not None:
                crowd.show(picture)
            else:
                crowd.dissolve()
            if crowd.seats:
                seated.update(crowd.seats)
            else:
                crowd.dissolve()  # its timer
                del self._crowds[key]
        return seated

    def invite(self, number: int, member: CrowdMember | None) -> None:
        """Let a guest sit down who was just shown the newest picture, if they can and are in step."""
        standing = member.standing if member is not None else None
        if member is None or standing is None:
            return
        seats: list[_Seat] = []
        outlet = member.lend(lambda: seats[0].leave())
        if outlet is None:
            return
        key = standing.appearance, outlet.form
        crowd = self._crowds.get(key)
        if crowd is None or not crowd.seats:
            crowd = self._crowds[key] = _Crowd(standing, outlet, self._cache, self._share)
        elif not crowd.has(standing):
            outlet.give_back(b"")
            return
        seat = crowd.seats[number] = _Seat(crowd, number, member, outlet)
        seats.append(seat)
        member.join_crowd(seat.leave)
