"""Large changes in parts: each is small, all come to the newest picture, and no row is starved."""

from __future__ import annotations

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.terminal.partial_frames import next_part
from pairterm.types import Size

SIZE = Size(rows=40, cols=100)
MAX_BYTES = 16 << 10


def colourful(seed: int, *, rows: range = range(SIZE.rows)) -> bytes:
    """Return what gives each cell of these rows a colour of its own."""
    out = []
    for row in rows:
        cells = "".join(f"\x1b[38;2;{seed % 256};{row};{col}mx" for col in range(SIZE.cols))
        out.append(f"\x1b[{row + 1}H{cells}")
    return "".join(out).encode()


def picture(seed: int) -> Frame:
    terminal = Terminal(SIZE)
    terminal.feed(colourful(seed))
    return terminal.snapshot()


def test_a_small_change_is_no_part() -> None:
    terminal = Terminal(SIZE)
    base = terminal.snapshot()
    terminal.feed(b"hello")
    target = terminal.snapshot()
    assert next_part(base, target, 0, MAX_BYTES) == (target, None)
    assert next_part(base, target, 0, MAX_BYTES)[0] is target


def test_a_full_screen_of_plain_text_is_no_part() -> None:
    terminal = Terminal(SIZE)
    base = terminal.snapshot()
    terminal.feed(b"x" * (SIZE.rows * SIZE.cols))
    assert next_part(base, terminal.snapshot(), 0, MAX_BYTES)[1] is None


def test_parts_come_to_the_newest_picture_and_each_is_small() -> None:
    target = picture(1)
    for base in (None, picture(2)):
        shown, at, parts = base, 0, 0
        while shown is not target:
            before = shown
            shown, next_row = next_part(shown, target, at, MAX_BYTES)
            new = sum(
                row is not (before.rows[number] if before is not None else None) and row is target.rows[number]
                for number, row in enumerate(shown.rows)
            )
            assert 0 < new * SIZE.cols * 20 <= MAX_BYTES
            at, parts = next_row or 0, parts + 1
        assert parts == 5, "2 KB a row, 16 KB a part, 40 rows"


def test_a_scroll_is_one_step_whatever_comes_after() -> None:
    """Rows that moved are taken at once: painted in parts they would stand on the screen twice."""
    terminal = Terminal(SIZE)
    terminal.feed(colourful(1))
    base = terminal.snapshot()
    terminal.feed(f"\x1b[{SIZE.rows}H".encode() + b"\r\n" * 20 + colourful(3, rows=range(20, SIZE.rows)))
    target = terminal.snapshot()
    part, next_row = next_part(base, target, 0, MAX_BYTES)
    assert next_row is not None
    assert part.rows[:20] == target.rows[:20]


def test_no_row_is_starved_by_a_program_that_changes_all_of_them_all_the_time() -> None:
    shown: Frame | None = None
    at = 0
    seen: set[int] = set()
    for seed in range(12):
        target = picture(seed)
        shown, next_row = next_part(shown, target, at, MAX_BYTES)
        seen |= {number for number, row in enumerate(shown.rows) if row is target.rows[number]}
        at = next_row or 0
    assert seen == set(range(SIZE.rows))
