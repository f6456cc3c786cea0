"""The text of an open file: the changes on which other programs diverge, and the places that LSP leaves open."""

from __future__ import annotations

import pytest

from pairterm.document.buffer import Buffer, Change
from pairterm.document.document import Position
from pairterm.document.position_encoding import PositionEncoding

UTF16 = PositionEncoding.UTF16


def after(text: str, *changes: Change, encoding: PositionEncoding = UTF16) -> str:
    buffer = Buffer(text, encoding)
    buffer.apply(changes)
    return buffer.text


@pytest.mark.parametrize(("new", "text"), [("X", "aXhi"), ("X\nY", "aX\nYhi")])
def test_lines_are_replaced_by_fewer(new: str, text: str) -> None:
    """pair-ls 0.1.1 shows `aX,hi` for the first, and panics at the second."""
    assert after("abc\ndef\nghi", Change(new, (0, 1), (2, 1))) == text


def test_a_batch_applies_in_its_order() -> None:
    """pair-ls 0.1.1 sorts a batch by position. The second change counts in the text that the first one left."""
    assert after("one\ntwo\n", Change("zero\n", (0, 0), (0, 0)), Change("", (1, 0), (2, 0))) == "zero\ntwo\n"


def test_lines_end_where_lsp_ends_them_and_nowhere_else() -> None:
    """Python's `splitlines` also splits at a form feed and at U+2028, and no editor does."""
    buffer = Buffer("a\x0cb\x0bc\u2028d\x85e\x1cf\rg\r\nh\n", UTF16)
    assert buffer.lines == ("a\x0cb\x0bc\u2028d\x85e\x1cf", "g", "h", "")


def test_a_line_feed_behind_a_carriage_return_is_one_line_end() -> None:
    assert Buffer("a\rb", UTF16).lines == ("a", "b")
    buffer = Buffer("a\rb", UTF16)
    buffer.apply([Change("\n", (1, 0), (1, 0))])
    assert buffer.text == "a\r\nb"
    assert buffer.lines == ("a", "b")


@pytest.mark.parametrize(
    ("encoding", "units"), [(PositionEncoding.UTF8, 6), (PositionEncoding.UTF16, 3), (PositionEncoding.UTF32, 2)]
)
def test_units_are_those_of_the_encoding(encoding: PositionEncoding, units: int) -> None:
    assert after("é😀b", Change("!", (0, units), (0, units)), encoding=encoding) == "é😀!b"


def test_a_place_inside_of_a_character_is_its_start() -> None:
    assert after("😀b", Change("!", (0, 1), (0, 1))) == "!😀b"


def test_places_outside_of_the_text_move_into_it() -> None:
    assert after("ab\ncd", Change("!", (0, 99), (0, 99))) == "ab!\ncd"
    assert after("ab\ncd", Change("!", (99, 0), (99, 0))) == "ab\ncd!"
    assert Buffer("ab", UTF16).position((-1, 5)) == Position(0, 0)


def test_a_lone_surrogate_is_replaced_and_counts_as_it_did() -> None:
    """JSON can carry one, and no encoding of ours can."""
    buffer = Buffer("a\ud83db", UTF16)
    assert buffer.lines == ("a\ufffdb",)
    assert buffer.position((0, 2)) == Position(0, 2)


def test_an_empty_text_has_one_line() -> None:
    assert Buffer("", UTF16).lines == ("",)
    assert after("ab\n", Change("")) == ""
