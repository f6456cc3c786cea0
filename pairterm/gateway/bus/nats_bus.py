"""The bus of a service over NATS: JetStream's key-value store as the directory, core subjects for messages and streams.

Streams to gateways that take direct ones do not pass the servers, and do not end with them (`direct_streams`).

One task keeps a connection. When it is lost, the copy of the directory stays as it is, and a new connection is opened.
Then streams go on where they were, unless that took longer than a lease. Everything that this gateway announces is
written again, and what a newer revision took is dropped. Nothing here makes a gateway wait that serves its own
sessions.

Subjects: pairterm.SERVICE.all for broadcasts, and for one gateway pairterm.SERVICE.GATEWAY.question, .answer and
.stream.SENDER.STREAM. All that they carry is encrypted (`sealed_messages`, `sealed_streams`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import uniform

from pairterm.access.name_claims import Claim
from pairterm.cluster.service_directory import ServiceDirectory, SessionEntry, draw_gateway_name
from pairterm.cluster_config import ClusterConfig
from pairterm.errors import PeerError, SystemFault, UsageError
from pairterm.gateway.bus.bus import MAX_PAYLOAD_BYTES, Bus, Topic
from pairterm.gateway.bus.direct_address import direct_address
from pairterm.gateway.bus.direct_streams import DirectStreams
from pairterm.gateway.bus.nats_buckets import FAULTS, LEASE_S, Bucket, open_when_led
from pairterm.gateway.bus.nats_connection import NatsConnection, client_options, log_faults
from pairterm.gateway.bus.nats_entries import NatsEntries
from pairterm.gateway.bus.nats_leases import NatsLeases
from pairterm.gateway.bus.nats_messages import NatsMessages
from pairterm.gateway.bus.nats_names import NatsNames
from pairterm.gateway.bus.nats_settings import NatsSettings
from pairterm.gateway.bus.nats_streams import NatsStreams
from pairterm.gateway.bus.sealed_messages import Sealer
from pairterm.gateway.bus.sealed_streams import StreamTls
from pairterm.gateway.bus.service_secret import ServiceSecret
from pairterm.runtime.supervisor import Supervisor

__all__ = ["NatsBus"]

logger = logging.getLogger(__name__)

_SHORTEST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 3.0
"""The pauses between two tries to connect. They differ from gateway to gateway by half."""

_FIRST_CONNECTION_S = 10.0
"""How long `start` waits for the servers. Then the gateway serves alone, until they are there."""

_TICK_S = 0.5
"""How often leases are checked: a gateway that is gone is noticed so much later at most."""

_TICKS_OF_PROBE = 2
_TICKS_OF_TIDYING = 20

_SUBJECT = re.compile(r"\A([a-z2-7]{16})\.stream\.([a-z2-7]{16})\.([0-9a-f]{24})\Z")


class NatsBus:
    """The `Bus` of one gateway. `start` opens it."""

    def __init__(
        self,
        config: ClusterConfig,
        secrets: list[ServiceSecret],
        tasks: Supervisor,
        *,
        name: str = "",
        machine: str = "",
        worker: int = 0,
        is_near: Callable[[str], bool] = lambda gateway: False,
    ) -> None:
        """Make it without a connection.

        Args:
            config: The table `[cluster]`.
            secrets: The service's secrets.
            tasks: Runs what goes on in the background.
            name: This gateway's name, if it has one on another bus.
            machine: What it has in common with the other workers of its machine; "" if it has none.
            worker: The number of this worker of its machine.
            is_near: Tells whether a gateway is one of these. Messages over NATS in its name are dropped.

        Raises:
            UsageError: A file of the settings can't be used.
        """
        self._config = config
        self.name = name or draw_gateway_name()
        self.directory = ServiceDirectory(self.name, machine)
        self._is_near = is_near
        self._prefix = f"pairterm.{config.name}."
        self._options = client_options(config, self.name)
        self._tasks = tasks
        sealer = Sealer(secrets)
        self._fingerprint = sealer.fingerprint.hex()
        self._connection: NatsConnection | None = None
        self._entries = NatsEntries(self.directory, sealer)
        self._names = NatsNames(self.directory, sealer)
        self._settings = NatsSettings(sealer)
        self._messages = NatsMessages(self.name, sealer, tasks, self._send, is_near)
        self._leases = NatsLeases(self.directory, sealer, lambda: self._messages.number)
        tls = StreamTls(secrets, self.name)
        self._streams = NatsStreams(self.name, tls, tasks, self._send_frame, self._wake)
        self._direct = DirectStreams(self.name, direct_address(config, worker), tls, tasks, is_near)
        self._leases.on_came += [self._messages.gateway_came, lambda gateway, _: self._entries.gateway_came(gateway)]
        self._leases.on_went += [self._messages.gateway_went, self._gone]
        self._leases.on_reconnected.append(self._messages.give_up)
        self._leases.on_lapsed.append(self._entries.write_all)
        self._leases.on_renewed.append(self._began)
        self._buckets: list[Bucket] = []
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper: asyncio.Task[None] | None = None
        self._was_connected = self._is_closing = False
        self.on_name_lost = self._names.on_lost
        self.on_config = self._settings.on_change

    async def start(self) -> None:
        """Connect, and go on without a connection if there is none soon.

        Raises:
            SystemFault: The address for direct streams can't be had.
            UsageError: The service's other gateways have another secret.
        """
        self._leases.direct = self._direct.start()
        self._keeper = self._tasks.keep("the connection to NATS", self._keep_connected)
        try:
            async with asyncio.timeout(_FIRST_CONNECTION_S):
                await asyncio.shield(self._first)
        except TimeoutError:
            self._first.cancel()
            logger.warning("this gateway serves alone: no connection to the NATS servers yet")

    @property
    def parts(self) -> Sequence[Bus]:
        """Return this bus."""
        return (self,)

    def trusts(self, gateway: str) -> bool:
        """Return False: another machine's gateway proves each thing."""
        return False

    @property
    def is_connected(self) -> bool:
        """Whether the servers keep this gateway's lease, and tell it of the others."""
        return self._streams.is_open and self._leases.is_held

    @property
    def problem(self) -> str:
        """What an operator has to know; "" if there is nothing."""
        if self._leases.strangers:
            others = ", ".join(sorted(self._leases.strangers))
            return f"other gateways have another secret ({others}, and not {self._fingerprint})"
        return "" if self.is_connected else "cut off from the other gateways: NATS does not answer"

    def announce(self, entry: SessionEntry) -> None:
        """Announce a session of this gateway."""
        self._entries.announce(entry)

    def withdraw(self, session_id: bytes) -> None:
        """End the announcement of a session."""
        self._entries.withdraw(session_id)

    async def claim_name(self, name: str, claim: Claim, *, is_connected: bool) -> Claim:
        """Claim a fixed name in the whole service; return the claim that is granted.

        Raises:
            UsageError: Another session has it.
            BusAwayError: The gateway is cut off.
        """
        return await self._names.claim(name, claim, is_connected=is_connected)

    def release_name(self, name: str, claim: Claim) -> None:
        """Give up a fixed name, if this claim still holds it."""
        self._tasks.once("giving up a name", self._names.release(name, claim))

    async def push_config(self, payload: bytes) -> None:
        """Give settings to all gateways, also to those that come later.

        Raises:
            BusAwayError: The gateway is cut off.
        """
        await self._settings.push(payload)

    def broadcast(self, topic: Topic, payload: bytes) -> None:
        """Send a message to all other gateways."""
        _check_size(payload)
        self._messages.broadcast(topic, payload)

    def subscribe(self, topic: Topic, take: Callable[[str, bytes], None]) -> None:
        """Call `take` with the sender's name and the payload of each broadcast of a topic."""
        self._messages.subscribe(topic, take)

    async def ask(self, gateway: str, topic: Topic, payload: bytes, *, timeout_s: float) -> bytes:
        """Return another gateway's answer.

        Raises:
            BusAwayError: There was none in time.
        """
        _check_size(payload)
        return await self._messages.ask(gateway, topic, payload, timeout_s=timeout_s)

    def answer(self, topic: Topic, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Answer the questions of a topic."""
        self._messages.answer(topic, answerer)

    async def connect(self, gateway: str, protocol: asyncio.Protocol) -> None:
        """Open a stream of bytes to a gateway, and give its transport to `protocol`.

        Raises:
            BusAwayError: The gateway can't be reached.
        """
        if not await self._direct.connect(gateway, self._leases.direct_of(gateway), protocol):
            await self._streams.connect(gateway, protocol)

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other gateways from now on."""
        self._direct.accept(new_protocol)
        self._streams.accept(new_protocol)

    async def close(self) -> None:
        """Leave the service: the others see this gateway go at once. All streams end."""
        self._is_closing = True
        self._streams.is_open = False
        try:
            if self._connection is not None and self._buckets:
                async with asyncio.timeout(1.0):
                    await self._leases.leave(self._buckets[0])
                    await self._entries.leave(self._buckets[1])
        except FAULTS as error:
            logger.info("this gateway leaves without a word: %s", error or type(error).__name__)
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        # Last: the others know now that this gateway has left, and open no new ones.
        self._streams.end_all("this gateway leaves")
        self._direct.close()

    # The connection.

    async def _keep_connected(self) -> None:
        pause_s = _SHORTEST_PAUSE_S
        while not self._is_closing:
            try:
                await self._serve()
            except* (SystemFault, *FAULTS) as faults:
                log_faults(faults, was_connected=self._was_connected)
            if self._was_connected:
                pause_s, self._was_connected = _SHORTEST_PAUSE_S, False
            await asyncio.sleep(pause_s * uniform(0.5, 1.0))  # noqa: S311 -- it spreads the gateways, and is no secret
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _serve(self) -> None:
        """Serve over one connection until it is lost."""
        connection = NatsConnection(self._next_frame)
        try:
            await connection.open(self._options)
            await connection.subscribe(f"{self._prefix}all", self._take)
            await connection.subscribe(f"{self._prefix}{self.name}.>", self._take)
            await connection.confirm()
            self._connection = connection
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.write())
                group.create_task(self._until_lost(connection))
                self._streams.resume()  # They need no directory.
                await self._join(connection, group)
        finally:
            self._end(connection)
            await connection.close()

    async def _join(self, connection: NatsConnection, group: asyncio.TaskGroup) -> None:
        """Be a part of the service, and never return."""
        synced = [asyncio.Event() for _ in range(4)]
        was_there = self._first.done()
        opened = partial(open_when_led, connection.js, self._config.name, replicas=self._config.replicas)
        leases = await opened("leases", ttl_s=LEASE_S)
        self._leases.begin()
        group.create_task(leases.follow(self._leases.take, synced[0].set))
        if was_there:  # The others must not give this gateway up while another bucket has no leader.
            group.create_task(self._leases.renew(leases))
        sessions = await opened("sessions")
        names = await opened("names", on_disk=True)
        settings = await opened("settings", on_disk=True)
        self._buckets = [leases, sessions, names, settings]
        self._entries.begin(sessions)
        self._names.begin(names)
        self._settings.begin(settings)
        group.create_task(sessions.follow(self._entries.take, synced[1].set))
        group.create_task(names.follow(self._names.take, synced[2].set))
        group.create_task(settings.follow(self._settings.take, synced[3].set))
        async with asyncio.timeout(LEASE_S * 2):
            for each in synced:
                await each.wait()
        self._check_secret()
        self._entries.synced()
        self._streams.is_open = self._was_connected = True
        if not was_there:
            group.create_task(self._leases.renew(leases))
        group.create_task(self._entries.write(sessions))
        await self._names.reconcile()
        logger.info("connected to the service %s by NATS at %s", self._config.name, connection.address)
        await self._tick(sessions)

    async def _tick(self, sessions: Bucket) -> None:
        ticks = 0
        while True:
            ticks += 1
            self._leases.expire()
            if ticks % _TICKS_OF_PROBE == 0:
                self._streams.tick()
            if ticks % _TICKS_OF_TIDYING == 0:
                with contextlib.suppress(*FAULTS):  # The next turn does it.
                    await self._entries.tidy(sessions)
                    await self._names.tidy()
            await asyncio.sleep(_TICK_S)

    @staticmethod
    async def _until_lost(connection: NatsConnection) -> None:
        await connection.until_lost()
        raise SystemFault("the connection to NATS is lost", code="nats")

    def _end(self, connection: NatsConnection) -> None:
        """Go on without a connection: what is known stays."""
        if self._connection is connection:
            self._connection = None
        self._streams.is_open = False
        self._buckets = []
        self._names.begin(None)
        self._settings.begin(None)
        if not self._is_closing:
            self._streams.wait(LEASE_S, "this gateway is cut off from the others")
        self._messages.give_up()

    def _began(self) -> None:
        if not self._first.done():
            self._first.set_result(None)

    def _check_secret(self) -> None:
        """Refuse to start beside gateways of the same service that have another secret, if nobody has ours."""
        if self._first.done() or not self._leases.strangers or len(self.directory.gateways) > 1:
            return
        others = ", ".join(sorted(self._leases.strangers))
        text = f"the gateways of the service {self._config.name!r} have another secret ({others}) than this one "
        self._first.set_exception(
            UsageError(f"{text}({self._fingerprint}): give it a copy of theirs", code="cluster_secret")
        )

    def _gone(self, gateway: str) -> None:
        self._streams.end_with(gateway, f"gateway {gateway} is gone")
        self._messages.give_up(gateway)

    # Announcements that come and go.

    def _take(self, subject: str, payload: bytes) -> None:
        """Take a message of any kind. A bad one is dropped."""
        rest = subject.removeprefix(self._prefix)
        try:
            if rest == "all":
                self._messages.take_broadcast(payload)
            elif rest == f"{self.name}.question":
                self._messages.take_question(payload)
            elif rest == f"{self.name}.answer":
                self._messages.take_answer(payload)
            elif (found := _SUBJECT.match(rest)) is not None and not self._is_near(found[2]):
                self._streams.received(found[2], found[3], payload)
        except PeerError as error:
            logger.warning("a message between gateways is dropped: %s", error)
        except Exception:
            logger.exception("an internal error while taking a message between gateways")

    def _send(self, rest: str, payload: bytes) -> None:
        if self._connection is not None:
            self._connection.send(self._prefix + rest, payload)

    def _send_frame(self, gateway: str, stream_id: str, frame: bytes) -> None:
        self._send(f"{gateway}.stream.{self.name}.{stream_id}", frame)

    def _wake(self) -> None:
        if self._connection is not None:
            self._connection.has_frames()

    def _next_frame(self) -> tuple[str, bytes] | None:
        found = self._streams.next_frame()
        if found is None:
            return None
        gateway, stream_id, frame = found
        return f"{self._prefix}{gateway}.stream.{self.name}.{stream_id}", frame


def _check_size(payload: bytes) -> None:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a message of {len(payload)} bytes between gateways")
