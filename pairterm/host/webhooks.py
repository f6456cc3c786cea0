"""Telling a URL what happens to a session: tmate's five events in tmate's form, signed, in order, tried again.

Each is an HTTP POST of JSON, `{"type", "entity_id", "timestamp", "generation",
"userdata", "params"}`; the generation counts registrations from 1. With a secret,
the header `X-Pairterm-Signature: sha256=…` has the HMAC of the body. Nothing of a
session waits for a receiver: events queue, up to a bound, in order; what has failed
too often is left out. The register event holds the tokens, as tmate's does.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from pairterm.errors import SystemFault
from pairterm.host.http_post import post_json

__all__ = ["WebhookSettings", "Webhooks"]

logger = logging.getLogger(__name__)

_MAX_WAITING = 200
"""Events that wait for a receiver which does not answer; the oldest is left out for a newer one."""

_TRIES = 5
"""As tmate has it."""

_FIRST_PAUSE_S = 1.0
"""Between two tries; doubles."""

_ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Whom to tell."""

    url: str = ""
    """"" for nobody."""
    userdata: str = ""
    """Stands in every event, for the receiver."""
    secret: str = ""
    """Key of the signature; "" for none."""


class Webhooks:
    """The events of one session, on their way."""

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
        """Send an event after those before it."""
        if not self._settings.url:
            return
        if len(self._waiting) == _MAX_WAITING:
            logger.warning("webhook: the receiver is too slow, an event is left out")
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
        """Send what there is, as it comes. Ends only by being cancelled."""
        while True:
            await self._has_more.wait()
            while self._waiting:
                kind, body = self._waiting.popleft()
                await self._deliver(kind, body)
            self._has_more.clear()
            self._is_idle.set()

    async def finish(self, timeout_s: float) -> None:
        """Wait until all has been sent, or the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_idle.wait()
        except TimeoutError:
            logger.warning("webhook: not all events could be sent")

    async def _deliver(self, kind: str, body: bytes) -> None:
        pause_s = self._first_pause_s
        for number in range(1, _TRIES + 1):
            try:
                # In a thread: a receiver may take seconds, and the session has better to do.
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
