"""The door for browsers of a user's own gateway, on loopback: it loads aiohttp when the first browser comes.

So a gateway that no browser uses costs no memory for it, and starts as fast as without it.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from pairterm.access.quotas import MAX_UNSETTLED
from pairterm.config import WebConfig
from pairterm.errors import SystemFault
from pairterm.gateway.listeners import bind_loopback
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.web.addresses import Origin, WebAddresses
from pairterm.gateway.web.page_files import is_page_built

if TYPE_CHECKING:
    from pairterm.gateway.web.door import WebDoor

__all__ = ["LazyDoor", "can_serve_browsers"]

logger = logging.getLogger(__name__)


def can_serve_browsers() -> bool:
    """Return whether aiohttp is installed, which is not loaded for this, and the page is there."""
    return is_page_built() and importlib.util.find_spec("aiohttp") is not None


class LazyDoor:
    """The door for browsers of one gateway, which is not there before it is needed."""

    def __init__(self, state: GatewayState, first_port: int, *, max_unsettled: int = MAX_UNSETTLED) -> None:
        """It listens on `first_port` of loopback, or the next free one."""
        self._state = state
        self._first_port = first_port
        self._max_unsettled = max_unsettled
        self._addresses: WebAddresses | None = None
        self._opened: tuple[list[tuple[str, int]], Callable[[], str]] | None = None
        self._door: WebDoor | None = None
        self._loading = asyncio.Lock()

    @property
    def url(self) -> str:
        """The URL of the page; "": no port was free."""
        return self._addresses.url if self._addresses is not None else ""

    def bound(self) -> list[socket.socket]:
        """Return listening sockets; [] if there is no free port. Sessions go on without a page then."""
        try:
            return bind_loopback(self._first_port)
        except SystemFault as fault:
            logger.warning("no page for browsers: %s", fault.message)
            return []

    def opened(self, addresses: list[tuple[str, int]], host_name: Callable[[], str]) -> None:
        """Take note of the addresses that browsers are taken on."""
        if addresses:
            self._opened = addresses, host_name
            self._addresses = WebAddresses(Origin("http", "localhost", addresses[0][1]), "/", [])

    async def serve(self, sock: socket.socket, address: str, port: int) -> None:
        """Serve a connection that was accepted, to its end: as `WebDoor` does."""
        try:
            door = await self._loaded()
        except BaseException:
            sock.close()
            raise
        await door.serve(sock, address, port)

    async def _loaded(self) -> WebDoor:
        async with self._loading:
            if self._door is None:
                # In a thread, because it takes some tenths of a second: guests by ssh go on.
                await asyncio.to_thread(importlib.import_module, "pairterm.gateway.web.door")
                from pairterm.gateway.web.door import WebDoor

                door = WebDoor(WebConfig(), self._state, max_unsettled=self._max_unsettled)
                if self._opened is not None:
                    door.opened(*self._opened)
                self._door = door
        return self._door

    def close(self) -> None:
        """End all connections at once."""
        if self._door is not None:
            self._door.close()

    def reload(self) -> None:
        """Do nothing: there is no certificate."""
