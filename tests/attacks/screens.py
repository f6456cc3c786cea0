"""What a program shows: the largest screen in colours of its own, and links without end.

This module is also the program: `python -m tests.attacks.screens colours SECONDS`.
"""

from __future__ import annotations

import itertools
import random
import sys
import time

from tests.attacks.guests import connected, terminal
from tests.attacks.registry import Aims, Bounds, attack

_COLS, _ROWS = 500, 200

_LINK_CHARS = 1480


async def _show(aims: Aims, bounds: Bounds, what: str) -> None:
    """Run a program in the shell of the attacker's session, on the largest screen, and look at it."""
    async with connected(aims, aims.rw, bounds) as connection:
        process = await terminal(connection, cols=_COLS, rows=_ROWS)
        process.channel.write(f"{sys.executable} -m tests.attacks.screens {what} {bounds.seconds}\r".encode())
        bounds.counts.sent = 1
        await bounds.rest()


@attack(f"{_COLS} × {_ROWS} cells in random colours, all the time", smoke_seconds=2)
async def random_colours(aims: Aims, bounds: Bounds) -> None:
    await _show(aims, bounds, "colours")


@attack("hyperlinks of 1.5 KB, each another one", smoke_seconds=2)
async def hyperlinks(aims: Aims, bounds: Bounds) -> None:
    await _show(aims, bounds, "links")


def _colours(line: int) -> str:
    pick = random.randrange
    cells = (f"\x1b[38;2;{pick(256)};{pick(256)};{pick(256)}m{chr(65 + pick(26))}" for _ in range(_COLS))
    return f"\x1b[{line % _ROWS + 1}H{''.join(cells)}"


def _link(number: int) -> str:
    return f"\x1b]8;;http://x/{number}/{'y' * _LINK_CHARS}\x1b\\x"


def main(what: str, seconds: float) -> None:
    """Write without a pause for so long."""
    end_s = time.monotonic() + seconds
    make = _colours if what == "colours" else _link
    for number in itertools.count():
        sys.stdout.write(make(number))
        if time.monotonic() > end_s:
            return


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
