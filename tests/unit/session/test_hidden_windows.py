"""What guests can learn of a hidden window by commands: nothing, and they can't touch it."""

from __future__ import annotations

import re

import pytest

from pairterm.errors import UsageError
from pairterm.session.effects import Tell
from pairterm.types import ClientId, PaneId
from tests.unit.session.sessions import Session

_NAME, _TITLE, _TEXT = "salaries", "payroll", "canary-4217"


def with_a_secret() -> tuple[Session, ClientId, ClientId, ClientId]:
    """Return a session whose window 1 is hidden, with two panes; its owner is there, a writer and a watcher are not."""
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    session.say(owner, f"new-window -n {_NAME}")
    session.say(owner, "split-window")
    window = session.parts.windows.at(1)
    assert window is not None
    for pane in window.panes:
        session.core.feed(pane, f"\x1b]2;{_TITLE}\x07{_TEXT}\r\n".encode(), session.now_s)
    session.say(owner, "set-window hidden on")
    session.say(owner, "new-window")
    session.say(owner, "select-window -t :1")
    session.effects.clear()
    return session, owner, writer, watcher


_REFUSAL = re.compile(r"(no windows matching|can't find (window|pane)): [^'\"]*")

_EVERYTHING = "#{W:#W}#W #I #T #{window_id} #{window_layout} #{pane_id} #{window_hidden_flag} #{session_windows}"

_LINES = [
    "choose-tree -Zw",
    "choose-tree",
    f"find-window {_NAME}",
    f"find-window -C {_TEXT}",
    f"find-window -T {_TITLE}",
    f"find-window -N -i {_NAME.upper()}",
    "find-window ''",
    "list-windows",
    f"list-windows -F '{_EVERYTHING}'",
    "list-windows --json",
    "list-windows -j",
    "list-panes -s",
    f"list-panes -a -F '{_EVERYTHING}'",
    "list-panes -t :1",
    "list-panes -t @1",
    "list-panes -t %1",
    "display-message -p",
    f"display-message -p -t :1 '{_EVERYTHING}'",
    f"display-message -p -t %1 '{_EVERYTHING}'",
    f"display-message -p -t {_NAME[:3]} '#W'",
    f"display-message -p -t {_NAME} '#W'",
    f"select-window -t {_NAME}",
    "select-window -t :1",
    "select-window -T -t @1",
    "select-window -l",
    "next-window -a",
    "previous-window",
    "select-pane -t :1.0",
    "select-pane -t %1",
    "who",
    "show-options",
]

_CHANGES = [
    "kill-window -t :1",
    f"kill-window -t {_NAME}",
    "kill-window -a",
    "kill-pane -t %1",
    "kill-pane -t :1.0",
    "new-window -k -t :1",
    f"new-window -S -n {_NAME}",
    "move-window -k -s :0 -t :1",
    "move-window -s :1 -t :7",
    "move-window -r",
    "move-window -a -s :2 -t :0",
    "move-window -b -s :2 -t :0",
    "new-window -a -t :0",
    "new-window -b -t :0",
    "break-pane -a -t :0",
    "swap-window -s :+ -t :0",
    "kill-window -a -t :2",
    "next-layout -t :1",
    "give 2 --window 1",
    "take --window 1",
    "swap-window -s :1 -t :0",
    "swap-pane -s %1 -t :0.0",
    "join-pane -s %1 -t :0",
    "join-pane -s :0.0 -t :1",
    "break-pane -s %1",
    "split-window -t :1",
    "rename-window -t :1 mine",
    "resize-pane -t %1 -Z",
    "rotate-window -t :1",
    "select-layout -t :1 tiled",
    "select-pane -t %1 -T mine",
    "send-keys -t :1 x",
    "set-window hidden off -t :1",
]


def told(session: Session, client: ClientId) -> str:
    """Return all that a client was told, and offered to choose from, without its own words in a refusal."""
    return _REFUSAL.sub("", repr([each for each in session.found(Tell) if each.client == client]))


@pytest.mark.parametrize("line", _LINES)
def test_no_command_of_a_guest_tells_anything_of_a_hidden_window(line: str) -> None:
    session, _, writer, watcher = with_a_secret()
    for guest in (writer, watcher, session.far_owner()):
        session.say(guest, line)
        answer = told(session, guest)
        assert not [each for each in (_NAME, _TITLE, _TEXT, "@1", "%1", "%2") if each in answer]
        look = session.parts.looks.of(guest)
        assert look is not None
        assert session.parts.windows[look.window].index != 1


@pytest.mark.parametrize("line", _CHANGES)
def test_no_command_of_a_guest_changes_a_hidden_window(line: str) -> None:
    session, owner, writer, _ = with_a_secret()
    window = session.parts.windows.at(1)
    assert window is not None

    def state() -> tuple[object, ...]:
        return (window.index, window.name, window.layout, window.active, window.is_zoomed, window.is_hidden)

    before = state(), list(window.panes)
    session.say(writer, line)
    assert session.parts.windows.get(window.id) is window
    assert (state(), list(window.panes)) == before
    assert _NAME not in told(session, writer)
    look = session.parts.looks.of(owner)
    assert look is not None
    assert look.window == window.id


def test_the_list_of_windows_to_choose_has_names_sizes_and_who_looks_there() -> None:
    session, owner, writer, watcher = with_a_secret()
    session.say(writer, "follow off")
    session.say(writer, "select-window -t :0")
    session.say(owner, "choose-tree -Zw")
    page = session.found(Tell, owner)[-1]
    lines = [line.split() for line in page.text.split("\n")]
    assert page.items == ("@0", "@1", "@2")
    assert [each[0] for each in lines[1:]] == ["0:", "1:", "2:"]
    assert lines[1][-1] == "guest-2"
    assert lines[2][1:] == [f"{_NAME}*", "2", "80×24", "olga"]
    assert lines[3][-1] == "guest-3"
    session.say(watcher, "choose-tree")
    page = session.found(Tell, watcher)[-1]
    assert page.items == ("@0", "@2")
    assert "olga" not in page.text


def test_the_owner_finds_and_lists_what_they_hide() -> None:
    session, owner, _, _ = with_a_secret()
    session.say(owner, "select-window -t :0")
    session.say(owner, f"find-window -C {_TEXT}")
    look = session.parts.looks.of(owner)
    assert look is not None
    assert session.parts.windows[look.window].index == 1
    assert _NAME in session.order("list-windows")


def test_the_shell_gathers_everyone_in_the_window_of_its_pane() -> None:
    session, owner, writer, watcher = with_a_secret()
    session.say(writer, "follow off")
    effects, answer = session.core.owner_command("gather", session.now_s, PaneId(0))
    session.take(effects)
    assert answer == "everyone looks at window 0 now"
    looks = [session.parts.looks.of(each) for each in (owner, writer, watcher)]
    assert [each.window for each in looks if each is not None] == [0, 0, 0]
    with pytest.raises(UsageError, match="window 1 is hidden"):
        session.core.owner_command("gather", session.now_s, PaneId(1))


@pytest.mark.parametrize(
    ("line", "indexes"),
    [
        ("move-window -r", [0, 1, 2]),
        ("new-window -d -a -t :0", [0, 1, 2, 4]),
        ("new-window -d -b -t :0", [0, 1, 2, 4]),
        ("move-window -d -a -s :4 -t :0", [0, 1, 2]),
    ],
)
def test_windows_that_a_guest_moves_go_round_a_hidden_one(line: str, indexes: list[int]) -> None:
    """`move-window -r` of a guest gave the hidden window another number."""
    session, owner, writer, _ = with_a_secret()
    session.say(owner, "move-window -d -s :2 -t :4")
    session.say(writer, line)
    assert [each.index for each in session.parts.windows] == indexes
    hidden = session.parts.windows.at(1)
    assert hidden is not None
    assert hidden.is_hidden


def test_guests_do_not_learn_whether_the_owner_types_in_a_hidden_window() -> None:
    session, owner, writer, _ = with_a_secret()
    session.wait(90)
    session.types(owner)
    session.say(writer, "who")
    assert " 0s" not in session.told(writer)[-1]
    session.say(owner, "who")
    assert " 0s" in session.told(owner)[-1]
