"""What a page is told so that it can show typed text before its echo."""

from __future__ import annotations

from pairterm.gateway.web.page_typing import PageTyping
from pairterm.types import Rect
from pairterm.view.typing_place import TypingPlace


def at(generation: int, *, scrolled: int = 0) -> TypingPlace:
    return TypingPlace("0.0", Rect(0, 0, 24, 80), scrolled, generation)


def test_where_keys_show_is_said_once_and_again_when_the_text_has_moved() -> None:
    typing = PageTyping()
    assert typing.at(None) is None, "a page that was told nothing predicts nothing"
    said = {"name": "0.0", "row": 0, "col": 0, "rows": 24, "cols": 80, "scrolled": 0}
    assert typing.at(at(1)) == said
    assert typing.at(at(2)) is None
    assert typing.at(at(3, scrolled=4)) == {**said, "scrolled": 4}
    assert typing.at(None) == {"name": ""}
    assert typing.at(None) is None
    assert typing.at(at(3, scrolled=4)) == {**said, "scrolled": 4}


def test_a_mark_is_sent_when_its_frame_is_painted_and_the_newest_says_it_all() -> None:
    typing = PageTyping()
    typing.at(at(5))
    typing.marked(1, 1, 6)
    typing.marked(2, 3, 7)
    typing.marked(3, 3, 9)
    assert typing.due() is None
    typing.at(at(6))
    assert typing.due() == {"serial": 1, "is_exact": True}
    typing.at(at(8))
    assert typing.due() == {"serial": 2, "is_exact": False}
    typing.at(at(9))
    assert typing.due() == {"serial": 3, "is_exact": True}
    assert typing.due() is None


def test_a_mark_is_exact_only_if_no_newer_input_and_no_newer_frame_is_there() -> None:
    typing = PageTyping()
    typing.at(at(7))
    typing.marked(1, 2, 7)
    assert typing.due() == {"serial": 1, "is_exact": False}
    typing.marked(2, 2, 6)
    assert typing.due() == {"serial": 2, "is_exact": False}


def test_while_keys_show_nowhere_marks_are_not_waited_for_and_all_are_bounded() -> None:
    typing = PageTyping()
    typing.at(at(1))
    for serial in range(1000):
        typing.marked(serial, serial, 2)
    assert len(typing._marks) <= 200
    typing.at(None)
    assert typing.due() == {"serial": 999, "is_exact": False}
