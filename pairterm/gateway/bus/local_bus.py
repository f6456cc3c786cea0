"""The bus of the workers of one machine: Unix sockets in a private directory, and nothing to install.

Each worker listens at a socket with its name there, and connects to all others. On its connection it announces
all of its sessions, and then each change. The connection is the lease: when a worker dies, the
kernel closes it, and its entries are gone at once. Directory and sockets belong to the gateway's uid,
and the kernel says whose each connection is. So a worker believes what another says about its guests.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from weakref import WeakSet

from pairterm.access.name_claims import Claim
from pairterm.cluster.bus_messages import (
    Announce,
    Answer,
    Ask,
    Broadcast,
    BusMessage,
    GatewayHello,
    NameLost,
    Withdraw,
)
from pairterm.cluster.service_directory import ServiceDirectory, SessionEntry, draw_gateway_name
from pairterm.errors import PeerError, SystemFault, UsageError
from pairterm.gateway.bus.bus import Bus, BusAwayError, Topic
from pairterm.gateway.bus.local_names import LocalNames
from pairterm.gateway.bus.local_wire import ArrivingWire, LeavingWire, OpeningStream
from pairterm.runtime.socket_peer import peer_uid
from pairterm.runtime.supervisor import Supervisor

__all__ = ["LocalBus"]

logger = logging.getLogger(__name__)

_LOOK_S = 1.0
"""How often workers that have come, or read again, are looked for. One that comes also says so itself."""

_FIRST_NEWS_S = 1.0
"""How long a worker that starts waits for what the others announce, before it takes guests."""

_BACKLOG = 1024

_MAX_ANSWERING = 64
"""Questions of other workers that are answered at a time."""


class LocalBus:
    """The bus of one worker."""

    def __init__(self, path: Path, tasks: Supervisor, *, machine: str = "", is_trusted: bool = True) -> None:
        """`path` is the workers' directory. `machine` is what they have in common: see `ServiceDirectory.machine_of`.

        Without `is_trusted`, nobody is believed: see `Bus.trusts`.
        """
        self._path = path
        self._tasks = tasks
        self._is_trusted = is_trusted
        self._name = draw_gateway_name()
        self._directory = ServiceDirectory(self._name, machine)
        self._revisions = itertools.count(1)
        self._names = LocalNames(path, self._name)
        self._on_name_lost: list[Callable[[str, Claim], None]] = []
        self._leaving: dict[str, LeavingWire] = {}
        self._dialling: set[str] = set()
        self._arrived: dict[str, ArrivingWire] = {}
        self._takers: dict[str, Callable[[str, bytes], None]] = {}
        self._answerers: dict[str, Callable[[str, bytes], Awaitable[bytes]]] = {}
        self._new_stream: Callable[[str], asyncio.Protocol] | None = None
        self._streams: WeakSet[asyncio.Transport] = WeakSet()
        self._numbers = itertools.count(1)
        self._asked: dict[int, tuple[str, asyncio.Future[bytes]]] = {}
        self._answering = 0
        self._server: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._has_come = asyncio.Event()

    @property
    def name(self) -> str:
        """This gateway's name."""
        return self._name

    @property
    def directory(self) -> ServiceDirectory:
        """The copy of the directory."""
        return self._directory

    @property
    def parts(self) -> Sequence[Bus]:
        """Return this bus."""
        return (self,)

    def trusts(self, gateway: str) -> bool:
        """Return True: all workers run under this uid."""
        return self._is_trusted

    @property
    def is_connected(self) -> bool:
        """Return True: the other workers are on this machine."""
        return self._server is not None

    @property
    def problem(self) -> str:
        """Return "": nothing can be wrong between workers that their log does not say."""
        return ""

    # The start and the end.

    async def start(self) -> None:
        """Listen, and connect to the workers that are there.

        Raises:
            SystemFault: The directory can't be used.
        """
        sock = socket.socket(socket.AF_UNIX)
        try:
            if self._path.stat().st_uid != os.getuid() or self._path.stat().st_mode & 0o077:
                raise SystemFault(f"{self._path} is not this gateway's own directory", code="workers")
            sock.bind(str(self._path / self._name))
            sock.listen(_BACKLOG)
        except OSError as error:
            sock.close()
            raise SystemFault(f"can't listen in {self._path}: {error.strerror}", code="workers") from error
        sock.setblocking(False)
        self._server = sock
        self._accepting = self._tasks.keep("taking connections of workers", self._take_connections)
        await self._look()
        self._tasks.keep("looking for workers", self._look_again)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_NEWS_S):
                while self._leaving.keys() - self._arrived.keys():
                    self._has_come.clear()
                    await self._has_come.wait()

    async def close(self) -> None:
        """Leave: the other workers see this one go at once."""
        for leaving in self._leaving.values():
            leaving.close()
        for arrived in self._arrived.values():
            arrived.close()
        for stream in list(self._streams):
            stream.close()
        if self._server is not None:
            server, self._server = self._server, None
            if self._accepting is not None:
                self._accepting.cancel()
            asyncio.get_running_loop().remove_reader(server.fileno())
            with contextlib.suppress(OSError):
                (self._path / self._name).unlink()
            server.close()
        await asyncio.sleep(0)  # The streams are told of their end.

    async def _take_connections(self) -> None:
        loop = asyncio.get_running_loop()
        while self._server is not None:
            sock, _ = await loop.sock_accept(self._server)
            try:
                uid = peer_uid(sock)
            except OSError:
                sock.close()  # It is gone already.
                continue
            if uid != os.getuid():
                logger.error("a process of uid %d connected as a worker", uid)
                sock.close()
                continue
            await loop.connect_accepted_socket(self._arriving, sock)

    def _arriving(self) -> ArrivingWire:
        return ArrivingWire(self._hello, self._take, self._lost, self._stream)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            await self._look()

    async def _look(self) -> None:
        """Connect to every worker to which there is no connection."""
        for each in os.listdir(self._path):
            if len(each) == len(self._name) and each != self._name:
                await self._dial(each)

    async def _dial(self, gateway: str) -> None:
        if gateway in self._leaving or gateway in self._dialling or self._server is None:
            return
        self._dialling.add(gateway)
        wire = LeavingWire(self._name, lambda: self._unreachable(gateway, wire))
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: wire, str(self._path / gateway))
        except ConnectionRefusedError:  # It is dead.
            with contextlib.suppress(OSError):
                (self._path / gateway).unlink()
        except OSError as error:
            logger.debug("worker %s can't be reached: %s", gateway, error)
        else:
            self._leaving[gateway] = wire
            for entry in self._directory.entries_of(self._name):
                wire.send(Announce(entry))
        finally:
            self._dialling.discard(gateway)

    def _unreachable(self, gateway: str, wire: LeavingWire) -> None:
        if self._leaving.get(gateway) is wire:
            del self._leaving[gateway]
        for asked, answer in list(self._asked.values()):
            if asked == gateway and not answer.done():
                answer.set_exception(BusAwayError(f"the worker {gateway} is gone", code="unreachable"))

    # Messages of other workers.

    def _hello(self, wire: ArrivingWire, gateway: str) -> None:
        former = self._arrived.get(gateway)
        self._arrived[gateway] = wire
        if former is not None:
            former.close()
            self._directory.gateway_went(gateway)
        self._directory.gateway_came(gateway, self._directory.machine)
        self._has_come.set()
        self._tasks.once("connecting to a worker", self._dial(gateway))

    def _lost(self, wire: ArrivingWire, gateway: str) -> None:
        if self._arrived.get(gateway) is wire:
            del self._arrived[gateway]
            self._directory.gateway_went(gateway)

    def _take(self, gateway: str, message: BusMessage) -> None:
        match message:
            case Announce(entry=entry):
                if entry.gateway != gateway:
                    raise PeerError("a gateway announces another's session", code="bad_message")
                self._directory.announce(entry, next(self._revisions))
            case Withdraw(session_id=session_id):
                self._directory.withdraw(gateway, session_id)
            case Broadcast(topic=topic, payload=payload):
                self._take_broadcast(gateway, topic, payload)
            case Ask(number=number, topic=topic, payload=payload):
                self._take_question(gateway, number, topic, payload)
            case Answer(number=number, payload=payload):
                asked, answer = self._asked.get(number, ("", None))
                if answer is None or asked != gateway or answer.done():
                    return
                if payload is None:
                    answer.set_exception(BusAwayError(f"the worker {gateway} has no answer", code="no_answer"))
                else:
                    answer.set_result(payload)
            case NameLost(name=name, owner=owner, instance=instance, generation=generation):
                for each in self._on_name_lost:
                    each(name, Claim(owner, instance, generation))
            case GatewayHello():
                raise PeerError("hello twice", code="unexpected_message")

    def _take_broadcast(self, gateway: str, topic: str, payload: bytes) -> None:
        take = self._takers.get(topic)
        if take is None:
            return
        try:
            take(gateway, payload)
        except PeerError as error:
            logger.warning("a message of the worker %s dropped: %s", gateway, error)

    def _take_question(self, gateway: str, number: int, topic: str, payload: bytes) -> None:
        answerer = self._answerers.get(topic)
        if answerer is None or self._answering >= _MAX_ANSWERING:
            self._tell(gateway, Answer(number, None))
            return
        self._answering += 1
        self._tasks.once("answering a worker", self._answer(gateway, number, answerer, payload))

    async def _answer(
        self, gateway: str, number: int, answerer: Callable[[str, bytes], Awaitable[bytes]], payload: bytes
    ) -> None:
        said: bytes | None = None
        try:
            said = await answerer(gateway, payload)
        except PeerError as error:
            logger.warning("a question of the worker %s: %s", gateway, error)
        finally:
            self._answering -= 1
            self._tell(gateway, Answer(number, said))

    def _tell(self, gateway: str, message: BusMessage) -> None:
        wire = self._leaving.get(gateway)
        if wire is not None:
            wire.send(message)

    # See `Bus`.

    def announce(self, entry: SessionEntry) -> None:
        """Announce a session of this worker."""
        self._directory.announce(entry, next(self._revisions))
        for wire in list(self._leaving.values()):
            wire.send(Announce(entry))

    def withdraw(self, session_id: bytes) -> None:
        """End the announcement of a session."""
        self._directory.withdraw(self._name, session_id)
        for wire in list(self._leaving.values()):
            wire.send(Withdraw(session_id))

    async def claim_name(self, name: str, claim: Claim, *, is_connected: bool) -> Claim:
        """Claim a fixed name among the workers."""
        granted, lost = self._names.claim(
            name,
            claim,
            is_connected=is_connected,
            is_alive=self._directory.is_alive,
            now_ms=time.time_ns() // 1_000_000,
        )
        if lost is not None and lost.gateway != self._name:
            self._tell(lost.gateway, NameLost(name, lost.owner, lost.instance, lost.generation))
        return granted

    def release_name(self, name: str, claim: Claim) -> None:
        """Give back a fixed name."""
        self._names.release(name, claim)

    @property
    def on_name_lost(self) -> list[Callable[[str, Claim], None]]:
        """Are called when a newer claim of another worker has taken a name from a claim of this one."""
        return self._on_name_lost

    def broadcast(self, topic: Topic, payload: bytes) -> None:
        """Send a message to all other workers."""
        for wire in list(self._leaving.values()):
            wire.send(Broadcast(topic.value, payload))

    def subscribe(self, topic: Topic, take: Callable[[str, bytes], None]) -> None:
        """Call `take` with each broadcast of a topic."""
        self._takers[topic.value] = take

    async def ask(self, gateway: str, topic: Topic, payload: bytes, *, timeout_s: float) -> bytes:
        """Return another worker's answer."""
        wire = self._leaving.get(gateway)
        if wire is None:
            raise BusAwayError(f"the worker {gateway} is gone", code="unreachable")
        number = next(self._numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = (gateway, answer)
        try:
            wire.send(Ask(number, topic.value, payload))
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError as error:
            raise BusAwayError(f"the worker {gateway} does not answer", code="no_answer") from error
        finally:
            del self._asked[number]

    def answer(self, topic: Topic, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Answer the questions of a topic."""
        self._answerers[topic.value] = answerer

    @property
    def on_config(self) -> list[Callable[[bytes], None]]:
        """Are never called: workers have one configuration file."""
        return []

    async def push_config(self, payload: bytes) -> None:
        """Refuse it."""
        raise UsageError("workers of one machine have one configuration file: change that", code="no_cluster")

    async def connect(self, gateway: str, protocol: asyncio.Protocol) -> None:
        """Open a stream to another worker, or to this one."""
        stream = OpeningStream(self._name, protocol)
        try:
            transport, _ = await asyncio.get_running_loop().create_unix_connection(
                lambda: stream, str(self._path / gateway)
            )
            self._streams.add(transport)
        except OSError as error:
            raise BusAwayError(f"the worker {gateway} is gone", code="unreachable") from error

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other workers from now on."""
        self._new_stream = new_protocol

    def _stream(self, gateway: str, transport: asyncio.Transport) -> asyncio.Protocol:
        if self._new_stream is None:
            raise PeerError("no streams are taken yet", code="too_early")
        self._streams.add(transport)
        return self._new_stream(gateway)
