"""Which gateways of a service are alive: each renews a lease in NATS's key-value store, and follows the others' ones.

A gateway is gone when its lease was not renewed for `LEASE_S`. This gateway's own loop measures that, and no clock is
compared with another. While it can't renew its own lease, the servers may be at fault and not the others, so nobody
is given up: the election of a new JetStream leader takes five seconds. Each lease counts its renewals, so an old one
that is shown again renews nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pairterm.cluster.service_directory import GATEWAY_NAME_FORM, MACHINE_NAME_FORM, ServiceDirectory
from pairterm.errors import SystemFault
from pairterm.gateway.bus.direct_address import MAX_ADDRESS_CHARACTERS
from pairterm.gateway.bus.nats_buckets import FAULTS, LEASE_S, Bucket, Update
from pairterm.gateway.bus.sealed_messages import FINGERPRINT_BYTES, Sealer, decoded

__all__ = ["NatsLeases"]

logger = logging.getLogger(__name__)

_RENEW_S = 1.0
"""How often a lease is renewed: one renewal of three may fail."""

_RETRY_S = 0.3
"""The pause after a renewal that failed."""

_OUTAGE_S = 2.0
"""If our own renewals pause for longer than this, those of the others may have had to pause too."""

_BLIND_S = 6.0
"""If we don't see our own renewals for longer than this, we see no others either: the connection is of no use."""


class _Lease(Struct, frozen=True, array_like=True):
    gateway: Annotated[str, Meta(pattern=GATEWAY_NAME_FORM)]
    connection: int
    """How often the gateway has connected to the servers. Its streams end with each connection."""
    renewal: int
    number: int
    """The number of the last message that it has sent."""
    machine: Annotated[str, Meta(pattern=MACHINE_NAME_FORM)] = ""
    """What it has in common with the other workers of its machine; "" if it has none."""
    direct: Annotated[str, Meta(max_length=MAX_ADDRESS_CHARACTERS)] = ""
    """The address where it takes direct streams, HOST:PORT; "" if it takes none."""


class NatsLeases:
    """The leases of all gateways, as this one sees them."""

    def __init__(self, directory: ServiceDirectory, sealer: Sealer, number: Callable[[], int]) -> None:
        """`number` returns the number of the last message that this gateway has sent."""
        self._directory = directory
        self._own = directory.own
        self._sealer = sealer
        self._number = number
        self._now_s = asyncio.get_running_loop().time
        self._known: dict[str, _Lease] = {}
        self._renewed_s: dict[str, float] = {}
        self._own_renewed_s = self._own_seen_s = self._outage_end_s = -LEASE_S
        self._connection = self._renewal = 0
        self.direct = ""
        """The address where this gateway takes direct streams; "" if it takes none."""
        self.strangers: set[str] = set()
        """The fingerprints of other secrets that gateways with the name of our service have."""
        self.on_came: list[Callable[[str, int], None]] = []
        """Are called with each gateway that is new, and the number of its last message."""
        self.on_went: list[Callable[[str], None]] = []
        """Are called with each gateway that is gone."""
        self.on_reconnected: list[Callable[[str], None]] = []
        """Are called with each gateway that lost its connection, and has another one."""
        self.on_lapsed: list[Callable[[], None]] = []
        """Are called when this gateway's own lease was over, so that others may have dropped what it announced."""
        self.on_renewed: list[Callable[[], None]] = []
        """Are called with each renewal of this gateway's own lease."""

    @property
    def is_held(self) -> bool:
        """Return whether this gateway's lease holds: the servers answer, and the others see it."""
        return self._now_s() - self._own_renewed_s < LEASE_S

    def direct_of(self, gateway: str) -> str:
        """Return the address where a gateway takes direct streams, also if its lease is over; "" if it takes none."""
        known = self._known.get(gateway)
        return known.direct if known is not None else ""

    def begin(self) -> None:
        """Begin with a new connection."""
        self._connection += 1
        self._own_seen_s = self._now_s()

    async def renew(self, bucket: Bucket) -> None:
        """Keep the lease of this gateway. Never returns.

        Raises:
            SystemFault: Renewals do not arrive here.
        """
        revision = 0
        while True:
            try:
                revision = await self._renewed(bucket, revision)
                await asyncio.sleep(_RENEW_S)
            except FAULTS as error:
                logger.info("the lease of this gateway was not renewed: %s", error or type(error).__name__)
                await asyncio.sleep(_RETRY_S)
            if self.is_held and self._now_s() - self._own_seen_s > _BLIND_S:
                raise SystemFault("NATS no longer tells this gateway of changes", code="nats")

    async def _renewed(self, bucket: Bucket, revision: int) -> int:
        """Renew the lease after its last revision, and return the new one."""
        self._renewal += 1
        lease = _Lease(self._own, self._connection, self._renewal, self._number(), self._directory.machine, self.direct)
        sealed = self._sealer.seal(f"lease {self._own}", msgspec.msgpack.encode(lease))
        while (renewed := await bucket.put_after(self._own, sealed, revision)) is None:
            found = await bucket.get(self._own)
            revision = found.revision if found is not None else 0
            if found is None:
                for lapsed in self.on_lapsed:
                    lapsed()
        now_s = self._now_s()
        if now_s - self._own_renewed_s > _OUTAGE_S:
            self._outage_end_s = now_s
        self._own_renewed_s = now_s
        for each in self.on_renewed:
            each()
        return renewed

    async def leave(self, bucket: Bucket) -> None:
        """End this gateway's lease: the others drop what it announced at once."""
        await bucket.remove(self._own)

    def take(self, update: Update) -> None:
        """Take a lease of any gateway that came, was renewed, or ended.

        Raises:
            PeerError: It is not one that a gateway of our service writes.
        """
        if update.key == self._own:
            self._own_seen_s = self._now_s()
        elif not update.value:
            self._went(update.key)
        elif not self._sealer.has_secret_of(update.value):
            self._stranger(update.value[:FINGERPRINT_BYTES].hex())
        else:
            self._take(update.key, decoded(self._sealer.opened(f"lease {update.key}", update.value), _Lease))

    def expire(self) -> None:
        """Give up the gateways whose leases are over. To be called every now and then."""
        now_s = self._now_s()
        if now_s - self._own_renewed_s > _OUTAGE_S:
            return
        for gateway, renewed_s in list(self._renewed_s.items()):
            if now_s - max(renewed_s, self._outage_end_s) > LEASE_S:
                self._went(gateway)

    def _take(self, key: str, lease: _Lease) -> None:
        known = self._known.get(key)
        if lease.gateway != key or (known is not None and lease.renewal <= known.renewal):
            return
        is_new = key not in self._renewed_s
        if is_new:
            self._directory.gateway_came(key, lease.machine)
            logger.info("gateway %s is in the service", key)
        self._known[key] = lease
        self._renewed_s[key] = self._now_s()
        if is_new:
            for came in self.on_came:
                came(key, lease.number)
        elif known is not None and known.connection != lease.connection:
            for reconnected in self.on_reconnected:
                reconnected(key)

    def _went(self, gateway: str) -> None:
        """A gateway is gone. Its last lease stays known for a while: it may be cut off, and come back."""
        if self._renewed_s.pop(gateway, None) is None:
            return
        logger.info("gateway %s has left the service", gateway)
        self._directory.gateway_went(gateway)
        for went in self.on_went:
            went(gateway)
        while len(self._known) > 2 * max(len(self._renewed_s), 1000):
            self._known.pop(next(iter(self._known)))

    def _stranger(self, fingerprint: str) -> None:
        if fingerprint not in self.strangers and len(self.strangers) < 16:
            self.strangers.add(fingerprint)
            logger.warning(
                "a gateway of this service's name has another secret (%s): it is not one of ours", fingerprint
            )
