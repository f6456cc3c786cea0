"""The law of prediction, over a line with any delay, and programs that echo, do not echo, or print on their own.

Once everything is confirmed, the picture is the host's frame, the same object. And what
is typed at a prompt that does not echo is never on the screen, at no time.
"""

from __future__ import annotations

from collections import deque

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, Size, WindowId
from pairterm.view.prediction import PredictMode, Predictor
from pairterm.view.shown_panes import ShownPanes

_SIZE = Size(rows=4, cols=16)
_PANE = Rect(0, 0, 4, 16)
SECRETS = "QXZ語"
"""Typed at a prompt that does not echo, and printed by nobody."""

NEWS = [b"\x1b7\x1b[1;1Hnews\x1b8", b"\x1b[5m", b"\x1b7\x1b[4;1H\n\x1b8\x1b[A"]
"""What the program prints on its own: beside the line, nothing to see, and a line that moves all up."""

KEYS = [b"a", b"b", "é".encode(), b"ab", b"\x7f", b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x01", b"\t"]


class Program:
    """A shell with a line editor, which now and then asks for a password."""

    def __init__(self) -> None:
        self.terminal = Terminal(_SIZE)
        self.terminal.feed(b"$ ")
        self.line = ""
        self.at = 0
        self.echoes = True
        self.next_echoes = True

    def take(self, data: bytes) -> None:
        if data == b"\r":
            self.echoes, self.line, self.at = self.next_echoes, "", 0
            self.terminal.feed(b"\r\n$ " if self.echoes else b"\r\npw: ")
        elif self.echoes:
            self._edit(data)

    def _edit(self, data: bytes) -> None:
        before = self.at
        match data:
            case b"\x7f":
                self.line = self.line[: max(0, self.at - 1)] + self.line[self.at :]
                self.at = max(0, self.at - 1)
            case b"\x1b[D":
                self.at = max(0, self.at - 1)
            case b"\x1b[C":
                self.at = min(len(self.line), self.at + 1)
            case b"\x01":
                self.at = 0
            case b"\t":
                self.line, self.at = "completed", 9
            case _ if data[:1] != b"\x1b":
                text = data.decode()
                if len(self.line) + len(text) > 10:
                    return
                self.line = self.line[: self.at] + text + self.line[self.at :]
                self.at += len(text)
        left = f"\x1b[{before}D" if before else ""
        back = len(self.line) - self.at
        right = f"\x1b[{back}D" if back else ""
        self.terminal.feed(f"{left}\x1b[K{self.line}{right}".encode())


class Predictions(RuleBasedStateMachine):
    """A person, a line with a delay each way, and a program."""

    def __init__(self) -> None:
        super().__init__()
        self.program = Program()
        self.predictor = Predictor(PredictMode.ALWAYS)
        self.now_s = 0.0
        self.there: deque[tuple[int, bytes]] = deque()
        """Inputs on their way to the program."""
        self.back: deque[Frame | tuple[int, int, int]] = deque()
        """Frames and marks on their way back, in order."""
        self.taken = self.marked = 0
        self.frame = self.program.terminal.snapshot()
        self.typed_line_echoes = True
        """Whether the next keys arrive at a prompt that echoes."""
        self.show(self.frame)

    def show(self, frame: Frame) -> None:
        self.frame = frame
        self.predictor.picture(frame, ShownPanes(WindowId(0), ((PaneId(0), _PANE),), PaneId(0), frame))

    def type_bytes(self, data: bytes) -> None:
        serial = self.predictor.typed(data, self.now_s)
        assert serial is not None
        self.there.append((serial, data))

    @rule(key=st.sampled_from(KEYS))
    def type_key(self, key: bytes) -> None:
        if self.typed_line_echoes:
            self.type_bytes(key)

    @rule(secret=st.sampled_from(SECRETS))
    def type_secret(self, secret: str) -> None:
        if not self.typed_line_echoes:
            self.type_bytes(secret.encode())

    @rule(echoes=st.booleans())
    def enter(self, echoes: bool) -> None:
        """End the line. The next prompt is decided now, so that the test knows what arrives there."""
        self.deliver_all_there()
        self.program.next_echoes = self.typed_line_echoes = echoes
        self.type_bytes(b"\r")

    @rule(count=st.integers(1, 3))
    def deliver(self, count: int) -> None:
        for _ in range(count):
            if self.there:
                self.taken, data = self.there.popleft()
                self.program.take(data)
                self.publish()

    def deliver_all_there(self) -> None:
        while self.there:
            self.deliver(1)

    def publish(self) -> None:
        frame = self.program.terminal.snapshot()
        newest = next((each for each in reversed(self.back) if isinstance(each, Frame)), self.frame)
        if frame is not newest:
            self.back.append(frame)

    @rule()
    def mark(self) -> None:
        """All input that the program has taken has had its time."""
        if self.taken > self.marked:
            self.marked = self.taken
            self.back.append((self.taken, self.taken, self.program.terminal.snapshot().generation))

    @rule(text=st.sampled_from(NEWS))
    def print_something(self, text: bytes) -> None:
        self.program.terminal.feed(text)
        self.publish()

    @rule(count=st.integers(1, 4), pause_s=st.sampled_from([0.01, 0.2]))
    def come_back(self, count: int, pause_s: float) -> None:
        self.now_s += pause_s
        for _ in range(min(count, len(self.back))):
            match self.back.popleft():
                case Frame() as frame:
                    self.show(frame)
                case serial, newest, generation:
                    self.predictor.marked(serial, newest, generation, self.now_s)

    @rule()
    def settle(self) -> None:
        """Everything arrives: the law."""
        self.deliver_all_there()
        self.mark()
        while self.back:
            self.come_back(4, 0.01)
        assert self.predictor.shown is self.frame is self.program.terminal.snapshot()

    @invariant()
    def no_secret_is_shown(self) -> None:
        shown = self.predictor.shown
        assert shown is not None
        assert not set(SECRETS) & set("".join(row.text for row in shown.rows))
        assert 0 <= shown.cursor.row < _SIZE.rows
        assert 0 <= shown.cursor.col < _SIZE.cols
        assert all(len(row.cells) == len(row.pens) == _SIZE.cols for row in shown.rows)


TestPredictions = Predictions.TestCase
