"""A view on a session with several windows and panes: its picture, its bell, and the history of each pane."""

from dataclasses import replace

from pairterm.terminal.excerpt import HistoryLines
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import FetchHistory
from pairterm.view.shown_panes import ShownPanes
from tests.unit.view.watching import SIZE, Client, frame_of, text_row


def panes_of(frame: Frame, window: int = 1, pane: int = 1, *, others: tuple[int, ...] = ()) -> ShownPanes:
    whole = Rect(0, 0, frame.size.rows, frame.size.cols)
    rects = tuple((PaneId(each), whole) for each in (pane, *others))
    return ShownPanes(WindowId(window), rects, PaneId(pane), frame)


def test_a_switch_to_a_window_that_rang_long_ago_rings_no_bell() -> None:
    client = Client()
    first, second = frame_of("first"), replace(frame_of("second"), bells=3)
    client.view.show(first, panes_of(first))
    assert b"\a" not in client.paint()
    client.view.show(second, panes_of(second, 2, 2))
    assert b"\a" not in client.paint()
    assert client.lines[0] == "second"
    client.view.show(first, panes_of(first))
    assert b"\a" not in client.paint()
    assert client.lines[0] == "first"
    client.view.show(ringing := replace(first, bells=1), panes_of(ringing))
    assert client.paint() == b"\a"
    client.view.show(more := replace(ringing, bells=7), panes_of(more, others=(2,)))
    assert client.paint() == b"", "a pane joined the window, and brought its count"


def test_a_bell_rings_although_the_client_looked_at_another_window_meanwhile() -> None:
    """Nothing was painted of the other window, so the count of the window that is shown goes on."""
    client = Client()
    first, second = frame_of("first"), replace(frame_of("second"), bells=3)
    client.view.show(first, panes_of(first))
    client.paint()
    client.view.show(second, panes_of(second, 2, 2))
    client.view.show(ringing := replace(first, bells=1), panes_of(ringing))
    assert client.paint() == b"\a"


def test_clients_that_switch_together_share_the_bytes() -> None:
    one = Client()
    other = Client(cache=one.view._cache)
    first, second = frame_of("first"), replace(frame_of("second"), bells=3)
    for frame, window in ((first, 1), (second, 2)):
        for client in (one, other):
            client.view.show(frame, panes_of(frame, window))
        assert one.paint() is other.paint()


def test_another_window_shows_the_part_around_its_cursor_and_no_news_of_a_size() -> None:
    client = Client(Role.READ_WRITE, Size(rows=8, cols=40), status=True)
    wide = frame_of("x" * 100, size=Size(rows=7, cols=100))
    client.view.show(wide, panes_of(wide))
    client.paint()
    client.keys(b"\x02\x1b[1;2C")
    assert "pinned" in client.lines[-1]
    other = frame_of("$", size=Size(rows=7, cols=90))
    client.view.show(other, panes_of(other, 2, 2))
    client.paint()
    assert client.lines[0] == "$"
    assert "pinned" not in client.lines[-1]
    small = frame_of("$", size=Size(rows=5, cols=30))
    client.view.show(small, panes_of(small, 3, 3))
    client.paint()
    assert "size" not in client.lines[-1]


def history_of(name: str, scrolled: int = 500) -> Frame:
    return frame_of(*(f"{name} {scrolled + at}" for at in range(SIZE.rows)), scrolled=scrolled)


def test_each_pane_has_its_history_and_the_client_finds_it_again() -> None:
    client = Client()
    first, second = history_of("first"), history_of("second", 300)
    client.view.show(first, panes_of(first))
    client.paint()
    (fetch,) = client.keys(b"\x02[\x1b[5~")
    assert isinstance(fetch, FetchHistory)
    assert fetch.pane == 1
    rows = [text_row(f"first {number}") for number in range(fetch.start, fetch.stop)]
    answer = HistoryLines(fetch.start, rows, list(range(fetch.start, fetch.stop)), 500)

    client.view.show(second, panes_of(second, 2, 2))
    client.paint()
    assert client.lines[0] == "second 300", "the other pane is live"
    assert client.view.history(answer, PaneId(1)) == []
    client.paint()
    assert client.lines[0] == "second 300", "lines of the first pane are not the second's"
    client.view.show(first, panes_of(first))
    client.paint()
    assert not client.view.is_live
    client.view.history(answer, PaneId(1))
    client.paint()
    assert client.lines[0].startswith("first 494")
    client.keys(b"q")
    assert client.lines[0] == "first 500"


def test_a_pause_forgets_the_history_of_all_panes() -> None:
    client = Client()
    first, second = history_of("first"), history_of("second")
    client.view.show(first, panes_of(first))
    client.keys(b"\x02[")
    client.view.show(second, panes_of(second, 2, 2))
    hidden = replace(frame_of("paused"), is_hidden=True)
    client.view.show(hidden, panes_of(hidden, 2, 2))
    client.view.show(first, panes_of(first))
    client.paint()
    assert client.view.is_live
