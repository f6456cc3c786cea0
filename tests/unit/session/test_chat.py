"""Chat reaches other people's terminals: as text, and not without end."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.chat import MAX_TEXT_CHARS, Chat, clean_text


def test_controls_and_changes_of_direction_are_question_marks() -> None:
    assert clean_text("a\x1b]52;c;aGk=\x07b") == "a?]52;c;aGk=?b"
    assert clean_text("\x9b31mred\x85\u202egnp.exe\u2066x\u2028y") == "?31mred??gnp.exe?x?y"
    assert clean_text("\ud800") == "?"


def test_a_snippet_keeps_its_lines_and_its_indentation() -> None:
    assert clean_text("if x:\r\n\tpass  \n\n") == "if x:\n    pass"


def test_a_remark_has_an_end() -> None:
    assert len(clean_text("x" * 100_000)) == MAX_TEXT_CHARS
    assert clean_text("x\n" * 1000).count("\n") < 60


def test_nothing_is_said_by_saying_nothing() -> None:
    chat = Chat()
    for text in ("", "  \n\t", "\n\n"):
        with pytest.raises(UsageError, match="the text is empty"):
            chat.say("ana", text, 0.0)
    assert not chat.remarks


def test_what_late_comers_can_read_is_bounded_and_the_oldest_goes_first() -> None:
    chat = Chat()
    for number in range(1000):
        chat.say("ana", f"remark {number}", 0.0)
    assert [chat.remarks[0].text, chat.remarks[-1].text, len(chat.remarks)] == ["remark 800", "remark 999", 200]
