"""The user's own gateway, begun while the host still loads its code, if the session needs it and it does not run.

Both load code for some tenths of a second. The host waits for the gateway before it connects to it
(`local_gateways`). This module imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pairterm.errors import PairtermError
from pairterm.paths import state_dir
from pairterm.runtime.socket_peer import has_listener
from pairterm.runtime.spawn import Starting, begin

__all__ = ["EarlyGateway"]


class EarlyGateway:
    """The gateway that was begun for one host, until the host takes it."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Begin it, if none runs. `settings` are those of the host.

        If it can't be begun, there is none: the host then tries in the usual way, and reports the error.
        """
        self._starting: Starting | None = None
        address = settings["gateway"]
        if not address.get("is_own") or has_listener(Path(address["socket"])):
            return
        own = {name: settings[name] for name in ("listen", "advertise", "port", "web")}
        try:
            self._starting = begin("pairterm.gateway", own, state_dir() / "gateway.log")
        except PairtermError:
            return

    def take(self) -> Starting | None:
        """Return the process, for the one who waits for it; None: there is none, or it was taken."""
        starting, self._starting = self._starting, None
        return starting

    def end_unless_taken(self) -> None:
        """End it: the session has not started."""
        starting = self.take()
        if starting is not None:
            starting.end()
