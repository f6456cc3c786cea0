"""A gateway, or the NATS server, is stopped (`kill -STOP`) while a session floods: that costs nobody else anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.flooded_service import GATEWAYS, Scene, typing
from tests.e2e.gateway_service import open_gateway_service
from tests.e2e.world import World
from tests.integration.nats_server import open_nats_server

_LINES = 10
"""Lines that are typed, and acknowledged, while something is stopped."""


@pytest.mark.slow
def test_others_type_on_while_a_gateway_or_nats_is_stopped_and_nothing_is_lost(world: World, tmp_path: Path) -> None:
    with open_nats_server(tmp_path) as server, open_gateway_service(world, GATEWAYS, server) as service:
        scene = Scene(service)
        home = service.home("flood")
        stopped = next(each for each in service.gateways if each is not home)
        with typing(scene):
            scene.all_type_on()
            others = [each for each in scene.typists if each.port != stopped.port]
            at_home = [each for each in scene.typists if each.port == home.port]
            assert len(others) == 2
            assert len(at_home) == 1
            losses = [each.losses for each in others]
            stopped.freeze()
            scene.all_type_on(_LINES, others)
            stopped.thaw()
            scene.all_type_on()
            server.freeze()
            scene.all_type_on(_LINES, at_home)
            server.thaw()
            scene.all_type_on()
            assert [each.losses for each in others] == losses, "somebody was disconnected"
            assert not any(each.times_away for each in at_home)
        scene.check_lines()
