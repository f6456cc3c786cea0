"""Commands typed at the view's prompt or given by keys, and what of a paste goes nowhere."""

import pytest

from pairterm.errors import UsageError
from pairterm.terminal.frame import Cursor
from pairterm.types import Role, Size
from pairterm.view import (
    Command,
    ContentSize,
    Detach,
    Type,
)
from pairterm.view.lone_keys import ALONE_S
from tests.unit.view.watching import SIZE, Client, frame_of


def test_a_command_is_typed_at_the_prompt_and_what_is_the_view_s_own_stays_here() -> None:
    client = Client(Role.READ_ONLY)
    client.show(frame_of("$ "))
    assert client.keys(b"\x02:") == []
    assert client.keys(b"set size-policy largets\x7f\x7f\x7fest") == []
    assert client.lines[-1] == ":set size-policy largest"
    assert client.terminal.snapshot().cursor == Cursor(7, 24)
    assert client.keys(b"\r") == [Command("set size-policy largest")]
    assert client.keys(b"\x02:status on\r") == [ContentSize()]
    assert client.view.content_size.rows == SIZE.rows - 1
    assert client.keys(b"\x02:kill\x1b") == []
    assert client.wait(1.0) == []
    assert client.lines[-1].startswith(" demo")
    assert client.keys(b"\x02:\r") == []


def test_a_paste_at_the_prompt_is_one_line_of_text() -> None:
    client = Client()
    client.show(frame_of("$ "))
    client.keys(b"\x02:")
    client.keys(b"\x1b[200~set a\x07 b\rrm -rf /\x1b[201~")
    assert client.lines[-1] == ":set a b"
    assert client.keys(b"\r") == [Command("set a b")]


def test_a_key_may_give_a_command_or_begin_one() -> None:
    client = Client(bindings={"S": ":show-options", "L": ":set size-policy ", "root:F5": ":status on"})
    client.show(frame_of("$ "))
    assert client.keys(b"\x02S") == [Command("show-options")]
    assert client.keys(b"\x02L") == []
    assert client.lines[-1].rstrip() == ":set size-policy"
    assert client.keys(b"largest\r") == [Command("set size-policy largest")]
    assert client.keys(b"\x1b[15~") == [ContentSize()]
    client.view.resize(Size(rows=90, cols=80))
    client.terminal.resize(Size(rows=90, cols=80))
    client.keys(b"\x02?")
    assert any("C-b S" in line and "give the command: show-options" in line for line in client.lines)


def test_noise_is_looked_at_no_further_than_a_person_could_press() -> None:
    """A packet of prefix and question mark opened the help 16,000 times, and all other guests waited."""
    client = Client()
    client.show(frame_of("$ "))
    assert client.keys(b"\x02:a\r" * 1000).count(Command("a")) <= 64
    assert client.keys(b"ls\r") == [Type(b"ls\r")]
    assert client.keys(b"\x02\x02" * 500) == [Type(b"\x02" * 500)]
    looker = Client(Role.READ_ONLY)
    looker.show(frame_of("$ "))
    assert looker.keys(b"\x1b[B" * 5000 + b"x" * 5000) == []
    looker.wait(ALONE_S)
    assert [*looker.keys(b"q"), *looker.wait(ALONE_S)] == [Detach()]


def test_no_line_of_a_paste_goes_on_to_the_session_when_it_closed_what_lay_over_it() -> None:
    """A paste of two lines at the prompt: the first was the command, the second went to the shell."""
    client = Client()
    client.show(frame_of("$ "))
    assert not client.terminal.snapshot().modes.bracketed_paste
    for opening in (b"\x02:", b"\x02["):
        client.keys(opening)
        assert client.terminal.snapshot().modes.bracketed_paste
        assert client.keys(b"\x1b[200~one q\rtwo\r\x1b[201~") == []
        client.keys(b"\x03")
        assert not client.terminal.snapshot().modes.bracketed_paste


def test_bindings_and_prefix_are_the_person_s() -> None:
    client = Client(prefix="C-a", bindings={"x": "detach-client", "d": "none"})
    client.show(frame_of("$ "))
    assert client.keys(b"\x02d") == [Type(b"\x02d")]
    assert client.keys(b"\x01d") == []
    assert client.keys(b"\x01x") == [Detach()]
    with pytest.raises(UsageError):
        Client(prefix="Ctrl-a")
