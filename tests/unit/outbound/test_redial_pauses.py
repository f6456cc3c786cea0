"""The pauses before a gateway is dialled again."""

from __future__ import annotations

import random

from pairterm.outbound.redial_pauses import RedialPauses


def pauses(*, is_near: bool, for_s: float) -> list[float]:
    redial, now_s, found = RedialPauses(random.Random(1)), 0.0, list[float]()
    while now_s < for_s:
        found.append(redial.pause_s(is_near=is_near))
        now_s += found[-1]
    return found


def test_a_lost_network_is_asked_less_and_less_often() -> None:
    found = pauses(is_near=False, for_s=300)
    assert found[0] <= 0.2
    assert max(found) <= 15
    assert all(pause >= 7.5 for pause in found[8:])


def test_a_machine_that_answers_is_asked_every_second_for_hours() -> None:
    found = pauses(is_near=True, for_s=7200)
    assert max(found) <= 1.0, "its gateway has the session within two seconds of its return"
    assert sum(found) / len(found) > 0.5, "but not without a pause"


def test_a_machine_that_answers_again_is_asked_every_second_at_once() -> None:
    redial = RedialPauses(random.Random(1))
    for _ in range(20):
        redial.pause_s(is_near=False)
    assert redial.pause_s(is_near=True) <= 1.0


def test_the_hosts_of_a_gateway_do_not_come_in_step() -> None:
    firsts = {RedialPauses(random.Random(seed)).pause_s(is_near=False) for seed in range(50)}
    assert len(firsts) == 50
