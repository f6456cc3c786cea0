"""A guest of the gateway whose presentation does nothing, a host's link, and a clock that moves when it is told to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Literal

from pairterm.access.rate_limits import Share
from pairterm.gateway.guest import Credentials, Guest
from pairterm.gateway.guest_session import GuestSession
from pairterm.link.messages import ViewerMessage
from pairterm.link.session_replica import Picture
from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import Attendance, PaneId, Question, Role

__all__ = ["FakeClock", "HostWire", "SilentGuest"]


class Call:
    """A planned call."""

    def __init__(self, at_s: float, work: Callable[[], object]) -> None:
        self.at_s = at_s
        self.work = work
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class FakeClock:
    """The time, which a test moves on."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._calls: list[Call] = []

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> Call:
        self._calls.append(Call(self.now_s + delay, lambda: callback(*args)))
        return self._calls[-1]

    @property
    def planned(self) -> int:
        """How many calls are still to come."""
        return sum(not each.is_cancelled for each in self._calls)

    def pass_s(self, seconds: float) -> None:
        """Let so much time pass, and make the calls that are due."""
        self.now_s += seconds
        due = [each for each in self._calls if each.at_s <= self.now_s]
        self._calls = [each for each in self._calls if each not in due]
        for each in due:
            if not each.is_cancelled:
                each.work()


class HostWire:
    """The sending end of a host's link, which keeps what is sent."""

    waiting_bytes = 0

    def __init__(self) -> None:
        self.sent: list[ViewerMessage] = []

    def send(self, message: ViewerMessage) -> None:
        self.sent.append(message)

    def close(self) -> None: ...
    def excuse(self, took_s: float) -> None: ...


class SilentGuest:
    """A presentation that shows nothing; tests override the methods that they look at."""

    transport: Literal["ssh", "join", "web"] = "ssh"
    keeps_ticket = False
    crowd_member = None

    def __init__(
        self,
        session: GuestSession,
        credentials: Credentials,
        *,
        clock: FakeClock | None = None,
        share: Share | None = None,
    ) -> None:
        self.traffic = SimpleNamespace(bytes_in=0, bytes_out=0)
        self.guest = Guest(
            session,
            credentials,
            self,
            clock=clock or FakeClock(),
            share=share or Share(math.inf, 1.0),
            traffic=self.traffic,
        )

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None: ...
    def set_role(self, role: Role, may_type: bool) -> None: ...
    def hold(self, text: str) -> None: ...
    def show(self, picture: Picture) -> None: ...
    def show_windows(self) -> None: ...
    def show_documents(self) -> None:
        pass

    def attend(self, attendance: Attendance) -> None: ...
    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None: ...
    def input_marked(self, serial: int, newest: int, generation: int) -> None: ...
    def ask(self, questions: tuple[Question, ...]) -> None: ...
    def history(self, lines: HistoryLines, pane: PaneId) -> None: ...
    def host_away(self, since_s: float | None) -> None: ...
    def end(self, line: str, status: int, *, may_return: bool) -> None: ...
    def stop(self) -> None: ...
    def abort(self) -> None: ...

    def round_trip_ms(self) -> int | None:
        return None
