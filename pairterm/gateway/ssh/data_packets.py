"""A packet with a channel's data, before it is encrypted: how it is made, and where its parts are."""

from __future__ import annotations

import os
from functools import lru_cache

from asyncssh.constants import MSG_CHANNEL_DATA

__all__ = ["DATA_AT", "LENGTH_BYTES", "data_packet"]

_MIN_PADDING_BYTES = 4

_PADDING = os.urandom(256)
"""What packets are filled up with. RFC 4253 wants it random for ciphers that are weak without; ours are not."""

LENGTH_BYTES = 4
"""How long the length is at the start of each packet."""

DATA_AT = 10
"""Where the data of an opened SSH_MSG_CHANNEL_DATA begins: after the padding's length, the type, the channel and its
own length (RFC 4253 §6, RFC 4254 §5.2)."""


@lru_cache(maxsize=2)
def data_packet(channel: int, data: bytes, header_bytes: int, block_bytes: int) -> tuple[bytes, bytes]:
    """Return the length and the content of a packet that is not encrypted yet (RFC 4253 §6, RFC 4254 §5.2).

    Watchers get the same data, and nearly all clients give their channel the same number: so it is made once for all.
    """
    payload_bytes = len(data) + DATA_AT - 1
    # At least four bytes of padding, to a multiple of the cipher's block.
    padding_bytes = -(header_bytes + payload_bytes) % block_bytes
    if padding_bytes < _MIN_PADDING_BYTES:
        padding_bytes += block_bytes
    packet = b"%c%c%b%b%b%b" % (
        padding_bytes,
        MSG_CHANNEL_DATA,
        channel.to_bytes(4, "big"),
        len(data).to_bytes(4, "big"),
        data,
        _PADDING[:padding_bytes],
    )
    return len(packet).to_bytes(LENGTH_BYTES, "big"), packet
