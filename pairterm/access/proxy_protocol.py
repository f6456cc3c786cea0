"""The PROXY protocol, versions 1 and 2: where a load balancer's connection comes from. Pure.

A header comes first on a connection. It is read piece by piece: `wanted` says how many
bytes surely belong to it, so no byte after it is taken. Source: haproxy's
proxy-protocol.txt. Only a balancer that the operator names may send a header, and such a
balancer has to send one.
"""

from __future__ import annotations

import ipaddress
import re

from pairterm.errors import PeerError

__all__ = ["origin", "wanted"]

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
"""Version 2's first twelve bytes."""

_FIXED_BYTES = 16
"""Version 2's signature, version and command, family, and the length of what follows."""

_MAX_TAIL_BYTES = 1024
"""Addresses and extensions of version 2. The longest addresses take 216 bytes, and a balancer's extensions a few
hundred at the most."""

_MAX_LINE_BYTES = 107
"""Version 1's longest line, with its CR LF (proxy-protocol.txt, section 2.1)."""

_LINE = re.compile(rb"PROXY (TCP4|TCP6) ([0-9a-fA-F.:]{2,39}) ([0-9a-fA-F.:]{2,39}) (\d{1,5}) (\d{1,5})\r\n")

_LOCAL, _PROXY = 0x20, 0x21
"""Version 2 and its command: the balancer's own connection (a health check), or one that it passes on."""

_TCP4, _TCP6 = 0x11, 0x21
_NOT_TOLD = (0x00, 0x31, 0x32)
"""Unspecified, and Unix sockets: these have no address that we could count under."""

_TCP4_BYTES, _TCP6_BYTES = 12, 36


def wanted(header: bytes) -> int:
    """Return how many more bytes surely belong to a header that begins so; 0 when it is whole.

    Raises:
        PeerError: It is no header.
    """
    if not _SIGNATURE.startswith(header[: len(_SIGNATURE)]) and not b"PROXY ".startswith(header[:6]):
        raise _wrong("there is none")
    if len(header) < len(_SIGNATURE):
        return len(_SIGNATURE) - len(header)  # No header of either version is shorter.
    if header.startswith(_SIGNATURE):
        if len(header) < _FIXED_BYTES:
            return _FIXED_BYTES - len(header)
        tail_bytes = int.from_bytes(header[14:16], "big")
        if tail_bytes > _MAX_TAIL_BYTES:
            raise _wrong("it is too long")
        return _FIXED_BYTES + tail_bytes - len(header)
    if header.endswith(b"\r\n"):
        return 0
    if len(header) >= _MAX_LINE_BYTES:
        raise _wrong("its line has no end")
    return 1


def origin(header: bytes) -> tuple[str, int] | None:
    """Return the address and port of a whole header; None if it leaves them open (LOCAL, UNKNOWN).

    Raises:
        PeerError: It is wrong.
    """
    if header.startswith(_SIGNATURE):
        return _origin_2(header)
    if header.startswith((b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ")):
        return None
    found = _LINE.fullmatch(header)
    if found is None:
        raise _wrong("its line is none")
    kind = ipaddress.IPv4Address if found[1] == b"TCP4" else ipaddress.IPv6Address
    try:
        address, _ = (kind(found[each].decode("ascii")) for each in (2, 3))
    except ValueError as error:
        raise _wrong("an address is none") from error
    return str(address), _port(int(found[4]), int(found[5]))


def _origin_2(header: bytes) -> tuple[str, int] | None:
    command, family = header[12], header[13]
    if command == _LOCAL or (command == _PROXY and family in _NOT_TOLD):
        return None
    if command != _PROXY:
        raise _wrong("its version or command is unknown")
    tail = header[_FIXED_BYTES:]
    if family == _TCP4 and len(tail) >= _TCP4_BYTES:
        return str(ipaddress.IPv4Address(tail[:4])), int.from_bytes(tail[8:10], "big")
    if family == _TCP6 and len(tail) >= _TCP6_BYTES:
        return str(ipaddress.IPv6Address(tail[:16])), int.from_bytes(tail[32:34], "big")
    raise _wrong("its addresses are none")


def _port(source: int, destination: int) -> int:
    if max(source, destination) > 65535:
        raise _wrong("a port is none")
    return source


def _wrong(why: str) -> PeerError:
    return PeerError(f"no right PROXY header: {why}", code="proxy_header")
