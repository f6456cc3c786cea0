"""The history in the owner's pager: for whom it is, and how a view lends its terminal to another program."""

from __future__ import annotations

import pytest

from pairterm.terminal.frame import Modes
from pairterm.types import Role, Size
from pairterm.view import Replay, ViewHistory
from tests.unit.view.watching import Client, frame_of


@pytest.mark.parametrize("keys", [b"\x02v", b"\x02:view-history\r", b"\x02[\x02v"])
def test_the_pager_is_for_the_owner(keys: bytes) -> None:
    client = Client(Role.OWNER)
    client.show(frame_of("$ "))
    assert [action for action in client.keys(keys) if isinstance(action, ViewHistory)] == [ViewHistory()]


@pytest.mark.parametrize("role", [Role.READ_WRITE, Role.READ_ONLY])
@pytest.mark.parametrize("keys", [b"\x02v", b"\x02:view-history\r"])
def test_others_are_told_where_the_history_is(role: Role, keys: bytes) -> None:
    client = Client(role, Size(rows=8, cols=100))
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    assert client.keys(keys) == []
    assert "C-b [ shows the history here; the owner's shell: pairterm capture-pane -p -S - | less" in client.lines[-1]


@pytest.mark.parametrize("keys", [b"\x02<", b"\x02:replay\r"])
@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_ask_for_the_way_back_in_time(role: Role, keys: bytes) -> None:
    """The host decides. A guest needs the owner's permission."""
    client = Client(role, Size(rows=8, cols=100))
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    assert [action for action in client.keys(keys) if isinstance(action, Replay)] == [Replay()]


def test_others_are_told_the_key_that_they_have() -> None:
    client = Client(Role.READ_WRITE, Size(rows=8, cols=100), bindings={"[": "none", "h": "copy-mode"}, prefix="C-a")
    client.show(frame_of("$ ", size=Size(rows=8, cols=100)))
    client.keys(b"\x01v")
    assert "C-a h shows the history here" in client.lines[-1]


def test_nothing_is_painted_on_a_terminal_that_is_lent_and_everything_after() -> None:
    client = Client(Role.OWNER)
    client.show(frame_of("old", modes=Modes(bracketed_paste=True)))
    client.terminal.feed(client.view.lend())
    assert not client.terminal.snapshot().modes.bracketed_paste
    assert "old" not in client.lines, "the alternate screen is still shown"
    client.view.show(frame_of("new", modes=Modes(bracketed_paste=True)))
    client.view.tell("a message", client.now_s)
    assert not client.view.is_dirty
    client.terminal.feed(b"the pager was here\r\n")
    client.terminal.feed(client.view.reclaim())
    client.paint()
    assert client.lines[0] == "new"
    assert not any("pager" in line for line in client.lines)
    assert "a message" in client.lines[-1]
    assert client.terminal.snapshot().modes.bracketed_paste


def test_a_session_that_ends_meanwhile_leaves_only_its_last_line() -> None:
    client = Client(Role.OWNER)
    client.show(frame_of("old"))
    client.view.lend()
    assert client.view.leave("[our_session ended]") == b"[our_session ended]\r\n"
