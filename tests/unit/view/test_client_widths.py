"""A client's terminal is asked for its widths once; its answers are for its own view, however they come."""

import pytest

from pairterm.terminal.frame import Modes, Mouse, MouseEncoding, blank_frame
from pairterm.types import Role, Size
from pairterm.view import TerminalKind, Type, View
from pairterm.view.client_widths import ANSWER_TIME_S, OWN_WIDTHS, QUESTION, ClientWidths, WidthQuestion
from pairterm.view.input_pieces import ESCAPE_WAIT_S
from tests.unit.view.watching import KIND, SIZE, Client, frame_of

TMUX = b"".join(b"\x1b[2;%dR" % column for column in (3, 3, 3, 5, 2, 3, 2, 3))
"""What tmux 3.3a answers."""
TMUX_WIDTHS = ClientWidths(regional=1, mark=1, joins_tones=False, widens=False)
OWN = b"\x1b[2;3R" * 7 + b"\x1b[2;2R"


def answered(columns: list[int]) -> ClientWidths | None:
    question = WidthQuestion()
    return [question.take(b"\x1b[2;%dR" % (column + 1), 0.0) for column in columns][-1]


@pytest.mark.parametrize(
    ("columns", "widths"),
    [
        ([2, 2, 2, 2, 2, 2, 2, 1], OWN_WIDTHS),
        ([2, 2, 2, 4, 1, 2, 1, 2], TMUX_WIDTHS),
        ([2, 2, 4, 4, 2, 4, 1, 2], ClientWidths(flag=4, mark=1, joins=False, joins_tones=False, widens=False)),
        ([2, 2, 3, 4, 2, 2, 2, 1], None),
        ([0, 2, 2, 2, 2, 2, 2, 1], None),
        ([2, 2, 2, 2, 2, 3, 2, 1], None),
        ([11, 9, 2, 2, 2, 2, 2, 1], None),
    ],
)
def test_widths_that_contradict_each_other_are_none(columns: list[int], widths: ClientWidths | None) -> None:
    assert answered(columns) == widths


def test_a_picture_is_painted_anew_in_the_widths_that_were_told() -> None:
    client = Client()
    frame = frame_of("👩\u200d💻 👍🏽 கா x")
    client.show(frame)
    assert client.keys(TMUX) == []
    assert client.view._base is not None
    assert client.view._base.rows[0].cells[:10] == ("👩\u200d💻", "", " ", "👍", "", "🏽", "", " ", "க", "ா")
    assert b"\x1b[?7l" not in client.show(frame_of(" " * 37 + "é"))  # no doubt is left


def test_a_terminal_with_the_model_s_own_widths_is_not_painted_again() -> None:
    client = Client()
    client.show(frame_of("👩\u200d💻 x"))
    assert client.view.keys(OWN, client.now_s) == []
    assert not client.view.is_dirty
    assert client.view.paint(client.now_s) == b""


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_answers_are_never_typed_however_they_are_cut(role: Role, size: int) -> None:
    """Each piece comes a while after the one before, as on a bad line; keys go on between answers."""
    client = Client(role)
    client.show(frame_of("x"))
    actions = []
    for at in range(0, len(TMUX), size):
        actions += client.keys(TMUX[at : at + size])
        actions += client.wait(ESCAPE_WAIT_S * 2)
    actions += client.keys(b"a")
    assert b"".join(action.data for action in actions if isinstance(action, Type)) == (b"a" if role.may_type else b"")
    assert client.view._layers.widths == TMUX_WIDTHS


def test_half_an_answer_whose_rest_is_lost_is_dropped() -> None:
    client = Client()
    client.show(frame_of("x"))
    assert client.keys(b"\x1b[2;") == []
    assert client.wait(10.0) == []
    assert client.keys(b"a") == [Type(b"a")]


def test_late_answers_change_nothing_and_are_not_typed() -> None:
    client = Client()
    client.show(frame_of("❤\ufe0f x"))
    client.wait(ANSWER_TIME_S + 1)
    assert client.keys(TMUX) == []
    assert client.view._layers.widths is None
    assert not client.view.kind.has_known_widths


def test_a_flood_of_answers_is_not_kept() -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("x"))
    client.view._reader.feed(b"\x1b[?1;2c" * 10_000, client.now_s)
    assert len(client.view._reader.heard) < 100


def test_answers_nobody_asked_for_change_nothing() -> None:
    client = Client()
    client.show(frame_of("x"))
    client.keys(OWN)
    assert client.keys(TMUX) == []
    assert client.view._layers.widths is None


def test_an_escape_is_not_held_up_once_the_terminal_has_answered() -> None:
    client = Client()
    client.show(frame_of("x"))
    client.keys(OWN)
    assert client.keys(b"\x1b") == []
    assert client.wait(ESCAPE_WAIT_S) == [Type(b"\x1b")]


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (TerminalKind.of("vt100"), SIZE),
        (TerminalKind.of("no-such-terminal"), SIZE),
        (TerminalKind.of("xterm", lang="C"), SIZE),
        (KIND, Size(rows=1, cols=80)),
        (KIND, Size(rows=24, cols=9)),
    ],
)
def test_a_terminal_that_may_not_answer_is_not_asked(kind: TerminalKind, size: Size) -> None:
    view = View(session="demo", role=Role.READ_WRITE, size=size, kind=kind)
    view.show(blank_frame(size))
    assert b"\x1b[6n" not in view.enter() + view.paint(0.0)


def test_the_question_is_asked_once_and_before_anything_is_painted() -> None:
    client = Client()
    assert View(session="demo", role=Role.READ_ONLY, size=SIZE, kind=KIND).enter().endswith(QUESTION)
    client.show(frame_of("x"))
    client.view.resize(Size(rows=9, cols=41))
    assert b"\x1b[6n" not in client.view.paint(client.now_s)


def test_the_mouse_points_at_the_same_text() -> None:
    """A click on the text behind a character that is wider there went to the cell beside it."""
    client = Client()
    client.show(frame_of("கா x", "plain", modes=Modes(mouse=Mouse.CLICKS, mouse_encoding=MouseEncoding.SGR)))
    client.keys(TMUX)
    assert client.keys(b"\x1b[<0;4;1M") == [Type(b"\x1b[<0;3;1M")]  # the x
    assert client.keys(b"\x1b[<0;2;1M") == [Type(b"\x1b[<0;1;1M")]  # the vowel sign
    assert client.keys(b"\x1b[<0;4;2M") == [Type(b"\x1b[<0;4;2M")]
    assert client.keys(b"\x1b[<0;40;1M") == [Type(b"\x1b[<0;40;1M")]


def test_what_is_private_is_laid_out_too() -> None:
    """The prompt and messages may hold any character."""
    client = Client()
    client.show(frame_of("x"))
    client.keys(TMUX)
    client.view.tell("கா is here", client.now_s)
    client.paint()
    assert client.view._base is not None
    assert any(row.cells[1:3] == ("க", "ா") for row in client.view._base.rows)
    client.keys(b"\x02:" + "கா".encode())
    assert any(row.cells[at : at + 2] == ("க", "ா") for row in client.view._base.rows for at in range(8))
