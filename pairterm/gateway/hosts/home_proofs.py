"""How one session proves to other gateways that its host is here, and the logins that they have shown for it."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.access.signed_login import ShownLogins
from pairterm.link.messages import HomeProved, ProveHome, ViewerMessage

__all__ = ["HomeProofs"]

_MAX_ASKED, _MAX_OF_GATEWAY = 64, 16
"""Questions that a host has not answered, in all and of one gateway, which asks once for each of its links. The oldest
gives way to a new one: so a gateway that asks without end loses its own answers."""


class HomeProofs:
    """The questions to the host of one session."""

    def __init__(self, send: Callable[[ViewerMessage], None]) -> None:
        """`send` sends to the host."""
        self._send = send
        self._asked: dict[int, tuple[str, Callable[[bytes], None]]] = {}
        """By number: the gateway that asks, and what gets the answer."""
        self._last = 0
        self.shown = ShownLogins()
        """The logins of guests at other gateways."""

    def ask(self, asking: str, home: str, nonce: bytes, answered: Callable[[bytes], None]) -> None:
        """Have the host sign that it is here. `answered` gets the signature; b"" if the host does not answer."""
        own = [number for number, (gateway, _) in self._asked.items() if gateway == asking]
        if len(own) >= _MAX_OF_GATEWAY:
            self._give(own[0], b"")
        elif len(self._asked) >= _MAX_ASKED:
            self._give(next(iter(self._asked)), b"")
        self._last += 1
        self._asked[self._last] = asking, answered
        self._send(ProveHome(self._last, asking, home, nonce))

    def take(self, message: HomeProved) -> None:
        """Take an answer of the host."""
        if message.request in self._asked:
            self._give(message.request, message.signature)

    def end(self) -> None:
        """The host is away: it answers nothing."""
        for number in list(self._asked):
            self._give(number, b"")

    def _give(self, number: int, signature: bytes) -> None:
        _, answered = self._asked.pop(number)
        answered(signature)
