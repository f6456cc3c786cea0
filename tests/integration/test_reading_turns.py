"""How long one turn of the host's loop reads the output of programs."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import cast

import pytest

from pairterm.host.pane_turns import ReadingTurn
from pairterm.host.program_pump import ProgramPump
from pairterm.host.pty import PIECE_BYTES, PtyProgram

PANES = 5


class Flood:
    """A program that always has more output than one turn can take."""

    def __init__(self) -> None:
        self.master, self._other = os.pipe()
        os.write(self._other, b"x")

    def read(self) -> tuple[bytes, bool]:
        """Return a full piece."""
        return b"x" * PIECE_BYTES, True

    def write(self, data: bytes) -> bool:
        """Take input."""
        return True

    def close(self) -> None:
        """Close both ends."""
        os.close(self.master)
        os.close(self._other)


async def test_panes_that_flood_share_one_reading_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each had 20 ms of its own: with five floods, a key and the echo in a quiet pane waited for 100 ms."""
    loop = asyncio.get_running_loop()
    now_s, turn = 0.0, 0
    pieces: Counter[tuple[int, int]] = Counter()

    def read_for_a_millisecond(pane: int) -> None:
        nonlocal now_s
        now_s += 0.001
        pieces[turn, pane] += 1

    monkeypatch.setattr(loop, "time", lambda: now_s)
    shared = ReadingTurn(loop.call_soon)
    pumps = [
        ProgramPump(
            cast(PtyProgram, Flood()),
            shared,
            on_output=lambda _, pane=pane: read_for_a_millisecond(pane),  # type: ignore[misc]
            on_end=lambda _: None,
        )
        for pane in range(PANES)
    ]
    for turn in range(1, 20):  # noqa: B007
        await asyncio.sleep(0)
    for pump in pumps:
        pump.hang_up()
    monkeypatch.undo()
    assert {pane for _, pane in pieces} == set(range(PANES)), "a pane is never read"
    a_turn = Counter[int]()
    for (number, _), count in pieces.items():
        a_turn[number] += count
    assert max(a_turn.values()) <= PANES + 2, "the panes read one after the other, each for a whole turn"


async def test_a_flood_gives_way_to_the_pane_in_which_somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """The echo waited for the flood: for the host's time, and in the kernel for the processor. It took 18 ms, not 2."""
    loop = asyncio.get_running_loop()
    now_s = 100.0
    read: Counter[str] = Counter()

    def read_for_a_tenth_of_a_millisecond(pane: str) -> None:
        nonlocal now_s
        now_s += 0.0001
        read[pane] += 1

    monkeypatch.setattr(loop, "time", lambda: now_s)
    shared = ReadingTurn(loop.call_soon)

    def pump(pane: str) -> ProgramPump:
        program = cast(PtyProgram, Flood())
        return ProgramPump(
            program, shared, on_output=lambda _: read_for_a_tenth_of_a_millisecond(pane), on_end=lambda _: None
        )

    flood, typed = pump("flood"), pump("typed")
    typed.write(b"x")
    for _ in range(3):
        await asyncio.sleep(0)
    assert read["flood"] == 1, "a flood rests after one piece"
    assert read["typed"] > 20, "the pane in which somebody types does not rest"
    typed.hang_up()
    now_s += 1.1
    for _ in range(3):
        await asyncio.sleep(0)
    assert read["flood"] > 20, "a flood is read as before when nobody types any more"
    flood.hang_up()
    monkeypatch.undo()
