"""Real gateways of one service that die, stop and are cut off again and again, while a session floods and people type.

A typed line is *acknowledged* when the host has answered its mark: see `tests.e2e.typists`. Each acknowledged line is
in the program's file once, and in order. A line that was not acknowledged is there once or not at all.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.flooded_service import GATEWAYS, Scene, typing
from tests.e2e.gateway_service import open_gateway_service
from tests.e2e.terminal import eventually
from tests.e2e.test_join import join
from tests.e2e.wire import Wire, open_wire
from tests.e2e.world import World
from tests.integration.nats_server import open_nats_server

_KILLS = int(os.environ.get("PAIRTERM_KILLS", "100"))


def processes(world: World) -> int:
    """Return how many processes of pairterm there are."""
    return sum(any("pairterm" in part for part in each.argv) for each in world.processes())


def descriptors(pid: int) -> int:
    """Return how many a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.nightly
def test_gateways_killed_under_a_flood_lose_no_session_and_no_acknowledged_line(world: World, tmp_path: Path) -> None:
    """One after the other is killed, the home and landing gateways in turns, and started again."""
    with open_nats_server(tmp_path) as server, open_gateway_service(world, GATEWAYS, server) as service:
        scene = Scene(service)
        hosts = {name: world.session(name)["pid"] for name in ("flood", "quiet")}
        joined = join(world, scene.links.rw)
        homes = 0
        with typing(scene):
            scene.all_type_on()
            before = {name: descriptors(pid) for name, pid in hosts.items()}, processes(world)
            for number in range(_KILLS):
                home = service.home("flood")
                others = [each for each in service.gateways if each is not home]
                victim = home if number % 2 == 0 else others[number // 2 % len(others)]
                homes += victim is home
                victim.kill()
                victim.launch()
                scene.all_type_on()
                victim.is_started()
            scene.ends()
        joined.sees("flood ended")
        joined.enter("<joined>")
        eventually(lambda: "<joined>\n" in (world.home / "typed").read_text(), "the joined terminal can't type")
        print(f"\n{_KILLS} kills, {homes} of the home gateway: {scene.report()}")
        assert {name: world.session(name)["pid"] for name in hosts} == hosts, "a session was lost"
        eventually(
            lambda: all(descriptors(pid) <= before[0][name] for name, pid in hosts.items()),
            lambda: f"descriptors: {before[0]} before, {[descriptors(pid) for pid in hosts.values()]} now",
        )
        eventually(lambda: processes(world) == before[1], lambda: f"{processes(world)} processes, and not {before[1]}")


_RUNS = 5
_STEPS = 25


class _Chaos:
    """What happens to a service, drawn from a seed."""

    def __init__(self, scene: Scene, ways: list[Wire], seed: int) -> None:
        """`ways`: the way of each gateway to NATS."""
        self._scene = scene
        self._service = scene.service
        self._ways = ways
        self._choices = random.Random(seed)
        self._is_up, self._is_frozen = True, False
        self._cut: set[Wire] = set()
        self.log: list[str] = []

    def step(self) -> None:
        """Let one thing happen."""
        step = self._choices.choice(
            [self.gateway_dies, self.gateway_dies, self.gateway_stops, self.gateway_goes_on, self.gateway_is_cut_off,
             self.gateway_hears_nothing, self.gateways_are_mended, self.nats_dies, self.nats_stops, self.nats_is_back,
             self.hosts_are_cut_off, self.time_passes, self.time_passes, self.all_is_well]
        )  # fmt: skip
        self.log.append(step.__name__)
        step()

    def gateway_dies(self) -> None:
        victim = self._choices.choice(self._service.gateways)
        victim.kill()
        victim.launch()

    def gateway_stops(self) -> None:
        victim = self._choices.choice(self._service.gateways)
        if victim.is_ready:
            victim.freeze()

    def gateway_goes_on(self) -> None:
        for each in self._service.gateways:
            if each.is_frozen:
                each.thaw()

    def gateway_is_cut_off(self) -> None:
        way = self._choices.choice(self._ways)
        if way not in self._cut:
            way.cut()
            self._cut.add(way)

    def gateway_hears_nothing(self) -> None:
        self._choices.choice(self._ways).freeze()

    def gateways_are_mended(self) -> None:
        for each in self._ways:
            each.thaw()
            if each in self._cut:
                each.mend()
        self._cut.clear()

    def nats_dies(self) -> None:
        self._service.server.kill()
        self._is_up = self._is_frozen = False

    def nats_stops(self) -> None:
        if self._is_up:
            self._service.server.freeze()
            self._is_frozen = True

    def nats_is_back(self) -> None:
        if not self._is_up:
            self._service.server.start()
        elif self._is_frozen:
            self._service.server.thaw()
        self._is_up, self._is_frozen = True, False

    def hosts_are_cut_off(self) -> None:
        self._service.balancer.cut()
        self._service.balancer.mend()

    def time_passes(self) -> None:
        time.sleep(self._choices.uniform(0.0, 4.0))  # It is a step, and nothing is waited for.

    def all_is_well(self) -> None:
        """Mend everything, and wait until everybody can type."""
        self.gateway_goes_on()
        self.gateways_are_mended()
        self.nats_is_back()
        for each in self._service.gateways:
            if not each.is_ready:
                each.is_started()
        self._scene.all_type_on()


@pytest.mark.parametrize("seed", range(_RUNS))
def test_whatever_happens_to_gateways_and_nats_no_acknowledged_line_is_lost(
    world: World, tmp_path: Path, seed: int
) -> None:
    """They are killed, stopped, started and cut off from each other in any order. Then each gateway has the session."""
    with ExitStack() as stack:
        server = stack.enter_context(open_nats_server(tmp_path))
        ways = [stack.enter_context(open_wire(server.port)) for _ in range(GATEWAYS)]
        service = stack.enter_context(
            open_gateway_service(world, GATEWAYS, server, urls=[f"nats://127.0.0.1:{each.port}" for each in ways])
        )
        scene = Scene(service)
        chaos = _Chaos(scene, ways, seed)
        try:
            with typing(scene):
                scene.all_type_on()
                for _ in range(_STEPS):
                    chaos.step()
                chaos.all_is_well()
                scene.ends()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {', '.join(chaos.log)}") from error
        print(f"\nseed {seed}: {scene.report()}")
