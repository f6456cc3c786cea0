"""A service of three gateways with a session that floods, a quiet one, and people who type into the first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from tests.e2e.gateway_service import GatewayService, at
from tests.e2e.terminal import eventually
from tests.e2e.typists import Typist
from tests.e2e.world import Link, Links

__all__ = ["GATEWAYS", "Scene", "typing"]

GATEWAYS = 3

_TYPISTS = 3

_FLOOD = "stty -echo\n(while [ ! -e stop ]; do seq 1 4000; sleep 0.01; done; echo flood ended) &\ncat >typed\n"


class Scene:
    """A service with a session that floods, a quiet one, and people who type into the first."""

    def __init__(self, service: GatewayService) -> None:
        self.service = service
        self.world = service.world
        script = self.world.home / "flood.sh"
        script.write_text(_FLOOD)
        self.links: Links = service.new("flood", "sh", str(script))
        self.quiet = service.new("quiet", "sh", "-c", "echo still-$((40+2)); exec cat")
        self.typists = [Typist(f"t{number}-", self._dials(number)) for number in range(_TYPISTS)]

    def _dials(self, number: int) -> Callable[[], Link]:
        """Return how a typist dials: each begins at another gateway, and goes on to the next one that is healthy."""
        turn = number

        def link() -> Link:
            nonlocal turn
            healthy = [each.port for each in self.service.gateways if each.is_healthy]
            turn += 1
            if not healthy:
                raise ConnectionRefusedError
            return at(self.links.rw, healthy[turn % len(healthy)])

        return link

    def all_type_on(self, lines: int = 2, typists: Sequence[Typist] = ()) -> None:
        """Wait until each of them, or of `typists`, has so many more lines acknowledged."""
        wanted = {each: len(each.acknowledged) + lines for each in typists or self.typists}
        eventually(
            lambda: all(len(each.acknowledged) >= count for each, count in wanted.items()),
            lambda: f"nobody acknowledges: {self.typists}",
        )

    def ends(self) -> None:
        """End the flood, and check everything that must not be lost."""
        world = self.world
        (world.home / "stop").touch()
        self.all_type_on()
        for each in self.typists:
            each.is_over = True
        owner = world.attach("flood")
        owner.sees("flood ended")
        alias = ("-o", f"HostKeyAlias=[127.0.0.1]:{self.links.rw.port}")
        for gateway in self.service.gateways:
            guest = world.ssh(at(self.links.ro, gateway.port), *alias)
            guest.sees("flood ended")
            eventually(
                lambda guest=guest: not guest.picture().differs_from(owner.picture()),  # type: ignore[misc]
                lambda guest=guest: guest.picture().differs_from(owner.picture()),  # type: ignore[misc]
            )
            guest.close()
            quiet = world.ssh(at(self.quiet.ro, gateway.port), *alias)
            quiet.sees("still-42")
            quiet.close()
        owner.close()
        self.check_lines()

    def check_lines(self) -> None:
        """Check that each acknowledged line is in the file once, in order, and each other one at most once."""
        text = (self.world.home / "typed").read_text()
        for each in self.typists:
            numbers = [int(found) for found in re.findall(rf"<{each.name}(\d+)>\n", text)]
            assert numbers == sorted(set(numbers)), f"{each.name}: a line came twice, or too late"
            missing = sorted(set(each.acknowledged) - set(numbers))
            assert not missing, f"{each.name}: acknowledged lines are lost: {missing[:9]}"

    def report(self) -> str:
        """Return what happened, in a line."""
        lines = sum(each.typed for each in self.typists)
        acknowledged = sum(len(each.acknowledged) for each in self.typists)
        losses = sum(each.losses for each in self.typists)
        times_away = sum(each.times_away for each in self.typists)
        return f"{lines} lines, {acknowledged} acknowledged; {losses} connections lost, {times_away} times host away"


@contextmanager
def typing(scene: Scene) -> Iterator[None]:
    """Let everybody type, on a loop in a thread of its own."""

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for each in scene.typists:
                group.create_task(each.stay())

    faults: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(all_of_them())
        except BaseException as fault:
            faults.append(fault)

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        for each in scene.typists:
            each.is_over = True
        thread.join()
    assert not faults, faults
