"""The last row: who is here, what is new, how to get help; and what happens where there is no room for it."""

import pytest

from pairterm.terminal.frame import BOLD
from pairterm.types import Attendance, Attendee, Role, Size
from pairterm.view.message_time import MESSAGE_S
from pairterm.view.shown_windows import ShownWindows, WindowTab
from tests.unit.view.watching import Client, frame_of


def test_the_status_line_takes_the_last_row_and_tells_who_is_here() -> None:
    client = Client(size=Size(rows=9, cols=100), status=True)
    assert client.view.content_size == Size(rows=8, cols=100)
    people = (Attendee("ann", Role.OWNER), Attendee("bob", Role.READ_WRITE))
    client.view.attend(Attendance(people, 2, "bob", "ann"))
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    line = client.lines[-1]
    assert line.startswith(" demo")
    for part in ("read-write", "2 here: ann, bob", "bob types"):
        assert part in line
    assert "size" not in line
    client.show(frame_of("$ ", size=Size(rows=7, cols=80)))
    assert client.lines[-1].endswith("size 80×7 (set by ann)")
    client.wait(MESSAGE_S)
    assert "size" not in client.lines[-1]
    assert client.view.wake_at_s is None


def test_a_message_does_not_eat_the_news_of_a_size() -> None:
    """One who left changed the size, and the word that he left lay over the word of the size for as long."""
    client = Client(size=Size(rows=9, cols=100), status=True)
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    for message_first in (True, False):
        if message_first:
            client.view.tell("bob left", client.now_s)
        client.show(frame_of("$ ", size=Size(rows=7, cols=80 + message_first)))
        if not message_first:
            client.view.tell("bob left", client.now_s)
            client.paint()
        assert client.lines[-1] == " bob left"
        client.wait(MESSAGE_S)
        assert f"size {80 + message_first}×7" in client.lines[-1]
        client.wait(MESSAGE_S)
        assert "size" not in client.lines[-1]
    assert client.view.wake_at_s is None


def test_the_status_line_counts_while_the_host_is_away() -> None:
    client = Client(status=True)
    client.show(frame_of("$ "))
    client.view.link_away(client.now_s - 12)
    client.paint()
    assert "host away 12 s" in client.lines[-1]
    assert client.view.wake_at_s == client.now_s + 1
    client.wait(1)
    assert "host away 13 s" in client.lines[-1]
    client.view.link_away(None)
    client.paint()
    assert "away" not in client.lines[-1]
    assert client.view.wake_at_s is None


@pytest.mark.parametrize(
    ("role", "hint"),
    [(Role.READ_ONLY, "? keys  q leaves"), (Role.READ_WRITE, "C-b ? keys"), (Role.OWNER, "C-b ? keys")],
)
def test_a_quiet_status_line_says_how_to_get_help(role: Role, hint: str) -> None:
    client = Client(role, status=True)
    client.show(frame_of("$ ", size=client.view.content_size))
    assert client.lines[-1].endswith(hint)


@pytest.mark.parametrize("cols", [1, 5, 12, 30, 200])
def test_a_narrow_status_line_is_cut_never_wrapped(cols: int) -> None:
    client = Client(size=Size(rows=5, cols=cols), status=True)
    client.view.attend(Attendance(tuple(Attendee(f"漢字{n}", Role.OWNER) for n in range(9)), 20, "漢字1", "漢字2"))
    client.view.show_windows(
        ShownWindows(tuple(WindowTab(n, f"漢字{n}", "*" * (n == 4), False) for n in range(9)), "with 漢字1")
    )
    client.show(frame_of("$ "))
    assert len(client.terminal.snapshot().rows[-1].cells) == cols


def test_two_rows_are_too_few_for_a_status_line() -> None:
    assert Client(size=Size(rows=2, cols=20), status=True).view.content_size == Size(rows=2, cols=20)
    assert Client(size=Size(rows=3, cols=20), status=True).view.content_size == Size(rows=2, cols=20)


TABS = (
    WindowTab(0, "vim", "", False),
    WindowTab(1, "zsh", "-", False),
    WindowTab(2, "tests", "*", False),
    WindowTab(3, "", "", True),
    WindowTab(4, "log", "!", False),
    WindowTab(5, "make", "#", False),
)


@pytest.mark.parametrize(
    ("cols", "line"),
    [
        (
            130,
            " demo  0:vim 1:zsh- 2:tests* 3:hidden 4:log! 5:make#  with ana  read-write   2 here: ann, bob  bob types"
            "               C-b ? keys",
        ),
        (100, " demo  0:vim 1:zsh- 2:tests* 3:hidden 4:log! 5:make#  with ana  read-write   2 here  bob types"),
        (80, " demo  0:vim 1:zsh- 2:tests* 3:hidden 4:log!>  with ana  read-write   2 here"),
        (60, " demo  <2:tests* 3:hidden>  with ana  read-write   2 here"),
        (50, " demo  <2:tests*>  with ana  read-write   2 here"),
        (40, " demo  <2:tests*>  with ana  read-write"),
        (30, " <2:tests*>  ana  read-write"),
        (20, " <2:tests*>  ana"),
        (13, " <2:tests*>"),
        (12, " read-write"),
        (5, " demo"),
    ],
)
def test_windows_stand_beside_the_session_and_the_current_one_stays_longest(cols: int, line: str) -> None:
    client = Client(size=Size(rows=5, cols=cols), status=True)
    people = (Attendee("ann", Role.OWNER), Attendee("bob", Role.READ_WRITE))
    client.view.attend(Attendance(people, 2, "bob", "ann"))
    client.view.show_windows(ShownWindows(TABS, "with ana"))
    client.show(frame_of("$ ", size=Size(rows=4, cols=cols)))
    assert client.lines[-1] == line


def test_the_current_window_is_bold_and_the_others_are_not() -> None:
    client = Client(size=Size(rows=5, cols=80), status=True)
    client.view.show_windows(ShownWindows(TABS, ""))
    client.show(frame_of("$ ", size=Size(rows=4, cols=80)))
    row = client.terminal.snapshot().rows[-1]
    bold = "".join(cell for cell, pen in zip(row.cells, row.pens, strict=True) if pen.flags & BOLD)
    assert bold.split() == ["demo", "2:tests*read-write"]


@pytest.mark.parametrize(("cols", "is_shown"), [(80, True), (40, False)])
def test_a_single_window_is_shown_only_where_nothing_else_makes_room_for_it(cols: int, is_shown: bool) -> None:
    client = Client(size=Size(rows=5, cols=cols), status=True)
    people = (Attendee("ann", Role.OWNER), Attendee("bob", Role.READ_WRITE))
    client.view.attend(Attendance(people, 2, "bob", "ann"))
    client.view.show_windows(ShownWindows((WindowTab(0, "zsh", "*", False),), ""))
    client.show(frame_of("$ ", size=Size(rows=4, cols=cols)))
    assert ("0:zsh*" in client.lines[-1]) is is_shown
    assert ("2 here: ann, bob" in client.lines[-1]) is is_shown


def test_the_owner_sees_the_name_of_a_hidden_window_and_a_long_name_is_cut() -> None:
    client = Client(Role.OWNER, Size(rows=5, cols=100), status=True)
    tabs = (WindowTab(0, "secrets", "*", True), WindowTab(1, "a-name-that-is-much-too-long", "", False))
    client.view.show_windows(ShownWindows(tabs, "own view"))
    client.show(frame_of("$ ", size=Size(rows=4, cols=100)))
    assert client.lines[-1].startswith(" demo  0:secrets(hidden)* 1:a-name-that-is-much…  own view  owner")


@pytest.mark.parametrize(
    ("tabs", "note", "shown"),
    [
        (TABS, "own view", " own "),
        (TABS, "with ana", " ana "),
        (TABS, "with somebody-with-a-long-name", " somebod… "),
        ((WindowTab(0, "zsh", "*", False),), "own view", " own "),
    ],
)
def test_whose_look_it_is_stays_beside_the_indicator_of_the_viewport(
    tabs: tuple[WindowTab, ...], note: str, shown: str
) -> None:
    """On 80 columns, the indicator took the room of `own view`, and nothing said where the keys go."""
    client = Client(size=Size(rows=24, cols=80), status=True)
    client.view.attend(Attendance((Attendee("ann", Role.OWNER),), 1, "ann", "ann", "all watch"))
    client.view.show_windows(ShownWindows(tabs, note))
    client.show(frame_of("$ ", size=Size(rows=60, cols=200)))
    assert "view 80×23 of 200×60" in client.lines[-1]
    assert shown in client.lines[-1]


def test_the_driver_of_the_window_stands_beside_the_note_for_everybody() -> None:
    client = Client(size=Size(rows=24, cols=120), status=True)
    client.view.attend(Attendance(note="all watch"))
    client.view.show_windows(ShownWindows(TABS, "own view", "ana drives 3 min"))
    client.show(frame_of("$ ", size=Size(rows=23, cols=120)))
    assert client.lines[-1].endswith("all watch, ana drives 3 min")


def test_a_message_about_a_viewport_goes_when_the_terminal_has_grown() -> None:
    """A page scales the session to fit as soon as it knows its size: the message stayed, and said an older size."""
    client = Client(size=Size(rows=23, cols=80), status=False)
    frame = frame_of("$ ", size=Size(rows=34, cols=80))
    client.show(frame)
    assert client.lines[-1].startswith(" view 80×23 of 80×34")
    client.view.resize(Size(rows=34, cols=80))
    client.terminal.resize(Size(rows=34, cols=80))
    client.show(frame)
    assert client.lines[-1] == ""
