"""The pauses before a gateway is dialled again."""

from __future__ import annotations

import random

from pairterm.outbound.redial import Redial


def pauses(*, is_near: bool, for_s: float) -> list[float]:
    redial, now_s, found = Redial(0.0, random.Random(1)), 0.0, list[float]()
    while now_s < for_s:
        found.append(redial.pause_s(now_s, is_near=is_near))
        now_s += found[-1]
    return found


def test_a_lost_network_is_asked_less_and_less_often() -> None:
    found = pauses(is_near=False, for_s=300)
    assert found[0] <= 0.2
    assert max(found) <= 15
    assert all(pause >= 7.5 for pause in found[8:])


def test_a_gateway_that_restarts_is_asked_every_second_for_two_minutes() -> None:
    found = pauses(is_near=True, for_s=110)
    assert max(found) <= 1.0, "back within two seconds of its return"
    assert max(pauses(is_near=True, for_s=600)) > 5, "but not for ever"


def test_the_hosts_of_a_gateway_do_not_come_in_step() -> None:
    firsts = {Redial(0.0, random.Random(seed)).pause_s(0.0, is_near=False) for seed in range(50)}
    assert len(firsts) == 50
