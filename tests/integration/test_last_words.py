"""The last message of one side of a link is heard, even if the other side is saying something at that moment."""

from __future__ import annotations

import asyncio
import socket

from pairterm.errors import PeerError
from pairterm.link.codec import decode_host_message, encode
from pairterm.link.framing import framed
from pairterm.link.messages import Ack, Ended, HostMessage, Ping
from pairterm.runtime.link_stream import LinkStream


async def test_the_last_message_is_heard_though_our_own_finds_nobody() -> None:
    """An attached terminal acknowledged a picture just when the host said that the session had ended, and closed.

    The write failed, asyncio threw away what was still to be read, and the session was
    "lost: its host is gone" instead of ended with its status.
    """
    ours, theirs = socket.socketpair()
    heard: list[HostMessage] = []
    lost: asyncio.Future[PeerError | None] = asyncio.get_running_loop().create_future()

    def hear(payload: bytes) -> None:
        heard.append(decode_host_message(payload))
        if len(heard) == 1:
            theirs.sendall(framed(encode(Ended("ended", 7, "[ended]"))))
            theirs.close()
            stream.send(Ack(0, 1))

    stream = LinkStream(hear, lost.set_result)
    await asyncio.get_running_loop().create_connection(lambda: stream, sock=ours)
    theirs.sendall(framed(encode(Ping())))
    async with asyncio.timeout(60):
        assert await lost is None
    assert heard == [Ping(), Ended("ended", 7, "[ended]")]
