"""The history of one pane in a window of several: it stands in the pane's place, and the other panes stay live."""

from dataclasses import replace

from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Cursor, Frame, Row
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import Action, FetchHistory, Type
from pairterm.view.shown_panes import ShownPanes
from tests.unit.view.watching import Client, frame_of, text_row

SIZE = Size(rows=8, cols=41)
LEFT, RIGHT = Rect(0, 0, 8, 20), Rect(0, 21, 8, 20)


def own_frame(scrolled: int = 100) -> Frame:
    """Return the frame of the active pane, on the right: its lines are numbered."""
    lines = (f"line {scrolled + at}" for at in range(8))
    return replace(frame_of(*lines, size=Size(rows=8, cols=20), scrolled=scrolled), cursor=Cursor(7, 3))


def window_of(left: str, right: Frame, active: int = 2) -> tuple[Frame, ShownPanes]:
    rows = (left.ljust(20) + "│" + row.text for row in right.rows)
    cursor = Cursor(right.cursor.row, right.cursor.col + 21)
    frame = replace(frame_of(*rows, size=SIZE, scrolled=right.scrolled), cursor=cursor)
    return frame, ShownPanes(WindowId(0), ((PaneId(1), LEFT), (PaneId(2), RIGHT)), PaneId(active), right)


def rows_of(start: int, stop: int) -> list[Row]:
    return [text_row(f"line {number}", 20) for number in range(start, stop)]


def client_of(size: Size = SIZE, role: Role = Role.READ_WRITE) -> Client:
    client = Client(role, size)
    client.view.show(*window_of("left", own_frame()))
    client.paint()
    return client


def answer(client: Client, actions: list[Action]) -> None:
    while actions:
        (fetch,) = actions
        assert isinstance(fetch, FetchHistory)
        assert fetch.pane == 2
        lines = HistoryLines(fetch.start, rows_of(fetch.start, fetch.stop), list(range(fetch.start, fetch.stop)), 100)
        actions = client.view.history(lines, PaneId(2))
        client.paint()


def test_the_history_stands_in_the_pane_and_the_other_panes_go_on() -> None:
    client = client_of()
    answer(client, client.keys(b"\x02[\x1b[5~"))
    assert client.lines[0].startswith("left                │line 94")
    assert client.lines[0].endswith(" 6/100")
    assert client.lines[1] == "left                │line 95"
    assert client.terminal.snapshot().cursor.col == 21 + 3
    client.view.show(*window_of("new", own_frame(103)))
    client.paint()
    assert client.lines[1] == "new                 │line 95"
    client.keys(b"q")
    assert client.lines[1] == "new                 │line 104"


def test_a_selection_in_a_pane_copies_only_the_pane_s_text() -> None:
    client = client_of()
    answer(client, client.keys(b"\x02[0kV"))
    assert client.terminal.snapshot().rows[6].pens[0].flags == 0
    assert client.terminal.snapshot().rows[6].pens[21].flags != 0
    client.keys(b"y")
    assert client.keys(b"\x02]") == [Type(b"line 106\r")]


def test_a_small_terminal_follows_the_cursor_of_the_history() -> None:
    client = client_of(Size(rows=3, cols=20))
    assert client.lines[0].endswith("│line 105")
    answer(client, client.keys(b"\x02[g"))
    answer(client, client.keys(b"\x1b[1~"))
    assert any("line 0" in line for line in client.lines), "the cursor is at the top of the pane"


def test_a_new_layout_gives_the_history_its_new_size_and_a_zoom_the_whole_screen() -> None:
    client = client_of()
    answer(client, client.keys(b"\x02[\x1b[5~"))
    low = replace(frame_of(*(f"line {104 + at}" for at in range(4)), size=Size(rows=4, cols=20), scrolled=104))
    frame, _ = window_of("left", own_frame())
    rects = ((PaneId(1), LEFT), (PaneId(2), Rect(0, 21, 4, 20)), (PaneId(3), Rect(5, 21, 3, 20)))
    client.view.show(replace(frame, generation=1), ShownPanes(WindowId(0), rects, PaneId(2), low))
    client.paint()
    assert client.lines[4].endswith("│line 104"), "below the pane, the window shows"
    assert not client.view.is_live
    whole = replace(frame_of(*(f"line {at}" for at in range(100, 108)), size=SIZE, scrolled=100), cursor=Cursor(7, 3))
    client.view.show(whole, ShownPanes(WindowId(0), ((PaneId(2), Rect(0, 0, 8, 41)),), PaneId(2), whole))
    client.paint()
    assert "│" not in "".join(client.lines)


def test_a_search_in_a_pane_asks_on_the_last_row_of_the_screen() -> None:
    client = client_of()
    answer(client, client.keys(b"\x02["))
    client.keys(b"?")
    assert client.lines[-1] == "?"
    answer(client, client.keys(b"line 3\r"))
    assert any("│line 39" in line for line in client.lines)


def test_the_other_pane_has_no_history_open() -> None:
    client = client_of()
    answer(client, client.keys(b"\x02["))
    client.view.show(*window_of("left", own_frame(), active=1))
    client.paint()
    assert client.view.is_live
    client.view.show(*window_of("left", own_frame()))
    client.paint()
    assert not client.view.is_live
