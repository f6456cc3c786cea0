"""The honest guest: how long a key's echo takes, and a login, while others attack."""

from __future__ import annotations

import asyncio
import statistics
import string
import time
from dataclasses import dataclass, field

from pairterm.types import Size
from tests.bench.peers.client import Client, Door, connect

__all__ = ["Figures", "measure"]

_SIZE = Size(rows=24, cols=80)

_BETWEEN_KEYS_S = 0.04
"""A fast typist's pace."""

_BETWEEN_LOGINS_S = 0.8

_PATIENCE_S = 15.0
"""A longer time counts as this one."""

_KEYS = string.ascii_lowercase + string.ascii_uppercase


@dataclass(slots=True)
class Figures:
    """What was measured, in milliseconds."""

    echoes: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)

    def echo(self, percent: int) -> float:
        """Return a percentile of the echoes."""
        return _percentile(self.echoes, percent)

    def login(self) -> float:
        """Return the longest login."""
        return max(self.logins, default=float("nan"))


def _percentile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def measure(door: Door, seconds: float) -> Figures:
    """Type and log in for so long, in an own session; return how long it took."""
    found = Figures()
    client = await connect(door, _SIZE)
    try:
        await asyncio.gather(_type(client, found, seconds), _log_in(door, found, seconds))
    finally:
        client.close()
    return found


async def _type(client: Client, found: Figures, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        for key in _KEYS:
            found.echoes.append(await _seen(client, key.encode()))
            await asyncio.sleep(_BETWEEN_KEYS_S)
            if time.monotonic() >= end_s:
                break
        client.type(b"\x15")  # an empty line again: the next key stands where another one did
        await asyncio.sleep(_BETWEEN_KEYS_S)


async def _seen(client: Client, key: bytes) -> float:
    """Type a key; return when its echo was seen."""
    seen = asyncio.Event()
    client.look_for(key, seen.set)
    began_s = time.perf_counter()
    client.type(key)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await seen.wait()
    except TimeoutError:
        return _PATIENCE_S * 1000
    return (time.perf_counter() - began_s) * 1000


async def _log_in(door: Door, found: Figures, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        began_s = time.perf_counter()
        client = Client()
        seen = asyncio.Event()
        client.on_data = lambda data, seen=seen: seen.set()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await connect(door, _SIZE, client=client)
                await seen.wait()
            found.logins.append((time.perf_counter() - began_s) * 1000)
        except (TimeoutError, OSError, ConnectionError):
            found.logins.append(_PATIENCE_S * 1000)
        else:
            client.close()
        await asyncio.sleep(_BETWEEN_LOGINS_S)
