"""Every attack of `make attacks` runs, is bounded, and leaves the gateway serving the honest guest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

import tests.attacks.__main__
from tests.attacks.honest import measure
from tests.attacks.registry import ATTACKS, Attack
from tests.attacks.stage import Stage, open_stage
from tests.e2e.terminal import DEADLINE_S

MAX_WAITING_BYTES = (1 << 20) + (256 << 10)
"""What may wait in the gateway for one that does not read, and in its kernel."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with open_stage(tests.attacks.__main__.HERE) as opened:
        yield opened


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=lambda each: each.name)
async def test_an_attack_is_bounded_and_the_honest_guest_is_served(stage: Stage, attack: Attack) -> None:
    # An attack that is ended is over then: on a busy machine it comes to that later.
    seconds = DEADLINE_S if attack.is_ended else attack.smoke_seconds
    running = stage.begin(attack, seconds=seconds, count=attack.smoke_count)
    counts = await asyncio.to_thread(stage.finish, running, seconds=seconds)
    assert counts is not None, "the attack never ended"
    assert 0 < counts.sent <= attack.smoke_count
    assert counts.is_parted or not attack.is_ended, "it sent more than anybody may, and was not disconnected"
    assert counts.answers <= MAX_WAITING_BYTES, "so much waits for one that does not read"
    found = await measure(stage.door, 0.1)
    assert found.echoes
    assert found.logins
