"""The keys that a person types before the session lets them in.

While the host has not answered, the keys are kept: they reach the session as soon as
the person is in. While the host makes the person wait, the keys are a name for the
owner to see (`name_prompt`), and no key is kept. No I/O, no clock.
"""

from __future__ import annotations

from pairterm.view.name_prompt import NamePrompt, Typed

__all__ = ["WaitingInput"]

_MAX_KEPT_BYTES = 65_536
"""As much as one input message of the link holds."""


class WaitingInput:
    """The input of one person before they are in."""

    __slots__ = ("_kept", "_name_prompt", "is_held")

    def __init__(self) -> None:
        self.is_held = False
        """The host makes the person wait."""
        self._kept = bytearray()
        self._name_prompt = NamePrompt()

    def hold(self) -> None:
        """Make the person wait, and forget the keys that were kept: they were not meant for a session."""
        self.is_held = True
        self._kept.clear()

    def enter(self) -> bytes:
        """Let the person in; return the keys that were kept for the session, once."""
        self.is_held = False
        kept = bytes(self._kept)
        self._kept.clear()
        return kept

    def feed(self, data: bytes, now_s: float) -> Typed:
        """Take typed keys; return what to echo, the name if one was entered, and whether the person wants to leave."""
        if self.is_held:
            return self._name_prompt.feed(data, now_s)
        self._kept += data[: _MAX_KEPT_BYTES - len(self._kept)]
        return Typed("")
