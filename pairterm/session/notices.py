"""Lines that the session shows to its people: news, arrivals, the greeting and the address of the call."""

from __future__ import annotations

from collections.abc import Collection

from pairterm.session.effects import Effect, Tell
from pairterm.session.people import People
from pairterm.session.rate_limits import RateLimits
from pairterm.session.recording import Recording
from pairterm.types import ClientId, Role

__all__ = ["Notices"]

_ANNOUNCED_TO = 20
"""Up to so many people, news is shown to everybody. In a larger session only the owner reads it."""


class Notices:
    """The notices of one session."""

    def __init__(self, people: People, limits: RateLimits, recording: Recording) -> None:
        self.greeting = ""
        """A line for each guest who joins; "": none."""
        self.call_url = ""
        """The address of a voice or video call; "": none."""
        self._people = people
        self._limits = limits
        self._recording = recording

    def to_all(self, text: str, but: ClientId | None = None, *, said_by: str = "") -> list[Effect]:
        """Show a text to everybody except one client. `said_by`: it is a remark of this person."""
        return [Tell(client, text, said_by=said_by) for client in self._people if client != but]

    def news(self, text: str, but: ClientId | None = None, to: Collection[ClientId] | None = None) -> list[Effect]:
        """Show a line to everybody in a small session, or to the owner in a large one.

        `to`: show it to no guests but these.
        """
        everybody = len(self._people) <= _ANNOUNCED_TO
        return [
            Tell(client, text)
            for client, person in self._people.items()
            if client != but and ((everybody and (to is None or client in to)) or person.role is Role.OWNER)
        ]

    def arrivals(self, text: str, now_s: float, but: ClientId | None = None) -> list[Effect]:
        """Show that somebody came or left, unless too many do: the status line shows their number."""
        return self.news(text, but) if self._limits.lets_announce(now_s) else []

    def greet(self, client: ClientId, role: Role) -> list[Effect]:
        """Show a client that has just joined the greeting, the call, and that the session is recorded."""
        greeting = self.greeting if role is not Role.OWNER else ""
        texts = [self._recording.greeting, greeting, f"call: {self.call_url}" if self.call_url else ""]
        text = "; ".join(filter(None, texts))
        return [Tell(client, text)] if text else []
