"""How long one turn of the host's loop reads the output of programs."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import cast

import pytest

from pairterm.host.program_pump import ProgramPump, ReadingTurn
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
    shared = ReadingTurn()
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
