"""Hyperlinks are bounded: a program that gives each cell another one once took 522 MiB in 25 s."""

from __future__ import annotations

import gc

from pairterm.link.codec import encode
from pairterm.link.screen_publisher import Publisher
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.terminal.hyperlinks import MAX_TARGETS_CHARS
from pairterm.types import PaneId, Size

SIZE = Size(rows=20, cols=100)


def linked(number: int, chars: int = 1500) -> bytes:
    return f"\x1b]8;;http://x/{number}/{'y' * chars}\x1b\\x".encode()


def targets(frame: Frame) -> list[str]:
    """Return the targets of a frame, each once."""
    return list({id(pen.link): pen.link for row in frame.rows for pen in row.pens if pen.link}.values())


def test_a_flood_of_links_keeps_so_many_and_no_more() -> None:
    terminal = Terminal(SIZE)
    for number in range(3000):
        terminal.feed(linked(number))
    kept = sum(map(len, targets(terminal.snapshot())))
    history = terminal.history(0, 10_000)
    kept += sum(len(link) for link in {id(p.link): p.link for row in history for p in row.pens if p.link}.values())
    assert 0 < kept <= MAX_TARGETS_CHARS


def test_text_stays_where_its_link_is_too_many() -> None:
    terminal = Terminal(SIZE)
    for number in range(SIZE.rows * SIZE.cols - 1):
        terminal.feed(linked(number, chars=2000))
    assert all(set(row.cells) <= {"x", " "} for row in terminal.snapshot().rows)
    assert terminal.snapshot().rows[10].text.strip() == "x" * SIZE.cols


def test_links_are_links_again_when_older_ones_are_gone() -> None:
    terminal = Terminal(SIZE, history_lines=0)
    for number in range(1500):
        terminal.feed(linked(number))
    terminal.feed(b"\x1b]8;;\x1b\\\x1b[2J\x1b[H")
    terminal.snapshot()
    gc.collect()
    terminal.feed(linked(7))
    assert targets(terminal.snapshot()) == [f"http://x/7/{'y' * 1500}"]


def test_a_link_that_is_written_again_and_again_is_kept_once() -> None:
    terminal = Terminal(SIZE)
    for _ in range(1000):
        terminal.feed(linked(1) + b"\x1b]8;;\x1b\\")
    assert len(targets(terminal.snapshot())) == 1


def test_a_frame_with_links_travels() -> None:
    terminal = Terminal(SIZE)
    terminal.feed(linked(1, chars=10))
    update = Publisher(PaneId(0)).update(terminal.snapshot())
    assert update is not None
    assert b"http://x/1/" in encode(update)
