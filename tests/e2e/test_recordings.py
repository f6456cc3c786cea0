"""The recordings of real programs, played in a session and watched by five ssh clients of five kinds at once.

At every mark each client has to show what the session's own terminal shows, as a
terminal of its kind and size can. xterm.js judges the clients' output.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import Size
from tests.e2e.player import PLAYER
from tests.e2e.slow import SlowLine
from tests.e2e.terminal import eventually
from tests.e2e.watcher import Watcher, difference
from tests.e2e.world import Link, Links, World
from tests.judge import judge_or_skip

RECORDINGS = sorted((Path(__file__).parents[1] / "golden" / "recordings").glob("*.bytes"))
MARKS = 3
SLOW_BYTES_PER_S = 64_000 / 8
TRUE_COLOUR = ("-o", "SendEnv=COLORTERM")
SIXTEEN = {"TERM": "xterm-16color", "COLORTERM": ""}


def size_of(recording: Path) -> Size:
    cols, _, rows = recording.stem.rpartition("-")[2].partition("x")
    return Size(rows=int(rows), cols=int(cols))


def session_frame(data: bytes, size: Size) -> Frame:
    """Return what a terminal of the session's size shows after these bytes."""
    terminal = Terminal(size)
    terminal.feed(data)
    if terminal.is_synchronised:
        terminal.end_synchronised()
    return terminal.snapshot()


def slow_options(line: SlowLine, links: Links) -> list[str]:
    """Return options of ssh that lead it through a line, to the host key it knows."""
    alias = links.known_hosts.partition(" ")[0]
    return ["-o", "HostName=127.0.0.1", "-o", f"Port={line.port}", "-o", f"HostKeyAlias={alias}"]


def same(watcher: Watcher, frame: Frame) -> str:
    """A terminal of the session's size shows the session's picture, cell by cell."""
    return difference(plain_clusters(watcher.frame()), plain_clusters(frame))


def sixteen(watcher: Watcher, frame: Frame) -> str:
    """A terminal of 16 colours shows the same text and attributes, in colours that it has."""
    shown = watcher.frame()
    for row in shown.rows:
        for pen in row.pens:
            if max(pen.fg, pen.bg) > 15:
                return f"a colour it does not have: {pen}"
    return difference(plain_clusters(_colourless(shown)), plain_clusters(_colourless(frame)))


def plain_clusters(frame: Frame) -> Frame:
    """Take each emoji for any other, and an Indic letter without its signs.

    xterm.js without clusters shows the parts of an emoji sequence, in as many cells, and gives some signs a cell.
    """

    def plain(row: Row) -> Row:
        cells = list(row.cells)
        for col, cell in enumerate(row.cells[:-1]):
            if cells[col] and (cell > "\U0001f000" or "\ufe0f" in cell):
                cells[col : col + 2] = ["\U0001f642", ""]
            elif cells[col] > "\u0900":
                cells[col] = cell[:1]
        return Row(tuple(cells), row.pens)

    return replace(frame, rows=tuple(map(plain, frame.rows)))


def _colourless(frame: Frame) -> Frame:
    def flat(row: Row) -> Row:
        return Row(row.cells, tuple(pen._replace(fg=-1, bg=-1, underline_colour=-1, link="") for pen in row.pens))

    return replace(frame, rows=tuple(map(flat, frame.rows)))


def larger(watcher: Watcher, frame: Frame) -> str:
    """A larger terminal shows the session top left, a border line beside and below it, and blanks."""
    shown, size = watcher.frame(), frame.size
    inner = Frame(
        size=size, rows=tuple(_cut(row, 0, size.cols) for row in shown.rows[: size.rows]), cursor=shown.cursor
    )
    rest = ["".join(row.cells[size.cols :]).rstrip() for row in shown.rows[: size.rows]]
    below = [row.text.rstrip() for row in shown.rows[size.rows :]]
    if rest != ["│"] * size.rows:
        return f"beside the session: {rest}"
    if below != ["─" * size.cols + "┘", *[""] * (len(below) - 1)]:
        return f"below the session: {below}"
    return difference(plain_clusters(inner), plain_clusters(frame))


def smaller(watcher: Watcher, frame: Frame) -> str:
    """A smaller terminal shows a part of the picture, with the cursor in it."""
    shown, area, frame = plain_clusters(watcher.frame()), watcher.size, plain_clusters(frame)
    found = ""
    for top in range(frame.size.rows - area.rows + 1):
        for left in range(frame.size.cols - area.cols + 1):
            at = Cursor(frame.cursor.row - top, frame.cursor.col - left, is_visible=frame.cursor.is_visible)
            is_inside = 0 <= at.row < area.rows and 0 <= at.col < area.cols
            if is_inside and shown.rows[0].cells == _cut(frame.rows[top], left, area.cols).cells:
                rows = tuple(_cut(row, left, area.cols) for row in frame.rows[top : top + area.rows])
                found = difference(shown, Frame(size=area, rows=rows, cursor=at))
                if not found:
                    return ""
    return found or f"no part of the picture: {watcher.screen()}"


def _cut(row: Row, left: int, cols: int) -> Row:
    """Return a part of a row; half of a wide character at its edge is a blank."""
    cells, pens = list(row.cells[left : left + cols]), row.pens[left : left + cols]
    if cells[0] == "":
        cells[0] = " "
    if row.cells[left + cols : left + cols + 1] == ("",):
        cells[-1] = " "
    return Row(tuple(cells), pens)


@contextmanager
def five(world: World, links: Links, size: Size) -> Iterator[dict[str, Watcher]]:
    """Open the five clients; the first types."""
    judge = judge_or_skip()
    small = Size(rows=size.rows * 2 // 3, cols=size.cols * 3 // 4)
    large = Size(rows=size.rows + 7, cols=size.cols + 21)

    def client(link: Link, size: Size, *options: str, environment: dict[str, str] | None = None) -> Watcher:
        return Watcher(world, judge, world.ssh_command(link, *TRUE_COLOUR, *options), size, environment)

    with SlowLine((links.ro.host, links.ro.port), bytes_per_s=SLOW_BYTES_PER_S) as line:
        watchers = {
            "same": client(links.rw, size),
            "smaller": client(links.ro, small),
            "larger": client(links.ro, large),
            "sixteen": client(links.ro, size, environment=SIXTEEN),
            "slow": client(links.ro, size, *slow_options(line, links)),
        }
        try:
            yield watchers
        finally:
            for each in watchers.values():
                each.close()


CHECKS = {"same": same, "smaller": smaller, "larger": larger, "sixteen": sixteen, "slow": same}


@pytest.mark.slow
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_five_clients_of_five_kinds_see_a_recording(town: World, recording: Path) -> None:
    data, size = recording.read_bytes(), size_of(recording)
    marks = [len(data) * number // MARKS for number in range(1, MARKS + 1)]
    name = recording.stem
    player = [sys.executable, str(PLAYER), str(recording), *map(str, marks)]
    links = town.new(name, *player, options=["-x", str(size.cols), "-y", str(size.rows)])
    town.run("set", "-t", name, "size-policy", f"fixed {size.cols}x{size.rows}")
    with five(town, links, size) as watchers:
        for mark in marks:
            frame = session_frame(data[:mark], size)
            for kind, watcher in watchers.items():
                eventually(
                    lambda watcher=watcher, kind=kind, frame=frame: not CHECKS[kind](watcher, frame),  # type: ignore[misc]
                    lambda watcher=watcher, kind=kind, frame=frame: f"{kind}: {CHECKS[kind](watcher, frame)}",  # type: ignore[misc]
                )
            if mark != marks[-1]:
                watchers["same"].type(b"\a")
        assert watchers["slow"].received_bytes <= 1.1 * watchers["same"].received_bytes
    town.run("kill", "-t", name)
