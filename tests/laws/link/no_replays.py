"""The end of a host where nobody goes back in time."""

from __future__ import annotations

from pairterm.host.viewer_link import Peer
from pairterm.types import ClientId, PaneId, Size

__all__ = ["NoReplays"]


class NoReplays:
    """The replays of a session in which nobody asks for one."""

    def begin(self, peer: Peer, client: ClientId) -> None:
        raise AssertionError("nobody goes back in time here")

    def keys(self, client: ClientId, data: bytes) -> None:
        raise AssertionError("nobody sees a replay here")

    def resize(self, client: ClientId, size: Size) -> None: ...

    def publish(self, pane: PaneId) -> None: ...
