"""The quick ciphers are asyncssh's: what one seals the other opens, from any state on, and forged packets are told."""

from __future__ import annotations

import os

import pytest
from asyncssh.encryption import Encryption, get_encryption, get_encryption_params

from pairterm.gateway.ssh.algorithms import ENCRYPTION, MACS
from pairterm.gateway.ssh.packet_ciphers import WholePackets, quickened

_SUITES = [
    (cipher, mac)
    for cipher in (each.encode() for each in ENCRYPTION)
    for mac in ((b"",) if b"gcm" in cipher else tuple(each.encode() for each in MACS))
]
_MAC_BYTES = {
    (cipher, mac): get_encryption_params(cipher, mac)[4]  # as asyncssh counts the tag or MAC
    for cipher, mac in _SUITES
}


def _pair(cipher: bytes, mac: bytes) -> tuple[Encryption, Encryption]:
    """Return the same cipher twice, in the same state."""
    key_bytes, iv_bytes, _, mac_key_bytes, _, is_etm = get_encryption_params(cipher, mac)
    key, iv, mac_key = os.urandom(key_bytes), os.urandom(iv_bytes), os.urandom(mac_key_bytes)
    return (
        get_encryption(cipher, key, iv, mac, mac_key, is_etm),
        get_encryption(cipher, key, iv, mac, mac_key, is_etm),
    )


def _quick(cipher: Encryption) -> WholePackets:
    quick = quickened(cipher)
    assert isinstance(quick, WholePackets)
    return quick


def _packet(number: int) -> tuple[bytes, bytes]:
    content = bytes((number,)) * (16 * (1 + number % 4))
    return len(content).to_bytes(4, "big"), content


@pytest.mark.parametrize(("cipher", "mac"), _SUITES)
def test_what_is_sealed_quickly_asyncssh_opens(cipher: bytes, mac: bytes) -> None:
    ours, theirs = _pair(cipher, mac)
    mac_bytes = _MAC_BYTES[cipher, mac]
    packets = [b"".join(ours.encrypt_packet(0, *_packet(0)))]  # the first went the slow way
    quick = _quick(ours)
    packets += [quick.seal(number, *_packet(number)) for number in range(1, 6)]
    for number, packet in enumerate(packets):
        first, rest, tag = packet[:16], packet[16:-mac_bytes], packet[-mac_bytes:]
        assert theirs.decrypt_packet(number, first, rest, 4, tag) == _packet(number)[1]


@pytest.mark.parametrize(("cipher", "mac"), _SUITES)
def test_what_asyncssh_seals_is_opened_quickly_whoever_asks(cipher: bytes, mac: bytes) -> None:
    """At once, in asyncssh's steps, or opened first and then asked for."""
    theirs, ours = _pair(cipher, mac)
    mac_bytes = _MAC_BYTES[cipher, mac]
    quick = _quick(ours)
    for number in range(9):
        packet = b"".join(theirs.encrypt_packet(number, *_packet(number)))
        first, rest, tag = packet[:16], packet[16:-mac_bytes], packet[-mac_bytes:]
        opened: bytes | None
        if number % 3 == 0:
            opened = quick.open(number, packet, mac_bytes)
        else:
            if number % 3 == 1:
                quick.hand_over(quick.open(number, packet, mac_bytes))
            assert quick.decrypt_header(number, first, 4) == (first, packet[:4])
            opened = quick.decrypt_packet(number, first, rest, 4, tag)
        assert opened == _packet(number)[1]


@pytest.mark.parametrize(("cipher", "mac"), _SUITES)
@pytest.mark.parametrize("at", [0, 4, 20, -1])
def test_a_packet_that_was_touched_is_not_opened(cipher: bytes, mac: bytes, at: int) -> None:
    theirs, ours = _pair(cipher, mac)
    packet = bytearray(b"".join(theirs.encrypt_packet(0, *_packet(7))))
    packet[at] ^= 1
    quick = _quick(ours)
    opened = quick.open(0, bytes(packet), _MAC_BYTES[cipher, mac])
    assert opened is None
    quick.hand_over(opened)
    assert quick.decrypt_packet(0, b"", b"", 4, b"") is None


def test_a_cipher_that_hides_the_length_stays_as_it_is() -> None:
    chacha, _ = _pair(b"chacha20-poly1305@openssh.com", b"")
    assert quickened(chacha) is chacha
    assert quickened(None) is None
