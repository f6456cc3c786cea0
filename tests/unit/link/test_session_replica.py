"""The pictures that one link's clients are shown."""

from msgspec.structs import replace

from pairterm.link.messages import LookAt, PaneWire, Windows, WindowWire
from pairterm.link.screen_publisher import Publisher
from pairterm.link.session_replica import SessionReplica
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, Size, WindowId
from pairterm.view.shown_panes import ShownPanes

SIZE = Size(rows=4, cols=20)


def window(number: int, *panes: PaneWire) -> WindowWire:
    return WindowWire(number, number, f"w{number}", SIZE.rows, SIZE.cols, list(panes))


def picture_of(replica: SessionReplica, pane: int) -> tuple[Frame, ShownPanes]:
    """Return a follower's picture after the pane's first frame has come."""
    update = Publisher(PaneId(pane)).update(Terminal(SIZE).snapshot())
    assert update is not None
    replica.update(update)
    picture = replica.picture(9)
    assert picture is not None
    assert picture.panes is not None
    return picture.frame, picture.panes


def test_a_picture_of_one_pane_names_its_window_too() -> None:
    """Without that, a view took two windows of one pane for one: a switch rang, and the history was the other's."""
    replica = SessionReplica()
    replica.take_windows(Windows([window(1, PaneWire(5, 0, 0, 4, 20)), window(2, PaneWire(6, 0, 0, 4, 20))]))
    for number, pane in ((1, 5), (2, 6)):
        replica.take_look(LookAt(None, number, pane))
        frame, panes = picture_of(replica, pane)
        assert (panes.window, panes.active) == (WindowId(number), PaneId(pane))
        assert panes.rects == ((PaneId(pane), Rect(0, 0, SIZE.rows, SIZE.cols)),)
        assert panes.frame is frame


def test_a_zoomed_pane_is_the_only_one_in_its_picture() -> None:
    replica = SessionReplica()
    replica.take_windows(Windows([window(1, PaneWire(5, 0, 0, 4, 9), PaneWire(6, 0, 10, 4, 10))]))
    replica.take_look(LookAt(None, 1, 6, is_zoomed=True))
    _, panes = picture_of(replica, 6)
    assert panes.rects == ((PaneId(6), Rect(0, 0, SIZE.rows, SIZE.cols)),)


def test_a_window_is_shown_when_the_frames_of_all_its_panes_are_there() -> None:
    """A pane that came later added its old bells to those of the picture: a switch to its window rang."""
    replica = SessionReplica()
    replica.take_windows(Windows([window(1, PaneWire(5, 0, 0, 4, 9), PaneWire(6, 0, 10, 4, 10))]))
    replica.take_look(LookAt(None, 1, 5))
    for pane in (5, 6):
        assert replica.picture(9) is None
        program = Terminal(Size(rows=4, cols=9))
        program.feed(b"\a\a")
        update = Publisher(PaneId(pane)).update(program.snapshot())
        assert update is not None
        replica.update(update)
    picture = replica.picture(9)
    assert picture is not None
    assert picture.frame.bells == 4


def test_a_new_name_or_driver_of_a_window_leaves_its_picture_and_another_layout_does_not() -> None:
    """While a turn counts down, the windows come each second: no picture was composed anew for that."""
    replica = SessionReplica()
    panes = (PaneWire(5, 0, 0, 4, 9), PaneWire(6, 0, 10, 4, 10))
    replica.take_windows(Windows([window(1, *panes)]))
    replica.take_look(LookAt(None, 1, 5))
    for pane, cols in ((5, 9), (6, 10)):
        update = Publisher(PaneId(pane)).update(Terminal(Size(rows=4, cols=cols)).snapshot())
        assert update is not None
        replica.update(update)
    before = replica.picture(9)
    replica.take_windows(Windows([replace(window(1, *panes), name="make", driver="ana drives 9 s")]))
    assert replica.picture(9) is before
    assert replica.shown_windows(9).driver == "ana drives 9 s"
    swapped = (PaneWire(6, 0, 0, 4, 9), PaneWire(5, 0, 10, 4, 10))
    replica.take_windows(Windows([window(1, *swapped)]))
    assert replica.picture(9) is not before


def test_the_next_picture_of_a_lone_pane_is_the_one_that_would_be_made_anew() -> None:
    """An update keeps the geometry of such a picture. After another size, and in a zoomed window, it is right, too."""
    replica = SessionReplica()
    replica.take_windows(Windows([window(1, PaneWire(5, 0, 0, 4, 9), PaneWire(6, 0, 10, 4, 10))]))
    replica.take_look(LookAt(None, 1, 6, is_zoomed=True))
    terminal, publisher = Terminal(SIZE), Publisher(PaneId(6))
    for typed, size in ((b"a", SIZE), (b"b", SIZE), (b"\r\nc", Size(rows=5, cols=30)), (b"d", Size(rows=5, cols=30))):
        terminal.resize(size)
        terminal.feed(typed)
        update = publisher.update(terminal.snapshot())
        assert update is not None
        replica.update(update)
        kept = replica.picture_with(9, PaneId(6))
        replica._pictures.clear()
        made = replica.picture(9)
        assert kept is not None
        assert made is not None
        assert kept.frame is made.frame
        assert kept.panes == made.panes
        assert kept.frame.size == size
