"""The way of foreseen echoes to one link: they are sent before the screen has made their frames. Sans-I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.link.messages import Echo
from pairterm.link.screen_publisher import Publisher
from pairterm.picture_allowance import Pace
from pairterm.terminal.frame import Frame

__all__ = ["EchoWay"]


class EchoWay:
    """One pane on one link. The link's allowances count these echoes as all others."""

    def __init__(self, publisher: Publisher, pace: Pace, send: Callable[[Echo], None]) -> None:
        self._publisher = publisher
        self._pace = pace
        self._send = send

    @property
    def has_room(self) -> bool:
        """Whether another update may be unacknowledged."""
        return self._publisher.may_send

    def may_send(self, now_s: float) -> bool:
        """Return whether the link may get an echo now."""
        return self._pace.free_at_s <= now_s and self._publisher.may_send

    def send(self, echo: Echo, now_s: float) -> None:
        """Send an echo whose frame is made later."""
        self._publisher.sent_ahead(echo.generation)
        self._pace.sent(now_s, is_small=True)
        self._send(echo)

    def acknowledge(self, generation: int) -> None:
        """Take an acknowledgement."""
        self._publisher.acknowledge(generation)

    def catch_up(self, frame: Frame | None) -> None:
        """Take the frame of the last echo. None: there is no such frame, and the next one is sent whole."""
        if frame is not None:
            self._publisher.catch_up(frame)
        else:
            self._publisher.forget()
