"""The ciphers of a guest's connection: asyncssh's, but they open a packet that arrived whole in one step.

asyncssh sets up AES-GCM's key again for each packet, which is two thirds of the cost of a
typed key, and opens packets in two steps (the length, the rest). A cipher of this module
does both in one step, and it is still an asyncssh cipher with one state. This works only
if a packet's length is sent in the clear: AES-GCM (RFC 5647) and encrypt-then-MAC. Other
ciphers stay as they are.
"""

from __future__ import annotations

from asyncssh.encryption import Encryption, ETMEncryption, GCMEncryption
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["WholePackets", "quickened"]

_LENGTH_BYTES = 4
_FIXED_IV_BYTES = 4
"""RFC 5647 §7.1: four fixed bytes, then a counter of eight that grows by one with each packet."""
_COUNTER_MASK = (1 << 64) - 1


class WholePackets(Encryption):
    """The cipher of one direction. A packet is what is sent: length, ciphertext, and the tag or MAC."""

    _opened: tuple[bytes | None] | None = None

    def seal(self, seq: int, header: bytes, packet: bytes) -> bytes:
        """Return the packet as it is sent; `header` is the length of `packet`, which is padded."""
        raise NotImplementedError

    def open(self, seq: int, packet: bytes, mac_bytes: int) -> bytes | None:
        """Return the content of a packet with its padding, without its length; None if it was forged."""
        raise NotImplementedError

    def hand_over(self, opened: bytes | None) -> None:
        """Let asyncssh go on with a packet that `open` gave: it takes this for the next one's content."""
        self._opened = (opened,)

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        """Return the packet as it travels, in asyncssh's two parts."""
        return self.seal(seq, header, packet), b""

    def decrypt_header(self, seq: int, first_block: bytes, header_len: int) -> tuple[bytes, bytes]:
        """Return the first block as it is, and the length in it."""
        return first_block, first_block[:header_len]

    def decrypt_packet(self, seq: int, first: bytes, rest: bytes, header_len: int, mac: bytes) -> bytes | None:
        """Return what a packet holds; None if it was forged."""
        if self._opened is not None:
            (opened,), self._opened = self._opened, None
            return opened
        return self.open(seq, first + rest + mac, len(mac))


class _Gcm(WholePackets):
    """AES-GCM (RFC 5647): the length is authenticated, not encrypted."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._aead = AESGCM(key)
        self._fixed = iv[:_FIXED_IV_BYTES]
        self._counter = int.from_bytes(iv[_FIXED_IV_BYTES:], "big")

    def _nonce(self) -> bytes:
        counter = self._counter
        self._counter = (counter + 1) & _COUNTER_MASK
        return self._fixed + counter.to_bytes(8, "big")

    def seal(self, seq: int, header: bytes, packet: bytes) -> bytes:
        counter = self._counter  # as `_nonce`, without a call: each picture of each watcher comes here
        self._counter = (counter + 1) & _COUNTER_MASK
        return header + self._aead.encrypt(self._fixed + counter.to_bytes(8, "big"), packet, header)

    def open(self, seq: int, packet: bytes, mac_bytes: int) -> bytes | None:
        try:
            return self._aead.decrypt(self._nonce(), packet[_LENGTH_BYTES:], packet[:_LENGTH_BYTES])
        except InvalidTag:
            return None


class _EncryptThenMac(WholePackets):
    """Any cipher with a MAC over what travels."""

    def __init__(self, cipher: ETMEncryption) -> None:
        self._cipher = cipher

    def seal(self, seq: int, header: bytes, packet: bytes) -> bytes:
        return b"".join(self._cipher.encrypt_packet(seq, header, packet))

    def open(self, seq: int, packet: bytes, mac_bytes: int) -> bytes | None:
        end = len(packet) - mac_bytes
        return self._cipher.decrypt_packet(seq, packet[:end], b"", _LENGTH_BYTES, packet[end:])


def quickened(cipher: Encryption | None) -> Encryption | None:
    """Return the cipher in its quick form, from the state that it is in; itself where there is none."""
    if isinstance(cipher, GCMEncryption):
        return _Gcm(cipher._cipher._key, cipher._cipher._iv)
    if isinstance(cipher, ETMEncryption):
        return _EncryptThenMac(cipher)
    return cipher
