"""A view as its owner sees it: what the client's terminal shows after keys, frames, sizes and time."""

from dataclasses import replace

import pytest

from pairterm.terminal.frame import Cursor, Modes, Mouse, MouseEncoding
from pairterm.types import Role, Size
from pairterm.view import (
    Detach,
    PaintCache,
    Redraw,
    TerminalKind,
    Type,
    View,
)
from pairterm.view.lone_keys import ALONE_S
from pairterm.view.message_time import MESSAGE_S, MORE_LINE_S
from tests.unit.view.watching import KIND, SIZE, Client, frame_of


def test_a_new_view_has_nothing_to_paint_and_no_timer() -> None:
    view = Client().view
    assert not view.is_dirty
    assert view.paint(0.0) == b""
    assert view.wake_at_s is None


def test_typing_reaches_the_session_and_the_prefix_does_not() -> None:
    client = Client()
    client.show(frame_of("$ "))
    assert client.keys(b"ls\r") == [Type(b"ls\r")]
    assert client.keys(b"\x02d") == [Detach()]
    assert client.keys(b"\x02\x02") == [Type(b"\x02")]
    assert client.keys(b"\x02R") == [Redraw()]


def test_a_redraw_mends_a_terminal_that_something_else_wrote_on() -> None:
    client = Client()
    client.show(frame_of("one", "two"))
    client.terminal.feed(b"\x1b[3;1Hwall: the machine goes down\x1b[?7l\x1b[4h")
    client.keys(b"\x02R")
    assert client.lines[:3] == ["one", "two", ""]


@pytest.mark.parametrize("data", [b"q", b"\x03", b"\x04", b"\x02d"])
def test_one_who_looks_on_may_leave_in_four_ways(data: bytes) -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    assert [*client.keys(data), *client.wait(ALONE_S)] == [Detach()]


def test_the_help_is_for_the_role_and_any_key_closes_it() -> None:
    client = Client(Role.READ_ONLY, Size(rows=24, cols=100))
    client.show(frame_of("$ "))
    assert client.keys(b"?") == client.wait(ALONE_S) == []
    assert "demo" in client.lines[0]
    assert any("reaches nobody" in line for line in client.lines)
    assert not any("send the prefix" in line for line in client.lines)
    assert client.keys(b"x") == []
    assert client.lines[0].startswith("$")
    typing = Client(Role.READ_WRITE, Size(rows=120, cols=100))
    typing.show(frame_of("$ "))
    typing.keys(b"\x02?")
    assert any("C-b C-b" in line and "send the prefix" in line for line in typing.lines)
    assert typing.keys(b"x") == []


def test_a_help_longer_than_the_screen_can_be_turned() -> None:
    client = Client()
    client.show(frame_of("$ "))
    client.keys(b"\x02?")
    first = client.lines
    assert first[0].startswith(" Keys in demo")
    client.keys(b"\x1b[6~")
    assert client.lines[0].startswith(" Keys in demo")
    assert client.lines[1] != first[1]
    client.keys(b"q")
    assert client.lines[0] == "$"


def test_a_message_lies_over_the_last_row_for_a_while_and_nothing_moves() -> None:
    client = Client()
    client.show(frame_of(*(f"row {number}" for number in range(8))))
    client.view.tell("ann joined", client.now_s)
    client.paint()
    assert client.lines[-1] == " ann joined"
    assert client.lines[:-1] == [f"row {number}" for number in range(7)]
    assert client.view.wake_at_s == client.now_s + MESSAGE_S
    client.wait(MESSAGE_S)
    assert client.lines[-1] == "row 7"
    assert client.view.wake_at_s is None


def test_a_long_message_takes_rows_from_below_and_stays_longer() -> None:
    client = Client()
    client.show(frame_of(*(f"row {number}" for number in range(8))))
    client.view.tell("ann (owner), bob (read-write), carol (read-only)\nthe second line", client.now_s)
    client.paint()
    assert client.lines[-4:] == ["row 4", " ann (owner), bob (read-write), carol", " (read-only)", " the second line"]
    client.wait(MESSAGE_S)
    assert client.lines[-1] == " the second line"
    client.wait(2 * MORE_LINE_S)
    assert client.lines[-1] == "row 7"
    client.view.tell("word " * 200, client.now_s)
    client.paint()
    assert client.lines[3] == "row 3"  # half of the screen at most
    assert client.lines[-1].endswith("…")


@pytest.mark.parametrize("cols", [1, 2, 3, 4, 5, 40])
def test_any_message_fits_any_terminal(cols: int) -> None:
    client = Client(size=Size(rows=3, cols=cols))
    client.show(frame_of("$", size=Size(rows=3, cols=cols)))
    for text in ("", "漢字 漢字漢字漢字漢字", "x" * 300, "e\u0301" * 50, "\n\n\n"):
        client.view.tell(text, client.now_s)
        client.paint()
        assert all(len(row.cells) == cols for row in client.terminal.snapshot().rows)


def test_a_resize_paints_whole_and_leaving_still_knows_the_modes() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(bracketed_paste=True)))
    client.view.resize(Size(rows=5, cols=30))
    assert b"\x1b[?2004l" in client.view.leave("bye")
    assert client.view.is_dirty
    assert client.view.paint(client.now_s).count(b"\x1b[2J") == 1


def test_the_client_s_own_title_stays_until_the_program_sets_one() -> None:
    """Not every terminal has a title stack: an empty title on entering was there for good."""
    client = Client()
    client.terminal.feed(b"\x1b]2;mine\x07")
    client.show(frame_of("x"))
    client.keys(b"\x02r")
    assert client.terminal.snapshot().title == "mine"
    client.show(replace(frame_of("x"), title="vim"))
    assert client.terminal.snapshot().title == "vim"
    client.view.resize(SIZE)
    client.show(frame_of("x"))  # the program took its title back while the terminal changed its size
    assert client.terminal.snapshot().title == ""


def test_leaving_prints_the_line_without_control_characters() -> None:
    client = Client()
    client.show(frame_of("x"))
    assert client.view.leave("[detached from \x1b]0;evil\x07ünder]").endswith(
        "[detached from ?]0;evil?ünder]\r\n".encode()
    )
    plain = View(session="s", role=Role.OWNER, size=SIZE, kind=TerminalKind.of("vt100"))
    assert plain.leave("ünder").endswith(b"?nder\r\n")


def test_a_lost_right_to_type_takes_the_modes_away_and_gives_the_looker_s_keys() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(mouse=Mouse.ALL, mouse_encoding=MouseEncoding.SGR, bracketed_paste=True)))
    assert client.terminal.snapshot().modes.mouse is Mouse.ALL
    client.view.keys(b"\x02", client.now_s)
    client.view.set_role(Role.READ_ONLY, client.now_s)
    client.paint()
    assert client.terminal.snapshot().modes == Modes()
    assert client.keys(b"d") == []  # the prefix that was down is up again
    client.wait(ALONE_S)
    assert [*client.keys(b"q"), *client.wait(ALONE_S)] == [Detach()]


@pytest.mark.parametrize("opening", [b"\x02?", b"\x1b[5~", b"\x02["])
def test_the_rest_of_a_word_that_closes_a_page_makes_no_watcher_leave(opening: bytes) -> None:
    """A watcher typed `quit` while the list of keys lay open: `q` closed it, and the next `q` would have left."""
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    client.keys(opening)
    for letter in b"qqqu":
        assert client.keys(bytes((letter,))) == []
        assert client.wait(0.3) == []
    assert client.wait(ALONE_S) == []
    assert client.lines[0] == "$"


def test_the_rest_of_a_word_of_somebody_who_lost_their_role_makes_them_not_leave() -> None:
    client = Client()
    client.show(frame_of("$ "))
    client.keys(b"ls")
    client.view.set_role(Role.READ_ONLY, client.now_s)
    for key in (b"q", b"\x03", b"\x04", b"u", b"q"):
        assert client.keys(key) == []
        assert client.wait(0.4) == []
    assert client.wait(ALONE_S) == []
    assert "you are watching" in "".join(client.lines)
    assert [*client.keys(b"q"), *client.wait(ALONE_S)] == [Detach()]


def test_a_role_that_comes_back_forgets_a_watcher_s_key() -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    client.keys(b"q")
    client.view.set_role(Role.READ_WRITE, client.now_s)
    assert client.wait(ALONE_S) == []
    assert client.view.wake_at_s is None


def test_a_small_terminal_follows_the_cursor_pans_and_follows_again() -> None:
    client = Client(Role.READ_ONLY, Size(rows=3, cols=10))
    session = Size(rows=30, cols=40)
    frame = frame_of(*(f"{number:2} the quick brown fox jumps" for number in range(30)), size=session)
    client.show(replace(frame, cursor=Cursor(29, 0)))
    client.wait(MESSAGE_S + 1)
    assert client.lines == ["27 the qui", "28 the qui", "29 the qui"]
    client.keys(b"\x1b[A")
    assert "view 10" in client.lines[-1]
    client.wait(MESSAGE_S + 1)
    assert client.lines == ["23 the qui", "24 the qui", "25 the qui"]
    client.show(replace(frame, cursor=Cursor(0, 0), generation=2))
    assert client.lines[0].startswith("23")
    client.keys(b"\x1b[H")
    assert client.lines[0].startswith(" 0")


def test_the_mouse_is_told_in_the_session_s_cells() -> None:
    """A click on a viewport went to the wrong place, and one on the border into the program."""
    modes = Modes(mouse=Mouse.CLICKS, mouse_encoding=MouseEncoding.SGR)
    client = Client(size=Size(rows=5, cols=20))
    frame = frame_of("x", size=Size(rows=30, cols=40), modes=modes)
    client.show(replace(frame, cursor=Cursor(29, 39)))
    assert client.keys(b"\x1b[<0;1;1M") == [Type(b"\x1b[<0;21;26M")]
    assert client.keys(b"\x1b[<00;0000001;000001M") == [Type(b"\x1b[<0;21;26M")]
    large = Client(size=Size(rows=40, cols=80))
    large.show(frame)
    assert large.keys(b"\x1b[<0;40;30M") == [Type(b"\x1b[<0;40;30M")]
    assert large.keys(b"\x1b[<0;41;30M") == []


def test_the_old_mouse_encoding_keeps_its_bytes() -> None:
    client = Client()
    client.show(frame_of("x", modes=Modes(mouse=Mouse.CLICKS)))
    assert client.keys(b"\x1b[M \x22\x23\x02d") == [Type(b"\x1b[M \x22\x23"), Detach()]


def test_clients_in_step_share_pictures_and_bytes() -> None:
    cache = PaintCache()
    views = [
        View(session="s", role=Role.READ_ONLY, size=Size(rows=9, cols=50), kind=KIND, cache=cache) for _ in range(3)
    ]
    for frame in (frame_of("one"), frame_of("two")):
        for view in views:
            view.show(frame)
        painted = [view.paint(1.0) for view in views]
        assert painted[0]
        assert all(one is painted[0] for one in painted)
