"""Numbers that people and peers write: bounded before they are numbers."""

from __future__ import annotations

import pytest

from pairterm.types import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("0" * 5000 + "7", 7), ("100", 100)])
def test_numbers_are_read_whole(text: str, number: int) -> None:
    """Only the first six digits were looked at, so 0000009999999 was within the bound."""
    assert whole_number(text, most=100) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1_0", "٢", "²", "x", "101", "9" * 5000, "0000009999999"])
def test_what_is_no_number_within_the_bound(text: str) -> None:
    """`int` raises at 4300 digits, and that was no error of ours."""
    assert whole_number(text, most=100) is None


def test_a_number_has_a_least_value() -> None:
    assert whole_number("0", least=1, most=100) is None
    assert whole_number("1", least=1, most=100) == 1
