"""Lines of the history and the screen as a message, and back with every value checked."""

from __future__ import annotations

from pairterm.link.messages import Captured, History
from pairterm.link.row_wire import checked_pen, pens_to_wire, row_from_wire, row_to_wire
from pairterm.terminal.excerpt import CapturedLines, HistoryLines
from pairterm.terminal.frame import DEFAULT_PEN, Pen
from pairterm.types import PaneId, Size

__all__ = ["captured_lines", "captured_message", "history_lines", "history_message"]


def history_message(client: int, pane: PaneId, lines: HistoryLines) -> History:
    """Return the message that carries these lines of the history."""
    pens: dict[Pen, int] = {DEFAULT_PEN: 0}
    rows = [row_to_wire(row, pens) for row in lines.rows]
    cols = len(lines.rows[0].cells) if lines.rows else 1
    return History(client, pane, lines.start, lines.kept, cols, rows, pens_to_wire(pens), lines.places)


def history_lines(message: History) -> HistoryLines:
    """Return the lines that the message carries.

    Raises:
        PeerError: A line or a pen has a value that no screen has.
    """
    pens = [checked_pen(pen) for pen in message.pens]
    rows = [row_from_wire(wire, pens, message.cols) for wire in message.rows]
    return HistoryLines(message.start, rows, message.places, message.kept)


def captured_message(captured: CapturedLines) -> Captured:
    """Return the message that carries these lines of the history and the screen."""
    pens: dict[Pen, int] = {DEFAULT_PEN: 0}
    rows = [row_to_wire(row, pens) for row in captured.rows]
    size = captured.size
    return Captured(captured.start, captured.oldest, captured.scrolled, size.rows, size.cols, rows, pens_to_wire(pens))


def captured_lines(message: Captured) -> CapturedLines:
    """Return the lines that the message carries.

    Raises:
        PeerError: A line or a pen has a value that no screen has.
    """
    pens = [checked_pen(pen) for pen in message.pens]
    rows = [row_from_wire(wire, pens, message.cols) for wire in message.rows]
    size = Size(rows=message.screen_rows, cols=message.cols)
    return CapturedLines(message.start, rows, message.oldest, message.scrolled, size)
