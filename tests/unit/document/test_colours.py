"""The rows of colours, as they are packed."""

from __future__ import annotations

from pairterm.document.colours import MAX_ROW_BYTES, TokenKind, colour_row, colour_runs


def test_a_row_returns_its_runs() -> None:
    runs = [(3, TokenKind.KEYWORD), (1, TokenKind.PLAIN), (300, TokenKind.STRING)]
    row = colour_row(runs)
    assert list(colour_runs(row)) == [*runs[:2], (255, TokenKind.STRING), (45, TokenKind.STRING)]


def test_runs_of_one_kind_are_joined_and_plain_text_at_the_end_is_left_out() -> None:
    runs = [(1, TokenKind.NAME), (0, TokenKind.STRING), (2, TokenKind.NAME), (9, TokenKind.PLAIN)]
    assert colour_row(runs) == bytes((3, TokenKind.NAME))


def test_a_row_has_a_bound() -> None:
    kinds = [TokenKind.NAME, TokenKind.OPERATOR] * MAX_ROW_BYTES
    assert len(colour_row((1, kind) for kind in kinds)) == MAX_ROW_BYTES


def test_a_kind_that_is_not_known_is_plain() -> None:
    assert list(colour_runs(bytes((4, 250)))) == [(4, TokenKind.PLAIN)]
