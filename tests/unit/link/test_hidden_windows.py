"""A viewer's side shows a blank where a window is hidden, at once, and the picture again when it is shown."""

from __future__ import annotations

from pairterm.link.messages import LookAt, PaneWire, Windows, WindowWire
from pairterm.link.screen_publisher import Publisher
from pairterm.link.session_replica import HIDDEN_TEXT, SessionReplica
from pairterm.terminal import Terminal
from pairterm.types import PaneId, Size

_SECRET = WindowWire(0, 0, "", 1, 1, is_hidden=True)
_OPEN = WindowWire(0, 0, "zsh", 5, 20, [PaneWire(0, 0, 0, 5, 20)])


def replica_with_picture() -> SessionReplica:
    replica = SessionReplica()
    replica.take_windows(Windows([_OPEN]))
    replica.take_look(LookAt(None, 0, 0))
    show(replica)
    return replica


def show(replica: SessionReplica) -> None:
    terminal = Terminal(Size(rows=5, cols=20), history_lines=10)
    terminal.feed(b"secret")
    update = Publisher(PaneId(0)).update(terminal.snapshot())
    assert update is not None
    replica.update(update)


def text(replica: SessionReplica, client: int) -> str:
    picture = replica.picture(client)
    assert picture is not None
    return "".join("".join(row.cells) for row in picture.frame.rows).strip()


def test_nothing_is_shown_before_the_host_has_spoken() -> None:
    assert SessionReplica().picture(1) is None


def test_a_window_that_becomes_hidden_is_blank_at_once() -> None:
    """The picture stayed until another one came."""
    replica = replica_with_picture()
    assert text(replica, 1) == "secret"
    replica.take_windows(Windows([_SECRET]))
    assert text(replica, 1) == HIDDEN_TEXT
    replica.take_look(LookAt(None, None))
    picture = replica.picture(1)
    assert picture is not None
    assert picture.frame.is_hidden
    assert replica.frame_of(PaneId(0)) is None


def test_a_window_that_is_shown_again_has_its_picture() -> None:
    replica = replica_with_picture()
    replica.take_windows(Windows([_SECRET]))
    replica.take_look(LookAt(None, None))
    replica.take_windows(Windows([_OPEN]))
    replica.take_look(LookAt(None, 0, 0))
    assert replica.picture(1) is None
    show(replica)
    assert text(replica, 1) == "secret"


def test_the_leader_does_not_look_with_themselves() -> None:
    replica = SessionReplica()
    replica.take_windows(Windows([_OPEN], "ana", leads=1))
    replica.take_look(LookAt(None, 0, 0))
    replica.take_look(LookAt(3, 0, 0))
    assert [replica.shown_windows(each).note for each in (1, 2, 3)] == ["", "with ana", "own view"]
