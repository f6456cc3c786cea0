"""Two machines with two workers each are one service: what goes over their own sockets, and what over NATS.

Real hosts' cores, real gateways without doors, a real nats-server, in one process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from pairterm.access.penalties import GUESSES_AT_ONCE
from pairterm.cluster.service_directory import draw_gateway_name
from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus.bus import BusAwayError, Topic
from pairterm.gateway.bus.local_bus import LocalBus
from pairterm.gateway.bus.machine_bus import MachineBus
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import read_secrets
from pairterm.link.messages import AdmissionRules, InvitationWire
from pairterm.runtime.supervisor import Supervisor
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import StreamEnd, write_secret
from tests.integration.test_relay import sees
from tests.integration.test_shared_limits import Counting
from tests.integration.two_gateways import OWNER, Host, Service, eventually_true, service


class Machine:
    """One machine: its workers share a private directory."""

    def __init__(self, made: Service, directory: Path, config: ClusterConfig, secret: Path) -> None:
        self._made = made
        self._directory = directory
        self._config, self._secret = config, secret
        self._name = draw_gateway_name()
        directory.mkdir(mode=0o700)

    async def worker(self) -> Counting:
        """Start one more worker."""
        self._made.new_bus = self._new_bus
        return Counting(await self._made.gateway(), self._made)

    def _new_bus(self, tasks: Supervisor) -> MachineBus:
        near = LocalBus(self._directory, tasks, machine=self._name)
        return MachineBus(near, self._config, read_secrets(self._secret, self._config.name), tasks, 0)


class Scene:
    """Two machines of two workers, and a hostile gateway's means: the service's secret."""

    def __init__(self, made: Service, server: NatsServer, secret: Path, workers: list[Counting]) -> None:
        self.made, self.server, self.secret = made, server, secret
        self.workers = workers
        self.config = ClusterConfig(nats=[server.url])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


@pytest_asyncio.fixture
async def scene(server: NatsServer, tmp_path: Path) -> AsyncIterator[Scene]:
    secret = tmp_path / "secret"
    write_secret(secret)
    async with service(tmp_path) as made:
        config = ClusterConfig(nats=[server.url])
        machines = [Machine(made, tmp_path / name, config, secret) for name in ("one", "two")]
        workers = [await machine.worker() for machine in machines for _ in range(2)]
        names = {each.gateway.bus.name for each in workers}
        for each in workers:
            await eventually_true(
                lambda each=each: each.gateway.bus.directory.gateways == names,  # type: ignore[misc]
                "the workers do not see each other",
            )
            await eventually_true(
                lambda each=each: len(each.gateway.bus.parts[0].directory.gateways) == 2,  # type: ignore[misc]
                "the workers of a machine do not see each other",
            )
        yield Scene(made, server, secret, workers)


def streams_by_nats(worker: Counting) -> int:
    """Return how many streams a worker has over NATS."""
    _, far = worker.gateway.bus.parts
    assert isinstance(far, NatsBus)
    return len(far._streams)


async def test_guests_of_all_workers_are_in_one_session_and_those_of_its_machine_by_its_own_sockets(
    scene: Scene,
) -> None:
    home, sibling, *others = scene.workers
    host = Host()
    host.connect(home.gateway)
    await scene.made.know(host.tokens.read_write)
    guests = [await each.gateway.lands(host.tokens.read_write) for each in scene.workers]
    host.print(b"hello")
    for number, each in enumerate(guests):
        await sees(each, "hello")
        each.guest.type(b"<%d>" % number)
    for number in range(4):
        text = b"<%d>" % number
        await eventually_true(lambda text=text: text in b"".join(host.typed), "the keys never came")  # type: ignore[misc]
    assert [streams_by_nats(each) for each in scene.workers] == [2, 0, 1, 1]
    assert host.session is not None
    assert len(host.session.relays) == 3
    assert [sibling.gateway.bus.trusts(each.gateway.bus.name) for each in scene.workers] == [True, True, False, False]
    assert not any(each.gateway.bus.trusts(home.gateway.bus.name) for each in others)


async def test_while_nats_is_away_the_workers_of_a_machine_are_one_gateway(scene: Scene) -> None:
    """Also for a spoken code, which only they believe each other."""
    home, sibling, elsewhere, _ = scene.workers
    host = Host()
    session = host.connect(home.gateway)
    code = InvitationWire(host_hash := b"c" * 32, "rw", nameplate="7")
    links = [*session.links.values(), code]
    home.state.directory.admit(session, AdmissionRules(links, [], False))
    await scene.made.know(host.tokens.read_write)
    far = await elsewhere.gateway.lands(host.tokens.read_only)
    scene.server.kill()
    await eventually_true(lambda: far.is_away, "the guest of the other machine was not told")
    near = await sibling.gateway.lands(host.tokens.read_write)
    host.print(b"here")
    await sees(near, "here")
    for _ in range(2 * GUESSES_AT_ONCE):
        home.state.access.penalties.add("192.0.2.1", asyncio.get_running_loop().time())
    await eventually_true(lambda: sibling.tries_left() == 0, "the other worker still takes guesses")
    assert elsewhere.tries_left() == GUESSES_AT_ONCE
    sibling.state.directory.missed("7")
    await eventually_true(lambda: session.tries["7"] == 1, "the wrong word does not count")
    assert host_hash in session.links
    found = await sibling.operator.status_of_all_workers()
    assert found["cluster"]["is_connected"] is False
    assert len(found["workers"]) == 2
    scene.server.start()
    await sees(far, "here")


async def test_what_is_counted_is_counted_once(scene: Scene) -> None:
    """News between the workers of a machine could come twice: by their own sockets, and by NATS."""
    home, *others = scene.workers
    charged: list[list[int]] = []
    for each in others:
        charges: list[int] = []
        charged.append(charges)

        def charge(source: str, times: int, now_s: float, charges: list[int] = charges) -> None:
            charges.append(times)

        each.state.access.penalties.charged_elsewhere = charge  # type: ignore[method-assign]
    home.state.access.penalties.add("192.0.2.1", asyncio.get_running_loop().time())
    Host().connect(home.gateway)
    for each, charges in zip(others, charged, strict=True):
        await eventually_true(lambda charges=charges: charges, "a charge was not told")  # type: ignore[misc]
        await eventually_true(
            lambda each=each: each.state.directory.of_owner_elsewhere(OWNER.id),  # type: ignore[misc]
            "a session was not told",
        )
        await each.others.machines()  # All that came over NATS before this answer has been taken.
    assert charged == [[1], [1], [1]]
    assert [each.state.directory.of_owner_elsewhere(OWNER.id) for each in others] == [1, 1, 1]
    assert [each.state.directory.elsewhere() for each in others] == [1, 0, 0], "a total is a machine's"


async def test_the_operator_sees_one_gateway_for_each_machine(scene: Scene) -> None:
    home, sibling, elsewhere, other = scene.workers
    hosts = [Host(), Host()]
    for each, worker in zip(hosts, (sibling, other), strict=True):
        each.connect(worker.gateway)
    await scene.made.know(hosts[0].tokens.read_write)
    await scene.made.know(hosts[1].tokens.read_write)
    here, there = await home.operator._do({"do": "status", "all": True})
    for status in (here, there):
        assert len(status["workers"]) == 2
        assert [each["session"] for each in status["sessions"]] == ["ours"]
    assert here["cluster"]["gateways"] == 2
    assert here["cluster"]["sessions_elsewhere"] == 1
    assert not home.operator.status()["sessions"]
    await elsewhere.operator._do({"do": "drain"})
    assert [each.drained for each in scene.workers] == [0, 0, 1, 1]
    assert "is out" in await home.others.kick(other.gateway.bus.name, "ours", hosts[1].session.owner.id)  # type: ignore[union-attr]
    assert not other.state.directory.sessions


async def test_a_gateway_elsewhere_can_not_speak_as_a_worker_of_this_machine(scene: Scene) -> None:
    """It has the service's secret, so it can seal messages and open streams in any name."""
    home, sibling, *_ = scene.workers
    secrets = read_secrets(scene.secret, scene.config.name)
    evil = NatsBus(scene.config, secrets, scene.made.tasks, name=sibling.gateway.bus.name)
    await evil.start()
    try:
        await eventually_true(lambda: home.gateway.bus.name in evil.directory.gateways, "it does not see the victim")
        evil._messages.number = 1 << 40
        with pytest.raises(BusAwayError):
            await evil.ask(home.gateway.bus.name, Topic.DRAIN, b"", timeout_s=1.0)
        with pytest.raises(BusAwayError):
            await evil.connect(home.gateway.bus.name, StreamEnd())
    finally:
        await evil.close()
    assert home.drained == 0
