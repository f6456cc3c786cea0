"""The door for browsers: its addresses, its certificate, and the site behind its connections."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from aiohttp import web

from pairterm.access.forwarded import client_of
from pairterm.access.named_networks import NamedNetworks
from pairterm.access.quotas import MAX_UNSETTLED
from pairterm.config import WebConfig, parse_address
from pairterm.errors import PeerError, UsageError
from pairterm.gateway.listeners import bind
from pairterm.gateway.public_address import is_loopback
from pairterm.gateway.recording_store import RecordingStore
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.web.addresses import Origin, WebAddresses
from pairterm.gateway.web.connections import WebConnections
from pairterm.gateway.web.publishing import PublishingVisit
from pairterm.gateway.web.recordings import RecordingPages
from pairterm.gateway.web.site import Site
from pairterm.gateway.web.tls import Certificate, certificate_files
from pairterm.gateway.web.visit import Visit

__all__ = ["WebDoor"]

_LIMITS: dict[str, Any] = {
    "access_log": None,
    "auto_decompress": False,
    "keepalive_timeout": 30.0,
    "lingering_time": 0.0,
    "max_field_size": 4096,
    "max_headers": 64,
    "max_line_size": 2048,
    "tcp_keepalive": False,
}
"""Of aiohttp's server. Nothing that we are asked has a body, and no URL of ours is long."""

_MAX_PUBLISHERS = 64
"""Connections of pair-ls to one gateway: each may hold a message of 8 MiB."""


class WebDoor:
    """The door for browsers of one gateway."""

    def __init__(
        self,
        config: WebConfig,
        state: GatewayState,
        store: RecordingStore | None = None,
        *,
        max_unsettled: int = MAX_UNSETTLED,
    ) -> None:
        """Make a door that does not listen yet. `store` has the recordings that it gives; None: none.

        `max_unsettled`: how many connections it takes that have not become a guest.

        Raises:
            UsageError: An address can't be read, or the certificate can't be used.
        """
        self._config = config
        self._state = state
        files = certificate_files(config.tls_cert, config.tls_key)
        self._certificate = Certificate(*files) if files is not None else None
        self.has_tls = self._certificate is not None
        self.proxies = NamedNetworks(config.trusted_proxies, key="trusted_proxies")
        self._listen = [parse_address(each) for each in config.listen]
        scheme = "https" if self.has_tls or self.proxies else "http"
        self._scheme = scheme
        self._page = Origin.parse(config.advertise, scheme=scheme) if config.advertise else None
        self._others = [Origin.parse(each, scheme=scheme) for each in config.allowed_origins]
        self._addresses: WebAddresses | None = None
        pages = RecordingPages(store, state, self.client_address, self._settled) if store is not None else None
        recordings = pages.answer if pages is not None else None
        self._site = Site(lambda: self.addresses, self._open_socket, recordings=recordings, publish=self._publish)
        self._publishers = 0
        self._server = web.Server(self._answer, handler_cancellation=True, **_LIMITS)
        self._connections = WebConnections(
            self._server, certificate=self._certificate, proxies=self.proxies, max_unsettled=max_unsettled
        )

    @property
    def addresses(self) -> WebAddresses:
        """The addresses that a browser may name; known from `opened` on."""
        assert self._addresses is not None
        return self._addresses

    @property
    def url(self) -> str:
        """The URL of the page."""
        return self.addresses.url

    def bound(self) -> list[socket.socket]:
        """Return listening sockets on the addresses of the configuration.

        Raises:
            SystemFault: An address can't be had.
        """
        return [sock for host, port in self._listen for sock in bind(host, port)]

    def opened(self, addresses: list[tuple[str, int]], host_name: Callable[[], str]) -> None:
        """Take note of the addresses that browsers are taken on. `host_name` is the machine's name in links.

        Raises:
            UsageError: The page would travel unencrypted.
        """
        is_local = is_loopback(addresses)
        if not (self.has_tls or self.proxies or is_local):
            raise UsageError(
                "[web] browsers on other machines need TLS: set tls_cert and tls_key, or listen on 127.0.0.1, "
                "or name the proxy in front of the gateway in trusted_proxies",
                code="web_without_tls",
            )
        guessed = Origin(self._scheme, "localhost" if is_local else host_name().lower(), addresses[0][1])
        self._addresses = WebAddresses(self._page or guessed, self._config.base_path, self._others)

    async def serve(self, sock: socket.socket, address: str, port: int) -> None:
        """Serve a connection that was accepted, to its end.

        Raises:
            PeerError: It is not encrypted, and comes from another machine.
            OSError: The connection was lost before it began, or TLS failed.
            TimeoutError: TLS took too long.
        """
        if not (self.has_tls or self.proxies.has(address) or is_loopback([(address, port)])):
            sock.close()
            raise PeerError("a browser without TLS, and not behind a trusted proxy", code="not_a_proxy")
        await self._connections.serve(sock, address, port)

    def client_address(self, request: web.BaseRequest) -> str:
        """Return the address of the client behind a request: behind trusted proxies and balancers too."""
        found = self._connections.address_of(request.protocol)
        peer = found[0] if found is not None else request.remote or ""
        return client_of(peer, request.headers.getall("X-Forwarded-For", []), self.proxies)

    def reload(self) -> None:
        """Load the certificate again."""
        if self._certificate is not None:
            self._certificate.reload()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = await self._site.answer(request)
        self._connections.answered(request.protocol)
        return answer

    async def _open_socket(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve a websocket to its end."""
        protocol = request.protocol
        if request.transport is None:
            raise ConnectionResetError  # It is closed already.
        visit = Visit(self._state, self.client_address(request), lambda: self._connections.settled(protocol))
        return await visit.serve(request)

    async def _publish(self, request: web.BaseRequest, token: str) -> web.StreamResponse:
        """Serve a websocket of pair-ls to its end."""
        if self._publishers >= _MAX_PUBLISHERS:
            raise web.HTTPServiceUnavailable
        visit = PublishingVisit(
            self._state, self.client_address(request), lambda: self._connections.settled(request.protocol)
        )
        self._publishers += 1
        try:
            return await visit.serve(request, token)
        finally:
            self._publishers -= 1

    def _settled(self, request: web.BaseRequest) -> None:
        self._connections.settled(request.protocol)

    def close(self) -> None:
        """End all connections at once."""
        self._connections.close()
