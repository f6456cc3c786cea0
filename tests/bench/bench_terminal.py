"""The terminal core's speed and size, beside stock pyte fed the same bytes in the same run.

`python -m tests.bench.bench_terminal [--quick]` prints a table in Markdown. It passes no
judgement: figures and ratios only. Both are fed in pieces of 4 KiB, as a pty gives them;
ours keeps its 10,000 lines of scrollback and gives a frame for every 64 KiB, pyte keeps none
and gives none. Times are CPU seconds of this process, the best of three runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyte

from pairterm.terminal import Terminal
from pairterm.types import Size

_PIECE_BYTES = 4096
_FRAME_EVERY = 16
_RECORDINGS = Path(__file__).parents[1] / "golden" / "recordings"
_CJK = "漢字かな交じり文の例、한국어 문장, 中文的例子在这里, and 🎉 or 🚀 here; naïve café."
_CLUSTERS = "漢字かな交じり文の例、한국어 문장, 👩\u200d💻 and 🎉 or ❤\ufe0f here; naïve café."
"""Stock pyte drops the rest of the line after the joiner, so it writes 23 of the 60 columns: no fair race."""


def _lines(data: bytes) -> bytes:
    """Return text as the pty's line discipline gives it."""
    return data.replace(b"\n", b"\r\n")


def inputs(megabytes: float) -> dict[str, tuple[bytes, Size]]:
    """Return what is fed, by name, with the screen's size."""
    screen, big = Size(rows=24, cols=80), Size(rows=50, cols=200)
    total = int(megabytes * 1_000_000)
    found: dict[str, tuple[bytes, Size]] = {}
    found["seq"] = (_lines(b"".join(b"%d\n" % n for n in range(1, 1_000_001)))[:total], screen)
    plain = b"".join(
        b"%-6d the quick brown fox jumps over the lazy dog, again and again and a%06d\r\n" % (n, n)
        for n in range(40_000)
    )
    found["78-column lines"] = (plain[:total], screen)
    tree = subprocess.run(
        ["ls", "-lR", "--color=always", os.path.dirname(os.__file__)],
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    ).stdout
    found["ls -lR --color"] = (_lines(tree)[:total], screen)
    found["ls -lR --color, 200×50"] = (_lines(tree)[:total], big)
    for cols, rows in ((80, 24), (200, 50)):
        size = Size(rows=rows, cols=cols)
        for name in ("vim", "htop", "less", "mc", "tmux"):
            data = (_RECORDINGS / f"{name}-{cols}x{rows}.bytes").read_bytes()
            found[f"{name} {size}"] = (data * max(1, total // 3 // len(data)), size)
    for name, text in (("CJK and emoji", _CJK), ("emoji clusters", _CLUSTERS)):
        page = "".join(f"{n:5} {text}\r\n" for n in range(200)).encode()
        found[name] = (page * max(1, total // 3 // len(page)), screen)
    return found


def _best_s(run: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def _feed_pyte(data: bytes, size: Size) -> None:
    stream = pyte.ByteStream(pyte.Screen(size.cols, size.rows))
    for start in range(0, len(data), _PIECE_BYTES):
        try:
            stream.feed(data[start : start + _PIECE_BYTES])
        except (TypeError, AssertionError, UnboundLocalError):
            continue  # stock pyte raises on ordinary input: it loses the piece and gets off lightly


def _feed_ours(data: bytes, size: Size) -> Terminal:
    terminal = Terminal(size)
    for number, start in enumerate(range(0, len(data), _PIECE_BYTES)):
        terminal.feed(data[start : start + _PIECE_BYTES])
        if number % _FRAME_EVERY == 0:
            terminal.snapshot()
    terminal.snapshot()
    return terminal


def compare(megabytes: float, times: int, only: str = "") -> None:
    """Print megabytes a second of both, and the ratio, for each input."""
    print("| input | size | pyte MB/s | pairterm MB/s | ratio |\n|---|---|---|---|---|")
    for name, (data, size) in inputs(megabytes).items():
        if only and not re.search(only, name):
            continue
        sample = data[: len(data) // 8]
        theirs = len(sample) / 1e6 / _best_s(lambda d=sample, s=size: _feed_pyte(d, s), max(1, times - 1))  # type: ignore[misc]
        ours = len(data) / 1e6 / _best_s(lambda d=data, s=size: _feed_ours(d, s), times)  # type: ignore[misc]
        print(f"| {name} | {size} | {theirs:.2f} | {ours:.1f} | {ours / theirs:.1f} × |", flush=True)


def frame_cost() -> None:
    """Print the cost of a frame after one changed row at 200×50."""
    size = Size(rows=50, cols=200)
    terminal = _feed_ours((_RECORDINGS / "vim-200x50.bytes").read_bytes(), size)
    spent = 0.0
    for number in range(2000):
        terminal.feed(b"\x1b[%d;5Hrow %d" % (number % 50 + 1, number))
        start = time.process_time()
        terminal.snapshot()
        spent += time.process_time() - start
    print(f"\nFrame after one changed row at 200×50: {spent / 2000 * 1e6:.0f} µs")


def history_size() -> None:
    """Print the memory of 10,000 lines of 100 columns, plain and coloured."""
    size = Size(rows=50, cols=100)
    for name, line in (
        ("plain", b"%-6d" + b"the quick brown fox " * 5),
        ("coloured", b"%-6d" + b"\x1b[31mthe quick \x1b[1;34mbrown\x1b[m fox " * 5),
        ("CJK", b"%-6d" + "漢字かな交じり文、".encode() * 5),
    ):
        tracemalloc.start()
        terminal = Terminal(size)
        for number in range(10_050):
            terminal.feed((line % number)[:400] + b"\x1b[m\r\n")
        terminal.snapshot()
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"History of {terminal.history_length} {name} lines × 100 columns: {used / 2**20:.1f} MiB")


_HEAVY = {
    "LF": b"\n",
    "ED": b"\x1b[2J",
    "DECALN": b"\x1b#8",
    "SU 200": b"\x1b[200S",
    "IL 200": b"\x1b[200L",
    "REP": b"A\x1b[99999b",
    "CHT": b"\x1b[500I\r",
    "DECIC": b"\x1b[H\x1b[9'}",
    "DECSED": b"\x1b[?2J",
    "1049": b"\x1b[?1049h\x1b[?1049l",
    "combining marks": "\u0301".encode(),
    "DEL": b"\x7f",
    "C1": "\x84".encode(),
    "unfinished CSI": b"\x1b[1\x18",
    "true colour": b"\x1b[38;2;%d;%d;%dmx",
    "soft reset": b"\x1b[!p",
}


def heavy_inputs() -> None:
    """Print what the dearest sequences cost a byte, at the usual size and the largest."""
    print("\n| dear input | 80×24 µs/byte | 500×200 µs/byte |\n|---|---|---|")
    for name, sequence in _HEAVY.items():
        costs = []
        for size, length in ((Size(rows=24, cols=80), 20_000), (Size(rows=200, cols=500), 2_000)):
            count = length // len(sequence)
            data = b"".join(
                sequence % (n & 255, n >> 8 & 255, n & 63) if b"%d" in sequence else sequence for n in range(count)
            )
            costs.append(_best_s(lambda d=data, s=size: _feed_ours(d, s), 2) / len(data) * 1e6)  # type: ignore[misc]
        print(f"| {name} | {costs[0]:.2f} | {costs[1]:.1f} |")


def main() -> None:
    """Run all of it."""
    is_quick = "--quick" in sys.argv
    only = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    compare(1.0 if is_quick else 4.0, 2 if is_quick else 3, only)
    if not only:
        frame_cost()
        heavy_inputs()
        history_size()


if __name__ == "__main__":
    main()
