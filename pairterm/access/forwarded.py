"""Where a request comes from that proxies pass on: X-Forwarded-For. Pure.

Each proxy appends the address that it sees to X-Forwarded-For. So the list is read from its
end, and only as far as the operator's own proxies wrote it: the last address that is no
trusted proxy is the client. All before it was sent by the client, and means nothing. Without a
trusted proxy the header is ignored. X-Forwarded-Proto has no say: whether the page is encrypted is
in the gateway's configuration.
"""

from __future__ import annotations

from collections.abc import Iterable

from pairterm.access.named_networks import NamedNetworks, bare_address

__all__ = ["client_of"]


def client_of(peer: str, forwarded_for: Iterable[str], proxies: NamedNetworks) -> str:
    """Return the client's address: the right-most that is no trusted proxy.

    Args:
        peer: The address at the other end of the connection.
        forwarded_for: The values of all X-Forwarded-For headers, in their order.
        proxies: The proxies that are trusted.

    If the list is spoilt where a trusted proxy should have written an address, the proxy itself counts.
    """
    hops = [hop for value in forwarded_for for hop in value.split(",")]
    client = peer
    while hops and proxies.has(client):
        address = bare_address(_without_port(hops.pop().strip()))
        if address is None:
            break
        client = str(address)
    return client


def _without_port(text: str) -> str:
    """Return the address of `192.0.2.1:50000` or `[2001:db8::1]:50000`, as some proxies write it."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
