"""Colours after changes: the same as those of the whole text, with few lines lexed again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairterm.document.colours import TokenKind, colour_runs
from pairterm.editor.highlighter import Highlighter

FOREVER_S = 3600.0


def whole(name: str, lines: list[str]) -> list[bytes]:
    highlighter = Highlighter(name, "")
    highlighter.change(0, 0, lines)
    first, rows, is_done = highlighter.run(FOREVER_S)
    assert (first, is_done) == (0, True)
    return rows


def kinds(row: bytes) -> list[tuple[int, TokenKind]]:
    return list(colour_runs(row))


def test_tokens_have_their_kinds() -> None:
    rows = whole("a.py", ["def f(): # x", "    return 'y'"])
    assert kinds(rows[0])[0] == (3, TokenKind.KEYWORD)
    assert (1, TokenKind.FUNCTION) in kinds(rows[0])
    assert kinds(rows[0])[-1] == (3, TokenKind.COMMENT)
    assert kinds(rows[1])[-1] == (3, TokenKind.STRING)


def test_a_text_without_a_lexer_is_plain() -> None:
    assert whole("a.unknown-type", ["def"]) == [b""]


def test_only_changed_lines_are_lexed_again() -> None:
    lines = [f"value_{number} = {number}  # a comment" for number in range(20_000)]
    highlighter = Highlighter("a.py", "")
    highlighter.change(0, 0, lines)
    assert highlighter.run(FOREVER_S)[2]
    before = highlighter.lexed_lines
    highlighter.change(10_000, 1, ["value = 'x'"])
    first, rows, is_done = highlighter.run(FOREVER_S)
    assert is_done
    assert first in (9_999, 10_000)
    assert len(rows) <= 3
    assert highlighter.lexed_lines - before <= 3


def test_a_string_that_is_opened_colours_all_that_follows_and_back() -> None:
    lines = ["a = 1", "b = 2", "c = 3"]
    highlighter = Highlighter("a.py", "")
    highlighter.change(0, 0, lines)
    highlighter.run(FOREVER_S)
    highlighter.change(0, 1, ['a = """'])
    first, rows, _ = highlighter.run(FOREVER_S)
    assert rows == whole("a.py", ['a = """', "b = 2", "c = 3"])[first:]
    highlighter.change(0, 1, ["a = 1"])
    first, rows, _ = highlighter.run(FOREVER_S)
    assert rows == whole("a.py", lines)[first:]


def test_a_run_stops_when_its_time_is_over_and_goes_on() -> None:
    lines = [f"value_{number} = {number}" for number in range(50)]
    highlighter = Highlighter("a.py", "")
    highlighter.change(0, 0, lines)
    rows: list[bytes] = []
    is_done = False
    while not is_done:
        first, more, is_done = highlighter.run(0.0)
        assert first == len(rows)
        rows += more
    assert rows == whole("a.py", lines)


PIECES = {
    "a.py": ["x = 1", '"""', "# c", "def f():", "    return 'a'", "", "\\", "f'{x}'", "class A: pass"],
    "a.c": ["int x;", "/*", "*/", "#if 0", "#endif", '"', "  f(x);", "", "// c \\"],
}

CHANGES = st.tuples(st.integers(0, 10), st.integers(0, 3), st.lists(st.integers(0, 8), max_size=3))


@pytest.mark.parametrize("name", ["a.py", "a.c"])
@settings(max_examples=60)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=10), st.lists(CHANGES, max_size=4))
def test_colours_after_changes_are_those_of_the_whole_text(
    name: str, start: list[int], changes: list[tuple[int, int, list[int]]]
) -> None:
    pieces = PIECES[name]
    lines = [pieces[each % len(pieces)] for each in start]
    rows = [b""] * len(lines)
    highlighter = Highlighter(name, "")
    highlighter.change(0, 0, lines)
    for at, removed, new in [(0, 0, []), *changes]:
        if new or removed:
            first = min(at, len(lines))
            count = min(removed, len(lines) - first)
            added = [pieces[each % len(pieces)] for each in new]
            if not added and count == len(lines):
                added = [""]
            lines[first : first + count] = added
            rows[first : first + count] = [b""] * len(added)
            highlighter.change(first, count, added)
        is_done = False
        while not is_done:
            first, more, is_done = highlighter.run(FOREVER_S)
            rows[first : first + len(more)] = more
    assert rows == whole(name, lines)
