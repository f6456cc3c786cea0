"""The bus of a worker whose machine is part of a cluster: Unix sockets to its other workers, NATS to all others.

Each worker has a NATS connection and a lease of its own, so for other machines it is a gateway like any other. What the
workers of one machine tell each other takes the local bus alone: it is faster, it works while NATS is away, and only it
can be believed (`Bus.trusts`). `NatsBus` drops what comes over NATS in the name of a worker of this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pairterm.access.name_claims import Claim
from pairterm.cluster.joint_directory import JointDirectory
from pairterm.cluster.service_directory import SessionEntry
from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus.bus import Bus, Topic
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import ServiceSecret
from pairterm.runtime.supervisor import Supervisor

__all__ = ["MachineBus"]


class MachineBus:
    """The bus of one such worker. `start` opens it."""

    def __init__(
        self, near: LocalBus, config: ClusterConfig, secrets: list[ServiceSecret], tasks: Supervisor, worker: int
    ) -> None:
        """Make it without a connection.

        Args:
            near: The bus of the machine's workers.
            config: The table `[cluster]`.
            secrets: The service's secrets.
            tasks: Runs what goes on in the background.
            worker: The number of this worker.

        Raises:
            UsageError: A file of the settings can't be used.
        """
        far = NatsBus(
            config,
            secrets,
            tasks,
            name=near.name,
            machine=near.directory.machine,
            worker=worker,
            is_near=near.directory.is_alive,
        )
        self._near, self._far = near, far
        self.name = near.name
        self.directory = JointDirectory(near.directory, far.directory)
        self.on_name_lost = far.on_name_lost
        self.on_config = far.on_config

    async def start(self) -> None:
        """Find the other workers, and connect to NATS.

        Raises:
            SystemFault: The workers' directory, or the address for direct streams, can't be used.
            UsageError: The service's other gateways have another secret.
        """
        await self._near.start()
        await self._far.start()

    @property
    def parts(self) -> Sequence[Bus]:
        """Return the bus of this machine, and that of the cluster."""
        return self._near, self._far

    def trusts(self, gateway: str) -> bool:
        """Return whether a gateway is a worker of this machine, as this one is."""
        return self._near.directory.is_alive(gateway)

    @property
    def is_connected(self) -> bool:
        """Whether NATS is there. The workers of this machine always reach each other."""
        return self._far.is_connected

    @property
    def problem(self) -> str:
        """What an operator has to know; "" if there is nothing."""
        return self._far.problem

    def announce(self, entry: SessionEntry) -> None:
        """Announce a session of this worker, here and everywhere."""
        self._near.announce(entry)
        self._far.announce(entry)

    def withdraw(self, session_id: bytes) -> None:
        """End the announcement of a session."""
        self._near.withdraw(session_id)
        self._far.withdraw(session_id)

    async def claim_name(self, name: str, claim: Claim, *, is_connected: bool) -> Claim:
        """Claim a fixed name in the whole service; return the claim that is granted.

        Raises:
            UsageError: Another session has it.
            BusAwayError: The gateway is cut off.
        """
        return await self._far.claim_name(name, claim, is_connected=is_connected)

    def release_name(self, name: str, claim: Claim) -> None:
        """Give up a fixed name, if this claim still holds it."""
        self._far.release_name(name, claim)

    def broadcast(self, topic: Topic, payload: bytes) -> None:
        """Send a message to all other gateways."""
        self._near.broadcast(topic, payload)
        self._far.broadcast(topic, payload)

    def subscribe(self, topic: Topic, take: Callable[[str, bytes], None]) -> None:
        """Call `take` with each broadcast of a topic, once."""
        self._near.subscribe(topic, take)
        self._far.subscribe(topic, take)

    async def ask(self, gateway: str, topic: Topic, payload: bytes, *, timeout_s: float) -> bytes:
        """Return another gateway's answer.

        Raises:
            BusAwayError: There was none in time.
        """
        return await self._way_to(gateway).ask(gateway, topic, payload, timeout_s=timeout_s)

    def answer(self, topic: Topic, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Answer the questions of a topic."""
        self._near.answer(topic, answerer)
        self._far.answer(topic, answerer)

    async def push_config(self, payload: bytes) -> None:
        """Give settings to all gateways.

        Raises:
            BusAwayError: The gateway is cut off.
        """
        await self._far.push_config(payload)

    async def connect(self, gateway: str, protocol: asyncio.Protocol) -> None:
        """Open a stream of bytes to a gateway, and give its transport to `protocol`.

        Raises:
            BusAwayError: The gateway can't be reached.
        """
        await self._way_to(gateway).connect(gateway, protocol)

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other gateways from now on."""
        self._near.accept(new_protocol)
        self._far.accept(new_protocol)

    async def close(self) -> None:
        """Leave the service and the machine's workers."""
        await self._far.close()
        await self._near.close()

    def _way_to(self, gateway: str) -> LocalBus | NatsBus:
        return self._near if self.trusts(gateway) else self._far
