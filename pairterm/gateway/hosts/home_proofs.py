"""How one session proves to other gateways that its host is here, and the logins that they have shown for it."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.access.signed_login import ShownLogins
from pairterm.link.messages import HomeProved, ProveHome, ViewerMessage

__all__ = ["HomeProofs"]

_MAX_ASKED = 64
"""Questions that a host has not answered: each gateway asks once for each link between gateways."""


class HomeProofs:
    """The questions to the host of one session."""

    def __init__(self, send: Callable[[ViewerMessage], None]) -> None:
        """`send` sends to the host."""
        self._send = send
        self._asked: dict[int, Callable[[bytes], None]] = {}
        self._last = 0
        self.shown = ShownLogins()
        """The logins of guests at other gateways."""

    def ask(self, asking: str, home: str, nonce: bytes, answered: Callable[[bytes], None]) -> None:
        """Have the host sign that it is here. `answered` gets the signature; b"" if the host does not answer."""
        self._last += 1
        self._asked[self._last] = answered
        if len(self._asked) > _MAX_ASKED:
            self._asked.pop(next(iter(self._asked)))(b"")
        self._send(ProveHome(self._last, asking, home, nonce))

    def take(self, message: HomeProved) -> None:
        """Take an answer of the host."""
        answered = self._asked.pop(message.request, None)
        if answered is not None:
            answered(message.signature)

    def end(self) -> None:
        """The host is away: it answers nothing."""
        asked, self._asked = self._asked, {}
        for answered in asked.values():
            answered(b"")
