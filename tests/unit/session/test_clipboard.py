"""A program's OSC 52: handed on for the owner, newest first; a question for the clipboard gets no answer."""

import base64

from pairterm.session.effects import SetClipboard, WritePty
from pairterm.terminal.events import MAX_CLIPBOARD_BYTES
from pairterm.types import PaneId
from tests.unit.session.sessions import Session


def osc52(data: bytes) -> bytes:
    return b"\x1b]52;c;" + base64.b64encode(data) + b"\x07"


def test_the_last_clipboard_of_a_turn_is_handed_on() -> None:
    session = Session()
    effects = session.core.feed(PaneId(0), osc52(b"one") + osc52(b"two"), 1.0)
    assert [each for each in effects if isinstance(each, SetClipboard)] == [SetClipboard(b"two")]
    effects = session.core.feed(PaneId(0), osc52(b"x" * (MAX_CLIPBOARD_BYTES + 1)), 1.0)
    assert not any(isinstance(each, SetClipboard) for each in effects)


def test_a_question_for_the_clipboard_gets_no_answer() -> None:
    effects = Session().core.feed(PaneId(0), b"\x1b]52;c;?\x07\x1b]52;;?\x1b\\", 1.0)
    assert not any(isinstance(each, SetClipboard | WritePty) for each in effects)


def test_only_a_link_on_which_everybody_is_the_owner_may_be_told() -> None:
    session = Session()
    owner, writer, watcher = session.owner(), session.writer(), session.watcher()
    assert session.core.visible.are_owners([owner])
    for guests in ([writer], [watcher], [owner, writer], [watcher, owner]):
        assert not session.core.visible.are_owners(guests)
