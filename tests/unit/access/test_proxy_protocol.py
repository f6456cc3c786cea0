"""PROXY headers: both versions, whole and in pieces, and what is none."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairterm.access.proxy_protocol import origin, wanted
from pairterm.errors import PeerError

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_2(command: int, family: int, tail: bytes) -> bytes:
    return SIGNATURE + bytes([command, family]) + len(tail).to_bytes(2, "big") + tail


def addresses(source: str, destination: str, port: int) -> bytes:
    packed = [ipaddress.ip_address(each).packed for each in (source, destination)]
    return b"".join(packed) + port.to_bytes(2, "big") + (22).to_bytes(2, "big")


TCP4 = version_2(0x21, 0x11, addresses("192.0.2.7", "198.51.100.1", 56324))
TCP6 = version_2(0x21, 0x21, addresses("2001:db8::7", "2001:db8::1", 56324))

LONGEST = b":".join([b"ffff"] * 8)

RIGHT = [
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 22\r\n", ("192.0.2.7", 56324)),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 22\r\n", ("2001:db8::7", 56324)),
    (b"PROXY TCP6 %b %b 65535 65535\r\n" % (LONGEST, LONGEST), (LONGEST.decode(), 65535)),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff::1 whatever 1 2\r\n", None),
    (TCP4, ("192.0.2.7", 56324)),
    (TCP6, ("2001:db8::7", 56324)),
    (version_2(0x21, 0x11, addresses("192.0.2.7", "198.51.100.1", 1) + b"\x04\x00\x02hi"), ("192.0.2.7", 1)),
    (version_2(0x20, 0x00, b""), None),
    (version_2(0x20, 0x11, addresses("192.0.2.7", "198.51.100.1", 1)), None),
    (version_2(0x21, 0x00, b"anything"), None),
    (version_2(0x21, 0x31, b"/" * 216), None),
]

WRONG = [
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
    b"PROXY TCP4 192.0.2.7  198.51.100.1 56324 22\r\n",
    b"PROXY TCP4 2001:db8::7 2001:db8::1 56324 22\r\n",
    b"PROXY TCP6 192.0.2.7 198.51.100.1 56324 22\r\n",
    b"PROXY TCP4 192.0.2.700 198.51.100.1 56324 22\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 22\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 22\r\n",
    b"PROXY UDP4 192.0.2.7 198.51.100.1 1 22\r\n",
    b"PROXY UNKNOWN" + b" x" * 60 + b"\r\n",
    b"proxy tcp4 192.0.2.7 198.51.100.1 1 22\r\n",
    version_2(0x11, 0x11, addresses("192.0.2.7", "198.51.100.1", 1)),
    version_2(0x22, 0x11, addresses("192.0.2.7", "198.51.100.1", 1)),
    version_2(0x21, 0x12, addresses("192.0.2.7", "198.51.100.1", 1)),
    version_2(0x21, 0x11, b"\xc0\x00\x02"),
    version_2(0x21, 0x21, addresses("192.0.2.7", "198.51.100.1", 1)),
    version_2(0x21, 0x11, b"x" * 1025),
]


def read(stream: bytes) -> tuple[tuple[str, int] | None, bytes]:
    """Read a header from a stream as a front does; return what it says, and what follows it."""
    header = b""
    while missing := wanted(header):
        piece, stream = stream[:missing], stream[missing:]
        if not piece:
            raise PeerError("it ended", code="proxy_header")
        header += piece
    return origin(header), stream


@pytest.mark.parametrize(("header", "found"), RIGHT)
def test_a_header_says_whence_and_nothing_that_follows_is_taken(header: bytes, found: tuple[str, int] | None) -> None:
    assert read(header + b"SSH-2.0-x\r\n") == (found, b"SSH-2.0-x\r\n")


@pytest.mark.parametrize("header", WRONG)
def test_what_is_no_right_header_is_refused(header: bytes) -> None:
    with pytest.raises(PeerError, match="no right PROXY header"):
        read(header + b"x" * 2000)


@pytest.mark.parametrize(("header", "_found"), RIGHT)
def test_a_header_that_ends_too_soon_is_none(header: bytes, _found: object) -> None:
    for end in range(len(header)):
        assert wanted(header[:end]) > 0


@given(st.binary(max_size=64), st.sampled_from([b"", b"PROXY ", SIGNATURE, TCP4[:20]]))
def test_no_bytes_do_anything_but_be_refused(noise: bytes, start: bytes) -> None:
    try:
        found, _ = read(start + noise + b"\r\n" * 2000)
    except PeerError:
        return
    assert found is None or ipaddress.ip_address(found[0])
