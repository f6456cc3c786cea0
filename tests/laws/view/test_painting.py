"""Law 4: `apply(base, paint(base, target)) == target`, and `paint(t, t) == b""`. Law 5: a view converges.

The judges are xterm.js, a foreign terminal, with two width tables that disagree
about emoji, and our own screen model.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import Role, Size
from pairterm.view.cell_text import ascii_text
from pairterm.view.painter import _change, echo, enter, leave, paint
from pairterm.view.terminal_kind import TerminalKind
from pairterm.view.view import View
from tests.judge import JudgeFailed, Verdict, judge_or_skip
from tests.laws.view.looks import assert_looks_like, modes_of
from tests.laws.view.pictures import Edit, edited, edits, frames, sizes

KINDS = [
    replace(TerminalKind.of(term, colorterm=colorterm), is_utf8=True)
    for term, colorterm in (
        ("xterm-256color", "truecolor"),
        ("xterm-256color", ""),
        ("xterm", ""),
        ("tmux-256color", ""),
        ("screen", ""),
        ("linux", ""),
        ("vt220", ""),
        ("vt100", ""),
        ("no-such-terminal", ""),
    )
]
kinds = st.sampled_from(KINDS)
steps = st.lists(edits(), min_size=1, max_size=12)
pauses = st.lists(st.booleans(), min_size=12, max_size=12)


def judged(pieces: list[bytes], size: Size, unicode: str) -> Verdict:
    try:
        return judge_or_skip().show(pieces, size, unicode=unicode)
    except JudgeFailed:
        assume(False)
        raise


def paintings(pictures: list[Frame], kind: TerminalKind) -> list[bytes]:
    pieces = [enter(kind), paint(None, pictures[0], kind)]
    return pieces + [paint(base, target, kind) for base, target in pairwise(pictures)]


@settings(max_examples=200, deadline=None)
@given(kinds, sizes(), steps, pauses, st.sampled_from(["6", "11"]))
def test_law_4_what_was_painted_is_what_a_foreign_terminal_shows(
    kind: TerminalKind, size: Size, edits_made: list[Edit], are_skipped: list[bool], unicode: str
) -> None:
    """Law 4: `apply(base, paint(base, target)) == target`, for every size, mode and alternate screen."""
    made = frames(size, edits_made)
    pictures = [made[0], *(one for one, skip in zip(made[1:], are_skipped, strict=False) if not skip)]
    verdict = judged(paintings(pictures, kind), size, unicode)
    assert_looks_like(verdict.frame, pictures[-1], kind)
    said = replace(modes_of(pictures[-1].modes, kind), is_reversed=False)  # xterm.js does not tell DECSCNM
    assert verdict.frame.modes == said
    assert verdict.replies == b""  # nothing we paint asks anything
    assert not verdict.modes["synchronised"]
    assert not verdict.modes["insert"]
    assert not verdict.modes["origin"]
    assert verdict.modes["wraparound"]


@settings(max_examples=100, deadline=None)
@given(kinds, sizes(), st.lists(edits(has_doubtful=False), min_size=1, max_size=12))
def test_law_4_by_our_own_screen(kind: TerminalKind, size: Size, edits_made: list[Edit]) -> None:
    """Law 4 by the judge that knows every mode: reverse screen, kitty keys, bells."""
    pictures = frames(size, edits_made)
    terminal = Terminal(size)
    for piece in paintings(pictures, kind):
        terminal.feed(piece)
    shown = terminal.snapshot()
    assert_looks_like(shown, pictures[-1], kind)
    assert shown.modes == modes_of(pictures[-1].modes, kind)
    assert terminal.take_replies() == b""
    assert not terminal.is_synchronised


@settings(max_examples=100, deadline=None)
@given(kinds, sizes(), st.lists(edits(), max_size=12))
def test_law_4_nothing_to_do_is_no_bytes(kind: TerminalKind, size: Size, edits_made: list[Edit]) -> None:
    """Law 4: `paint(t, t) == b""`, also for a picture that is equal and not the same object."""
    target = frames(size, edits_made)[-1]
    assert paint(target, target, kind) == b""
    rows = tuple(replace(row, cells=tuple(row.cells), pens=tuple(row.pens)) for row in target.rows)
    assert paint(target, replace(target, rows=rows, generation=target.generation + 1), kind) == b""


@settings(max_examples=60, deadline=None)
@given(kinds, sizes(), steps)
def test_law_4_in_ascii_where_the_terminal_has_no_utf_8(kind: TerminalKind, size: Size, edits_made: list[Edit]) -> None:
    """Law 4 for a terminal that is not UTF-8: no other bytes than ASCII, and each cell keeps its place."""
    kind = replace(kind, is_utf8=False)
    pictures = frames(size, edits_made)
    pieces = paintings(pictures, kind)
    assert all(piece.isascii() for piece in pieces)
    terminal = Terminal(size)
    for piece in pieces:
        terminal.feed(piece)
    for shown, wanted in zip(terminal.snapshot().rows, pictures[-1].rows, strict=True):
        assert shown.cells == tuple(ascii_text(cell) if cell else " " for cell in wanted.cells)


@settings(max_examples=60, deadline=None)
@given(kinds, sizes(), sizes(), steps, pauses, st.sampled_from(Role))
def test_law_5_a_view_converges_on_the_newest_frame(
    kind: TerminalKind, session: Size, client: Size, edits_made: list[Edit], are_paused: list[bool], role: Role
) -> None:
    """Law 5: a view converges on the newest frame after any pattern of pauses, whatever the client's size."""
    view = View(session="law", role=role, size=client, kind=kind)
    pieces = [view.enter()]
    made = frames(session, edits_made)
    for frame, is_paused in zip(made, [False, *are_paused], strict=False):
        view.show(frame)
        if not is_paused:
            pieces.append(view.paint(0.0))
    view.tick(100.0)  # a small terminal was told that it has a viewport
    pieces.append(view.paint(100.0))
    assert not view.is_dirty
    assert view.paint(100.0) == b""
    picture = view._base
    assert picture is not None
    verdict = judged(pieces, client, "11")
    assert_looks_like(verdict.frame, picture, kind)
    assert verdict.frame.modes == replace(modes_of(picture.modes, kind), is_reversed=False)
    offset = view._layers.viewport.offset
    for number in range(
        min(session.rows, client.rows)
    ):  # and the picture is the frame's part, to the last wide character
        cells = made[-1].rows[offset.row + number].cells[offset.col : offset.col + client.cols]
        shown = picture.rows[number].cells[: len(cells)]
        assert all(one == other for one, other in zip(cells[1:-1], shown[1:-1], strict=True) if other != " ")


@settings(max_examples=60, deadline=None)
@given(kinds, steps)
def test_leaving_gives_the_terminal_back(kind: TerminalKind, edits_made: list[Edit]) -> None:
    size = Size(rows=6, cols=20)
    before = b"\x1b]2;mine\x07one\r\ntwo\x1b[31m"
    pictures = [frames(size, edits_made)[0]]
    for edit in edits_made:
        pictures.append(edited(pictures[-1], edit))
    pieces = [before, *paintings(pictures, kind), leave(kind, pictures[-1])]
    verdict = judged(pieces, size, "11")
    plain = judged([before + b"\x1b[m"], size, "11")
    assert verdict.frame.modes == plain.frame.modes
    assert verdict.frame.cursor.is_visible
    assert not verdict.frame.is_alternate
    if kind.has_alternate:
        assert_looks_like(verdict.frame, replace(plain.frame, title=verdict.frame.title), kind)


_SHOWN = [
    "$ ",
    "word",
    "漢字",
    "e\u0301",
    "\x1b[31mred\x1b[m",
    "\x1b[44m",
    "\r\n",
    "\x1b[K",
    "\x1b[3D",
    "\b",
    "\x1b[5;17H",
]


@settings(max_examples=300, deadline=None)
@given(kinds, st.lists(st.sampled_from(_SHOWN), max_size=8), st.text("abz ~", min_size=1, max_size=5))
def test_an_echo_is_painted_as_any_change(kind: TerminalKind, shown: list[str], typed: str) -> None:
    """The short way of a key's echo comes to the bytes of the long one."""
    terminal = Terminal(Size(rows=5, cols=20))
    terminal.feed("".join(shown).encode())
    base = terminal.snapshot()
    terminal.feed(typed.encode())
    target = replace(terminal.snapshot(), modes=base.modes)
    assert echo(base, target) in (b"", _change(base, target, kind))


def test_a_typed_letter_takes_the_short_way() -> None:
    terminal = Terminal(Size(rows=5, cols=20))
    terminal.feed("漢字 \x1b[31mred\x1b[m $ ".encode())
    base = terminal.snapshot()
    terminal.feed(b"l")
    assert echo(base, terminal.snapshot()) == b"l"
