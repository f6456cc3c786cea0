"""The sockets on which a gateway listens for guests."""

from __future__ import annotations

import errno
import socket

from pairterm.errors import SystemFault

__all__ = ["ANY", "GONE_ALREADY", "bind", "bind_loopback", "bind_one"]

_BACKLOG = 1024
"""A class that comes at once, and a flood beside it. The kernel takes no more than net.core.somaxconn, often 4096."""

_FREE_PORTS_TRIED = 100

GONE_ALREADY = (errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.EINTR)
"""Errors of `accept` for a connection that ended in the backlog, or that a firewall forbids (accept(2))."""

ANY = {  # Names of every address, and the families in which they are.
    "": (socket.AF_INET, socket.AF_INET6),
    "0.0.0.0": (socket.AF_INET,),  # noqa: S104 -- compared with what the user asked for
    "::": (socket.AF_INET6,),
}


def bind(host: str, port: int, *, is_shared: bool = False, is_for_guests: bool = True) -> list[socket.socket]:
    """Return listening sockets on every address of `host` ("" for all), port 0 for a free one.

    `is_shared`: other sockets of this user may listen there too. The kernel spreads the connections over them.
    `is_for_guests`: an error may advise another `--listen`.

    Raises:
        SystemFault: The name has no address, the port is in use, or it may not be had.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise SystemFault(f"can't listen on {host}: {error.strerror}", code="listen") from error
    bound: list[socket.socket] = []
    for family, _, _, _, address in found:
        try:
            bound.append(bind_one(family, (address[0], port or _port_of(bound)), is_shared=is_shared))
        except OSError as error:
            if len(found) > 1 and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                continue
            for each in bound:
                each.close()
            advice = _advice(error, host, port) if is_for_guests else ""
            raise SystemFault(
                f"can't listen on {host or '*'}:{port}: {error.strerror}{advice}", code="listen"
            ) from error
    if not bound:
        raise SystemFault(f"can't listen on {host}:{port}: no usable address", code="listen")
    return bound


def _advice(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        free = next((each for each in range(port + 1, min(port + _FREE_PORTS_TRIED, 65536)) if not _is_taken(each)), 0)
        named = f"[{host}]" if ":" in host else host or "0.0.0.0"  # noqa: S104 -- what the user asked for
        return f"; port {free} is free: --listen {named}:{free}" if free else "; choose another with --listen ADDR:PORT"
    if error.errno == errno.EACCES:
        return "; ports under 1024 take root or CAP_NET_BIND_SERVICE"
    return ""


def bind_one(family: int, address: tuple[object, int], *, is_shared: bool = False) -> socket.socket:
    """Return a listening socket on one address; an IPv6 one takes no IPv4.

    Raises:
        OSError: It can't be had.
    """
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _port_of(bound: list[socket.socket]) -> int:
    return int(bound[0].getsockname()[1]) if bound else 0


def bind_loopback(first_port: int) -> list[socket.socket]:
    """Return sockets on 127.0.0.1 and, where there is one, ::1, on the first free port from `first_port` on.

    Raises:
        SystemFault: None of a hundred ports is free.
    """
    for port in range(first_port, min(first_port + _FREE_PORTS_TRIED, 65536)):
        if _is_taken(port):
            continue
        bound: list[socket.socket] = []
        try:
            bound.append(bind_one(socket.AF_INET, ("127.0.0.1", port)))
            try:
                bound.append(bind_one(socket.AF_INET6, ("::1", port)))
            except OSError as error:
                if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    raise
        except OSError as error:
            for each in bound:
                each.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise SystemFault(f"can't listen on loopback: {error.strerror}", code="listen") from error
        else:
            return bound
    raise SystemFault(f"no free port on loopback from {first_port} on", code="listen")


def _is_taken(port: int) -> bool:
    """Return whether a server answers on loopback: BSD's SO_REUSEADDR would let us bind beside 0.0.0.0."""
    with socket.socket(socket.AF_INET) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
