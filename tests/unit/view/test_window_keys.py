"""Keys for windows and panes: each gives its command to the host, some ask first, some are for this client alone."""

from dataclasses import replace

import pytest

from pairterm.terminal.frame import INVERSE, Frame
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import Command, Type
from pairterm.view.key_state import REPEAT_S
from pairterm.view.lone_keys import ALONE_S
from pairterm.view.pane_numbers import NUMBERS_S
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows, WindowTab
from tests.unit.view.watching import KIND, Client, frame_of

SIZE = Size(rows=24, cols=80)
WINDOWS = ShownWindows((WindowTab(0, "vim", "-", False), WindowTab(1, "ana's", "*", False)), "")
HALVES = ((PaneId(4), Rect(0, 0, 24, 40)), (PaneId(7), Rect(0, 41, 24, 39)))


def client_of(role: Role = Role.READ_WRITE, **options: object) -> Client:
    client = Client(role, SIZE, KIND, **options)
    frame = frame_of("$ ", size=SIZE)
    client.view.show(frame, ShownPanes(WindowId(2), HALVES, PaneId(7), frame))
    client.view.show_windows(WINDOWS)
    client.paint()
    return client


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"c", "new-window"),
        (b"n", "next-window"),
        (b"p", "previous-window"),
        (b"l", "last-window"),
        *((b"%d" % index, f"select-window -t :={index}") for index in range(10)),
        (b"w", "choose-tree -Zw"),
        (b"f", "follow"),
        (b"F", "gather"),
        (b"h", "set-window hidden"),
        (b"%", "split-window -h"),
        (b'"', "split-window"),
        (b"\x1b[A", "select-pane -U"),
        (b"\x1bOB", "select-pane -D"),
        (b"\x1b[D", "select-pane -L"),
        (b"\x1b[C", "select-pane -R"),
        (b"o", "select-pane -t :.+"),
        (b";", "last-pane"),
        (b"z", "resize-pane -Z"),
        (b"{", "swap-pane -U"),
        (b"}", "swap-pane -D"),
        (b"\x1b[1;5A", "resize-pane -U"),
        (b"\x1b[1;5B", "resize-pane -D"),
        (b"\x1b[1;5D", "resize-pane -L"),
        (b"\x1b[1;5C", "resize-pane -R"),
        (b"\x1b[1;3A", "resize-pane -U 5"),
        (b"\x1b[1;3B", "resize-pane -D 5"),
        (b"\x1b[1;3D", "resize-pane -L 5"),
        (b"\x1b[1;3C", "resize-pane -R 5"),
        (b" ", "next-layout"),
        (b"\x1b1", "select-layout even-horizontal"),
        (b"\x1b2", "select-layout even-vertical"),
        (b"\x1b3", "select-layout main-horizontal"),
        (b"\x1b4", "select-layout main-vertical"),
        (b"\x1b5", "select-layout tiled"),
        (b"D", "who"),
        (b"G", "take"),
        (b"y", "accept"),
        (b"O", "accept-ro"),
        (b"N", "decline"),
        (b"B", "decline-ban"),
        (b"!", "panic --ask"),
        (b"P", "pause"),
    ],
)
def test_a_key_gives_its_command(role: Role, keys: bytes, line: str) -> None:
    assert client_of(role).keys(b"\x02" + keys) == [Command(line)]


@pytest.mark.parametrize(
    ("key", "label", "typed", "line"),
    [
        (b"'", "index ", b"12\r", "select-window -t :12"),
        (b",", "(rename-window) ana's", b"\x15logs 2\r", "rename-window -t '@2' 'logs 2'"),
        (b",", "(rename-window) ana's", b"\r", "rename-window -t '@2' 'ana'\"'\"'s'"),
        (b".", "(move-window) ", b"5\r", "move-window -s '@2' -t 5"),
        (b"&", "kill-window ana's? (y/n) ", b"y", "kill-window -t '@2'"),
        (b"x", "kill-pane 1? (y/n) ", b"y", "kill-pane -t '%7'"),
    ],
)
def test_a_key_that_asks_gives_a_command_about_what_was_seen(key: bytes, label: str, typed: bytes, line: str) -> None:
    """The leader may select another window before the answer: the command still means the one that was seen."""
    client = client_of()
    assert client.keys(b"\x02" + key) == []
    assert client.lines[-1] == label.rstrip()
    other = frame_of("other", size=SIZE)
    client.view.show(other, ShownPanes(WindowId(9), HALVES[:1], PaneId(4), other))
    assert client.keys(typed) == [Command(line)]
    assert client.keys(b"ls") == [Type(b"ls")]


@pytest.mark.parametrize(
    ("key", "typed"), [(b"'", b"\r"), (b",", b"\x15\r"), (b"&", b"n"), (b"x", b"\r"), (b".", b"\x1b")]
)
def test_no_answer_gives_no_command(key: bytes, typed: bytes) -> None:
    client = client_of()
    assert client.keys(b"\x02" + key) == []
    assert [*client.keys(typed), *client.wait(1)] == []
    assert client.view.is_live


def test_a_person_s_own_keys_may_ask_too_and_wrong_usage_is_said() -> None:
    client = client_of(bindings={"A": ":confirm-before detach-client", "K": ":command-prompt -p 'who is it' 'kick %%'"})
    client.keys(b"\x02A")
    assert client.lines[-1] == "Confirm 'detach-client'? (y/n)"
    assert [type(action).__name__ for action in client.keys(b"y")] == ["Detach"]
    client.keys(b"\x02K")
    assert client.lines[-1] == "who is it"
    assert client.keys(b"ana; ls\r") == [Command("kick 'ana; ls'")]
    client.keys(b"\x02:confirm-before -p 'what\r")
    assert client.lines[-1].startswith(" can't read the line")
    client.keys(b"\x02:command-prompt -1\r")
    assert client.lines[-1] == " usage: command-prompt [-p PROMPT] COMMAND"


def test_a_zoomed_pane_is_asked_about_by_its_id() -> None:
    client = client_of()
    frame = frame_of("$ ", size=SIZE)
    client.view.show(frame, ShownPanes(WindowId(2), ((PaneId(7), Rect(0, 0, 24, 80)),), PaneId(7), frame))
    client.view.show_windows(ShownWindows((WindowTab(0, "vim", "*Z", False),), ""))
    client.keys(b"\x02x")
    assert client.lines[-1] == "kill-pane %7? (y/n)"


@pytest.mark.parametrize(
    ("key", "line"),
    [(b"\x1b[A", "select-pane -U"), (b"\x1b[1;5A", "resize-pane -U"), (b"\x1b[1;3A", "resize-pane -U 5")],
)
def test_moving_and_resizing_repeat_without_the_prefix_for_a_moment(key: bytes, line: str) -> None:
    client = client_of()
    assert client.keys(b"\x02" + key) == [Command(line)]
    client.now_s += REPEAT_S / 2
    assert client.keys(key) == [Command(line)]
    client.now_s += REPEAT_S
    assert client.keys(key) == [Type(key)]


def colours(frame: Frame, row: int) -> list[int]:
    return [pen.fg if pen.flags & INVERSE else -1 for pen in frame.rows[row].pens]


def test_the_numbers_lie_over_the_panes_for_a_second() -> None:
    client = client_of()
    before = client.terminal.snapshot()
    assert client.keys(b"\x02q") == []
    shown = client.terminal.snapshot()
    assert client.lines[0] == "$" + " " * 34 + "40×24" + " " * 35 + "39×24"
    assert colours(shown, 10) == [-1] * 17 + [4] * 6 + [-1] * 38 + [1] * 2 + [-1] * 17
    assert client.view.wake_at_s == client.now_s + NUMBERS_S
    client.wait(NUMBERS_S)
    assert client.terminal.snapshot().same_as(before)
    assert client.keys(b"1") == [Type(b"1")]


@pytest.mark.parametrize(
    ("typed", "actions"),
    [
        (b"0", [Command("select-pane -t %4")]),
        (b"1ls\r", [Command("select-pane -t %7"), Type(b"ls\r")]),
        (b"5", []),
        (b"ls", [Type(b"ls")]),
        ("ü".encode(), [Type("ü".encode())]),
        (b"\x1b[A", [Type(b"\x1b[A")]),
        (b"\x1b[200~1\x1b[201~", [Type(b"\x1b[200~1\x1b[201~")]),
        (b"\x1b[49u", [Command("select-pane -t %7")]),
        (b"\x02c", [Command("new-window")]),
    ],
)
@pytest.mark.parametrize("is_one_packet", [False, True])
def test_a_number_selects_its_pane_and_other_keys_are_not_lost(
    typed: bytes, actions: list[object], is_one_packet: bool
) -> None:
    client = client_of()
    assert client.keys(b"\x02q" + typed if is_one_packet else b"\x02q") == (actions if is_one_packet else [])
    if not is_one_packet:
        assert client.keys(typed) == actions
    assert client.view.is_live
    assert "39×24" not in client.lines[0]
    assert client.keys(b"0") == [Type(b"0")]


def test_a_watcher_selects_a_pane_by_its_number_too() -> None:
    client = client_of(Role.READ_ONLY)
    client.keys(b"\x02q")
    assert client.keys(b"0") == [Command("select-pane -t %4")]
    assert client.wait(ALONE_S) == []


def test_a_release_of_the_key_leaves_the_numbers() -> None:
    client = client_of()
    client.keys(b"\x02\x1b[113u")
    assert client.keys(b"\x1b[113;1:3u") == []
    assert client.keys(b"\x1b[98;1:3u") == []
    assert client.keys(b"1") == [Command("select-pane -t %7")]


def test_small_panes_and_wide_characters_take_a_small_number() -> None:
    client = Client()
    frame = frame_of(*["漢字漢字漢字漢字"] * 8)
    rects = tuple((PaneId(at), Rect(at, 0, 1, 40)) for at in range(0, 8, 2))
    client.view.show(frame, ShownPanes(WindowId(0), rects, PaneId(0), frame))
    client.paint()
    client.keys(b"\x02q")
    assert client.lines[2] == "漢字漢字漢字漢字   1"
    narrow = tuple((PaneId(at), Rect(0, at, 8, 1)) for at in range(0, 12, 2))
    client.view.show(again := replace(frame, generation=1), ShownPanes(WindowId(0), narrow, PaneId(0), again))
    client.paint()
    assert client.lines[4] == "0 1 2 3 4 5 漢字"


LIST = "   window\n 0: vim- 80×24\tone pane\n*1: ana's* 80×24\ttwo panes\n 2: tests 80×24\tthree"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"\r", "select-window -t @1"),
        (b"\x1b[A\r", "select-window -t @0"),
        (b"j\r", "select-window -t @2"),
        (b"2", "select-window -t @2"),
        (b"xy", "kill-window -t @1"),
        (b"xn", None),
        (b"9", None),
        (b"q", None),
    ],
)
def test_a_window_is_chosen_from_the_list(keys: bytes, line: str | None) -> None:
    client = client_of()
    assert client.keys(b"\x02w") == [Command("choose-tree -Zw")]
    client.view.tell(LIST, client.now_s, "3 windows", ["@0", "@1", "@2"])
    client.paint()
    assert client.lines[0].startswith(" 3 windows")
    assert "two panes" in client.lines[-3], "the window where the client is"
    assert client.keys(keys) == ([Command(line)] if line else [])
    assert client.view.is_live


def test_a_list_of_people_is_still_a_list_of_people() -> None:
    client = client_of(Role.OWNER)
    client.view.tell("1 here\n 2 ana", client.now_s, "people", ["2"])
    assert client.keys(b"o") == [Command("revoke 2"), Command("who")]
