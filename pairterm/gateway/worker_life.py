"""The signs of life of a worker for its parent, and of the parent for its workers: two pipes.

The worker writes a line of JSON each second: where it is found when it is ready, and then its counts. If
the lines stop, its event loop is stuck, and the parent ends it. If the parent is killed, its
end of the other pipe closes, and the worker ends: nobody would start it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict

from pairterm.gateway.gateway_settings import Serving, Worker

__all__ = ["tell_draining", "tell_parent", "tell_ready"]

_SIGN_S = 1.0


def tell_ready(worker: Worker, serving: Serving) -> None:
    """Tell the parent that the worker serves."""
    _write(worker.life_fd, {"ready": asdict(serving)})


def tell_draining(worker: Worker) -> None:
    """Tell the parent that the worker takes no more guests. It may end at once, and no other one takes its place."""
    _write(worker.life_fd, {"draining": True})


async def tell_parent(worker: Worker, status: Callable[[], str], stop: Callable[[], None]) -> None:
    """Tell the parent each second that the worker lives. Call `stop` when the parent is gone. Never returns."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(worker.parent_fd)
        stop()

    loop.add_reader(worker.parent_fd, gone)
    while True:
        _write(worker.life_fd, {"status": status()})
        await asyncio.sleep(_SIGN_S)


def _write(fd: int, line: dict[str, object]) -> None:
    """Write a line: less than a pipe takes at once. A parent that is gone reads nothing."""
    with contextlib.suppress(OSError):
        os.write(fd, json.dumps(line).encode() + b"\n")
