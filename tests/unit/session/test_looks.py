"""Who sees what: following the leader or looking for oneself, gathering everyone, hidden windows."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.effects import Announce, Tell
from pairterm.types import ClientId, PaneId
from tests.unit.session.sessions import Session


def with_windows(count: int = 3) -> tuple[Session, ClientId, ClientId, ClientId]:
    """Return a session of so many windows, with its owner, a writer and a watcher in window 0."""
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    for _ in range(1, count):
        session.say(owner, "new-window")
    session.say(owner, "select-window -t :0")
    return session, owner, writer, watcher


def at(session: Session, *clients: ClientId) -> list[int | None]:
    """Return the numbers of the windows where clients look."""
    looks = [session.parts.looks.of(each) for each in clients]
    return [session.parts.windows[look.window].index if look is not None else None for look in looks]


def leader(session: Session, *clients: ClientId) -> str:
    """Return the leader's name, as a link with these clients knows it."""
    return session.core.visible.windows(clients).leader


def test_those_who_may_type_lead_and_watchers_look_for_themselves() -> None:
    session, owner, writer, watcher = with_windows()
    session.say(writer, "select-window -t :1")
    assert at(session, owner, writer, watcher) == [1, 1, 1]
    assert leader(session, watcher) == "guest-2"
    session.say(watcher, "select-window -t :2")
    assert at(session, owner, writer, watcher) == [1, 1, 2]
    session.say(owner, "select-window -t :0")
    assert at(session, owner, writer, watcher) == [0, 0, 2]
    session.say(watcher, "follow")
    assert at(session, owner, writer, watcher) == [0, 0, 0]
    assert session.told(watcher)[-1] == "you look where the others look"


def test_a_leader_who_looks_for_themselves_leads_nobody() -> None:
    session, owner, writer, watcher = with_windows()
    session.say(writer, "select-window -t :1")
    session.say(writer, "follow off")
    session.say(writer, "select-window -t :2")
    assert at(session, owner, writer, watcher) == [1, 2, 1]
    assert leader(session, watcher) == ""
    session.say(writer, "follow on")
    assert at(session, writer) == [1]


def test_only_the_owner_gathers_and_everyone_follows_then() -> None:
    session, owner, writer, watcher = with_windows()
    session.say(writer, "follow off")
    session.say(writer, "select-window -t :2")
    session.say(watcher, "gather")
    assert session.told(watcher)[-1] == "only the owner may do this"
    session.say(owner, "gather")
    assert at(session, owner, writer, watcher) == [0, 0, 0]
    assert all(session.parts.looks.follows(each) for each in (owner, writer, watcher))
    assert leader(session, watcher) == "olga"


def test_with_follow_owner_nobody_else_leads() -> None:
    session, owner, writer, watcher = with_windows()
    session.say(writer, "select-window -t :1")
    assert session.order("set follow owner") == "follow owner"
    session.say(writer, "select-window -t :2")
    assert at(session, owner, writer, watcher) == [1, 2, 1]
    assert leader(session, watcher) == "olga"
    session.say(owner, "select-window -t :0")
    assert at(session, owner, writer, watcher) == [0, 2, 0]


def test_the_owner_may_have_follow_owner_before_they_come() -> None:
    session = Session()
    session.order("set follow owner")
    owner, watcher = session.owner(), session.watcher()
    assert leader(session, watcher) == "olga"
    assert session.core.visible.leader([watcher]) == owner


def test_guests_at_a_hidden_window_see_the_last_visible_one_and_come_back() -> None:
    session, owner, writer, watcher = with_windows()
    session.say(watcher, "select-window -t :1")
    session.say(owner, "select-window -t :2")
    session.say(owner, "select-window -t :1")
    session.say(owner, "set-window hidden")
    assert at(session, owner, writer, watcher) == [1, 2, 2]
    assert leader(session, writer) == ""
    assert leader(session, owner) == "olga"
    session.say(owner, "set-window hidden")
    assert at(session, owner, writer, watcher) == [1, 1, 1]


def test_if_all_windows_are_hidden_guests_see_none_and_read_why() -> None:
    session, owner, writer, _ = with_windows(1)
    session.say(owner, "set-window hidden on")
    assert at(session, owner, writer) == [0, None]
    assert session.core.visible.looks([writer])[None].window is None
    assert session.types(writer) == b""
    assert session.told(writer)[-1] == "the owner hides the window"
    assert session.types(owner) == b"x"


@pytest.mark.parametrize("line", ["set-window hidden on", "set-window hidden off -t :1", "set-window hidden"])
def test_only_the_owner_hides_windows(line: str) -> None:
    session, _, writer, _ = with_windows()
    session.say(writer, line)
    assert session.told(writer)[-1] == "only the owner may do this"
    assert not any(each.is_hidden for each in session.parts.windows)


def test_the_command_line_hides_a_window_by_its_target() -> None:
    session, _, _, watcher = with_windows()
    assert session.order("set-window -t :2 hidden on") == "window 2 is hidden: you alone see it"
    assert session.order("set-window hidden on -t :2") == "window 2 is hidden already"
    [wire] = [each for each in session.core.visible.windows([watcher]).windows if each.is_hidden]
    assert (wire.index, wire.name, wire.panes, wire.rows, wire.cols) == (2, "", [], 1, 1)
    assert session.order("set-window hidden off -t :2") == "window 2 is shown: everybody may see it again"


@pytest.mark.parametrize("line", ["set-window", "set-window name x", "set-window hidden maybe", "follow x", "gather x"])
def test_a_wrong_form_says_the_right_one(line: str) -> None:
    session, _, _, _ = with_windows()
    with pytest.raises(UsageError, match=r"^say: "):
        session.order(line)


def test_a_guest_does_not_go_to_a_hidden_window() -> None:
    session, owner, writer, watcher = with_windows()
    session.order("set-window hidden on -t :1")
    for guest in (writer, watcher):
        session.say(guest, "select-window -t :1")
        assert at(session, guest) != [1]
        session.say(guest, "next-window")
        assert at(session, guest)[0] != 1
    session.say(owner, "select-window -t :1")
    for guest in (writer, watcher):
        session.say(guest, "last-window")
        assert at(session, guest)[0] != 1


def test_a_guest_does_not_lead_the_owner_out_of_a_hidden_window() -> None:
    """The owner was in the middle of a password, and its rest went to the window that a guest selected."""
    session, owner, writer, watcher = with_windows()
    session.say(owner, "select-window -t :1")
    session.say(owner, "set-window hidden on")
    session.say(writer, "select-window -t :2")
    assert at(session, owner, writer, watcher) == [1, 2, 2]
    session.say(owner, "follow on")
    assert at(session, owner) == [2]


def test_nobody_is_gathered_in_a_hidden_window() -> None:
    session, owner, _, watcher = with_windows()
    session.say(owner, "set-window hidden on")
    session.say(owner, "gather")
    assert session.told(owner)[-1] == "window 0 is hidden: show it first, or go to another one"
    assert at(session, watcher) != [0]


def test_typing_in_a_hidden_window_is_no_news_for_guests() -> None:
    session, owner, writer, _ = with_windows()
    session.types(writer)
    session.say(owner, "set-window hidden on")
    session.effects.clear()
    session.types(owner, b"secret")
    assert session.core.visible.attendance([writer]).typed_last == "guest-2"
    assert session.core.visible.attendance([owner]).typed_last == "olga"
    session.say(owner, "select-window -t :1")
    session.types(owner)
    assert session.core.visible.attendance([writer]).typed_last == "olga"
    assert session.found(Announce)


def test_a_window_that_is_hidden_in_a_pause_is_hidden_at_once() -> None:
    """Guests who joined in the pause got the windows of the moment before it, with the name of the hidden one."""
    session, owner, _, watcher = with_windows()
    session.parts.windows.at(0).rename("salaries")  # type: ignore[union-attr]  # there is one
    session.say(owner, "pause on")
    session.say(owner, "set-window hidden on")
    late = session.watcher()
    assert "salaries" not in repr(session.core.visible.windows([watcher, late]))
    assert session.core.visible.looks([watcher, late])[None].window is None
    assert "salaries" in repr(session.core.visible.windows([owner]))


def test_a_guest_gets_nothing_of_a_hidden_history() -> None:
    session, owner, _, watcher = with_windows()
    session.core.feed(PaneId(0), b"line\r\n" * 100, session.now_s)
    assert session.core.visible.history(watcher, PaneId(0), 0, 9).rows
    session.say(owner, "set-window hidden on")
    for place in (None, 5):
        lines = session.core.visible.history(watcher, PaneId(0), 0, 9, place)
        assert (lines.rows, lines.kept, lines.start) == ([], 0, 0)
    assert session.core.visible.history(owner, PaneId(0), 0, 9).rows


def test_a_returning_guest_is_back_at_their_window() -> None:
    session, owner, _, watcher = with_windows()
    session.say(watcher, "select-window -t :2")
    ticket = session.ticket(watcher)
    session.lose(watcher)
    again = session.watcher(ticket=ticket)
    assert at(session, owner, again) == [0, 2]


def test_those_who_are_hidden_from_are_told_nothing() -> None:
    session, owner, _, _ = with_windows()
    session.effects.clear()
    session.say(owner, "set-window hidden on")
    assert {each.client for each in session.found(Tell)} == {owner}


@pytest.mark.parametrize(
    "line", ["select-pane -t :1.0", "last-pane -t :1", "resize-pane -Z -t :1.0", "split-window -t :1"]
)
def test_a_pane_of_another_window_becomes_active_there_for_all_as_in_tmux(line: str) -> None:
    """For somebody with their own view, `select-pane -t OTHER.0` did nothing and said nothing."""
    session, owner, writer, watcher = with_windows(2)
    session.say(owner, "split-window -d -t :1")
    window = session.parts.windows.at(1)
    assert window is not None
    first, second = window.layout.panes
    window.activate(first)
    window.activate(second)
    session.say(writer, "follow off")
    session.say(writer, line)
    assert window.active != second
    assert window.is_zoomed == line.startswith("resize")
    assert at(session, owner, writer, watcher) == [0, 0, 0], "nobody goes to the other window"


@pytest.mark.parametrize("line", ["select-pane -t :1.0", "last-pane -t :1", "resize-pane -Z -t :1.0"])
def test_somebody_who_watches_moves_no_pane_of_another_window_and_reads_why(line: str) -> None:
    session, owner, _, watcher = with_windows(2)
    session.say(owner, "split-window -t :1")
    window = session.parts.windows.at(1)
    assert window is not None
    before = window.active
    for word in ("follow on", "follow off"):
        session.say(watcher, word)
        session.say(watcher, line)
        assert session.told(watcher)[-1] == "you look at another window: 'select-window -t :1' goes there"
        assert (window.active, window.is_zoomed, at(session, watcher)) == (before, False, [0])
