"""Law 16: with any number of gateways, killed and restarted in any order, an invitation leads to its session within the
lease, and never to two.

Real gateways without doors, real hosts' cores, a real nats-server, and a proxy between each gateway and NATS. The
steps come in any order: gateways start and die, hosts move and come back, NATS is killed, stopped and started, gateways
are cut off from it. Then everything is mended, and each link has to lead to its own session from each gateway.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from pairterm.cluster_config import ClusterConfig
from pairterm.gateway.bus.nats_bus import NatsBus
from pairterm.gateway.bus.service_secret import new_secret, read_secrets
from pairterm.runtime.supervisor import Supervisor
from tests.integration.cut_proxy import CutProxy, open_proxy
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import die
from tests.integration.test_relay import text_of
from tests.integration.two_gateways import Gateway, Host, Service, service
from tests.laws.link.test_resume import Watcher
from tests.length import by_day

pytestmark = pytest.mark.long

_STEPS = by_day(8, at_night=25)
_RUNS = by_day(1, at_night=40)
_MOST_GATEWAYS = 4
_SETTLES_S = 30.0
"""The lease, the pauses between two tries of a relay, and a machine that is busy with other tests."""


class _World:
    """A service with two hosts, and what happens to it."""

    def __init__(
        self, made: Service, server: NatsServer, stack: AsyncExitStack, secret: Path, choices: random.Random
    ) -> None:
        self._made = made
        self._server = server
        self._stack = stack
        self._secret = secret
        self._choices = choices
        self._is_up, self._is_frozen = True, False
        self._proxies: dict[Gateway, CutProxy] = {}
        self._proxy: CutProxy | None = None
        self._homes: dict[Host, Gateway | None] = {}
        self._watchers: list[tuple[Gateway, Host, Watcher]] = []
        self._typed = 0
        self.log: list[str] = []

    def new_bus(self, tasks: Supervisor) -> NatsBus:
        assert self._proxy is not None
        config = ClusterConfig(nats=[self._proxy.url])
        return NatsBus(config, read_secrets(self._secret, config.name), tasks)

    async def begin(self) -> None:
        for _ in range(2):
            await self.gateway_starts()
        for _ in range(2):
            self._homes[Host()] = None
        self._hosts_come()

    @property
    def _gateways(self) -> list[Gateway]:
        return list(self._proxies)

    async def step(self) -> None:
        steps: list[Callable[[], object]] = [
            self.gateway_starts, self.gateway_dies, self.gateway_is_cut_off, self.gateway_is_mended,
            self.gateway_stalls, self.host_moves, self.host_moves, self.guest_lands, self.guest_lands,
            self.nats_dies, self.nats_freezes, self.nats_comes_back, self.time_passes, self.time_passes,
        ]  # fmt: skip
        step = self._choices.choice(steps)
        self.log.append(step.__name__)
        done = step()
        if asyncio.iscoroutine(done):
            await done

    async def gateway_starts(self) -> None:
        if len(self._proxies) >= _MOST_GATEWAYS or not self._is_up or self._is_frozen:
            return
        self._proxy = await self._stack.enter_async_context(open_proxy(self._server.port))
        self._proxies[await self._made.gateway()] = self._proxy

    def gateway_dies(self) -> None:
        if len(self._proxies) < 2:
            return
        dead = self._choices.choice(self._gateways)
        die(dead.bus)  # type: ignore[arg-type]  # They are all by NATS.
        self._proxies.pop(dead).cut()
        self._made.gateways.remove(dead)
        self._made.dead.append(dead)
        self._watchers = [each for each in self._watchers if each[0] is not dead]
        for host, home in self._homes.items():
            if home is dead:
                self._homes[host] = None
                host.lose_link()
        if self._choices.random() < 0.7:
            self._hosts_come()

    def gateway_is_cut_off(self) -> None:
        self._choices.choice(list(self._proxies.values())).cut()

    def gateway_stalls(self) -> None:
        self._choices.choice(list(self._proxies.values())).stall()

    def gateway_is_mended(self) -> None:
        self._choices.choice(list(self._proxies.values())).mend()

    def host_moves(self) -> None:
        host = self._choices.choice(list(self._homes))
        if self._homes[host] is not None:
            host.lose_link()
        self._homes[host] = None
        self._hosts_come()

    async def guest_lands(self) -> None:
        gateway, host = self._choices.choice(self._gateways), self._choices.choice(list(self._homes))
        token = self._choices.choice([host.tokens.read_write, host.tokens.read_only])
        try:
            async with asyncio.timeout(3):
                self._watchers.append((gateway, host, await gateway.knocks(token)))
        except (AssertionError, TimeoutError):
            self.log.append("(no session)")  # Nobody promises one now.

    def nats_dies(self) -> None:
        self._server.kill()
        self._is_up = self._is_frozen = False

    def nats_freezes(self) -> None:
        if self._is_up:
            self._server.freeze()
            self._is_frozen = True

    def nats_comes_back(self) -> None:
        if not self._is_up:
            self._server.start()
        elif self._is_frozen:
            self._server.thaw()
        self._is_up, self._is_frozen = True, False

    async def time_passes(self) -> None:
        await asyncio.sleep(self._choices.uniform(0.0, 4.0))

    def _hosts_come(self) -> None:
        for host, home in self._homes.items():
            if home is None:
                gateway = self._choices.choice(self._gateways)
                self._homes[host] = gateway
                host.connect(gateway)

    async def settles(self) -> None:
        """Mend everything, and check the law."""
        self.nats_comes_back()
        for each in self._proxies.values():
            each.mend()
        self._hosts_come()
        for host in self._homes:
            for gateway in self._gateways:
                await self._leads_to(gateway, host)
        for _, host, watcher in self._watchers:
            await self._until(partial(self._follows, watcher, host), "a guest who was there before")

    def _follows(self, watcher: Watcher, host: Host) -> bool:
        return watcher.is_over or self._shows(watcher, host)

    async def _leads_to(self, gateway: Gateway, host: Host) -> None:
        """A guest who lands at a gateway comes to a host, sees it, and types there once, and nowhere else."""
        async with asyncio.timeout(_SETTLES_S):
            while (watcher := await self._joined(gateway, host)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await self._until(lambda: self._shows(watcher, host), "a picture")
        self._typed += 1
        text = f"<{self._typed}>".encode()
        watcher.guest.type(text)
        await self._until(lambda: text in b"".join(host.typed), "what was typed")
        for each in self._homes:
            assert b"".join(each.typed).count(text) == (each is host), "it was typed twice, or into another session"
        watcher.guest.leave()

    async def _joined(self, gateway: Gateway, host: Host) -> Watcher | None:
        """Return a guest whom the host let in; None: it takes longer than a second, or there is no session."""
        try:
            watcher = await gateway.knocks(host.tokens.read_write)
        except AssertionError:
            return None
        for _ in range(100):
            if watcher.roles:
                return watcher
            await asyncio.sleep(0.01)
        watcher.guest.leave()
        return None

    def _shows(self, watcher: Watcher, host: Host) -> bool:
        """Print the mark of a host again, and return whether a guest sees it. They never see another host's."""
        marks = {each: f"host{number}" for number, each in enumerate(self._homes)}
        host.print(f"\r{marks[host]}".encode())
        shown = text_of(watcher)
        assert not any(mark in shown for each, mark in marks.items() if each is not host), "another session is shown"
        return marks[host] in shown

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        async with asyncio.timeout(_SETTLES_S):
            while not is_so():  # noqa: ASYNC110 -- it is the state of several objects
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("seed", range(_RUNS))
async def test_a_link_leads_to_its_session_from_each_gateway_whatever_happened(seed: int, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(new_secret())
    worlds: list[_World] = []
    with open_nats_server(tmp_path) as server:
        async with AsyncExitStack() as stack:
            made = await stack.enter_async_context(service(tmp_path, new_bus=lambda tasks: worlds[0].new_bus(tasks)))
            world = _World(made, server, stack, secret, random.Random(seed))
            worlds.append(world)
            await world.begin()
            try:
                for _ in range(_STEPS):
                    await world.step()
                await world.settles()
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"seed {seed}: {', '.join(world.log)}") from error
