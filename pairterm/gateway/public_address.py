"""Where guests find a gateway: its addresses, the address in its links, and its host key."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from pairterm.config import parse_address
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.link.messages import Registered
from pairterm.safe_text import is_host
from pairterm.session.recording import RecordingPolicy

__all__ = ["PublicAddress", "is_loopback"]


def is_loopback(addresses: list[tuple[str, int]]) -> bool:
    """Return whether nobody can come to these addresses from another machine."""
    return all(ipaddress.ip_address(host).is_loopback for host, _ in addresses)


class PublicAddress:
    """What links and the operator are told of a gateway's place."""

    def __init__(
        self,
        advertise: str,
        addresses: Callable[[], list[tuple[str, int]]],
        *,
        public_key: str,
        fingerprint: str,
        is_own: bool,
        web_url: Callable[[], str] = lambda: "",
        record: RecordingPolicy = "ask",
    ) -> None:
        """Describe a gateway.

        Args:
            advertise: The address that links name, if the operator has set one; "" if not.
            addresses: Returns the addresses that the gateway listens on now.
            public_key: Of the host key, in one line without a comment.
            fingerprint: Of the host key.
            is_own: This is a user's own gateway.
            web_url: Returns the URL of the page for browsers; "": there is none.
            record: Whether it takes sessions that are recorded, or others.
        """
        self._advertise = advertise
        self._addresses = addresses
        self._public_key = public_key
        self._fingerprint = fingerprint
        self._is_own = is_own
        self._web_url = web_url
        self.record = record
        """Which sessions the gateway takes."""

    @property
    def listen(self) -> list[tuple[str, int]]:
        """The addresses and ports that it listens on."""
        return self._addresses()

    def place(self) -> dict[str, Any]:
        """Return where guests find it, for its operator."""
        host, port = self._advertised()
        listen = [f"[{each}]:{at}" if ":" in each else f"{each}:{at}" for each, at in self.listen]
        return {"host": host, "port": port, "listen": listen, "fingerprint": self._fingerprint, "web": self._web_url()}

    def registered(self, session: HostedSession, notice: str = "") -> Registered:
        """Return the answer to a host that has registered a session."""
        host, port = self._advertised()
        return Registered(
            host=host,
            port=port,
            public_key=self._public_key,
            fingerprint=self._fingerprint,
            is_loopback=is_loopback(self.listen),
            is_own=self._is_own,
            is_advertised=bool(parse_address(self._advertise)[0]),
            generation=session.claim.generation,
            fixed_name=session.fixed_name,
            notice=notice[:500],
            seen_address=session.owner.address,
            seen_key=session.owner.key,
            web_url=self._web_url(),
            by_key=session.fixed_name or f"{session.owner.word}/{session.name}",
            record=self.record,
        )

    def _advertised(self) -> tuple[str, int]:
        """Return the host and port that links name; port 0 if it takes no more guests."""
        addresses = self.listen
        open_ports = [port for host, port in addresses if host not in ("127.0.0.1", "::1")]
        port = next(iter(open_ports or [port for _, port in addresses]), 0)
        host, given = parse_address(self._advertise)
        if ":" in self._advertise.rpartition("]")[2]:
            port = given
        if not host:
            host = "localhost" if is_loopback(addresses) else socket.gethostname()
        return host if is_host(host) else "localhost", port
