"""Home and End, from any terminal to any program."""

import pytest

from pairterm.terminal.frame import PLAIN_MODES, Modes, blank_frame
from pairterm.types import Role, Size
from pairterm.view import TerminalKind, Type, View
from pairterm.view.key_spelling import spelled

APPLICATION = Modes(application_cursor=True)


@pytest.mark.parametrize("key", [b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~"])
@pytest.mark.parametrize(
    ("term", "modes", "home"),
    [
        ("tmux-256color", PLAIN_MODES, b"\x1b[1~"),
        ("screen-256color", APPLICATION, b"\x1b[1~"),
        ("xterm-256color", PLAIN_MODES, b"\x1b[H"),
        ("xterm-256color", APPLICATION, b"\x1bOH"),
    ],
)
def test_home_is_told_as_the_program_expects_it(key: bytes, term: str, modes: Modes, home: bytes) -> None:
    assert spelled(key, term=term, modes=modes) == home
    end = key.replace(b"H", b"F").replace(b"1~", b"4~").replace(b"7~", b"8~")
    assert spelled(end, term=term, modes=modes) == home.replace(b"H", b"F").replace(b"1~", b"4~")


@pytest.mark.parametrize("key", [b"\x1b[A", b"\x1b[1;5H", b"H", b"\x1b[3~", b"\x1bOP"])
def test_other_keys_are_left_alone(key: bytes) -> None:
    assert spelled(key, term="tmux-256color", modes=PLAIN_MODES) == key


def test_an_unknown_term_and_kitty_s_keyboard_get_what_the_client_sends() -> None:
    assert spelled(b"\x1b[H", term="", modes=PLAIN_MODES) == b"\x1b[H"
    assert spelled(b"\x1b[H", term="tmux-256color", modes=Modes(kitty_keys=1)) == b"\x1b[H"


def test_a_view_tells_keys_in_the_session_s_spelling_and_pastes_as_they_are() -> None:
    size = Size(rows=24, cols=80)
    view = View(session="s", role=Role.READ_WRITE, size=size, kind=TerminalKind.of("xterm"), term="tmux-256color")
    view.show(blank_frame(size))
    assert view.keys(b"a\x1b[Hb\x1bOF", 0.0) == [Type(b"a\x1b[1~b\x1b[4~")]
    pasted = b"\x1b[200~\x1b[H\x1b[201~"
    assert view.keys(pasted, 0.0) == [Type(pasted)]
