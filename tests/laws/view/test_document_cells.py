"""A document's cells: the cell of the cursor is the width of the text before it, and no file reaches a terminal raw."""

from hypothesis import given
from hypothesis import strategies as st

from pairterm.document.document import Cursor, DocumentId, Position, Span
from pairterm.safe_text import has_unsafe
from pairterm.terminal import Terminal
from pairterm.terminal.widths import EMOJI_PRESENTATION
from pairterm.types import Role, Size
from pairterm.view import Type
from pairterm.view.document_cells import line_cells
from tests.unit.view.editors import MAIN, document, shared, window
from tests.unit.view.watching import Client

WIDE = Size(rows=1, cols=500)

PIECES = [
    *"abc 09#*(){}",
    "\t",
    "漢",
    "ア",
    "é",
    "e\u0301",
    "\u0301",
    "ậ",
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "🇩🇪",
    "🇩",
    "❤\ufe0f",
    "❤",
    "\ufe0f",
    "\u200d",
    "\u200b",
    "कि",
    "한",
    "\u1112\u1161\u11ab",
]
HOSTILE = [*map(chr, range(0x20)), "\x7f", "\x85", "\x9b", "\u202e", "\u2066", "\u2028", "\x1b[2J", "\x1b]0;t\x07"]

plain_lines = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
lines = st.lists(st.sampled_from([*PIECES, *HOSTILE]) | st.characters(exclude_categories=["Cs"]), max_size=12).map(
    "".join
)


def shown_width(text: str) -> int:
    """Return where a terminal's cursor is after it got the text."""
    terminal = Terminal(WIDE)
    terminal.feed(text.encode())
    return terminal.snapshot().cursor.col


@given(plain_lines)
def test_the_cell_of_a_column_is_the_width_of_the_text_before_it(line: str) -> None:
    """The judge is the terminal's own screen. A column inside of a character has the cell of the character."""
    cells = line_cells(line)
    assert cells.cell_of(len(line)) == len(cells.cells) == shown_width(line)
    before = 0
    for column, char in enumerate(line):
        first, behind = cells.span_of(column)
        after = shown_width(line[: column + 1])
        if after > before and char != EMOJI_PRESENTATION:
            assert first == before
        else:
            assert first < before or first == before == 0
        assert first < behind
        before = after


@given(lines)
def test_no_character_of_a_line_can_act_on_a_terminal(line: str) -> None:
    cells = line_cells(line)
    assert not any(has_unsafe(cell) for cell in cells.cells)
    assert list(cells.starts) == sorted(cells.starts)
    assert len(cells.starts) == len(line) + 1


places = st.builds(Position, st.integers(0, 12), st.integers(0, 30))
cursors = st.lists(
    st.builds(Cursor, places, st.lists(st.builds(Span, places, places), max_size=2).map(tuple)), max_size=3
)
texts = st.builds(
    lambda lines, cursors, number: document(*lines, cursors=tuple(cursors), number=number),
    st.lists(lines, max_size=4),
    cursors,
    st.sampled_from([MAIN, DocumentId(8)]),
)
steps = st.lists(
    texts | st.sampled_from([b"j", b"k", b"G", b"l", b"h", b"/a\r", b"n", b"N", b"f", b"s", b"\t", b" "]), max_size=8
)


@given(steps, st.builds(Size, rows=st.integers(1, 6), cols=st.integers(1, 24)), st.sampled_from(Role))
def test_any_keys_and_texts_leave_a_terminal_that_shows_the_newest_picture(
    steps: list[object], size: Size, role: Role
) -> None:
    """Nothing that is pressed in the code window is typed, and what was painted in steps is what is painted at once."""
    client = Client(role, size)
    client.view.show(*window(size))
    client.paint()
    for step in steps:
        if isinstance(step, bytes):
            assert not any(isinstance(action, Type) for action in client.keys(step))
        else:
            client.view.show_documents(shared(step), client.now_s)  # type: ignore[arg-type]  # a text
        client.paint()
    fresh = Terminal(size)
    client.terminal, stepped = fresh, client.terminal
    fresh.feed(client.view.enter())
    client.keys(b"\x02R")
    assert fresh.snapshot().same_as(stepped.snapshot())
