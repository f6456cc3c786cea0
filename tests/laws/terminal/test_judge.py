"""What pairterm shows is what xterm.js shows: text, pens, cursor, modes, replies, on programs drawn and recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pairterm.terminal import Terminal
from pairterm.terminal.frame import UNDERLINE_MASK, Frame, Pen, Row
from pairterm.types import Size
from tests.golden.cases import seen, text_of
from tests.judge import JudgeFailed, judge_or_skip
from tests.laws.terminal.programs import joined, tame_programs

_SIZE = Size(rows=6, cols=20)
_RECORDINGS = sorted((Path(__file__).parents[2] / "golden" / "recordings").glob("*.bytes"))
_CHECKPOINTS = 10
_HAS_CLUSTERS = ("names", "python")
"""Recordings with emoji sequences, which xterm.js without its grapheme addon counts part by part."""


@given(tame_programs)
def test_a_program_looks_as_in_xterm_js(program: list[bytes]) -> None:
    terminal = Terminal(_SIZE)
    terminal.feed(joined(program))
    try:
        verdict = judge_or_skip().show(joined(program), _SIZE)
    except JudgeFailed:
        assume(False)
    frame = terminal.snapshot()
    assert seen(frame, b"") == {**seen(verdict.frame, b""), **_kept_modes(frame)}


_texts = st.sampled_from(["abcdefghij", "漢字", "x y z ", ""])
_lines = st.lists(st.builds(lambda text, times: text * times, _texts, st.integers(0, 6)), min_size=1, max_size=14)


_later_sizes = st.builds(
    lambda rows, cols: Size(rows=rows, cols=cols), st.sampled_from([4, 8, 14]), st.sampled_from([12, 20, 30, 47])
)


@given(_lines, st.sampled_from([5, 8, 12]), st.sampled_from([20, 30]), st.lists(_later_sizes, min_size=1, max_size=2))
def test_a_shell_resized_looks_as_in_xterm_js(lines: list[str], rows: int, cols: int, resizes: list[Size]) -> None:
    """Lines of any length and a prompt below them, resized once or twice."""
    data, size = ("\r\n".join(lines) + "\r\n$ ").encode(), Size(rows=rows, cols=cols)
    terminal = Terminal(size)
    terminal.feed(data)
    for new in resizes:
        terminal.resize(new)
    verdict = judge_or_skip().show([data], size, resizes=[(0, new) for new in resizes])
    ours = seen(terminal.snapshot(), b"")
    history = [row.text.rstrip() for row in terminal.history(0, terminal.history_length)]
    assert (ours["shows"], ours["cursor"]) == (text_of(verdict.frame), seen(verdict.frame, b"")["cursor"])
    assert history == [text.rstrip() for text in verdict.history]


def _kept_modes(frame: Frame) -> dict[str, str]:
    """Return our modes, which these programs do not touch."""
    said = seen(frame, b"").get("modes")
    return {"modes": said} if said else {}


@pytest.mark.parametrize("path", _RECORDINGS, ids=lambda path: path.stem)
def test_a_real_program_looks_as_in_xterm_js(path: Path) -> None:
    """At ten moments of each recording; the judge is given all bytes from the start each time."""
    cols, rows = map(int, re.findall(r"\d+", path.stem)[-2:])
    size, data = Size(rows=rows, cols=cols), path.read_bytes()
    terminal = Terminal(size)
    start = 0
    for number in range(1, _CHECKPOINTS + 1):
        stop = len(data) * number // _CHECKPOINTS
        terminal.feed(data[start:stop])
        start = stop
        ours, theirs = terminal.snapshot(), judge_or_skip().show(data[:stop], size).frame
        if path.stem.startswith(_HAS_CLUSTERS):
            assert [row.text.rstrip() for row in ours.rows] == [row.text.rstrip() for row in theirs.rows]
            continue
        assert [_look(row) for row in ours.rows] == [_look(row) for row in theirs.rows]
        assert ours.cursor == theirs.cursor
        assert replace(ours.modes, kitty_keys=0, modify_other_keys=0) == theirs.modes
        assert ours.is_alternate == theirs.is_alternate


def _look(row: Row) -> tuple[tuple[str, ...], list[Pen]]:
    """Return a row's cells and pens; an underline's colour counts where there is one."""
    return row.cells, [pen if pen.flags & UNDERLINE_MASK else pen._replace(underline_colour=-1) for pen in row.pens]
