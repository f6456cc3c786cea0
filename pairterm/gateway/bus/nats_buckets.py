"""The three buckets of a service in NATS's key-value store, and how they are read and followed.

`leases` has one key for each gateway, which the server removes after `LEASE_S`. `sessions` has what each gateway
announces. Both are in memory: the gateways write them again if the servers lose them. `names` has the holder of each
fixed name, and is on disk. All values are sealed, so the servers see random names, hashes and sizes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import APIError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from pairterm.errors import PeerError, SystemFault
from pairterm.gateway.bus.nats_connection import raise_cancelled

__all__ = ["FAULTS", "LEASE_S", "Bucket", "Update", "open_bucket", "open_when_led"]

logger = logging.getLogger(__name__)

LEASE_S = 3.0
"""A gateway that does not renew its lease for this long is gone."""

FAULTS = (nats.errors.Error, OSError, TimeoutError)
"""What nats-py raises when the servers do not do what they are asked."""

_CALL_S = 3.0
"""How long one call may take."""

_ELECTION_S = 10.0
"""How long the servers may have no leader of a bucket: an election takes five seconds."""

_RETRY_S = 0.2

_WRONG_LAST = 10071
"""JetStream's error: another revision is the last one."""
_IN_STREAM = 10058
"""JetStream's error: the stream exists with other settings."""
_NO_CLUSTER = 10074
"""JetStream's error: several replicas need a cluster of servers."""


@dataclass(frozen=True, slots=True)
class Update:
    """A key that came or changed."""

    key: str
    value: bytes
    """b"" if the key was removed."""
    revision: int


@asynccontextmanager
async def _call(limit_s: float = _CALL_S) -> AsyncIterator[None]:
    """Limit the time of calls of nats-py, and let no cancellation of ours get lost in them."""
    async with asyncio.timeout(limit_s):
        try:
            yield
        finally:
            raise_cancelled()


class Bucket:
    """One bucket, over one connection."""

    def __init__(self, js: JetStreamContext, kv: KeyValue, name: str, created_ms: int) -> None:
        self._js = js
        self._kv = kv
        self._stream = f"KV_{name}"
        self._prefix = f"$KV.{name}."
        self.created_ms = created_ms
        """When the servers made the bucket, in milliseconds since the epoch. Its revisions begin at 1 then."""

    async def get(self, key: str) -> Update | None:
        """Return a key's value; None: it has none. A removed key has the value b"" until it is forgotten."""
        async with _call():
            try:
                message = await self._js.get_last_msg(self._stream, self._prefix + key)
            except NotFoundError:
                return None
        return Update(key, message.data or b"", message.seq or 0)

    async def put(self, key: str, value: bytes) -> int:
        """Set a key, and return its revision."""
        async with _call():
            return await self._kv.put(key, value)

    async def put_after(self, key: str, value: bytes, revision: int) -> int | None:
        """Set a key if its last revision is `revision` (0: it has none). Return the new one; None: it has changed."""
        async with _call():
            try:
                return await self._kv.update(key, value, last=revision)
            except KeyWrongLastSequenceError:
                return None

    async def remove(self, key: str, revision: int = 0) -> None:
        """Remove a key; with a revision, only if it is its last one. A mark is left, so that others notice."""
        async with _call():
            try:
                await self._kv.delete(key, last=revision or None)
            except APIError as error:
                if error.err_code != _WRONG_LAST:
                    raise

    async def forget(self, keys: str) -> None:
        """Remove what is stored of keys, with their marks. `keys` may end with `.>`. Nobody is told."""
        async with _call():
            await self._js.purge_stream(self._stream, subject=self._prefix + keys)

    async def last_revision(self) -> int:
        """Return the highest revision of the bucket so far."""
        async with _call():
            return (await self._js.stream_info(self._stream)).state.last_seq

    async def follow(self, take: Callable[[Update], None], synced: Callable[[], None]) -> None:
        """Call `take` for each key that is there, then `synced`, and then `take` for each change. Never returns."""
        async with _call():
            watcher = await self._kv.watchall()
        try:
            async for entry in watcher:
                if entry is None:
                    synced()
                else:
                    value = b"" if entry.operation else entry.value or b""
                    _give(take, Update(entry.key, value, entry.revision or 0))
        finally:
            with contextlib.suppress(*FAULTS):  # The connection may be lost.
                await watcher.stop()  # type: ignore[no-untyped-call]  # nats-py has no types here


def _give(take: Callable[[Update], None], update: Update) -> None:
    """Give an update to `take`. One that is bad is dropped, and the others still come."""
    try:
        take(update)
    except PeerError as error:
        logger.warning("what a gateway wrote is dropped: %s", error)
    except Exception:
        logger.exception("an internal error while taking what a gateway wrote")


async def open_bucket(
    js: JetStreamContext, service: str, kind: str, *, replicas: int, ttl_s: float = 0.0, on_disk: bool = False
) -> Bucket:
    """Return a bucket of the service. It is made if it does not exist.

    Raises:
        SystemFault: The servers have no JetStream, or can't keep the bucket.
    """
    name = f"pairterm-{service}-{kind}"
    try:
        async with _call(2 * _CALL_S):
            try:
                kv = await js.key_value(name)
            except NotFoundError:
                config = KeyValueConfig(
                    bucket=name, ttl=ttl_s or None, storage=StorageType.FILE if on_disk else StorageType.MEMORY
                )
                kv = await _made(js, config, replicas)
            info = await js.stream_info(f"KV_{name}")
    except FAULTS as error:
        raise SystemFault(
            f"the NATS servers can't keep the bucket {name}: {error or type(error).__name__} (JetStream is needed)",
            code="nats",
        ) from error
    created = info.created
    return Bucket(js, kv, name, int(created.timestamp() * 1000) if created is not None else 0)


async def open_when_led(
    js: JetStreamContext, service: str, kind: str, *, replicas: int, ttl_s: float = 0.0, on_disk: bool = False
) -> Bucket:
    """Return a bucket as `open_bucket` does, and wait while the servers elect a leader of it: one of them has died.

    Streams go on meanwhile, over the same connection. So it is not given up for that.

    Raises:
        SystemFault: It can't be had.
    """
    now_s = asyncio.get_running_loop().time
    until_s = now_s() + _ELECTION_S
    while True:
        try:
            return await open_bucket(js, service, kind, replicas=replicas, ttl_s=ttl_s, on_disk=on_disk)
        except SystemFault:
            if now_s() > until_s:
                raise
        await asyncio.sleep(_RETRY_S)


async def _made(js: JetStreamContext, config: KeyValueConfig, replicas: int) -> KeyValue:
    """Return a new bucket, with the replicas that the settings want or the servers can have."""
    try:
        return await js.create_key_value(config.evolve(replicas=replicas or 3))
    except APIError as error:
        if error.err_code == _IN_STREAM and config.bucket is not None:  # Another gateway was first.
            return await js.key_value(config.bucket)
        if error.err_code != _NO_CLUSTER or replicas:
            raise
    return await js.create_key_value(config.evolve(replicas=1))
