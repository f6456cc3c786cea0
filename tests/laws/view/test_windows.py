"""Law 5 with windows and panes: a view converges on the window that its client looks at, and rings only its bells."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view.paint_cache import PaintCache
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows, WindowTab
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View
from tests.laws.view.pictures import Edit, edited, edits, frames

SIZE = Size(rows=9, cols=40)
KIND = replace(TerminalKind.of("xterm-256color", colorterm="truecolor"), is_utf8=True)
WINDOWS = 3
SPLIT = 19
"""The column of the border between the two panes of each window."""

KEYS = [b"\x02[", b"\x1b[5~", b"k", b"V", b"y", b"q", b"\x02q", b"1", b"\x02,", b"\x02x", b"n", b"\x02?", b"\x1b[1;2A"]


@dataclass(frozen=True)
class Step:
    """One thing that happens: a window changes, the client looks elsewhere or presses a key, or they are painted."""

    edit: Edit | None = None
    window: int | None = None
    pane: int = 0
    keys: bytes = b""
    paints: bool = True


steps = st.lists(
    st.one_of(
        st.builds(Step, edit=edits(has_doubtful=False), window=st.integers(0, WINDOWS - 1), paints=st.booleans()),
        st.builds(Step, window=st.integers(0, WINDOWS - 1), pane=st.integers(0, 1), paints=st.booleans()),
        st.builds(Step, keys=st.sampled_from(KEYS), paints=st.booleans()),
    ),
    max_size=25,
)


def panes_of(frame: Frame, window: int, pane: int) -> ShownPanes:
    """Return two panes beside each other. The window has pane 2 × window, and the next one."""
    rects = (Rect(0, 0, SIZE.rows, SPLIT), Rect(0, SPLIT + 1, SIZE.rows, SIZE.cols - SPLIT - 1))
    rect = rects[pane]
    rows = tuple(_cropped(row, rect) for row in frame.rows)
    own = Frame(Size(rows=rect.rows, cols=rect.cols), rows, Cursor(0, 0), scrolled=frame.scrolled)
    ids = (PaneId(2 * window), PaneId(2 * window + 1))
    return ShownPanes(WindowId(window), tuple(zip(ids, rects, strict=True)), ids[pane], own)


def _cropped(row: Row, rect: Rect) -> Row:
    stop = rect.col + rect.cols
    cells = list(row.cells[rect.col : stop])
    if cells[0] == "":
        cells[0] = " "
    if row.cells[stop : stop + 1] == ("",):
        cells[-1] = " "
    return Row(tuple(cells), row.pens[rect.col : stop])


class Watched:
    """A client, their terminal, and the bells that they should hear."""

    def __init__(self, cache: PaintCache) -> None:
        self.view = View(
            session="law", role=Role.READ_WRITE, size=Size(rows=10, cols=40), kind=KIND, status=True, cache=cache
        )
        self.terminal = Terminal(Size(rows=10, cols=40))
        self.terminal.feed(self.view.enter())
        self.heard: tuple[object, int] | None = None
        self.bells = 0
        self.now_s = 0.0

    def show(self, frame: Frame, window: int, pane: int) -> None:
        self.shown = (frame, (window, pane))
        self.view.show(frame, panes_of(frame, window, pane))
        tabs = (WindowTab(at, f"w{at}", "*" * (at == window), False) for at in range(WINDOWS))
        self.view.show_windows(ShownWindows(tuple(tabs), ""))

    def paint(self) -> None:
        self.now_s += 0.4
        self.view.tick(self.now_s)
        while self.view.is_dirty:
            self.terminal.feed(self.view.paint(self.now_s))
        frame, source = self.shown
        if self.heard is not None and self.heard[0] == source and frame.bells > self.heard[1]:
            self.bells += 1
        self.heard = (source, frame.bells)
        assert self.terminal.snapshot().bells == self.bells

    def come_back(self) -> None:
        """Leave whatever covers the session, and let all messages pass."""
        for _ in range(3):
            self.view.keys(b"\x03", self.now_s)
            self.now_s += 100
            self.paint()
        assert self.view.is_live


@settings(max_examples=200, deadline=None)
@given(steps)
def test_law_5_a_view_converges_on_the_window_that_its_client_looks_at(happens: list[Step]) -> None:
    cache = PaintCache()
    one, other = Watched(cache), Watched(cache)
    windows = [frames(SIZE, [])[0] for _ in range(WINDOWS)]
    looks = (0, 0)
    for step in [Step(window=0), *happens]:
        if step.edit is not None and step.window is not None:
            windows[step.window] = edited(windows[step.window], step.edit)
        elif step.window is not None:
            looks = (step.window, step.pane)
        for client in (one, other):
            client.show(windows[looks[0]], *looks)
            client.paint() if step.paints or client is one else None
        if step.keys:
            one.view.keys(step.keys, one.now_s)
    one.come_back()
    other.paint()
    frame = windows[looks[0]]
    for client in (one, other):
        shown = client.terminal.snapshot()
        assert [row.text for row in shown.rows[:-1]] == [row.text for row in frame.rows]
        assert f"{looks[0]}:w{looks[0]}*" in shown.rows[-1].text
        assert shown.cursor == frame.cursor or not frame.cursor.is_visible
