"""The holders of fixed names in a whole service: one key for each name in NATS's key-value store, on its servers' disk.

A claim is settled by the rules of `access.name_claims`. It is written only after the revision that it was settled
against, so of two gateways that claim a name at once, one settles again. A new claim's generation comes from the
bucket's revisions, and from no gateway's clock: the time at which the servers made the bucket, in milliseconds, plus
its last revision. So the claim that the servers saw later is the newer one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pairterm.access.name_claims import Claim, settle_claim
from pairterm.cluster.service_directory import GATEWAY_NAME_FORM, ServiceDirectory, name_hash
from pairterm.gateway.bus.bus import BusAwayError
from pairterm.gateway.bus.nats_buckets import FAULTS, Bucket, Update
from pairterm.gateway.bus.sealed_messages import Sealer, decoded

__all__ = ["NatsNames"]

logger = logging.getLogger(__name__)

_TRIES = 8
"""How often a claim is settled again, because another gateway was faster."""

_FORGET_S = 600.0
"""The names of a gateway that is gone are free after this time: longer than a host needs to come to another one."""


class _Holder(Struct, frozen=True, array_like=True):
    gateway: Annotated[str, Meta(pattern=GATEWAY_NAME_FORM)]
    owner: Annotated[str, Meta(max_length=1024)]
    instance: Annotated[bytes, Meta(max_length=64)]
    generation: int

    @property
    def claim(self) -> Claim:
        return Claim(self.owner, self.instance, self.generation)


class NatsNames:
    """The fixed names of a service."""

    def __init__(self, directory: ServiceDirectory, sealer: Sealer) -> None:
        self._directory = directory
        self._own = directory.own
        self._sealer = sealer
        self._now_s = asyncio.get_running_loop().time
        self._bucket: Bucket | None = None
        self._mine: dict[str, tuple[str, _Holder]] = {}
        """The names that this gateway holds: key → name and claim."""
        self._holders: dict[str, tuple[int, str]] = {}
        """Who holds each name: key → revision and gateway."""
        self._gone_s: dict[str, float] = {}
        self._unconfirmed: set[str] = set()
        """The names whose holder at the servers is to be compared with what this gateway knows."""
        self._claimed_away: set[str] = set()
        """The names that a host brought along while this gateway was cut off."""
        self.on_lost: list[Callable[[str, Claim], None]] = []
        """Are called with each name of this gateway that a newer claim has taken, and that claim."""

    def begin(self, bucket: Bucket | None) -> None:
        """Use a new connection; None: there is none."""
        self._bucket = bucket
        self._holders.clear()
        self._unconfirmed = set(self._mine)

    async def claim(self, name: str, presented: Claim, *, is_connected: bool) -> Claim:
        """Claim a name; return the claim that is granted.

        `is_connected`: if this gateway has the name's session, its host is connected. A session of another gateway
        that is alive counts as connected.

        Raises:
            UsageError: Another session has it.
            BusAwayError: The servers can't be reached, or too many claim the name at once.
        """
        key = name_hash(name).hex()
        if self._bucket is None and presented.generation:
            self._mine[key] = (name, _Holder(self._own, presented.owner, presented.instance, presented.generation))
            self._claimed_away.add(key)
        try:
            for _ in range(_TRIES):
                if (bucket := self._bucket) is None:
                    break
                found = await bucket.get(key)
                held = self._opened(found) if found is not None and found.value else None
                connected = is_connected if held is None or held.gateway == self._own else self._is_alive(held)
                stamp = bucket.created_ms + await bucket.last_revision() + 1
                claim = held.claim if held is not None else None
                granted = settle_claim(name, claim, presented, is_connected=connected, now_ms=stamp)
                holder = _Holder(self._own, granted.owner, granted.instance, granted.generation)
                before = self._mine.get(key)
                self._mine[key] = (name, holder)  # Before it is written: its own update comes back while we wait.
                if await self._put(bucket, key, holder, found.revision if found is not None else 0):
                    return granted
                self._restore(key, before)
        except FAULTS as error:
            raise BusAwayError(
                f"the name {name} can't be claimed now: NATS does not answer", code="bus_away"
            ) from error
        raise BusAwayError(
            f"the name {name} can't be claimed now: this gateway is cut off from the others", code="bus_away"
        )

    async def release(self, name: str, claim: Claim) -> None:
        """Give up a name, if this claim still holds it."""
        key = name_hash(name).hex()
        _, holder = self._mine.get(key, ("", None))
        if holder is None or holder.claim != claim:
            return
        del self._mine[key]
        self._claimed_away.discard(key)
        bucket = self._bucket
        if bucket is None:
            return
        try:
            found = await bucket.get(key)
            if found is not None and found.value and self._opened(found) == holder:
                await bucket.remove(key, found.revision)
        except FAULTS as error:
            logger.info("the name %s is not given up: %s", name, error or type(error).__name__)

    def take(self, update: Update) -> None:
        """Take a holder that any gateway wrote.

        Raises:
            PeerError: It is not one that a gateway of our service writes.
        """
        holder = self._opened(update) if update.value else None
        if holder is None:
            self._holders.pop(update.key, None)
            return
        self._holders[update.key] = (update.revision, holder.gateway)
        name, mine = self._mine.get(update.key, ("", None))
        if mine is None:
            return
        if holder.gateway == self._own:
            self._unconfirmed.discard(update.key)
        elif holder.generation >= mine.generation and holder.claim != mine.claim:
            self._lose(update.key, name, holder.claim)

    async def reconcile(self) -> None:
        """Compare the names of this gateway with the servers' after it was cut off: the newer claim holds."""
        bucket = self._bucket
        for key in list(self._unconfirmed):
            name, mine = self._mine.get(key, ("", None))
            if mine is not None and bucket is not None:
                found = await bucket.get(key)
                held = self._opened(found) if found is not None and found.value else None
                if held is None or self._takes_over(key, held, mine):
                    await self._put(bucket, key, mine, found.revision if found is not None else 0)
                elif (held.owner, held.instance) != (mine.owner, mine.instance):
                    self._lose(key, name, held.claim)
            self._unconfirmed.discard(key)
            self._claimed_away.discard(key)

    def _takes_over(self, key: str, held: _Holder, mine: _Holder) -> bool:
        """Return whether a claim of this gateway replaces the one that the servers have."""
        if (held.owner, held.instance) == (mine.owner, mine.instance):
            return key in self._claimed_away  # The host came here. If not, it is at the other gateway now.
        return mine.generation > held.generation

    async def tidy(self) -> None:
        """Free the names of gateways that are gone for long, and those that this one could not give up.

        To be called every now and then.
        """
        bucket, now_s = self._bucket, self._now_s()
        gone = {gateway for _, gateway in self._holders.values() if not self._directory.is_alive(gateway)}
        self._gone_s = {each: self._gone_s.get(each, now_s) for each in gone}
        for key, (revision, gateway) in list(self._holders.items()):
            is_left = gateway == self._own and key not in self._mine
            is_gone = gateway in gone and now_s - self._gone_s[gateway] > _FORGET_S
            if bucket is not None and (is_left or is_gone):
                await bucket.remove(key, revision)

    async def _put(self, bucket: Bucket, key: str, holder: _Holder, revision: int) -> bool:
        sealed = self._sealer.seal(f"name {key}", msgspec.msgpack.encode(holder))
        return await bucket.put_after(key, sealed, revision) is not None

    def _restore(self, key: str, before: tuple[str, _Holder] | None) -> None:
        if before is None:
            self._mine.pop(key, None)
        else:
            self._mine[key] = before

    def _lose(self, key: str, name: str, claim: Claim) -> None:
        del self._mine[key]
        logger.info("a newer session at another gateway has the name %s", name)
        for lost in self.on_lost:
            lost(name, claim)

    def _is_alive(self, holder: _Holder) -> bool:
        return self._directory.is_alive(holder.gateway)

    def _opened(self, update: Update) -> _Holder:
        """Return the holder in a value.

        Raises:
            PeerError: It is not one that a gateway of our service wrote.
        """
        return decoded(self._sealer.opened(f"name {update.key}", update.value), _Holder)
