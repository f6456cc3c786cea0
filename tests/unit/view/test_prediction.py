"""Prediction: typed text before its echo, judged by the frames that come."""

from __future__ import annotations

from pairterm.terminal import Terminal
from pairterm.terminal.frame import UNDERLINE_MASK, Frame
from pairterm.types import ECHO_TIME_S, Size
from pairterm.view.prediction import PredictMode, Predictor

SIZE = Size(rows=5, cols=20)


class Line:
    """A program's screen, and a terminal that is a round trip away from it."""

    def __init__(
        self, output: bytes = b"$ ", *, mode: PredictMode = PredictMode.ADAPTIVE, away_s: float = 0.15
    ) -> None:
        self.terminal = Terminal(SIZE)
        self.terminal.feed(output)
        self.predictor = Predictor(mode)
        self.away_s = away_s
        self.now_s = 0.0
        self.serial = 0
        self.predictor.picture(self.terminal.snapshot(), None)

    def type(self, data: bytes) -> None:
        self.serial = self.predictor.typed(data, self.now_s) or 0

    def echo(self, output: bytes, serial: int | None = None) -> None:
        """The program prints this, and the host marks the input up to `serial`; None: all."""
        self.terminal.feed(output)
        self.now_s += self.away_s + ECHO_TIME_S
        frame = self.terminal.snapshot()
        self.predictor.picture(frame, None)
        marked = self.serial if serial is None else serial
        self.predictor.marked(marked, marked, frame.generation, self.now_s)

    @property
    def frame(self) -> Frame:
        shown = self.predictor.shown
        assert shown is not None
        return shown

    @property
    def text(self) -> str:
        return self.frame.rows[self.frame.cursor.row].text.rstrip()

    @property
    def place(self) -> tuple[int, int]:
        return self.frame.cursor.row, self.frame.cursor.col


def confirmed(**options: float) -> Line:
    """Return a line on which one key was confirmed: what is typed now is shown at once."""
    line = Line(away_s=options.get("away_s", 0.15))
    line.type(b"a")
    line.echo(b"a")
    return line


def test_a_key_is_shown_at_once_after_one_was_confirmed() -> None:
    line = Line()
    line.type(b"l")
    assert line.text == "$", "the program may not echo"
    line.echo(b"l")
    line.type(b"s")
    assert (line.text, line.place) == ("$ ls", (0, 4))
    assert line.frame.rows[0].pens[3].flags & UNDERLINE_MASK, "it is a guess until the host confirms it"
    assert not line.frame.rows[0].pens[2].flags & UNDERLINE_MASK
    line.echo(b"s")
    assert line.frame is line.terminal.snapshot()


def test_a_password_is_never_shown() -> None:
    line = confirmed()
    line.type(b"\r")
    line.echo(b"\r\nPassword: ")
    for char in b"secret":
        line.type(bytes([char]))
        assert line.text == "Password:"
        line.echo(b"")
    line.type(b"\r")
    line.type(b"x")
    assert line.text == "Password:"


def test_after_enter_text_is_shown_again_when_the_new_line_has_confirmed_one() -> None:
    line = confirmed()
    line.type(b"\r")
    line.echo(b"\r\n$ ")
    line.type(b"l")
    assert line.text == "$"
    line.echo(b"l")
    line.type(b"s")
    assert line.text == "$ ls"


def test_keys_that_are_on_their_way_are_predicted_as_soon_as_the_new_line_is_known() -> None:
    line = confirmed()
    line.type(b"\r")
    enter = line.serial
    line.type(b"l")
    line.echo(b"\r\n$ ", enter)
    assert line.text == "$"
    line.echo(b"l", enter + 1)
    line.type(b"s")
    assert line.text == "$ ls"


def test_a_wrong_prediction_is_withdrawn_without_a_trace() -> None:
    line = confirmed()
    line.type(b"b")
    assert line.text == "$ ab"
    line.echo(b"X")
    assert line.frame is line.terminal.snapshot()
    line.type(b"c")
    assert line.text == "$ aX", "trust begins anew"


def test_what_is_typed_can_be_erased_but_not_the_prompt() -> None:
    line = confirmed()
    line.type(b"b")
    line.type(b"\x7f")
    assert (line.text, line.place) == ("$ a", (0, 3))
    line.type(b"\x7f")
    assert (line.text, line.place) == ("$", (0, 2))
    line.type(b"\x7f")
    assert line.place == (0, 3), "nothing is known now: the host's cursor"
    assert line.frame.rows[0].cells[0] == "$"


def test_text_is_inserted_in_the_middle_of_a_line() -> None:
    line = confirmed()
    line.type(b"bd")
    line.type(b"\x1b[D")
    line.type(b"c")
    assert (line.text, line.place) == ("$ abcd", (0, 5))
    line.echo(b"bd\x1b[Dcd\x1b[D")
    assert line.frame is line.terminal.snapshot()


def test_a_suggestion_in_another_colour_is_written_over() -> None:
    line = confirmed()
    line.type(b"b")
    line.echo(b"b\x1b[90mcd\x1b[m\x1b[2D")
    line.type(b"c")
    assert line.text == "$ abcd"


def test_wide_characters_take_two_columns() -> None:
    line = confirmed()
    line.type("語".encode())
    assert (line.frame.rows[0].cells[3:5], line.place) == (("語", ""), (0, 5))
    line.type(b"\x7f")
    assert line.place == (0, 3)


def test_at_the_margin_it_waits_for_the_host() -> None:
    line = confirmed()
    line.type(b"b" * 17)
    assert line.text == "$ a" + "b" * 17
    line.type(b"c")
    assert line.text == "$ a" + "b" * 17
    assert line.frame.rows[1].text.strip() == ""


def test_right_in_the_last_column_waits_for_the_host() -> None:
    """It was an exception, and ended `pairterm join`, when a typed line had just filled the last column."""
    line = confirmed()
    line.type(b"b" * 17)
    line.echo(b"b" * 17)
    line.type(b"\x1b[C")
    line.type(b"c")
    assert line.frame is line.terminal.snapshot()


def test_predictions_move_with_the_text() -> None:
    line = Line(b"\r\n" * 4 + b"$ ")
    line.type(b"a")
    line.echo(b"a")
    line.type(b"b")
    assert line.frame.rows[4].text.rstrip() == "$ ab"
    line.terminal.feed(b"\x1b7\x1b[5;1H\r\nnews\x1b8\x1b[1A")
    shown = line.predictor.picture(line.terminal.snapshot(), None)
    assert shown.rows[3].text.rstrip() == "$ ab"


def test_on_a_short_line_nothing_is_predicted_and_never_means_never() -> None:
    line = confirmed(away_s=0.005)
    line.type(b"b")
    assert line.frame is line.terminal.snapshot()
    never = Line(mode=PredictMode.NEVER)
    assert never.predictor.typed(b"a", 0.0) is None
    always = Line(mode=PredictMode.ALWAYS, away_s=0.001)
    always.type(b"a")
    always.echo(b"a")
    always.type(b"b")
    assert always.text == "$ ab"
    assert not always.frame.rows[0].pens[3].flags & UNDERLINE_MASK, "on a short line it is confirmed before one looks"


def test_another_window_another_connection_and_a_program_that_takes_the_screen_withdraw_all() -> None:
    line = confirmed()
    line.type(b"b")
    line.terminal.feed(b"\x1b[?1049h")
    assert line.predictor.picture(line.terminal.snapshot(), None) is line.terminal.snapshot()
    line = confirmed()
    line.type(b"b")
    line.predictor.reset()
    assert line.predictor.picture(line.terminal.snapshot(), None) is line.terminal.snapshot()


def test_marks_of_strangers_and_old_ones_change_nothing() -> None:
    line = confirmed()
    line.type(b"b")
    for serial in (0, 1, 99, 2**40):
        line.predictor.marked(serial, serial, 0, line.now_s)
    assert line.text == "$ ab"


def test_a_host_that_marks_nothing_costs_a_bound() -> None:
    line = confirmed()
    for _ in range(1000):
        line.type(b"b")
        line.type(b"\x7f")
    assert len(line.predictor._inputs) <= 200
