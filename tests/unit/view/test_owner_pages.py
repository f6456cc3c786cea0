"""What only an owner's view shows: the links with a way to copy them, and questions answered by y or n."""

import base64

import pytest

from pairterm.types import Role, Size
from pairterm.view import Command, Copy, TerminalKind, Type
from tests.unit.view.watching import Client, frame_of

SIZE = Size(rows=24, cols=80)
LONG = f"ssh -p 2222 rw-{'x' * 26}@a-gateway-with-a-long-name.department.example.org"


def owner() -> Client:
    client = Client(Role.OWNER, SIZE)
    client.show(frame_of("$ ", size=SIZE))
    return client


def test_the_links_lie_over_the_screen_until_a_key_and_a_number_copies() -> None:
    client = owner()
    client.view.offer("How guests join demo", f"\n 1  to type:\n    {LONG}", [LONG])
    client.paint()
    assert client.lines[0].startswith(" How guests join demo")
    assert LONG.replace(" ", "") in "".join(client.lines).replace(" ", "")  # broken, not cut
    assert any("OSC 52" in line for line in client.lines)
    assert any("C-b i shows this page again, to you alone" in line for line in client.lines)
    assert client.keys(b"1") == [Copy(LONG)]
    assert client.view.copied(LONG) == b"\x1b]52;c;" + base64.b64encode(LONG.encode()) + b"\x07"
    assert client.lines[0].startswith(" How guests join demo")
    assert client.keys(b"2") == []  # no such number: a key like all others
    assert client.lines[0] == "$"


def test_a_terminal_without_a_clipboard_is_offered_none() -> None:
    client = owner()
    client.view.kind = TerminalKind.of("linux")
    client.view.offer("Links", "1  ssh x@y", ["ssh x@y"])
    client.paint()
    assert not any("OSC 52" in line for line in client.lines)
    assert client.keys(b"1") == []
    assert client.view.copied("x") == b""


def test_a_question_of_the_host_gives_the_host_its_command_and_nothing_acts_here() -> None:
    """A host could have had a viewer's own copies pasted by the answer to another question."""
    client = owner()
    for command in ("detach", "paste-buffer", "set clipboard on"):
        client.view.ask("let ana in?", command)
        assert client.keys(b"y") == [Command(command)]
        assert not any("clipboard" in line for line in client.lines)


@pytest.mark.parametrize(
    ("key", "gives"), [(b"y", True), (b"n", False), (b"\r", False), (b"\x1b[200~y\x1b[201~", None)]
)
def test_a_question_is_answered_by_one_key(key: bytes, gives: bool | None) -> None:
    client = owner()
    client.view.ask("panic: let ana watch only?", "panic")
    client.paint()
    assert client.lines[-1] == "panic: let ana watch only? (y/n)"
    assert client.keys(key) == ([Command("panic")] if gives else [])
    if gives is not None:
        assert client.keys(b"ls") == [Type(b"ls")]
