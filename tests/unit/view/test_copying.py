"""Copy mode, paste buffers and the clipboard: what is selected, what is copied, and what a paste types."""

import base64
from dataclasses import replace

import pytest

from pairterm.terminal import Terminal
from pairterm.terminal.frame import INVERSE, Modes
from pairterm.types import Role, Size
from pairterm.view import Action, Copy, FetchHistory, TerminalKind, Type
from pairterm.view.buffer_page import MAX_PASTE_BYTES
from pairterm.view.paste_buffers import MAX_BUFFERS, MAX_BUFFERS_BYTES, PasteBuffers
from tests.unit.view.watching import Client

SIZE = Size(rows=8, cols=40)


class Session:
    """A client of a real screen; the terminal core answers what it asks of the history."""

    def __init__(self, text: str, role: Role = Role.READ_WRITE, size: Size = SIZE) -> None:
        self.screen = Terminal(size)
        self.client = Client(role, SIZE)
        self.fetched = 0
        self.print(text)

    def print(self, text: str) -> None:
        self.screen.feed(text.replace("\n", "\r\n").encode())
        self.client.show(self.screen.snapshot())

    def keys(self, data: bytes) -> list[Action]:
        """Press keys; return the actions that are no fetches."""
        actions = self.client.keys(data)
        others: list[Action] = []
        while actions:
            fetches = [each for each in actions if isinstance(each, FetchHistory)]
            others += [each for each in actions if not isinstance(each, FetchHistory)]
            actions = []
            for fetch in fetches:
                assert 0 < fetch.stop - fetch.start <= 200
                self.fetched += 1
                lines = self.screen.history_lines(fetch.start, fetch.stop, fetch.place)
                actions += self.client.view.history(lines)
                self.client.paint()
        return others

    def copied(self, data: bytes) -> str:
        """Copy by these keys, in the history; return the text by pasting it."""
        assert self.keys(b"\x02[" + data) == []
        (action,) = self.keys(b"\x02]")
        assert isinstance(action, Type)
        return action.data.decode()

    @property
    def selected(self) -> list[str]:
        """What the client's terminal shows in inverse, row by row, but in the corner of the first row."""
        rows = self.client.terminal.snapshot().rows
        return [
            "".join(cell for cell, pen in zip(row.cells, row.pens, strict=True) if pen.flags & INVERSE)
            for row in rows[1:]
        ]


TEXT = "one two\nthree  four-five\n\n  six seven\neight"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"v0y", "eight"),
        (b"gg0vey", "one"),
        (b"g0v$y", "one two"),
        (b"g0vjy", "one two\rt"),
        (b"g0wvjjy", "two\rthree  four-five\r"),
        (b"g0wvG$y", "two\rthree  four-five\r\r  six seven\reight"),
        (b"gVjy", "one two\rthree  four-five\r"),
        (b"gVy", "one two\r"),
        (b"g\x16jly", "on\rth"),
        (b"glv\x16lly", "ne "),
        (b"gjv}y", "three  four-five\r"),
        (b"gjwwwvey", "five"),
        (b"gjWvEy", "four-five"),
        (b"gj$vby", "five"),
        (b"gj$vBy", "four-five"),
        (b"gj$v0y", "three  four-five"),
        (b"gjjj^vey", "six"),
        (b"gj0vf-y", "three  four-"),
        (b"gj0vt-y", "three  four"),
        (b"gj0vte;y", "thre"),
        (b"gj0fe;vFhy", "hree"),
        (b"gj$vT-y", "five"),
        (b"gve\r", "one"),
        (b"g0ve\n", "one"),
        (b"g ey", "one"),
        (b"HvMy", "one two\rthree  four-five\r\r "),
        (b"MvGy", "  six seven\re"),
        (b"g0wvoby", "one t"),
        (b"/four\rvey", "four"),
        (b"g/e\rnvly", "ee"),
        (b"?three\rNvey", "three"),
        (b"g0v\x1b[C\x1b[By", "one two\rth"),
    ],
)
def test_what_vi_s_keys_select_is_copied(keys: bytes, text: str) -> None:
    assert Session(TEXT).copied(keys) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"\x1b<\x00\x1bf\x1bw", "one"),
        (b"\x1b<\x00\x05\x17", "one two"),
        (b"\x1b<\x00\x0e\x1bw", "one two\r"),
        (b"\x1b<\x0e\x05\x00\x1bb\x1bw", "five"),
        (b"\x1b<\x06\x00R\x0e\x06\x06\x1bw", "ne\rhr"),
    ],
)
def test_what_emacs_keys_select_is_copied(keys: bytes, text: str) -> None:
    session = Session(TEXT)
    session.keys(b"\x02:set mode-keys emacs\r")
    assert session.copied(keys) == text


def test_lines_that_wrapped_are_joined_and_others_are_not() -> None:
    word = "x" * 60
    assert Session(f"{word}\nnext").copied(b"g0vG$y") == f"{word}\rnext"
    assert Session(f"{word}\nnext").copied(b"g0v$y") == word
    assert Session(f"a{'漢' * 30}\nend").copied(b"g0v$y") == f"a{'漢' * 30}"  # the margin's gap is no space


def test_wide_characters_and_combining_marks_stay_whole() -> None:
    text = "a漢e\u0301字z"
    assert Session(text).copied(b"g0lvy") == "漢"
    assert Session(text).copied(b"g0vlly") == "a漢e\u0301"
    assert Session(text).copied(b"g$vhy") == "字z"
    assert Session(f"{text}\nabcdefg").copied(b"g0l\x16jy") == "漢\rb"
    assert Session(f"abcdefg\n{text}").copied(b"g0ll\x16jy") == "bc\r漢"  # the cursor stands on characters


def test_what_is_selected_shows_in_inverse_and_the_cursor_is_at_its_end() -> None:
    session = Session(TEXT)
    session.keys(b"\x02[gj0vj")
    assert session.selected[0].rstrip() == "three  four-five"
    session.keys(b"kk0o")
    assert session.selected[0] == "t"
    assert session.client.terminal.snapshot().cursor.row == 1
    session.keys(b"\x1b")
    session.client.wait(1.0)
    assert not any(session.selected)


def test_a_selection_stands_still_while_the_program_prints() -> None:
    session = Session(TEXT)
    session.keys(b"\x02[g0v$")
    session.print("\x1b[H\x1b[Jother\n" * 20)
    assert "one two" in session.client.lines[0]
    session.keys(b"y")
    assert session.client.lines[0] != "one two"
    assert session.keys(b"\x02]") == [Type(b"one two")]


def test_a_copy_fetches_the_lines_that_are_not_here() -> None:
    session = Session("\n".join(f"line {number}" for number in range(5000)))
    text = session.copied(b"gVGy")
    assert text == "".join(f"line {number}\r" for number in range(5000))
    assert session.fetched < 5000 / 200 + 10


def test_a_copy_of_more_than_the_buffers_hold_is_refused() -> None:
    session = Session("\n".join("x" * 4000 for _ in range(400)), size=Size(rows=8, cols=400))
    assert session.keys(b"\x02[Vgy") == []
    assert any("more than 1 MiB" in line for line in session.client.lines)
    assert session.keys(b"\x02]") == []


def test_a_paste_is_in_brackets_when_the_program_wants_it_and_never_from_somebody_who_watches() -> None:
    session = Session(TEXT)
    session.keys(b"\x02[g0vey")
    session.print("\x1b[?2004h")
    assert session.screen.snapshot().modes == Modes(bracketed_paste=True)
    assert session.keys(b"\x02]") == [Type(b"\x1b[200~one\x1b[201~")]
    watcher = Session(TEXT, Role.READ_ONLY)
    assert watcher.keys(b"\x02[g0vey") == []
    assert watcher.keys(b"\x02]") == []
    assert any("you are watching" in line for line in watcher.client.lines)
    assert watcher.keys(b"\x02=\r") == []
    assert watcher.keys(b"\x02:paste-buffer\r") == []


def test_a_buffer_is_chosen_from_the_list() -> None:
    session = Session(TEXT)
    assert session.keys(b"\x02]") == []
    for keys in (b"g0vey", b"g0wvey", b"gj0vey"):
        session.keys(b"\x02[" + keys)
    session.keys(b"\x02=")
    assert session.client.lines[0].startswith(" Paste buffers")
    assert session.client.lines[1:4] == [
        ' buffer2: 5 bytes: "three"',
        ' buffer1: 3 bytes: "two"',
        ' buffer0: 3 bytes: "one"',
    ]
    assert session.keys(b"j\r") == [Type(b"two")]
    session.keys(b"\x02#d")
    assert session.client.lines[1] == ' buffer1: 3 bytes: "two"'
    assert session.keys(b"q") == []
    assert session.keys(b"\x02:paste-buffer -b buffer0\r") == [Type(b"one")]


def test_tmuxs_commands_for_buffers_work_at_the_prompt() -> None:
    """They only said what to do instead."""
    session = Session(TEXT)

    def typed(line: str) -> str:
        assert session.keys(b"\x02:" + line.encode() + b"\r") == []
        return session.client.lines[-1].strip()

    assert typed("show-buffer") == "no buffer"
    assert typed("set-buffer 'one two'") == "set buffer0"
    assert typed("setb -b mine three") == "set mine"
    assert typed("set-buffer -a -b mine four") == "set mine"
    assert session.keys(b"\x02:paste-buffer -b mine\r") == [Type(b"threefour")]
    session.keys(b"\x02:show-buffer -b buffer0\r")
    assert session.client.lines[0].startswith(" buffer0")
    assert session.client.lines[1] == "one two"
    session.keys(b"q")
    assert typed("delete-buffer") == "deleted mine"
    assert typed("delete-buffer -b mine") == "no buffer mine"
    assert session.keys(b"\x02]") == [Type(b"one two")]
    assert typed("set-buffer") == "usage: set-buffer [-a] [-b NAME] TEXT"
    assert typed("show-buffer -a") == "usage: show-buffer [-b NAME]"
    assert typed("set-buffer 'open").endswith("quotation")
    assert typed("set-buffer -w") == "usage: set-buffer [-a] [-b NAME] TEXT"
    assert typed("set-buffer -- -w") == "set buffer1"


def test_the_screen_is_captured_at_the_prompt() -> None:
    """`capture-pane` at the prompt only said what to do in a shell."""
    session = Session("a" * 50 + "\n  two  \n")
    bottom = "\r" * 5
    assert session.keys(b"\x02:capture-pane\r") == []
    assert session.client.lines[-1].strip() == "set buffer0"
    assert session.keys(b"\x02]") == [Type(("a" * 40 + "\r" + "a" * 10 + "\r  two\r" + bottom).encode())]
    assert session.keys(b"\x02:capturep -Jb whole\r") == []
    assert session.keys(b"\x02]") == [Type(("a" * 50 + "\r  two\r" + bottom).encode())]
    assert session.keys(b"\x02:capture-pane -p\r") == []
    assert session.client.lines[0].startswith(" capture-pane")
    assert session.client.lines[1:3] == ["a" * 40, "a" * 10]
    session.keys(b"q")
    session.keys(b"\x02:capture-pane -S -\r")
    assert "usage: capture-pane [-J]" in session.client.lines[-2]


def test_nothing_is_captured_in_a_pause() -> None:
    session = Session(TEXT)
    session.client.show(replace(session.screen.snapshot(), is_hidden=True))
    assert session.keys(b"\x02:capture-pane\r") == []
    assert session.client.lines[-1].strip() == "there is nothing to capture now"
    assert session.keys(b"\x02:show-buffer\r") == []
    assert session.client.lines[-1].strip() == "no buffer"


def test_a_buffer_that_was_typed_is_not_pasted_by_somebody_who_watches() -> None:
    watcher = Session(TEXT, Role.READ_ONLY)
    assert watcher.keys(b"\x02:set-buffer ls\r") == []
    assert watcher.keys(b"\x02]") == []
    assert watcher.keys(b"\x02:paste-buffer\r") == []


def test_a_copy_goes_to_the_clipboard_only_if_the_person_wants_it() -> None:
    session = Session(TEXT)
    assert session.keys(b"\x02[g0vey") == []
    session.keys(b"\x02:set -g set-clipboard on\r")
    assert session.keys(b"\x02[g0vey") == [Copy("one")]
    assert session.client.view.copied("one") == b"\x1b]52;c;" + base64.b64encode(b"one") + b"\x07"
    session.keys(b"\x02:set clipboard off\r")
    assert session.keys(b"\x02[g0vey") == []


def test_a_terminal_without_a_clipboard_is_not_said_to_have_got_the_text() -> None:
    client = Client(Role.READ_WRITE, SIZE, kind=TerminalKind.of("linux"))
    screen = Terminal(SIZE)
    screen.feed(b"one two")
    client.show(screen.snapshot())
    client.keys(b"\x02:set clipboard on\r")
    assert client.keys(b"\x02[0vey") == []
    assert any("copied 3 characters to buffer0" in line and "clipboard" not in line for line in client.lines)


def test_buffers_are_bounded_in_number_and_in_size() -> None:
    buffers = PasteBuffers()
    for number in range(MAX_BUFFERS + 5):
        buffers.add(str(number))
    assert [each.text for each in buffers.all()] == [str(number) for number in range(MAX_BUFFERS + 4, 4, -1)]
    assert buffers.find("buffer4") is None
    large = "é" * (MAX_BUFFERS_BYTES // 2)
    assert buffers.add(large) is not None
    assert [each.text for each in buffers.all()] == [large]
    assert buffers.add(large + "x") is None
    assert buffers.find() == buffers.all()[0]


def test_what_no_gate_takes_at_once_is_not_pasted() -> None:
    session = Session("\n".join("x" * 79 for _ in range(MAX_PASTE_BYTES // 79)), size=Size(rows=8, cols=80))
    session.keys(b"\x02[Vgy")
    assert session.keys(b"\x02]") == []
    assert any("too long to be pasted" in line for line in session.client.lines)


def test_a_new_size_drops_the_selection_and_keeps_the_cursor_in_sight() -> None:
    session = Session("\n".join(f"{number} " + "word " * 9 for number in range(100)))
    session.keys(b"\x02[\x15\x15v\x15")
    session.screen.resize(Size(rows=6, cols=30))
    session.client.show(session.screen.snapshot())
    session.keys(b"")
    assert not any(session.selected)
    assert session.client.terminal.snapshot().cursor.is_visible


def test_the_prefix_twice_is_the_prefix_s_key_in_the_history() -> None:
    session = Session("\n".join(f"line {number}" for number in range(100)))
    session.keys(b"\x02[\x02\x02")
    assert " 6/92 " in session.client.lines[0]


@pytest.mark.parametrize("role", Role)
def test_a_program_reaches_the_clipboard_of_an_owner_who_allows_it_and_of_nobody_else(role: Role) -> None:
    session = Session(TEXT, role)
    assert session.client.view.program_copied(b"stolen") == b""
    session.keys(b"\x02:set clipboard on\r")
    wanted = b"\x1b]52;c;" + base64.b64encode(b"text\x1b]") + b"\x07" if role is Role.OWNER else b""
    assert session.client.view.program_copied(b"text\x1b]") == wanted
