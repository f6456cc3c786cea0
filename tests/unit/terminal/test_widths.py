"""The width table agrees with the wcwidth package of its Unicode version, and so do clusters."""

from __future__ import annotations

import pytest
import wcwidth

from pairterm.terminal import Terminal
from pairterm.terminal.width_table import UNICODE_VERSION
from pairterm.terminal.widths import cells_of, scripts, width
from pairterm.types import Size

_IS_SAME_VERSION = wcwidth.list_versions()[-1] == UNICODE_VERSION


@pytest.mark.skipif(not _IS_SAME_VERSION, reason="the installed wcwidth has another Unicode version than our table")
def test_every_character_is_as_wide_as_wcwidth_says() -> None:
    codes = (*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200))
    assert [hex(code) for code in codes if width(chr(code)) != max(0, wcwidth.wcwidth(chr(code)))] == []


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("漢字", 4),
        ("e\u0301", 1),
        ("❤\ufe0f", 2),
        ("☎", 1),
        ("⌚", 2),
        ("👩\u200d💻", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("1\ufe0f\u20e3", 2),
        ("a\u200db", 2),
        ("हिन्दी", 3),
        ("\u200b", 0),
    ],
)
def test_clusters_take_the_columns_of_the_terminals_of_the_day(text: str, columns: int) -> None:
    assert len(cells_of(text)) == columns
    assert "".join(cells_of(text)) == (text if columns else "")


def test_runs_are_of_one_width() -> None:
    """Text that is written as a run without a look at each character has the width that the run says."""
    every = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x10000)))
    for narrow, wide, _ in scripts(every):
        assert {width(char) for char in narrow} <= {1}
        assert {width(char) for char in wide} <= {2}


def test_what_changes_the_direction_of_writing_and_ends_lines_stands_in_no_cell() -> None:
    """A program printed U+2028: the gateway took its host for a liar, and dropped the session's link."""
    marks = "\u202e\u200f\u061c\u2066\u2028\u2029\u206a"
    for text in (f"ab{marks}c", f"é{marks}世{marks}", f"{marks}x", f"👩\u200d{marks}💻"):
        terminal = Terminal(Size(rows=2, cols=20))
        terminal.feed(text.encode())
        plain = Terminal(Size(rows=2, cols=20))
        plain.feed("".join(char for char in text if char not in marks).encode())
        assert terminal.snapshot().same_as(plain.snapshot()), ascii(text)
        assert "".join(cells_of(text)) == "".join(char for char in text if char not in marks)
