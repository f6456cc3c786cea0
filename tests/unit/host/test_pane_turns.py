"""When panes are read while somebody types in one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pairterm.host.pane_turns import ReadingPace, ReadingTurn


class Panes:
    """Two panes of one session, and the functions that the next turn of the loop calls."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], None]] = []
        turn = ReadingTurn(self.soon.append)
        self.flood, self.other = ReadingPace(turn), ReadingPace(turn)

    def next_turn(self) -> None:
        """Begin the next turn of the loop."""
        soon, self.soon[:] = self.soon[:], []
        for call in soon:
            call()


def test_without_a_typist_a_pane_is_read_for_a_whole_turn() -> None:
    panes = Panes()
    assert panes.flood.has_read(10.0)
    assert panes.other.has_read(10.001)
    assert not panes.flood.has_read(10.0025), "all panes share the turn"
    assert panes.flood.due_s(10.0025) == 10.0025, "it may be read in the next turn"
    panes.next_turn()
    assert panes.flood.has_read(10.003)


def test_the_echo_of_a_key_does_not_wake_the_loop_again() -> None:
    panes = Panes()
    panes.other.typed(10.0)
    assert not panes.other.has_read(10.0, has_more=False)
    assert panes.soon == []


def test_a_busy_pane_rests_while_somebody_types_in_another() -> None:
    panes = Panes()
    panes.other.typed(10.0)
    assert panes.flood.due_s(10.0) == 10.0, "a quiet pane is read at once"
    assert not panes.flood.has_read(10.001), "a busy pane is read for one piece"
    assert panes.flood.due_s(10.002) == pytest.approx(10.009)
    assert panes.other.due_s(10.002) == 10.002, "the echo is read at once"
    assert panes.flood.due_s(10.01) <= 10.01


def test_a_busy_pane_waits_for_the_echo_of_each_key_but_not_for_ever() -> None:
    panes = Panes()
    panes.other.typed(10.0)
    panes.flood.has_read(10.0)
    now_s = 10.0
    while now_s < 11.0:
        now_s += 0.001
        panes.other.typed(now_s)
        if panes.flood.due_s(now_s) <= now_s:
            break
    assert 10.0315 < now_s < 10.0335


def test_a_pane_in_which_somebody_types_never_rests() -> None:
    """Two people type in two panes, and one of them starts a flood: they see its output, and C-c, at once."""
    panes = Panes()
    panes.flood.typed(10.0)
    panes.other.typed(10.5)
    assert panes.flood.has_read(10.6)
    assert panes.flood.due_s(10.601) == 10.601


def test_a_pane_no_longer_rests_when_nobody_types() -> None:
    panes = Panes()
    panes.other.typed(10.0)
    assert not panes.flood.has_read(10.999)
    assert panes.flood.due_s(11.001) == 11.001
