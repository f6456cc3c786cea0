"""All that can be seen of a terminal, as plain values to compare, and what always holds of it."""

from __future__ import annotations

from pairterm.safe_text import has_unsafe
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame, Row
from pairterm.terminal.history import MAX_OVERHANG
from pairterm.terminal.osc import MAX_LINK
from pairterm.terminal.replies import MAX_REPLY_BYTES
from pairterm.terminal.screen import MAX_EVENTS
from pairterm.terminal.titles import MAX_TITLE
from pairterm.terminal.widths import MAX_MARKS

__all__ = ["assert_same", "assert_well_formed"]


def _row(row: Row) -> tuple[object, ...]:
    return row.cells, row.pens, row.wrapped


def _everything(terminal: Terminal) -> dict[str, object]:
    """Return frame, history, modes, replies and events, which are taken; only the generation is left out."""
    frame = terminal.snapshot()
    return {
        "rows": [_row(row) for row in frame.rows],
        "cursor": frame.cursor,
        "modes": frame.modes,
        "title": frame.title,
        "scrolled": frame.scrolled,
        "bells": frame.bells,
        "alternate": frame.is_alternate,
        "synchronised": terminal.is_synchronised,
        "history": [_row(row) for row in terminal.history(0, terminal.history_length)],
        "replies": terminal.take_replies(),
        "events": terminal.take_events(),
    }


def assert_same(one: Terminal, other: Terminal) -> None:
    """Assert that nothing tells two terminals apart. In words of its own: pytest's diff of a history takes minutes."""
    theirs = _everything(other)
    for name, mine in _everything(one).items():
        if mine != theirs[name]:
            raise AssertionError(f"{name} differ: {mine!r:.500} and {theirs[name]!r:.500}")


def _assert_row(row: Row, cols: int) -> None:
    assert len(row.cells) == len(row.pens) == cols
    for at, cell in enumerate(row.cells):
        assert cell or (at and row.cells[at - 1]), "a right half without a left one"
        assert len(cell) <= MAX_MARKS + 1
        assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in cell), "a control character in a cell"
    for pen in row.pens:
        assert 0 <= pen.flags < 1 << 11, "a flag that frames do not have"
        assert not pen.link or (pen.link.startswith(("http://", "https://")) and len(pen.link) <= MAX_LINK)


def assert_well_formed(terminal: Terminal, history_lines: int) -> Frame:
    """Assert law 1's bounds and return the frame."""
    frame = terminal.snapshot()
    assert frame.size == terminal.size
    assert len(frame.rows) == frame.size.rows
    for row in frame.rows:
        _assert_row(row, frame.size.cols)
    assert 0 <= frame.cursor.row < frame.size.rows
    assert 0 <= frame.cursor.col < frame.size.cols
    assert len(frame.title) <= MAX_TITLE
    assert not has_unsafe(frame.title)
    assert len(terminal._screen.history) <= history_lines + min(history_lines, MAX_OVERHANG)
    for row in terminal.history(0, terminal.history_length):
        _assert_row(row, frame.size.cols)
    assert len(terminal.take_replies()) <= MAX_REPLY_BYTES
    assert len(terminal.take_events()) <= MAX_EVENTS
    return frame
