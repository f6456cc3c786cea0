"""`capture-pane`: which lines it prints, and how, over messages that are encoded and decoded."""

from __future__ import annotations

import pytest

from pairterm.cli import capture_pane as capturing
from pairterm.cli.capture_pane import captured_rows, text_of
from pairterm.errors import PairtermError
from pairterm.link.codec import decode_host_message, decode_viewer_message, encode
from pairterm.link.history_wire import captured_message
from pairterm.link.messages import Capture, HostMessage, ViewerMessage
from pairterm.session.core import SessionCore
from pairterm.types import PaneId, Size
from tests.unit.session.sessions import Session


class FakeLine:
    """The link to a host whose core answers; each time it is asked, `meanwhile` happens first."""

    core: SessionCore
    asked = 0
    sizes: tuple[Size, ...] = ()

    def __init__(self, name: str) -> None: ...
    def __enter__(self) -> FakeLine:
        return self

    def __exit__(self, *_: object) -> None: ...

    def send(self, message: ViewerMessage) -> None:
        wanted = decode_viewer_message(encode(message))
        assert isinstance(wanted, Capture)
        if FakeLine.sizes:
            FakeLine.core._windows.known_pane(PaneId(0)).terminal.resize(
                FakeLine.sizes[FakeLine.asked % len(FakeLine.sizes)]
            )
        FakeLine.asked += 1
        stop = min(wanted.stop, wanted.start + 200)
        found = FakeLine.core.capture(wanted.start, stop, is_primary=wanted.is_primary)
        assert found is not None
        self._answer = encode(captured_message(found))

    def receive(self) -> HostMessage | None:
        return decode_host_message(self._answer)


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> SessionCore:
    monkeypatch.setattr(capturing, "HostLink", FakeLine)
    FakeLine.core, FakeLine.asked, FakeLine.sizes = Session().core, 0, ()
    FakeLine.core._windows.known_pane(PaneId(0)).terminal.resize(Size(rows=5, cols=20))
    return FakeLine.core


def captured(start: int | None, end: int | None, *, has_escapes: bool = False, joins: bool = False) -> list[bytes]:
    rows = captured_rows("work", start, end)
    return b"".join(text_of(rows, has_escapes=has_escapes, joins=joins)).decode().encode().split(b"\n")[:-1]


def test_lines_are_numbered_as_tmux_numbers_them(core: SessionCore) -> None:
    core.feed(PaneId(0), b"\r\n".join(b"line %d" % number for number in range(20)), 1.0)
    assert captured(0, None) == [b"line 15", b"line 16", b"line 17", b"line 18", b"line 19"]
    assert captured(None, None) == [b"line %d" % number for number in range(20)]
    assert captured(-2, -1) == [b"line 13", b"line 14"]
    assert captured(-1, 0) == [b"line 14", b"line 15"]
    assert captured(1, 0) == [b"line 15", b"line 16"]
    assert captured(-1000, -15) == [b"line 0"]
    assert captured(3, 1000) == [b"line 18", b"line 19"]
    assert captured(10, 20) == [b"line 19"]
    assert captured(-30, -20) == [b"line 0"]


def test_a_whole_history_comes_in_pieces(core: SessionCore) -> None:
    core.feed(PaneId(0), b"\r\n".join(b"line %d" % number for number in range(12_000)), 1.0)
    lines = captured(None, None)
    assert lines == [b"line %d" % number for number in range(12_000 - len(lines), 12_000)]
    assert len(lines) >= 10_000
    assert FakeLine.asked <= len(lines) / 200 + 2


def test_wrapped_lines_are_joined_and_colours_kept_when_that_is_wanted(core: SessionCore) -> None:
    core.feed(PaneId(0), b"x" * 30 + "\r\n漢字 \x1b[1;31mred\x1b[m plain\r\n\x1b[44m  \x1b[m".encode(), 1.0)
    assert captured(0, 3) == [b"x" * 20, b"x" * 10, "漢字 red plain".encode(), b""]
    assert captured(0, 3, joins=True) == [b"x" * 30, "漢字 red plain".encode(), b"  "]
    assert captured(2, 3, has_escapes=True) == ["漢字 \x1b[1;31mred\x1b[m plain".encode(), b"\x1b[44m  \x1b[m"]


def test_all_spaces_are_kept_when_that_is_wanted(core: SessionCore) -> None:
    core.feed(PaneId(0), b"one\r\n" + b"x" * 25, 1.0)
    rows = captured_rows("work", 0, 2)
    assert [*text_of(rows, has_escapes=False, joins=False, keeps_spaces=True)] == [
        b"one" + 17 * b" " + b"\n",
        b"x" * 20 + b"\n",
        b"x" * 5 + 15 * b" " + b"\n",
    ]


def test_the_screen_behind_a_full_screen_program_is_captured(core: SessionCore) -> None:
    """It has no history, and there is none while no such program runs."""
    core.feed(PaneId(0), b"\r\n".join(b"line %d" % number for number in range(20)), 1.0)
    assert captured_rows("work", 0, None, is_primary=True) == []
    core.feed(PaneId(0), b"\x1b[?1049h\x1b[Hfull", 1.0)
    assert captured(0, 0) == [b"full"]
    rows = captured_rows("work", None, None, is_primary=True)
    assert [row.text.rstrip() for row in rows] == ["line 15", "line 16", "line 17", "line 18", "line 19"]
    rows = captured_rows("work", -3, 1, is_primary=True)
    assert [row.text.rstrip() for row in rows] == ["line 15", "line 16"]


def test_a_capture_begins_anew_when_the_size_changes_and_gives_up_when_it_always_does(core: SessionCore) -> None:
    core.feed(PaneId(0), b"\r\n".join(b"line %d" % number for number in range(20)), 1.0)
    FakeLine.sizes = (Size(rows=5, cols=20), *(Size(rows=5, cols=30),) * 1000)
    assert captured(None, None) == [b"line %d" % number for number in range(20)]
    FakeLine.sizes, FakeLine.asked = (Size(rows=5, cols=20), Size(rows=5, cols=30)), 0
    with pytest.raises(PairtermError, match="changes all the time"):
        captured(None, None)
