"""Bells and activity are marked in windows where nobody looks."""

from __future__ import annotations

from pairterm.session.effects import ShowWindows
from pairterm.types import PaneId
from tests.unit.session.sessions import Session

FIRST, SECOND = PaneId(0), PaneId(1)


def test_a_bell_is_marked_until_somebody_looks() -> None:
    session = Session()
    owner = session.owner()
    session.say(owner, "new-window")
    first, second = session.parts.windows
    effects = session.take(session.core.feed(FIRST, b"\a", session.now_s))
    assert (first.has_bell, second.has_bell) == (True, False)
    assert ShowWindows() in effects
    session.take(session.core.feed(SECOND, b"\a", session.now_s))
    assert not second.has_bell, "the owner sees it"
    session.say(owner, "select-window -t :0")
    assert not first.has_bell


def test_output_is_marked_only_in_a_window_that_monitors_it() -> None:
    session = Session()
    session.say(session.owner(), "new-window")
    first, _ = session.parts.windows
    session.take(session.core.feed(FIRST, b"x", session.now_s))
    assert not any(each.has_activity for each in session.parts.windows)
    first.options.set("monitor-activity", "on")
    session.take(session.core.feed(FIRST, b"x", session.now_s))
    assert first.has_activity
    assert ShowWindows() not in session.take(session.core.feed(FIRST, b"y", session.now_s)), "it has the mark"


def test_a_window_is_named_after_the_program_in_its_active_pane() -> None:
    session = Session()
    session.owner()
    (window,) = session.parts.windows
    assert ShowWindows() in session.take(session.core.take_command(FIRST, "vim", "/tmp", session.now_s))
    assert window.name == "vim"
    assert session.core.take_command(FIRST, "vim", "/", session.now_s) == []
    window.rename("mine")
    session.take(session.core.take_command(FIRST, "sh", "/tmp", session.now_s))
    assert window.name == "mine"
    assert session.core.take_command(PaneId(7), "sh", "/tmp", session.now_s) == []
