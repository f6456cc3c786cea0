"""Settings that an operator gives to all gateways of a service at once: one sealed value in a bucket on disk."""

from __future__ import annotations

from collections.abc import Callable

from pairterm.gateway.bus.bus import BusAwayError
from pairterm.gateway.bus.nats_buckets import FAULTS, Bucket, Update
from pairterm.gateway.bus.sealed_messages import Sealer

__all__ = ["NatsSettings"]

_KEY = "settings"


class NatsSettings:
    """The newest settings that were pushed."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._bucket: Bucket | None = None
        self._newest: bytes | None = None
        self.on_change: list[Callable[[bytes], None]] = []
        """Are called with the newest settings at the start, if there are any, and after each change."""

    def begin(self, bucket: Bucket | None) -> None:
        """Use a new connection; None: there is none."""
        self._bucket = bucket

    async def push(self, payload: bytes) -> None:
        """Set the settings of all gateways.

        Raises:
            BusAwayError: The servers can't be reached.
        """
        try:
            if self._bucket is not None:
                await self._bucket.put(_KEY, self._sealer.seal(_KEY, payload))
                return
        except FAULTS as error:
            raise BusAwayError("the settings are not set: NATS does not answer", code="bus_away") from error
        raise BusAwayError("the settings are not set: this gateway is cut off from the others", code="bus_away")

    def take(self, update: Update) -> None:
        """Take settings that any gateway pushed.

        Raises:
            PeerError: They are not from a gateway of our service, or say something that is not allowed.
        """
        if update.key != _KEY or not update.value:
            return
        settings = self._sealer.opened(_KEY, update.value)
        if settings != self._newest:
            self._newest = settings
            for each in self.on_change:
                each(settings)
