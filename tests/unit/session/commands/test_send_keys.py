"""`send-keys`: tmux's words as bytes."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.commands.send_keys import MAX_SENT_BYTES, bytes_of_words
from pairterm.terminal.frame import PLAIN_MODES, Modes
from pairterm.view.key_names import canonical_name, key_of

APPLICATION = Modes(application_cursor=True)


def sent(*words: str, modes: Modes = PLAIN_MODES) -> bytes:
    return bytes_of_words(words, modes=modes, term="xterm-256color")


@pytest.mark.parametrize(
    ("words", "data"),
    [
        (("make test", "Enter"), b"make test\r"),
        (("C-c",), b"\x03"),
        (("^C",), b"\x03"),
        (("M-x",), b"\x1bx"),
        (("C-M-a",), b"\x1b\x01"),
        (("Up", "S-Up", "C-Left"), b"\x1b[A\x1b[1;2A\x1b[1;5D"),
        (("F1", "S-F1", "F5", "C-F5"), b"\x1bOP\x1b[1;2P\x1b[15~\x1b[15;5~"),
        (("PPage", "DC", "S-IC"), b"\x1b[5~\x1b[3~\x1b[2;2~"),
        (("Home", "End"), b"\x1b[H\x1b[F"),
        (("Space", "Tab", "BTab", "BSpace", "Escape", "C-Space"), b" \t\x1b[Z\x7f\x1b\x00"),
        (("-l", "Enter", "C-c"), b"EnterC-c"),
        (("-H", "1b", "5b", "a"), b"\x1b[\n"),
        (("-N", "3", "x"), b"xxx"),
        (("--", "-l"), b"-l"),
        (("é",), "é".encode()),
        (("no such key",), b"no such key"),
    ],
)
def test_words_are_sent_as_tmux_sends_them(words: tuple[str, ...], data: bytes) -> None:
    assert sent(*words) == data


def test_arrows_follow_the_programs_mode() -> None:
    assert sent("Up", modes=APPLICATION) == b"\x1bOA"
    assert sent("S-Up", modes=APPLICATION) == b"\x1b[1;2A"
    assert sent("Home", modes=APPLICATION) == b"\x1bOH"


NAMED = ["C-b", "M-x", "S-Up", "C-Right", "F1", "F12", "S-F3", "PPage", "NPage", "IC", "DC", "BTab", "M-Left", "C-]"]


@pytest.mark.parametrize("name", NAMED)
def test_what_is_sent_for_a_name_is_read_as_that_key(name: str) -> None:
    assert key_of(sent(name)).name == canonical_name(name)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "usage: send-keys KEY"),
        (("-l",), "usage: send-keys KEY"),
        (("-X", "cancel"), "no option"),
        (("-N", "many", "x"), "takes a number"),
        (("-N",), "takes a number"),
        (("-H", "zz"), "hexadecimal"),
        (("-H", "123"), "hexadecimal"),
        (("C-é",), "no bytes"),
    ],
)
def test_what_can_not_be_sent_is_said(words: tuple[str, ...], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        sent(*words)


def test_there_is_a_bound() -> None:
    assert len(sent("-N", "1000", "x" * 65)) == 65_000
    with pytest.raises(UsageError, match=str(MAX_SENT_BYTES)):
        sent("-N", "1000", "x" * 66)
