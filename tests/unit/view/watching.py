"""A view under test: the client that has it, the terminal that its bytes go to, and frames to show."""

from dataclasses import replace

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Cursor, Frame, Modes, Row, blank_frame
from pairterm.types import Role, Size
from pairterm.view import (
    Action,
    TerminalKind,
    View,
)
from pairterm.view.bars import text_cells

__all__ = ["KIND", "SIZE", "Client", "frame_of", "text_row"]

KIND = TerminalKind.of("xterm-256color", colorterm="truecolor")
SIZE = Size(rows=8, cols=40)


def text_row(text: str, cols: int = SIZE.cols) -> Row:
    return replace(blank_frame(Size(rows=1, cols=cols)).rows[0], cells=text_cells(text, cols))


def frame_of(*texts: str, size: Size = SIZE, scrolled: int = 0, modes: Modes | None = None) -> Frame:
    rows = [text_row(text, size.cols) for text in texts] + [text_row("", size.cols)] * (size.rows - len(texts))
    return Frame(size=size, rows=tuple(rows), cursor=Cursor(1, 2), scrolled=scrolled, modes=modes or Modes())


class Client:
    """A view and the terminal that its bytes go to."""

    def __init__(
        self, role: Role = Role.READ_WRITE, size: Size = SIZE, kind: TerminalKind = KIND, **options: object
    ) -> None:
        self.view = View(session="demo", role=role, size=size, kind=kind, **options)  # type: ignore[arg-type]  # a test's
        self.terminal = Terminal(size)
        self.terminal.feed(self.view.enter())
        self.now_s = 100.0

    def show(self, frame: Frame) -> bytes:
        self.view.show(frame)
        return self.paint()

    def paint(self) -> bytes:
        painted = self.view.paint(self.now_s)
        self.terminal.feed(painted)
        assert not self.view.is_dirty
        return painted

    def keys(self, data: bytes) -> list[Action]:
        actions = self.view.keys(data, self.now_s)
        self.paint()
        return actions

    def wait(self, seconds: float) -> list[Action]:
        self.now_s += seconds
        actions = self.view.tick(self.now_s)
        self.paint()
        return actions

    @property
    def lines(self) -> list[str]:
        return [row.text.rstrip() for row in self.terminal.snapshot().rows]
