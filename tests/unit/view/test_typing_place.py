"""Where a client's keys show on their terminal."""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import TerminalKind, View
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.typing_place import TypingPlace

SIZE = Size(rows=10, cols=40)


def frame(size: Size = SIZE, output: bytes = b"$ ") -> Frame:
    terminal = Terminal(size)
    terminal.feed(output)
    return terminal.snapshot()


def view(size: Size = SIZE, role: Role = Role.READ_WRITE, *, centred: bool = False) -> View:
    kind = TerminalKind.of("xterm-256color", colorterm="truecolor", lang="C.UTF-8")
    return View(session="s", role=role, size=size, kind=kind, centred=centred)


def place_of(shown: View, picture: Frame, panes: ShownPanes | None = None) -> TypingPlace | None:
    shown.show(picture, panes)
    shown.paint(0.0)
    return shown.typing_place


def test_keys_show_in_the_active_pane_of_the_window() -> None:
    right = frame(Size(rows=10, cols=19))
    rects = ((PaneId(1), Rect(0, 0, 10, 20)), (PaneId(2), Rect(0, 21, 10, 19)))
    place = place_of(view(), frame(), ShownPanes(WindowId(3), rects, PaneId(2), right))
    assert place is not None
    assert (place.rect, place.generation) == (Rect(0, 21, 10, 19), right.generation)
    other = place_of(view(), frame(), ShownPanes(WindowId(3), rects, PaneId(1), right))
    assert other is not None
    assert other.name != place.name


def test_another_screen_is_another_place() -> None:
    shown = view()
    primary, alternate = place_of(shown, frame()), place_of(shown, frame(output=b"\x1b[?1049h"))
    assert primary is not None
    assert alternate is not None
    assert primary.name != alternate.name


def test_a_smaller_terminal_has_the_part_that_it_shows_and_a_centred_session_its_place() -> None:
    part = place_of(view(Size(rows=6, cols=20)), frame(output=b"\x1b[10;40H"))
    assert part is not None
    assert part.rect == Rect(0, 0, 6, 20)
    centred = place_of(view(Size(rows=14, cols=50), centred=True), frame())
    assert centred is not None
    assert centred.rect == Rect(2, 5, 10, 40)


def test_nothing_shows_in_the_history_for_those_who_watch_and_in_a_pause() -> None:
    assert view().typing_place is None
    assert place_of(view(role=Role.READ_ONLY), frame()) is None
    assert place_of(view(), replace(frame(), is_hidden=True)) is None
    shown = view()
    assert place_of(shown, frame()) is not None
    shown.keys(b"\x02?", 0.0)
    shown.paint(0.0)
    assert shown.typing_place is None
