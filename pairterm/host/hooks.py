"""The owner's hooks: commands and web addresses that are told what happens in a session, by event.

A command is run by /bin/sh. It gets the event as JSON on its standard input, and its name in
`PAIRTERM_EVENT`. An address gets the JSON by POST. The session does not wait for hooks. At most
`_MAX_RUNNING` run at the same time, each for a minute at most. An event that comes while so
many run is dropped for its hook, and the log says so once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
from collections.abc import Mapping

from pairterm.errors import SystemFault
from pairterm.host.children import waited_for
from pairterm.host.http_post import is_web_address, post_json
from pairterm.runtime.supervisor import Supervisor

__all__ = ["Hooks"]

logger = logging.getLogger(__name__)

_TIMEOUT_S = 60.0

_MAX_RUNNING = 8
"""Hooks that run at the same time."""

_ANY = "any"
"""The name under which a hook gets all events."""


class Hooks:
    """The hooks of one session."""

    def __init__(self, actions: Mapping[str, str], tasks: Supervisor) -> None:
        self._actions = dict(actions)
        self._tasks = tasks
        self._running: set[asyncio.Task[None]] = set()
        self._has_warned = False

    def fire(self, event: str, record: Mapping[str, str | int]) -> None:
        """Run the hooks for this event."""
        for name in (event, _ANY):
            action = self._actions.get(name)
            if not action:
                continue
            if len(self._running) >= _MAX_RUNNING:
                if not self._has_warned:
                    logger.warning("too many hooks run at the same time: hooks for some events are not run")
                self._has_warned = True
                continue
            task = self._tasks.once(f"a hook for {event}", self._run(action, event, json.dumps(record).encode()))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def finish(self, timeout_s: float) -> None:
        """Wait for the hooks that run, but no longer than this."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=timeout_s)

    async def _run(self, action: str, event: str, body: bytes) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if is_web_address(action):
                    await asyncio.to_thread(post_json, action, body, timeout_s=_TIMEOUT_S)
                else:
                    await asyncio.to_thread(_run_command, action, event, body)
        except SystemFault as fault:
            logger.warning("the hook for %s failed: %s", event, fault)
        except Exception as error:  # A hook that fails must not end the session.
            logger.warning("the hook for %s failed: %s", event, type(error).__name__)


def _run_command(action: str, event: str, body: bytes) -> None:
    """Run a command to its end, with `body` as its input.

    By `subprocess`, not asyncio: the host has a SIGCHLD handler of its own (see `children`).
    """
    with waited_for(lambda: _started(action, event)) as process:
        try:
            process.communicate(body + b"\n", timeout=_TIMEOUT_S)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode:
        logger.warning("the hook for %s ended with status %d", event, process.returncode)


def _started(action: str, event: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", action],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PAIRTERM_EVENT": event},
        start_new_session=True,
    )
