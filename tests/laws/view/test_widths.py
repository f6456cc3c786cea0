"""Law 4 on terminals with other widths than the screen model's: nothing is lost, and every cell is as it was painted.

The terminals are xterm.js with three width tables and our own screen model. Each is asked as a client's terminal is,
and answers for itself. Its picture is then judged to the last cell, the doubtful ones too.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Row, blank_frame
from pairterm.terminal.widths import cells_of
from pairterm.types import Role, Size
from pairterm.view.client_layout import RowLayout
from pairterm.view.client_widths import OWN_WIDTHS, QUESTION, ClientWidths, WidthQuestion
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View
from tests.judge import JudgeFailed, judge_or_skip
from tests.laws.view.looks import assert_looks_like
from tests.laws.view.pictures import Edit, edits, frames

TABLES = {
    "6": ClientWidths(emoji=1, symbol=1, regional=1, flag=2, mark=1, joins=False, joins_tones=False, widens=False),
    "11": ClientWidths(regional=1, mark=1, joins=False, joins_tones=False, widens=False),
    "15-graphemes": ClientWidths(regional=1),
}
"""What xterm.js' width tables have to be found to be."""

KINDS = [TerminalKind.of(term, colorterm="truecolor") for term in ("xterm-256color", "screen-256color", "linux")]
SIZE = Size(rows=8, cols=30)
KIND = KINDS[0]

TEXTS = [
    "👩\u200d💻",
    "❤\ufe0f",
    "🇩🇪",
    "👍🏽",
    "கா",
    "हिन्दी",
    "⌚",
    "😀",
    "漢字",
    "word",
    "│",
    "|",
    " ",
    "  ",
    "   ",
    "e\u0301",
]


def learned(answers: bytes) -> ClientWidths | None:
    """Return what a terminal's answers to the question say."""
    question = WidthQuestion()
    found = None
    for answer in answers.split(b"R")[:-1]:
        found = question.take(answer + b"R", 0.0)
    return found


def row_of(text: str, cols: int) -> Row:
    cells = cells_of(text)
    return Row(tuple(cells + [" "] * (cols - len(cells))), (DEFAULT_PEN,) * cols)


def words_of(text: str) -> list[str]:
    """Return what stands between blanks and borders."""
    return text.replace("│", " ").replace("|", " ").split()


def frame_of(row: Row, col: int = 0) -> Frame:
    size = Size(rows=1, cols=len(row.cells))
    return replace(blank_frame(size), rows=(row,), cursor=Cursor(0, col))


def laid(text: str, cols: int, widths: ClientWidths, col: int = 0) -> Frame:
    return RowLayout(widths).lay_out(frame_of(row_of(text, cols), col))


@pytest.mark.parametrize("table", TABLES)
def test_a_terminal_s_widths_are_found_by_asking_it(table: str) -> None:
    verdict = judge_or_skip().show(QUESTION, SIZE, unicode=table)
    assert learned(verdict.replies) == TABLES[table]
    assert verdict.frame.same_as(blank_frame(SIZE)), "the question left something behind"


def test_the_model_has_its_own_widths() -> None:
    terminal = Terminal(SIZE)
    terminal.feed(QUESTION)
    assert learned(terminal.take_replies()) == OWN_WIDTHS
    assert terminal.snapshot().same_as(blank_frame(SIZE))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.sampled_from(list(TABLES)),
    st.lists(edits(), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_law_4_is_exact_where_the_widths_are_known(
    kind: TerminalKind, table: str, edits_made: list[Edit], are_skipped: list[bool]
) -> None:
    """Law 4: `apply(base, paint(base, target)) == target`, cells of doubtful width not left out."""
    judge = judge_or_skip()
    view = View(session="law", role=Role.READ_WRITE, size=SIZE, kind=kind)
    pieces = [view.enter()]
    made = frames(SIZE, edits_made)
    view.show(made[0])
    pieces.append(view.paint(0.0))  # before the answers are here
    assert view.keys(judge.show(pieces[0], SIZE, unicode=table).replies, 0.1) == []
    for frame, is_skipped in zip(made, [False, *are_skipped], strict=False):
        view.show(frame)
        if not is_skipped:
            pieces.append(view.paint(0.2))
    pieces.append(view.paint(0.3))
    try:
        verdict = judge.show(pieces, SIZE, unicode=table)
    except JudgeFailed:
        assume(False)
        raise
    base = view._base
    assert base is not None
    assert_looks_like(verdict.frame, base, kind)
    for shown, wanted in zip(verdict.frame.rows, base.rows, strict=True):
        assert shown.text == wanted.text
        assert _columns(shown) == _columns(wanted)


def _columns(row: Row) -> list[str]:
    """Return the cells; those of a flag, which xterm.js' older tables have in two, as one."""
    return "\0".join(row.cells).replace("🇩\0🇪", "🇩🇪\0").split("\0")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(TEXTS), max_size=12).map("".join), st.sampled_from(list(TABLES)), st.integers(0, 59))
def test_laying_out_loses_nothing_where_there_is_room(text: str, table: str, col: int) -> None:
    """Law: laying out changes no character but blanks, as long as a row has room, and a laid-out row stays as it is."""
    assume(len(cells_of(text)) <= 30)
    picture = laid(text, 60, TABLES[table], col)
    (row,) = picture.rows
    assert len(row.cells) == len(row.pens) == 60
    assert row.text.replace(" ", "") == text.replace(" ", "")
    assert words_of(row.text) == words_of(text), "words ran into each other"
    assert RowLayout(TABLES[table]).lay_out(picture) is picture
    before = row_of(text, 60)
    if before.cells[col] not in (" ", ""):
        assert before.cells[col].startswith(row.cells[picture.cursor.col]), "the cursor left its character"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩\u200d💻 x", "👩\u200d💻 x"),
        ("கா x", "கா x"),
        ("❤\ufe0f x", "❤\ufe0f x"),
        ("│ 👩\u200d💻 one     │", "│ 👩\u200d💻 one   │"),
        ("│ ❤\ufe0f one │", "│ ❤\ufe0f one  │"),
        ("│ கா   │", "│ கா  │"),
        ("கா 1  2", "கா 1 2"),
        ("❤\ufe0f 1  2", "❤\ufe0f 1   2"),
        ("👍🏽😀 x│", "👍🏽😀 x│"),
    ],
)
def test_text_moves_up_to_the_next_blanks(text: str, shown: str) -> None:
    assert laid(text, 30, TABLES["11"]).rows[0].text.rstrip() == shown


def test_a_row_without_room_shows_the_first_part_of_its_last_clusters() -> None:
    """The cut is the smallest one: no word falls off the margin."""
    assert laid("கா கா x", 5, TABLES["11"]).rows[0].text == "க க x"
    assert laid("கா கா x ", 6, TABLES["11"]).rows[0].text == "க கா x"
    assert laid("👩\u200d💻x", 3, TABLES["11"]).rows[0].cells == ("👩\u200d", "", "x")
    assert laid("❤\ufe0f\u200d🔥x", 3, TABLES["11"]).rows[0].cells == ("❤\ufe0f\u200d", " ", "x")


def test_the_cursor_goes_with_its_text() -> None:
    assert laid("$ கா x", 20, TABLES["11"], 5).cursor.col == 6  # behind the x
    assert laid("$ ❤\ufe0f x", 20, TABLES["11"], 6).cursor.col == 5
    assert laid("$ கா x", 20, TABLES["11"], 19).cursor.col == 19
    assert laid("$ கா x", 20, TABLES["11"], 2).cursor.col == 2


def test_rows_that_did_not_change_stay_the_same_objects() -> None:
    """The painter finds changes and scrolls by identity."""
    layout = RowLayout(TABLES["11"])
    rows = tuple(row_of(text, 20) for text in ("plain", "கா x", "漢字", "❤\ufe0f"))
    size = Size(rows=4, cols=20)
    first = layout.lay_out(replace(blank_frame(size), rows=rows))
    again = layout.lay_out(replace(blank_frame(size), rows=(*rows[1:], row_of("new", 20))))
    assert first.rows[0] is rows[0]
    assert first.rows[2] is rows[2]
    assert all(mine is theirs for mine, theirs in zip(first.rows[1:], again.rows[:3], strict=True))
