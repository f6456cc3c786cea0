"""The mouse of one client: panes, borders, tabs, the wheel, selections, and programs that want the mouse."""

from dataclasses import replace

import pytest

from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import INVERSE, Cursor, Frame, Modes, Mouse, MouseEncoding
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import Command, Copy, FetchHistory, Type
from pairterm.view.mouse import MouseReport, program_report
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows, WindowTab
from tests.unit.view.watching import Client, frame_of, text_row

SIZE = Size(rows=8, cols=41)
LEFT, RIGHT = Rect(0, 0, 8, 20), Rect(0, 21, 8, 20)
RECTS = ((PaneId(1), LEFT), (PaneId(2), RIGHT))
WORDS = ("one two-three", "a long line in the pane", "", "the last words")


def press(row: int, col: int, button: int = 0) -> bytes:
    """Return a press at this cell of the terminal, from 1."""
    return b"\x1b[<%d;%d;%dM" % (button, col, row)


def move(row: int, col: int, button: int = 0) -> bytes:
    return press(row, col, button + 32)


def release(row: int, col: int, button: int = 0) -> bytes:
    return b"\x1b[<%d;%d;%dm" % (button, col, row)


def window_of(active: int = 2, modes: Modes | None = None, scrolled: int = 0) -> tuple[Frame, ShownPanes]:
    """Return two panes side by side with the same text, and one of them active."""
    own = frame_of(*WORDS, size=Size(rows=8, cols=20), scrolled=scrolled, modes=modes)
    rows = (row.text + "│" + row.text for row in own.rows)
    frame = replace(frame_of(*rows, size=SIZE, scrolled=scrolled, modes=modes), cursor=Cursor(1, 2))
    return frame, ShownPanes(WindowId(0), RECTS, PaneId(active), own)


def client_of(
    role: Role = Role.READ_WRITE,
    *,
    mouse: bool = True,
    modes: Modes | None = None,
    size: Size = SIZE,
    status: bool = False,
) -> Client:
    client = Client(role, size, mouse=mouse, status=status)
    client.view.show(*window_of(modes=modes))
    client.paint()
    return client


def copied(client: Client) -> list[str]:
    """Return the newest text that the client has copied, as a paste types it."""
    return [action.data.decode().replace("\r", "\n") for action in client.keys(b"\x02]") if isinstance(action, Type)]


SGR = Modes(mouse=Mouse.CLICKS, mouse_encoding=MouseEncoding.SGR)


# Panes, windows and borders


@pytest.mark.parametrize("role", [Role.READ_WRITE, Role.READ_ONLY])
def test_a_click_in_another_pane_selects_it(role: Role) -> None:
    client = client_of(role)
    assert client.keys(press(3, 4) + release(3, 4)) == [Command("select-pane -t %1")]
    assert client.keys(press(3, 30) + release(3, 30)) == [], "it is the active one"


def test_the_program_never_gets_the_click_that_selects_its_pane() -> None:
    client = client_of(modes=SGR)
    assert client.keys(press(3, 4)) == [Command("select-pane -t %1")]
    client.view.show(*window_of(active=1, modes=SGR))
    client.paint()
    assert client.keys(move(3, 5) + release(3, 5)) == [], "it has not seen the press"
    assert client.keys(press(3, 4)) == [Type(press(3, 4))]


def test_a_click_on_a_tab_selects_the_window() -> None:
    client = client_of(size=Size(rows=9, cols=60), status=True)
    tabs = tuple(WindowTab(at, name, "*" if at == 1 else "", False) for at, name in enumerate(("vim", "zsh", "tests")))
    client.view.show_windows(ShownWindows(tabs, ""))
    client.paint()
    line = client.lines[8]
    assert client.keys(press(9, line.index("2:tests") + 1)) == [Command("select-window -t :2")]
    assert client.keys(press(9, line.index("0:vim") + 5)) == [Command("select-window -t :0")]
    assert client.keys(press(9, line.index("0:vim") + 6)) == [], "between two tabs"
    assert client.keys(press(9, line.index("1:zsh") + 1)) == [], "it is shown already"
    assert client.keys(press(9, line.index("demo") + 1)) == []


def test_a_drag_of_a_border_moves_it_at_most_ten_times_a_second() -> None:
    client = client_of()
    assert client.keys(press(3, 21)) == []
    assert client.keys(move(3, 22) + move(4, 24)) == [Command("resize-border %1 %2 23")]
    assert client.keys(move(4, 25)) == []
    assert client.keys(move(4, 26)) == []
    assert client.wait(0.11) == [Command("resize-border %1 %2 25")]
    assert client.keys(move(4, 28)) == []
    assert client.keys(release(4, 28)) == [Command("resize-border %1 %2 27")], "the last place counts"
    assert client.keys(move(4, 30)) == []
    assert client.view.wake_at_s is None


def test_a_border_counts_the_cells_of_the_window_behind_a_viewport() -> None:
    client = client_of(size=Size(rows=8, cols=30))
    client.view.show(*window_of(active=1))
    client.paint()
    client.keys(b"\x02\x1b[1;2C")
    column = client.lines[0].index("│") + 1
    assert column < 21
    client.keys(press(3, column))
    assert client.keys(move(3, column + 2)) == [Command("resize-border %1 %2 22")]


def test_a_crossing_drags_all_of_its_borders() -> None:
    rects = ((1, Rect(0, 0, 4, 20)), (2, Rect(0, 21, 4, 20)), (3, Rect(5, 0, 3, 20)), (4, Rect(5, 21, 3, 20)))
    own = frame_of("x", size=Size(rows=4, cols=20))
    panes = ShownPanes(WindowId(0), tuple((PaneId(pane), rect) for pane, rect in rects), PaneId(1), own)
    crossing = [(1, 2, True, 20), (1, 3, False, 4), (2, 4, False, 4), (3, 4, True, 20)]
    assert sorted(panes.borders_at(4, 20)) == crossing
    assert panes.borders_at(4, 3) == [(1, 3, False, 4)]
    assert panes.borders_at(1, 20) == [(1, 2, True, 20)]
    assert panes.borders_at(1, 1) == panes.borders_at(4, 41) == panes.borders_at(-1, 20) == []


def test_a_drag_beside_a_crossing_moves_each_border_from_its_own_place() -> None:
    rects = ((PaneId(1), Rect(0, 0, 3, 41)), (PaneId(2), Rect(4, 0, 4, 20)), (PaneId(3), Rect(4, 21, 4, 20)))
    client = client_of()
    frame, panes = window_of()
    client.view.show(frame, replace(panes, rects=rects))
    client.paint()
    client.keys(press(5, 21))
    assert client.keys(move(5, 24)) == [Command("resize-border %2 %3 23 %1 %2 3")]


# The wheel


def test_the_wheel_scrolls_the_pane_under_the_pointer() -> None:
    client = client_of()
    assert client.keys(press(2, 3, 64)) == [Command("select-pane -t %1")]
    assert client.keys(press(2, 3, 64)) == [], "the host has been asked"
    frame, panes = window_of(active=1, scrolled=50)
    client.view.show(frame, panes)
    client.paint()
    (fetch,) = client.wait(0.0)
    assert isinstance(fetch, FetchHistory)
    assert fetch.pane == 1
    assert client.lines[0].split("│")[0].strip().endswith("6/50")
    client.keys(press(2, 3, 65) * 2)
    assert client.view.is_live


def test_a_sideways_wheel_selects_no_pane() -> None:
    assert client_of().keys(press(2, 3, 66)) == []


def test_the_wheel_over_another_pane_is_forgotten_if_that_pane_does_not_come() -> None:
    client = client_of()
    client.keys(press(2, 3, 64))
    client.wait(2.0)
    client.keys(b"x")
    client.view.show(*window_of(active=1, scrolled=50))
    client.paint()
    assert client.view.is_live


def test_the_wheel_is_the_program_s_if_it_wants_the_mouse() -> None:
    client = client_of(modes=SGR)
    assert client.keys(press(2, 23, 64)) == [Type(press(2, 2, 64))]
    client.view.show(*window_of(active=2, modes=Modes(), scrolled=9))
    client.paint()
    client.keys(press(2, 23, 64))
    assert not client.view.is_live


# Text


def test_a_drag_selects_text_in_its_pane_and_the_release_copies_it() -> None:
    client = client_of()
    client.keys(press(1, 22) + move(1, 23))
    client.keys(move(1, 24))
    flags = [pen.flags & INVERSE for pen in client.terminal.snapshot().rows[0].pens]
    assert [col for col, flag in enumerate(flags[:40]) if flag][:3] == [21, 22, 23]
    client.keys(release(1, 24))
    assert client.view.is_live
    assert copied(client) == ["one"]


def test_a_drag_out_of_the_pane_selects_up_to_its_edge() -> None:
    client = client_of()
    client.keys(press(2, 28) + move(2, 15) + release(2, 15))
    assert copied(client) == ["a long "]


def test_a_drag_upwards_scrolls() -> None:
    client = client_of()
    own = frame_of("first", "second", "third", size=Size(rows=3, cols=41), scrolled=9)
    panes = ShownPanes(WindowId(0), ((PaneId(1), Rect(0, 0, 4, 41)), (PaneId(2), Rect(5, 0, 3, 41))), PaneId(2), own)
    client.view.show(frame_of(size=SIZE), panes)
    client.paint()
    (fetch,) = client.keys(press(7, 3) + move(5, 3) + move(4, 3))
    assert isinstance(fetch, FetchHistory)
    rows = [text_row(f"line {number}", 41) for number in range(fetch.start, fetch.stop)]
    client.view.history(HistoryLines(fetch.start, rows, list(range(fetch.start, fetch.stop)), 9), PaneId(2))
    client.paint()
    assert client.lines[5].startswith("line 7"), "one line for each movement outside"
    client.keys(move(6, 3) + release(6, 3))
    assert copied(client) == ["ne 7\nline 8\nfirst\nsec"]


def test_a_double_click_copies_a_word_and_a_triple_click_a_line() -> None:
    client = client_of()
    click = press(1, 27) + release(1, 27)
    client.keys(click + click)
    assert client.terminal.snapshot().rows[0].pens[25].flags & INVERSE, "the selection shows"
    client.wait(0.31)
    assert client.view.is_live
    assert copied(client) == ["two"]
    client.keys(click)
    client.wait(0.1)
    client.keys(click)
    client.wait(0.1)
    client.keys(click)
    client.wait(0.31)
    assert copied(client) == ["one two-three\n"]
    client.keys(click)
    client.wait(0.4)
    client.keys(click)
    assert client.view.is_live, "two clicks"


def test_a_double_click_on_a_blank_selects_nothing() -> None:
    client = client_of()
    click = press(3, 30) + release(3, 30)
    client.keys(click + click)
    assert client.view.is_live
    client.wait(0.31)
    assert client.keys(b"\x02]") == []


def test_a_copy_goes_to_the_clipboard_if_the_client_wants_it() -> None:
    client = client_of(Role.READ_ONLY)
    client.keys(press(1, 22) + move(1, 24) + release(1, 24))
    client.wait(5.0)
    client.view._controls.copying.use_clipboard(True, client.now_s)
    assert client.keys(press(1, 22) + move(1, 24) + release(1, 24)) == [Copy("one")]


def test_a_middle_click_pastes_in_the_active_pane_only() -> None:
    client = client_of()
    client.keys(press(1, 22) + move(1, 24) + release(1, 24))
    assert client.keys(press(1, 30, 1) + release(1, 30, 1)) == [Type(b"one")]
    assert client.keys(press(1, 3, 1)) == [Command("select-pane -t %1")]


def test_the_selection_ends_with_the_pane() -> None:
    client = client_of()
    client.keys(press(1, 22) + move(1, 24))
    client.view.show(*window_of(active=1))
    client.paint()
    assert client.keys(move(1, 23) + release(1, 23)) == []
    assert client.view.is_live
    assert client.keys(b"\x02]") == [], "nothing was copied"


# Programs


@pytest.mark.parametrize("mouse", [True, False])
def test_a_program_gets_the_mouse_in_the_cells_of_its_pane(mouse: bool) -> None:
    client = client_of(modes=SGR, mouse=mouse)
    assert client.keys(press(3, 24)) == [Type(press(3, 3))]
    assert client.keys(release(5, 24)) == [Type(release(5, 3))]
    actions = client.keys(press(3, 24) + release(5, 4))
    assert actions == [Type(press(3, 3) + release(5, 1))], "a release outside is at the edge"


def test_without_the_mouse_clicks_elsewhere_are_nobody_s() -> None:
    client = client_of(modes=SGR, mouse=False)
    assert client.keys(press(3, 4)) == []
    assert client.keys(press(3, 21)) == []


def test_pixels_are_no_cells_of_a_pane() -> None:
    pixels = replace(SGR, mouse_encoding=MouseEncoding.SGR_PIXELS)
    client = client_of(modes=pixels, mouse=False)
    assert client.keys(press(300, 400)) == []
    assert client_of(modes=pixels).terminal.snapshot().modes.mouse_encoding is MouseEncoding.SGR_PIXELS


def test_the_terminal_reports_drags_in_sgr_whatever_the_program_wants() -> None:
    client = client_of(modes=Modes(mouse=Mouse.X10))
    modes = client.terminal.snapshot().modes
    assert (modes.mouse, modes.mouse_encoding) == (Mouse.DRAGS, MouseEncoding.SGR)
    assert client.keys(press(3, 24)) == [Type(b"\x1b[M \x23\x23")]
    assert client.keys(move(3, 25) + release(3, 25)) == [], "it asked for presses only"
    client = client_of(modes=replace(SGR, mouse=Mouse.ALL))
    assert client.terminal.snapshot().modes.mouse is Mouse.ALL
    assert client.keys(press(3, 24, 35)) == [Type(press(3, 3, 35))]


@pytest.mark.parametrize(
    ("report", "encoding", "expected"),
    [
        (MouseReport(0, 3, 5), MouseEncoding.URXVT, b"\x1b[32;5;3M"),
        (MouseReport(16, 3, 5, is_release=True), MouseEncoding.URXVT, b"\x1b[51;5;3M"),
        (MouseReport(0, 3, 300), MouseEncoding.UTF8, "\x1b[M \u014c#".encode()),
        (MouseReport(2, 3, 5, is_release=True), MouseEncoding.X10, b"\x1b[M#%#"),
        (MouseReport(0, 3, 300), MouseEncoding.X10, b""),
        (MouseReport(65, 3, 5), MouseEncoding.SGR, b"\x1b[<65;5;3M"),
    ],
)
def test_reports_in_the_program_s_encoding(report: MouseReport, encoding: MouseEncoding, expected: bytes) -> None:
    assert program_report(report, Modes(mouse=Mouse.ALL, mouse_encoding=encoding)) == expected
