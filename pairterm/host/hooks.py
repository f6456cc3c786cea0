"""What the owner wants done when something happens: commands and web addresses, by event.

A command is run by /bin/sh with the event as JSON on its standard input and in
`PAIRTERM_EVENT` its name; an address is sent the JSON by POST. They run beside the
session and are waited for by nobody: a few at a time, a minute each, and what
comes in a flood beyond that is left out with one line in the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
from collections.abc import Mapping

from pairterm.runtime.supervisor import Supervisor

__all__ = ["Hooks"]

logger = logging.getLogger(__name__)

_TIMEOUT_S = 60.0

_MAX_RUNNING = 8
"""Hooks that run at the same time; what comes then is left out."""

_ANY = "any"
"""The event that stands for all."""


class Hooks:
    """The hooks of one session."""

    def __init__(self, actions: Mapping[str, str], tasks: Supervisor) -> None:
        self._actions = dict(actions)
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._has_warned = False

    def fire(self, event: str, record: Mapping[str, str | int]) -> None:
        """Do what the owner wants done at this event."""
        for name in (event, _ANY):
            action = self._actions.get(name)
            if not action:
                continue
            if len(self._running) >= _MAX_RUNNING:
                if not self._has_warned:
                    logger.warning("more events than hooks can follow: some are left out")
                self._has_warned = True
                continue
            task = self._tasks.once(f"a hook for {event}", self._run(action, event, json.dumps(record).encode()))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def finish(self, timeout_s: float) -> None:
        """Wait for those that run, but no longer than this."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=timeout_s)

    async def _run(self, action: str, event: str, body: bytes) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if action.startswith(("https://", "http://")):
                    await asyncio.to_thread(_post, action, body)
                else:
                    await asyncio.to_thread(_command, action, event, body)
        except Exception as error:  # Whatever a hook does, it is not the session's end.
            logger.warning("the hook for %s failed: %s", event, type(error).__name__)


def _command(action: str, event: str, body: bytes) -> None:
    """Run a command to its end. By `subprocess`, not asyncio: the host reaps its children itself (see `tree`)."""
    done = subprocess.run(
        ["/bin/sh", "-c", action],
        input=body + b"\n",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PAIRTERM_EVENT": event},
        start_new_session=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        logger.warning("the hook for %s ended with status %d", event, done.returncode)


def _post(url: str, body: bytes) -> None:
    # Here, not at the top: most sessions have no hook, and an HTTPS client is a third of a host's memory.
    import urllib.request

    request = urllib.request.Request(  # noqa: S310 -- the owner's own address, http or https, checked by the caller
        url, data=body, headers={"Content-Type": "application/json", "User-Agent": "pairterm"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 -- as above
        answer.read(1)
