"""Each row of the tables for the history and for pages is typed once, as `test_every_key.py` does for the others.

The rows come from the tables themselves. A row that is added later fails until it has an effect here.
The places of the cursor are those of tmux 3.3a for the same key on the same screen. `MORE` says where
pairterm's key differs.
"""

from dataclasses import dataclass

import pytest

from pairterm.types import Role, Size
from pairterm.view import Type
from pairterm.view.bindings import COPY_TABLES, Bindings, Table
from pairterm.view.key_names import key_of
from tests.unit.view.test_copying import Session
from tests.unit.view.test_every_key import bytes_of
from tests.unit.view.watching import Client, frame_of

SIZE = Size(rows=8, cols=40)

TEXT = "\n".join("" if number % 7 == 3 else f"  {number:02} one-two three,four x.y one" for number in range(30))
"""The screen shows the lines 22 to 29, of which 24 is blank. 22 lines have left it."""

START = "\x1b[5;9H"
"""The program's cursor, where the cursor of the history begins: between `one-` and `two` of line 26."""


@dataclass(frozen=True)
class Effect:
    """Where the cursor is after a key, and what is shown then."""

    col: int = 8
    row: int = 4
    scrolled: int = 0
    """How many lines the text is scrolled up."""
    after: bytes = b""
    """Keys that are typed first."""
    then: bytes = b""
    """Keys that are typed afterwards."""
    selected: tuple[str, ...] = ()
    """The text in inverse, row by row. A match is in inverse, too."""
    copies: str = ""
    leaves: bool = False


UP_TWO_PAGES = b"\x1b[5~\x1b[5~"
PAGE_UP, PAGE_DOWN = Effect(scrolled=6), Effect(scrolled=6, after=UP_TWO_PAGES)
LEFT, RIGHT, UP, DOWN = Effect(7), Effect(9), Effect(row=3), Effect(row=5)
FIRST, LAST_VI, LAST = Effect(0), Effect(30), Effect(31)
LEAVES = Effect(leaves=True)

COMMON = {
    "Up": UP,
    "Down": DOWN,
    "Left": LEFT,
    "Right": RIGHT,
    **dict.fromkeys(("PPage", "S-PPage"), PAGE_UP),
    **dict.fromkeys(("NPage", "S-NPage"), PAGE_DOWN),
    "Home": FIRST,
    "f": Effect(11, then=b"o"),
    "F": Effect(5, then=b"o"),
    "t": Effect(10, then=b"o"),
    "T": Effect(6, then=b"o"),
    ";": Effect(20, after=b"fo"),
    ",": Effect(5, after=b"fo"),
    "q": LEAVES,
    "C-c": LEAVES,
}

MORE = {
    # The cursor stays at its text, and in tmux at its row. A notch of the wheel is three lines, and in tmux five.
    "C-Up": Effect(row=5, scrolled=1),
    "C-Down": Effect(row=3, scrolled=11, after=UP_TWO_PAGES),
    "WheelUpPane": Effect(row=7, scrolled=3),
    "WheelDownPane": Effect(row=1, scrolled=9, after=UP_TWO_PAGES),
}

VI = {
    **COMMON,
    **MORE,
    "End": LAST_VI,
    "$": LAST_VI,
    "n": Effect(5, 5, after=b"/one\r", selected=("one",)),
    "N": Effect(5, after=b"/one\r", selected=("one",)),
    "k": UP,
    "j": DOWN,
    **dict.fromkeys(("h", "C-h", "BSpace"), LEFT),
    "l": RIGHT,
    "C-b": PAGE_UP,
    "C-f": PAGE_DOWN,
    "C-u": Effect(scrolled=4),
    "C-d": Effect(scrolled=8, after=UP_TWO_PAGES),
    **dict.fromkeys(("K", "C-y"), MORE["C-Up"]),
    **dict.fromkeys(("J", "C-e"), MORE["C-Down"]),
    "g": Effect(0, 0, 22),
    "G": Effect(0, 7, after=UP_TWO_PAGES),  # tmux: at the end of the line
    "w": RIGHT,
    "e": Effect(11),
    "b": Effect(5),
    "W": Effect(13),
    "E": Effect(11),
    "B": Effect(5),
    "0": FIRST,
    "^": Effect(2),
    "H": Effect(0, 0),
    "M": Effect(0, 3),
    "L": Effect(0, 7),
    "{": Effect(0, 2),
    "}": Effect(30, 7),
    "/": Effect(19, then=b"four\r", selected=("four",)),
    "?": Effect(13, 3, then=b"three\r", selected=("three",)),
    **dict.fromkeys(("Space", "v"), Effect(8, 5, then=b"j", selected=("-two three,four x.y one", "  27 one-"))),
    "V": Effect(8, 5, then=b"j", selected=("  26 one-two three,four x.y one", "  27 one-two three,four x.y one")),
    "C-v": Effect(9, 5, then=b"jl", selected=("-t", "-t")),
    "o": Effect(after=b"vll", selected=("-tw",)),
    **dict.fromkeys(("y", "Enter", "C-j"), Effect(after=b"v$", copies="-two three,four x.y one", leaves=True)),
    "Escape": Effect(9, after=b"vl"),
}

EMACS = {
    **COMMON,
    **MORE,
    "End": LAST,
    "n": Effect(5, 5, after=b"\x13one\r", selected=("one",)),
    "N": Effect(5, after=b"\x13one\r", selected=("one",)),
    "C-p": UP,
    "C-n": DOWN,
    "C-b": LEFT,
    "C-f": RIGHT,
    "M-v": PAGE_UP,
    **dict.fromkeys(("C-v", "Space"), PAGE_DOWN),
    "M-Up": Effect(scrolled=4),
    "M-Down": Effect(scrolled=8, after=UP_TWO_PAGES),
    "M-<": Effect(0, 0, 22),
    "M->": VI["G"],
    "M-f": RIGHT,
    "M-b": Effect(5),
    "C-a": FIRST,
    "M-m": Effect(2),
    "C-e": LAST,
    "M-R": Effect(0, 0),
    "M-r": Effect(0, 3),
    "M-{": Effect(0, 2),
    "M-}": Effect(30, 7),
    "C-s": VI["/"],
    "C-r": VI["?"],
    "C-Space": Effect(8, 5, then=b"\x0e", selected=("-two three,four x.y one", "  27 one")),
    "R": Effect(9, 5, then=b"\x0e\x06", selected=("-", "-")),
    "C-g": Effect(9, after=b"\x00\x06"),
    **dict.fromkeys(("C-w", "M-w"), Effect(after=b"\x00\x05", copies="-two three,four x.y one", leaves=True)),
    "Escape": LEAVES,
}

EFFECTS = {"vi": VI, "emacs": EMACS}

ROWS = [(keys, key) for keys, table in COPY_TABLES.items() for key in Bindings.of().tables[table]]


@pytest.mark.parametrize(("mode_keys", "key"), ROWS, ids=[" ".join(row) for row in ROWS])
def test_each_key_in_the_history_has_its_effect(mode_keys: str, key: str) -> None:
    assert key in EFFECTS[mode_keys], f"a new row of the table for {mode_keys}: give it its effect here"
    effect, data = EFFECTS[mode_keys][key], bytes_of(key)
    assert key_of(data).name == key
    session = Session(TEXT + START, size=SIZE)
    session.keys(b"\x02:mode-keys " + mode_keys.encode() + b"\r")
    session.client.wait(10)
    session.keys(b"\x02[" + effect.after)
    actions = session.keys((b"\x02" if data == b"\x02" else b"") + data)  # The prefix twice is its key.
    session.client.wait(1)  # Only then the byte of Escape is no beginning of another key.
    actions += session.keys(effect.then)
    assert actions == []
    shown = session.client.terminal.snapshot()
    assert ("/22  q: back" not in shown.rows[0].text) is effect.leaves
    if not effect.leaves:
        assert (shown.cursor.col, shown.cursor.row) == (effect.col, effect.row)
        assert f" {effect.scrolled}/22 " in shown.rows[0].text
        assert tuple(text.rstrip() for text in session.selected if text.strip()) == effect.selected
    if effect.copies:
        assert session.keys(b"\x02]") == [Type(effect.copies.encode())]


PAGE_ROWS = Bindings.of().tables[Table.PAGE]

TURNS = {
    **dict.fromkeys(("Up", "k", "C-p"), -1),
    **dict.fromkeys(("Down", "j", "C-n"), 1),
    **dict.fromkeys(("PPage", "S-PPage", "b", "M-v"), -7),
    **dict.fromkeys(("NPage", "S-NPage", "Space", "f", "C-f", "C-v"), 7),
    **dict.fromkeys(("C-u", "u"), -3),
    **dict.fromkeys(("C-d", "d"), 3),
    "WheelUpPane": -3,
    "WheelDownPane": 3,
    **dict.fromkeys(("q", "Escape", "C-c"), None),
}
"""How many lines a key turns the page. None: it closes the page."""


@pytest.mark.parametrize("key", PAGE_ROWS)
def test_each_key_on_a_page_has_its_effect(key: str) -> None:
    assert key in TURNS, "a new row of the table of pages: give it its effect here"
    data, lines = bytes_of(key), TURNS[key]
    assert key_of(data).name == key
    client = Client(Role.READ_WRITE, SIZE)
    client.show(frame_of("$ ", size=SIZE))
    client.view.tell("\n".join(f"line {number}" for number in range(100)), client.now_s, "many lines")
    client.paint()
    assert client.keys(b"\x1b[6~" * 3) == []
    assert client.lines[1] == "line 21"
    assert client.keys(data) == []
    client.wait(1)
    if lines is None:
        assert client.lines[0] == "$"
    else:
        assert client.lines[1] == f"line {21 + lines}"


def test_no_effect_is_of_a_row_that_is_gone() -> None:
    tables = Bindings.of().tables
    assert {keys: sorted(effects) for keys, effects in EFFECTS.items()} == {
        keys: sorted(tables[table]) for keys, table in COPY_TABLES.items()
    }
    assert sorted(TURNS) == sorted(PAGE_ROWS)
