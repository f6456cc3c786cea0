"""How a session reaches a guest: painted on a terminal, relayed as messages, or shown by a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from pairterm.gateway.crowds import CrowdMember
from pairterm.link.session_replica import Picture
from pairterm.terminal.excerpt import HistoryLines
from pairterm.types import Attendance, PaneId, Question, Role

__all__ = ["Presentation", "Traffic", "Transport"]

Transport: TypeAlias = Literal["ssh", "join", "web"]
"""The program that a guest uses."""


class Traffic(Protocol):
    """How much all guests of a gateway together have sent, and have been sent."""

    bytes_in: int
    bytes_out: int


class Presentation(Protocol):
    """How one guest is shown the session. The guest calls these methods; each is about this guest only."""

    transport: Transport
    """The program that the guest uses."""

    keeps_ticket: bool
    """The guest's program may connect again and come back as the same guest."""

    @property
    def crowd_member(self) -> CrowdMember | None:
        """The guest, as one who can sit in a crowd; None: they can't."""

    def enter(self, role: Role, may_type: bool, ticket: bytes, typed: bytes) -> None:
        """The host let the guest in, or in again.

        With `ticket` they come back after a loss; b"": they keep the one that they have. `typed`: the keys that they
        typed before, for the session.
        """

    def set_role(self, role: Role, may_type: bool) -> None:
        """The guest's role is another one, or their keys are taken now, or no longer."""

    def hold(self, text: str) -> None:
        """The guest has to wait; the text says for what."""

    def show(self, picture: Picture) -> None:
        """There is a newer picture."""

    def show_windows(self) -> None:
        """The windows changed, or the guest looks elsewhere: look at what the session has for them now."""

    def show_documents(self) -> None:
        """Show the files that editors share now: the session has them."""

    def attend(self, attendance: Attendance) -> None:
        """Somebody came or left, or another person types."""

    def tell(
        self, text: str, title: str = "", items: Sequence[str] = (), *, starts_at_end: bool = False, said_by: str = ""
    ) -> None:
        """There is a text for the guest; with a title, it is a page, which may start at its last lines.

        `said_by`: it is a remark of the person with this name, who stands in it.
        """

    def input_marked(self, serial: int, newest: int, generation: int) -> None:
        """The program has had time to echo the guest's input: see `InputMarked`."""

    def ask(self, questions: tuple[Question, ...]) -> None:
        """These requests, and no others, wait for the guest's answer."""

    def history(self, lines: HistoryLines, pane: PaneId) -> None:
        """These are the lines of a pane's history that the guest asked for."""

    def host_away(self, since_s: float | None) -> None:
        """The host is away since then; None: it is back."""

    def end(self, line: str, status: int, *, may_return: bool) -> None:
        """Show the last line, and close. `may_return`: the gateway stops, and the guest may connect again soon."""

    def stop(self) -> None:
        """Let go of timers: the guest has left."""

    def abort(self) -> None:
        """Close the guest's connection at once."""

    def round_trip_ms(self) -> int | None:
        """Return how long packets take to the guest and back; None: not known."""
