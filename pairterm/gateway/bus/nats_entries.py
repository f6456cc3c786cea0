"""Announced sessions in NATS's key-value store: written for this gateway, and followed for the others.

This module keeps the own announcements, so nothing is lost while the servers are away. It writes the changes since the
last write when they are back. Announcements of the others go into the `ServiceDirectory` as long as their gateway is
alive.
"""

from __future__ import annotations

import asyncio
import logging
import re

import msgspec

from pairterm.cluster.service_directory import MAX_ENTRIES_OF_GATEWAY, MAX_GATEWAYS, ServiceDirectory, SessionEntry
from pairterm.errors import PeerError
from pairterm.gateway.bus.nats_buckets import FAULTS, Bucket, Update
from pairterm.gateway.bus.sealed_messages import Sealer, decoded

__all__ = ["NatsEntries"]

logger = logging.getLogger(__name__)

_AT_ONCE = 64
"""Writes that wait for their answer together: 1,000 sessions that come to another gateway are written in 0.2 s."""

_RETRY_S = 0.5
"""The pause after a write that failed."""

_FORGET_S = 60.0
"""Marks of sessions that ended, and sessions of gateways that are gone, are deleted after this time. By then,
everybody who is there has seen them."""

_SETTLE_S = 6.0
"""After a new connection, the others may have to announce sessions again. An entry that is missing then is over."""

_KEY = re.compile(r"\A([a-z2-7]{16})\.([0-9a-f]{32})\Z")


class NatsEntries:
    """The announcements of all gateways, as this one knows them."""

    def __init__(self, directory: ServiceDirectory, sealer: Sealer) -> None:
        self._directory = directory
        self._own = directory.own
        self._sealer = sealer
        self._now_s = asyncio.get_running_loop().time
        self._wanted: dict[bytes, SessionEntry] = {}
        self._unwritten: dict[bytes, None] = {}
        self._has_work = asyncio.Event()
        self._ended_s: dict[bytes, float] = {}
        """Sessions of this gateway whose marks are to be deleted, and since when."""
        self._known: dict[str, dict[bytes, tuple[int, SessionEntry]]] = {}
        """What others have written, alive or not: gateway → session → revision and entry."""
        self._gone_s: dict[str, float] = {}
        """Since when gateways with entries in `_known` are gone."""
        self._unseen: set[tuple[str, bytes]] = set()
        """What was known before this connection, and has not been read since."""
        self._synced_s: float | None = None
        self._made_ms = 0
        self._base = self._last = 0
        """What is added to a revision, so that it grows also when the servers begin again; and the highest one."""

    # This gateway's sessions.

    def announce(self, entry: SessionEntry) -> None:
        """Write an entry of this gateway, as soon as the servers take it."""
        self._wanted[entry.session_id] = entry
        self._ended_s.pop(entry.session_id, None)
        self._directory.announce(entry, self._last + 1)
        self._write_soon(entry.session_id)

    def withdraw(self, session_id: bytes) -> None:
        """Remove an entry of this gateway. It need not be there."""
        if self._wanted.pop(session_id, None) is not None:
            self._directory.withdraw(self._own, session_id)
            self._write_soon(session_id)

    def write_all(self) -> None:
        """Write everything again: the servers or the others may have dropped it."""
        for each in self._wanted:
            self._unwritten[each] = None
        self._has_work.set()

    async def write(self, bucket: Bucket) -> None:
        """Write what is to be written, as it comes. Never returns."""
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            while self._unwritten:
                some = list(self._unwritten)[:_AT_ONCE]
                for each in some:
                    del self._unwritten[each]
                results = await asyncio.gather(*[self._write(bucket, each) for each in some])
                if not all(results):
                    await asyncio.sleep(_RETRY_S)

    async def _write(self, bucket: Bucket, session_id: bytes) -> bool:
        """Write or remove one entry. Return False if it has to be tried again."""
        entry = self._wanted.get(session_id)
        key = f"{self._own}.{session_id.hex()}"
        try:
            if entry is None:
                await bucket.remove(key)
                self._ended_s[session_id] = self._now_s()
            else:
                await bucket.put(key, self._sealer.seal(f"entry {key}", msgspec.msgpack.encode(entry)))
        except FAULTS as error:
            logger.debug("an entry was not written: %s", error or type(error).__name__)
            self._unwritten[session_id] = None
            return False
        except asyncio.CancelledError:  # The connection is lost. The next one writes it.
            self._unwritten[session_id] = None
            raise
        return True

    def _write_soon(self, session_id: bytes) -> None:
        self._unwritten[session_id] = None
        self._has_work.set()

    # The others' sessions.

    def begin(self, bucket: Bucket) -> None:
        """Begin with a new connection."""
        if bucket.created_ms != self._made_ms:
            self._made_ms = bucket.created_ms
            self._base = self._last
        self._unseen = {(gateway, each) for gateway, entries in self._known.items() for each in entries}
        self._synced_s = None
        self.write_all()

    def synced(self) -> None:
        """Everything that is written has been read."""
        self._synced_s = self._now_s()

    def take(self, update: Update) -> None:
        """Take an entry of any gateway that came, changed or was removed.

        Raises:
            PeerError: It is not one that a gateway of our service writes.
        """
        self._last = max(self._last, self._base + update.revision)
        found = _KEY.match(update.key)
        if found is None or found[1] == self._own:
            return
        gateway, session_id = found[1], bytes.fromhex(found[2])
        self._unseen.discard((gateway, session_id))
        if not update.value:
            self._drop(gateway, session_id)
            return
        self._keep(update, gateway, session_id)

    def gateway_came(self, gateway: str) -> None:
        """Show what a gateway has written: it is alive."""
        self._gone_s.pop(gateway, None)
        for revision, entry in self._known.get(gateway, {}).values():
            self._directory.announce(entry, revision)

    def _keep(self, update: Update, gateway: str, session_id: bytes) -> None:
        if not self._sealer.has_secret_of(update.value):
            return  # Said once, for its lease.
        text = self._sealer.opened(f"entry {update.key}", update.value)
        entry = decoded(text, SessionEntry)
        if entry.gateway != gateway or entry.session_id != session_id:
            raise PeerError("it names another gateway or session", code="bad_message")
        if gateway not in self._known and len(self._known) >= 2 * MAX_GATEWAYS:
            raise PeerError("too many gateways", code="too_many")
        entries = self._known.setdefault(gateway, {})
        if session_id not in entries and len(entries) >= MAX_ENTRIES_OF_GATEWAY:
            raise PeerError("too many sessions", code="too_many")
        entries[session_id] = (self._base + update.revision, entry)
        self._directory.announce(entry, self._base + update.revision)

    def _drop(self, gateway: str, session_id: bytes) -> None:
        self._directory.withdraw(gateway, session_id)
        entries = self._known.get(gateway, {})
        entries.pop(session_id, None)
        if not entries:
            self._known.pop(gateway, None)

    async def tidy(self, bucket: Bucket) -> None:
        """Forget what ended. To be called every now and then."""
        now_s = self._now_s()
        if self._unseen and self._synced_s is not None and now_s - self._synced_s > _SETTLE_S:
            for gateway, session_id in self._unseen:
                self._drop(gateway, session_id)
            self._unseen.clear()
        gone = [each for each in self._known if not self._directory.is_alive(each)]
        self._gone_s = {each: self._gone_s.get(each, now_s) for each in gone}
        for gateway in gone:
            if now_s - self._gone_s[gateway] > _FORGET_S:
                await bucket.forget(f"{gateway}.>")
                self._known.pop(gateway, None)
        for session_id, ended_s in list(self._ended_s.items()):
            if now_s - ended_s > _FORGET_S:
                await bucket.forget(f"{self._own}.{session_id.hex()}")
                self._ended_s.pop(session_id, None)

    async def leave(self, bucket: Bucket) -> None:
        """Remove what this gateway has written."""
        await bucket.forget(f"{self._own}.>")
