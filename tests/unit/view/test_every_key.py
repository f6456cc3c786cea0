"""Each row of the key tables is typed once: after the prefix, and without it by those who type and those who watch.

The rows come from the tables themselves. A row that is added later fails until it has an effect here.
Keys in the history and in pages are in `test_every_copy_key.py`.
"""

from dataclasses import dataclass, replace

import pytest

from pairterm.terminal.frame import Cursor
from pairterm.types import PaneId, Rect, Role, Size, WindowId
from pairterm.view import Action, Command, ContentSize, Detach, FetchHistory, Redraw, Replay, Type, ViewHistory
from pairterm.view.bindings import Bindings, Table
from pairterm.view.key_names import key_of
from pairterm.view.lone_keys import ALONE_S
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import ShownWindows, WindowTab
from tests.unit.view.watching import KIND, Client, frame_of

SIZE = Size(rows=24, cols=80)
LARGE = Size(rows=40, cols=160)
"""A session that is larger than the client's terminal."""


@dataclass(frozen=True)
class Effect:
    """What a key does: the actions, and a text that the client's terminal shows only afterwards."""

    actions: tuple[Action, ...] = ()
    shows: str = ""
    after: bytes = b""
    """Keys that are typed first."""
    session: Size = SIZE


def gives(line: str) -> Effect:
    return Effect((Command(line),))


PANNED = b"\x02\x1b[1;2A"
COPIED = b"\x02:set-buffer pasted\r"
LEAVES, HELPS, REDRAWS = Effect((Detach(),)), Effect(shows="Keys in demo"), Effect((Redraw(),))
FOLLOWS = Effect(shows="3212", after=PANNED, session=LARGE)
PANS = {
    "Up": Effect(shows="0512", session=LARGE),
    "Down": Effect(shows="3512", session=LARGE),
    "Left": Effect(shows="1507", session=LARGE),
    "Right": Effect(shows="1526", session=LARGE),
}
SCROLLS = Effect(shows=" 0/500")
PAGES_UP = Effect(shows=" 22/500")
WHEELS = Effect(shows=" 3/500")

AFTER_PREFIX = {
    "d": LEAVES,
    "R": REDRAWS,
    "C-l": REDRAWS,
    "?": HELPS,
    ":": Effect(shows=":"),
    "[": SCROLLS,
    "PPage": PAGES_UP,
    "v": Effect((ViewHistory(),)),
    "<": Effect((Replay(),)),
    "]": Effect((Type(b"pasted"),), after=COPIED),
    "=": Effect(shows="pasted", after=COPIED),
    "#": Effect(shows="pasted", after=COPIED),
    "W": Effect(shows="the mouse selects panes"),
    "T": Effect((ContentSize(),), shows="demo"),
    **{f"S-{key}": effect for key, effect in PANS.items()},
    "DC": FOLLOWS,
    "Home": FOLLOWS,
    "c": gives("new-window"),
    "n": gives("next-window"),
    "p": gives("previous-window"),
    "l": gives("last-window"),
    **{str(index): gives(f"select-window -t :={index}") for index in range(10)},
    "'": Effect(shows="index"),
    "w": gives("choose-tree -Zw"),
    "f": gives("follow"),
    "F": gives("gather"),
    "h": gives("set-window hidden"),
    ",": Effect(shows="(rename-window) logs"),
    ".": Effect(shows="(move-window)"),
    "&": Effect(shows="kill-window logs? (y/n)"),
    "%": gives("split-window -h"),
    '"': gives("split-window"),
    "Up": gives("select-pane -U"),
    "Down": gives("select-pane -D"),
    "Left": gives("select-pane -L"),
    "Right": gives("select-pane -R"),
    "o": gives("select-pane -t :.+"),
    ";": gives("last-pane"),
    "q": Effect(shows="39×24"),
    "z": gives("resize-pane -Z"),
    "x": Effect(shows="kill-pane 1? (y/n)"),
    "{": gives("swap-pane -U"),
    "}": gives("swap-pane -D"),
    "C-Up": gives("resize-pane -U"),
    "C-Down": gives("resize-pane -D"),
    "C-Left": gives("resize-pane -L"),
    "C-Right": gives("resize-pane -R"),
    "M-Up": gives("resize-pane -U 5"),
    "M-Down": gives("resize-pane -D 5"),
    "M-Left": gives("resize-pane -L 5"),
    "M-Right": gives("resize-pane -R 5"),
    "Space": gives("next-layout"),
    "M-1": gives("select-layout even-horizontal"),
    "M-2": gives("select-layout even-vertical"),
    "M-3": gives("select-layout main-horizontal"),
    "M-4": gives("select-layout main-vertical"),
    "M-5": gives("select-layout tiled"),
    "D": gives("who"),
    "m": Effect(shows=":say"),
    "M": gives("chat"),
    "r": gives("ask"),
    "g": Effect(shows=":give"),
    "G": gives("take"),
    "y": gives("accept"),
    "O": gives("accept-ro"),
    "N": gives("decline"),
    "B": gives("decline-ban"),
    "i": gives("links"),
    "!": gives("panic --ask"),
    "P": gives("pause"),
    "C-r": gives("record"),
    "C-b": Effect((Type(b"\x02"),)),
}

TYPING = {"S-PPage": PAGES_UP, "WheelUpPane": replace(WHEELS, after=b"\x02W")}

WATCHING = {
    **dict.fromkeys(("q", "C-c", "C-d"), LEAVES),
    "?": HELPS,
    **PANS,
    "Home": FOLLOWS,
    "[": SCROLLS,
    "PPage": PAGES_UP,
    "S-PPage": PAGES_UP,
    "WheelUpPane": WHEELS,
}

EFFECTS = {Table.PREFIX: AFTER_PREFIX, Table.ROOT: TYPING, Table.READ_ONLY: WATCHING}
ROLES = {Table.PREFIX: Role.OWNER, Table.ROOT: Role.READ_WRITE, Table.READ_ONLY: Role.READ_ONLY}

FINALS = {
    "Up": b"A",
    "Down": b"B",
    "Right": b"C",
    "Left": b"D",
    "Home": b"H",
    "End": b"F",
    "PPage": b"5",
    "NPage": b"6",
    "DC": b"3",
}

NAMED = {
    "Enter": b"\r",
    "Escape": b"\x1b",
    "BSpace": b"\x7f",
    "WheelUpPane": b"\x1b[<64;60;5M",
    "WheelDownPane": b"\x1b[<65;60;5M",
}


def bytes_of(key: str) -> bytes:
    """Return the bytes that xterm sends for a key."""
    *modifiers, base = key.split("-") if len(key) > 1 else [key]
    if base in NAMED:
        return NAMED[base]
    if base in FINALS:
        modifier = 1 + sum({"S": 1, "M": 2, "C": 4}[each] for each in modifiers)
        number, end = (FINALS[base], b"~") if FINALS[base].isdigit() else (b"1", FINALS[base])
        return b"\x1b[" + number + (b";%d" % modifier if modifiers else b"") + end
    character = b" " if base == "Space" else base.encode()
    if modifiers == ["C"]:
        return bytes((character[0] & 0x1F,))
    return b"\x1b" + character if modifiers == ["M"] else character


def client_of(role: Role, session: Size) -> Client:
    """Return a client of two panes side by side. Each five cells have the number of the row and of the fifth."""
    client = Client(role, SIZE, KIND)
    lines = ["".join(f"{row:02}{fifth:02}." for fifth in range(session.cols // 5)) for row in range(session.rows)]
    end = Cursor(session.rows - 10, session.cols - 40)
    frame = replace(frame_of(*lines, size=session, scrolled=500), cursor=end)
    half = session.cols // 2
    panes = (
        (PaneId(4), Rect(0, 0, session.rows, half)),
        (PaneId(7), Rect(0, half + 1, session.rows, session.cols - half - 1)),
    )
    client.view.show(frame, ShownPanes(WindowId(2), panes, PaneId(7), frame))
    client.view.show_windows(ShownWindows((WindowTab(0, "vim", "-", False), WindowTab(1, "logs", "*", False)), ""))
    client.paint()
    return client


ROWS = [(table, key) for table in EFFECTS for key in Bindings.of().tables[table]]


@pytest.mark.parametrize(("table", "key"), ROWS, ids=[f"{table.value} {key}" for table, key in ROWS])
def test_each_row_has_its_effect(table: Table, key: str) -> None:
    assert key in EFFECTS[table], f"a new row of the table {table.value}: give it its effect here"
    effect, data = EFFECTS[table][key], bytes_of(key)
    assert key_of(data).name == key
    client = client_of(ROLES[table], effect.session)
    client.keys(effect.after)
    client.wait(10)
    before = "\n".join(client.lines)
    actions = client.keys(b"\x02" + data if table is Table.PREFIX else data)
    if table is Table.READ_ONLY:
        actions += client.wait(ALONE_S)
    shown = "\n".join(client.lines)
    assert tuple(each for each in actions if not isinstance(each, FetchHistory)) == effect.actions
    assert effect.actions or effect.shows
    if effect.shows:
        assert effect.shows in shown
        assert effect.shows not in before


def test_no_effect_is_of_a_row_that_is_gone() -> None:
    assert {table: sorted(effects) for table, effects in EFFECTS.items()} == {
        table: sorted(Bindings.of().tables[table]) for table in EFFECTS
    }
