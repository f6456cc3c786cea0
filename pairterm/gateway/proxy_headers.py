"""Reads the PROXY header with which a load balancer's connection begins, in time and not too many at once."""

from __future__ import annotations

import asyncio
import socket

from pairterm.access.named_networks import NamedNetworks
from pairterm.access.proxy_protocol import origin, wanted
from pairterm.errors import PeerError

__all__ = ["ProxyHeaders"]

_HEADER_S = 5.0
"""How long a balancer may take for a PROXY header; it sends it before all else."""

_MAX_HEADERS = 256
"""Connections whose header has not come yet."""


class ProxyHeaders:
    """The connections of balancers whose header has not come yet."""

    def __init__(self, balancers: NamedNetworks) -> None:
        """`balancers` have to send a header. Nobody else may."""
        self._balancers = balancers
        self._count = 0

    async def read(self, sock: socket.socket, address: str, port: int) -> tuple[str, int]:
        """Return where a connection comes from: by the header of a balancer, else its own address.

        If it raises, the socket is closed.

        Raises:
            PeerError: There is no right header in time, or too many have not come yet.
        """
        if not self._balancers.has(address):
            return address, port
        loop = asyncio.get_running_loop()
        self._count += 1
        header = b""
        try:
            if self._count > _MAX_HEADERS:
                raise PeerError("too many connections without their PROXY header", code="proxy_header")
            async with asyncio.timeout(_HEADER_S):
                while missing := wanted(header):
                    piece = await loop.sock_recv(sock, missing)
                    if not piece:
                        raise PeerError("it ended within its PROXY header", code="proxy_header")
                    header += piece
            return origin(header) or (address, port)
        except TimeoutError as error:
            sock.close()
            raise PeerError("its PROXY header did not come in time", code="proxy_header") from error
        except BaseException:
            sock.close()
            raise
        finally:
            self._count -= 1
