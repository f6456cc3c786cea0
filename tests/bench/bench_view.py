"""What painting costs: microseconds a frame and bytes on the wire, for the usual things a session does.

Run with `python -m tests.bench.bench_view`. Figures, not a test: nothing passes or fails by them.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import cycle

from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Pen, Row
from pairterm.terminal.widths import cells_of
from pairterm.types import Role, Size
from pairterm.view.client_layout import RowLayout
from pairterm.view.client_widths import ClientWidths
from pairterm.view.paint_cache import PaintCache
from pairterm.view.painter import paint
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View

KIND = TerminalKind.of("xterm-256color", colorterm="truecolor")
SIZE = Size(rows=24, cols=80)
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


if __name__ == "__main__":
    main()
