"""Sends the events of a session to a URL: tmate's five events, in tmate's form, signed and in order.

Each event is an HTTP POST of JSON: `{"type", "entity_id", "timestamp", "generation", "userdata",
"params"}`. The generation counts registrations from 1. If there is a secret, the header
`X-Pairterm-Signature: sha256=…` is the HMAC of the body. The session does not wait for the
receiver: events wait in a queue with a bound. An event that fails five times is dropped. The
register event contains the tokens, as tmate's does.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from datetime import UTC, datetime

import msgspec

from pairterm.errors import SystemFault
from pairterm.host.http_post import post_json

__all__ = ["WebhookSettings", "Webhooks"]

logger = logging.getLogger(__name__)

_MAX_WAITING = 200
"""Events that may wait for a receiver that does not answer. A further one replaces the oldest."""

_TRIES = 5
"""The same number as tmate's."""

_FIRST_PAUSE_S = 1.0
"""The pause after the first try. It doubles with each try."""

_ANSWER_TIMEOUT_S = 10.0


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The receiver of the events."""

    url: str = ""
    """"" for no receiver."""
    userdata: str = ""
    """A text that each event contains, for the receiver."""
    secret: str = ""
    """The key of the signature; "" for no signature."""


class Webhooks:
    """The queue of one session's events."""

    def __init__(self, settings: WebhookSettings, entity_id: str, *, first_pause_s: float = _FIRST_PAUSE_S) -> None:
        self._settings = settings
        self._entity_id = entity_id
        self._first_pause_s = first_pause_s
        self._generation = 0
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_MAX_WAITING)
        self._has_more = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def add(self, kind: str, params: dict[str, object]) -> None:
        """Add an event. It is sent after the earlier ones."""
        if not self._settings.url:
            return
        if len(self._waiting) == _MAX_WAITING:
            logger.warning("webhook: the receiver is too slow, so an event is dropped")
        self._generation += kind == "session_register"
        event = {
            "type": kind,
            "entity_id": self._entity_id,
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "generation": self._generation,
            "userdata": self._settings.userdata,
            "params": params,
        }
        self._waiting.append((kind, json.dumps(event).encode()))
        self._is_idle.clear()
        self._has_more.set()

    async def run(self) -> None:
        """Send events as they are added. It never returns."""
        while True:
            await self._has_more.wait()
            while self._waiting:
                kind, body = self._waiting.popleft()
                await self._deliver(kind, body)
            self._has_more.clear()
            self._is_idle.set()

    async def finish(self, timeout_s: float) -> None:
        """Wait until all events are sent, or the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_idle.wait()
        except TimeoutError:
            logger.warning("webhook: not all events could be sent")

    async def _deliver(self, kind: str, body: bytes) -> None:
        pause_s = self._first_pause_s
        for number in range(1, _TRIES + 1):
            try:
                # In a thread: a receiver may take seconds, and the session must not wait.
                await asyncio.to_thread(
                    post_json,
                    self._settings.url,
                    body,
                    timeout_s=_ANSWER_TIMEOUT_S,
                    headers=_signature(self._settings.secret, body),
                )
            except SystemFault as fault:
                logger.warning("webhook %s, try %d of %d: %s", kind, number, _TRIES, fault)
                if number < _TRIES:
                    await asyncio.sleep(pause_s)
                    pause_s *= 2
            else:
                return


def _signature(secret: str, body: bytes) -> dict[str, str]:
    """Return the header that signs `body`; nothing without a secret."""
    if not secret:
        return {}
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Pairterm-Signature": f"sha256={digest}"}
