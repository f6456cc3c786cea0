"""Takes what a large audience is sent, and throws it away: those whose screens nobody looks at.

Run as a program: `python drain.py FD...`, with the sockets of clients that have logged in. People's machines read by
themselves, and cost the gateway nothing. Here they share its processors, so this program reads as little as it can: all
sockets that have something, fifty times a second, without a look at it. It ends when its standard input does, and then
prints how many bytes each socket was sent, the least and the most.
"""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["Drain"]

_SWEEP_S = 0.02

_READ_BYTES = 1 << 17


class Drain:
    """The program, for a bench."""

    def __init__(self, fds: Sequence[int]) -> None:
        """Read from these sockets from now on. Nobody else may."""
        self._program = subprocess.Popen(
            [sys.executable, __file__, *map(str, fds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=fds
        )

    async def close(self) -> tuple[int, int]:
        """Read no more; return the least and the most bytes that a socket was sent."""
        least, most = (await asyncio.to_thread(self._program.communicate))[0].split()
        return int(least), int(most)


def main() -> None:
    """Read until nobody wants it any more."""
    buffer = bytearray(_READ_BYTES)
    read_bytes = dict.fromkeys(map(int, sys.argv[1:]), 0)
    poll = select.epoll()
    for fd in (0, *read_bytes):
        poll.register(fd, select.EPOLLIN)
    while True:
        time.sleep(_SWEEP_S)
        for fd, _ in poll.poll(0):
            if fd == 0:
                print(min(read_bytes.values(), default=0), max(read_bytes.values(), default=0))
                return
            count = os.readv(fd, [buffer])
            read_bytes[fd] += count
            if not count:
                poll.unregister(fd)


if __name__ == "__main__":
    main()
