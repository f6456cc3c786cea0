"""A program for sessions that plays a recording: it writes the bytes to its terminal in pieces, up to one mark a time.

    python player.py RECORDING MARK...

A mark is a number of bytes. The player writes up to the first and waits for a BEL
on its terminal, which no answer to a query has in it; then up to the next. It
writes 512 bytes at a time with a short pause, so that many frames lie between two marks.
"""

from __future__ import annotations

import os
import sys
import time
import tty
from pathlib import Path

__all__ = ["PLAYER"]

PLAYER = Path(__file__)

_PIECE_BYTES = 512
_PAUSE_S = 0.004


def _main(path: str, marks: list[int]) -> None:
    tty.setraw(0)
    data = Path(path).read_bytes()
    at = 0
    for mark in marks:
        while at < mark:
            end = min(at + _PIECE_BYTES, mark)
            os.write(1, data[at:end])
            at = end
            time.sleep(_PAUSE_S)
        while b"\a" not in os.read(0, 65536):
            pass


if __name__ == "__main__":
    _main(sys.argv[1], [int(mark) for mark in sys.argv[2:]])
