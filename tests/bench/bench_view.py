"""What painting costs: microseconds a frame and bytes on the wire, for the usual things a session does.

Run with `python -m tests.bench.bench_view`. Figures, not a test: nothing passes or fails by them.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, pairwise
from statistics import median

from pairterm.terminal import Terminal
from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Pen, Row
from pairterm.terminal.widths import cells_of
from pairterm.types import PaneId, Rect, Role, Size
from pairterm.view.client_layout import RowLayout
from pairterm.view.client_widths import ClientWidths
from pairterm.view.paint_cache import PaintCache
from pairterm.view.painter import paint
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View
from pairterm.view.window_composer import WindowComposer

KIND = TerminalKind.of("xterm-256color", colorterm="truecolor")
SIZE = Size(rows=24, cols=80)
WINDOW = Size(rows=50, cols=200)
PENS = (DEFAULT_PEN, Pen(fg=2), Pen(fg=4, flags=1), Pen(fg=3))


def text_row(text: str, cols: int = SIZE.cols) -> Row:
    return Row(tuple(text.ljust(cols)[:cols]), (DEFAULT_PEN,) * cols)


def coloured_row(number: int) -> Row:
    text = f"{number:4} def function_{number}(self, argument: int) -> str:  # comment {number * 7}".ljust(80)
    return Row(tuple(text), tuple(PENS[at // 7 % 4] for at in range(80)))


def page(start: int) -> tuple[Row, ...]:
    return tuple(
        text_row(f"line {number} of the text with some words {number * 31}") for number in range(start, start + 24)
    )


def frame(rows: tuple[Row, ...], row: int = 23, col: int = 0) -> Frame:
    return Frame(size=SIZE, rows=rows, cursor=Cursor(row, col))


def with_row(base: Frame, number: int, row: Row) -> Frame:
    return replace(base, rows=(*base.rows[:number], row, *base.rows[number + 1 :]))


def cases() -> dict[str, tuple[Frame | None, Frame]]:
    shell = frame((*page(0)[:23], text_row("$ ")), 23, 2)
    typed = replace(with_row(shell, 23, text_row("$ l")), cursor=Cursor(23, 3))
    scrolled = replace(shell, rows=(*shell.rows[1:], text_row("a new line")))
    edited = with_row(
        shell, 10, text_row("another text entirely, of some eighty columns, so that all of them do change now")
    )
    coloured = replace(shell, rows=tuple(coloured_row(number) for number in range(24)))
    under_status = replace(shell, rows=(*shell.rows[1:23], text_row("a new line"), shell.rows[23]))
    return {
        "nothing": (shell, shell),
        "a key's echo": (shell, typed),
        "one row of 80 columns": (shell, edited),
        "one coloured row": (coloured, with_row(coloured, 10, coloured_row(99))),
        "shell scrolls a line": (shell, scrolled),
        "scroll above a status line": (shell, under_status),
        "next page (less)": (shell, replace(shell, rows=(*page(23), shell.rows[23])[:24])),
        "whole coloured screen": (shell, coloured),
        "whole painting (resize)": (None, coloured),
    }


def micros(work: Callable[[], object]) -> float:
    timer = timeit.Timer(work)
    count, _ = timer.autorange()
    return min(timer.repeat(3, count)) / count * 1e6


def fan_out(clients: int) -> float:
    """Return the microseconds that one new frame costs for so many clients in step, with one cache."""
    cache = PaintCache()
    views = [View(session="s", role=Role.READ_ONLY, size=SIZE, kind=KIND, cache=cache) for _ in range(clients)]
    shell = frame(page(0), 23, 2)
    frames = cycle([with_row(shell, 23, text_row(f"$ {number}")) for number in range(100)])  # more than the cache holds

    def step() -> None:
        newest = next(frames)
        for view in views:
            view.show(newest)
            view.paint(0.0)

    return micros(step)


def laid_out(text: str) -> tuple[float, float]:
    """Return the microseconds that laying out a page of this text takes, for a terminal with tmux 3.3a's widths.

    The first time, and when one row of it is new.
    """
    widths = ClientWidths(regional=1, mark=1, joins_tones=False, widens=False)
    cells = cells_of(text)
    row = Row(tuple(cells + [" "] * (SIZE.cols - len(cells))), (DEFAULT_PEN,) * SIZE.cols)
    whole = frame(tuple(replace(row) for _ in range(SIZE.rows)))
    layout = RowLayout(widths)
    newer = cycle([with_row(whole, 3, replace(row)) for _ in range(2)])
    return micros(lambda: RowLayout(widths).lay_out(whole)), micros(lambda: layout.lay_out(next(newer)))


def window_of_four() -> tuple[WindowComposer, dict[PaneId, Frame]]:
    """Return a composer of four panes at 200×50, and their frames, full of text."""
    places = [Rect(0, 0, 25, 100), Rect(0, 101, 25, 99), Rect(26, 0, 24, 100), Rect(26, 101, 24, 99)]
    panes = [(PaneId(number), rect) for number, rect in enumerate(places)]
    frames = {
        pane: Frame(Size(rows=rect.rows, cols=rect.cols), tuple(prose_row(at, rect.cols) for at in range(rect.rows)))
        for pane, rect in panes
    }
    return WindowComposer(WINDOW, panes, PaneId(0)), frames


def prose_row(number: int, cols: int) -> Row:
    return text_row(f"line {number} with some words {number * 31} and others {number % 7 * 'word '}", cols)


def composed(new_rows: int) -> float:
    """Return the median microseconds of composing a window of four panes after so many rows of one are new."""
    composer, frames = window_of_four()
    pane = frames[PaneId(0)]
    newer = cycle(
        [
            replace(pane, rows=(*(prose_row(start + at, 100) for at in range(new_rows)), *pane.rows[new_rows:]))
            for start in range(0, 5000, 50)  # more than the composer remembers
        ]
    )

    def step() -> None:
        frames[PaneId(0)] = next(newer)
        composer.compose(frames)

    return median(timeit.repeat(step, repeat=101, number=20)) / 20 * 1e6


def split_in_the_middle(right_rows: int) -> Iterator[Frame]:
    """Yield the pictures of a window of two panes. The left one prints a line each time; the right one has text."""
    left, right = Terminal(Size(rows=50, cols=100)), Terminal(Size(rows=50, cols=99))
    composer = WindowComposer(WINDOW, [(PaneId(0), Rect(0, 0, 50, 100)), (PaneId(1), Rect(0, 101, 50, 99))], PaneId(0))
    for number in range(right_rows):
        right.feed(prose_row(number, 90).text.rstrip().encode() + b"\r\n")
    for number in range(100):
        left.feed(f"12:{number:02}:31 INFO request {number * 31} GET /items/{number * 7919 % 10007} 200\r\n".encode())
        if number >= 60:
            yield composer.compose({PaneId(0): left.snapshot(), PaneId(1): right.snapshot()})


def split_painted(right_rows: int) -> tuple[float, int]:
    """Return the microseconds and the bytes that painting one line of output in the left pane takes."""
    steps = list(pairwise(split_in_the_middle(right_rows)))
    sizes = [len(paint(old, new, KIND)) for old, new in steps]
    return micros(lambda: [paint(old, new, KIND) for old, new in steps]) / len(steps), sum(sizes) // len(sizes)


def main() -> None:
    print(f"{'change':32}{'µs':>9}{'bytes':>8}")
    for name, (base, target) in cases().items():
        size = len(paint(base, target, KIND))
        print(f"{name:32}{micros(partial(paint, base, target, KIND)):9.1f}{size:8}")
    for clients in (1, 10, 100):
        print(f"{f'one frame, {clients} clients':32}{fan_out(clients):9.1f}")
    print(f"{'laid out for other widths':32}{'page':>9}{'a row':>8}")
    for name, text in (
        ("plain text", "some text " * 7),
        ("emoji", "some text ❤\ufe0f " * 5),
        ("Hindi", "हिन्दी में " * 8),
    ):
        whole, one = laid_out(text)
        print(f"{name:32}{whole:9.1f}{one:8.1f}")
    print(f"{'four panes at 200×50':32}{'µs':>9}")
    for new_rows in (1, 25):
        print(f"{f'composed, {new_rows} new in one pane':32}{composed(new_rows):9.1f}")
    print(f"{'a line, left of two panes':32}{'µs':>9}{'bytes':>8}")
    for right_rows in (0, 20, 60):
        took, size = split_painted(right_rows)
        print(f"{f'right pane has {min(right_rows, 49)} rows of text':32}{took:9.1f}{size:8}")


if __name__ == "__main__":
    main()
