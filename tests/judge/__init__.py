"""A foreign judge: what bytes look like in xterm.js, run headless by node, as one of our own frames.

`npm ci` in this folder installs it. Tests that use it call `judge_or_skip()`.
Differences of form are levelled here, differences of meaning are not: `-1` and `""`
are as in `pairterm.terminal.frame`. Rows and columns are 0-based.
"""

from __future__ import annotations

import base64
import functools
import json
import select
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pairterm.terminal.frame import Cursor, CursorShape, Frame, Modes, Mouse, MouseEncoding, Pen, Row
from pairterm.types import Size

__all__ = ["Judge", "JudgeFailed", "Verdict", "judge_or_skip"]

_HERE = Path(__file__).parent
_PACKAGES = ("headless", "addon-unicode11", "addon-unicode-graphemes")
_LONGEST_WAIT_S = 30
"""An answer takes milliseconds; xterm.js carries huge counts out, at hours each."""


class JudgeFailed(Exception):  # noqa: N818 -- said as a person would
    """xterm.js itself raised on these bytes (6.0.0 does on some erasures in the last row): there is no verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What xterm.js shows. `frame.modes` has the modes that it knows; `modes` all it says, by name."""

    frame: Frame
    replies: bytes
    history: tuple[str, ...]
    modes: dict[str, bool | int]


class Judge:
    """One node process; each call of `show` is a new terminal in it."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [self._node, str(_HERE / "judge.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def show(
        self,
        data: bytes | Sequence[bytes],
        size: Size,
        *,
        unicode: str = "11",
        history: int = 1000,
        resizes: Sequence[tuple[int, Size]] = (),
    ) -> Verdict:
        """Return what the bytes look like on a new terminal.

        Args:
            data: All bytes, or the pieces in which they are written.
            size: The terminal's size at first.
            unicode: Whose widths: "11", where emoji are wide, "6", xterm.js' default, or "15-graphemes", that of the
                grapheme addon. Only the last knows clusters.
            history: Lines of scrollback.
            resizes: (index of a piece, size) pairs: the size from after that piece on.

        Raises:
            JudgeFailed: xterm.js raised, or came to no end.
        """
        chunks = [data] if isinstance(data, bytes) else list(data)
        request = {
            "rows": size.rows,
            "cols": size.cols,
            "chunks": [base64.b64encode(chunk).decode() for chunk in chunks],
            "unicode": unicode,
            "history": history,
            "resize": [[after, new.rows, new.cols] for after, new in resizes],
        }
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        if not select.select([stdout], [], [], _LONGEST_WAIT_S)[0]:
            self._process.kill()
            self._process.communicate()
            self._start()
            raise JudgeFailed(f"xterm.js came to no end in {_LONGEST_WAIT_S} s")
        answer = json.loads(stdout.readline() or '{"error": "the judge died"}')
        if "error" in answer:
            raise JudgeFailed(answer["error"])
        return _verdict(answer)

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


def _verdict(answer: dict[str, Any]) -> Verdict:
    table = [Pen(*pen) for pen in answer["table"]]
    rows = tuple(
        Row(tuple(cells), tuple(table[index] for index in pens), wrapped)
        for cells, pens, wrapped in zip(answer["cells"], answer["pens"], answer["wrapped"], strict=True)
    )
    row, col, is_visible, shape = answer["cursor"]
    said = answer["modes"]
    return Verdict(
        frame=Frame(
            size=Size(rows=len(rows), cols=len(rows[0].cells)),
            rows=rows,
            cursor=Cursor(row, col, is_visible=is_visible, shape=CursorShape(shape)),
            title=answer["title"],
            modes=Modes(
                application_cursor=said["application_cursor"],
                application_keypad=said["application_keypad"],
                bracketed_paste=said["bracketed_paste"],
                focus=said["focus"],
                mouse=Mouse(said["mouse"]),
                mouse_encoding=MouseEncoding(said["mouse_encoding"]),
            ),
            generation=1,
            bells=answer["bells"],
            is_alternate=answer["alternate"],
        ),
        replies=base64.b64decode(answer["replies"]),
        history=tuple(answer["history"]),
        modes=said,
    )


@functools.cache
def _the_judge() -> Judge | str:
    node = shutil.which("node")
    if node is None:
        return "no node on this machine: the foreign judge (xterm.js) can't run"
    if not all((_HERE / "node_modules" / "@xterm" / name).is_dir() for name in _PACKAGES):
        return "the foreign judge (xterm.js) is not installed: run `npm ci` in tests/judge"
    import atexit

    judge = Judge(node)
    atexit.register(judge.close)
    return judge


def judge_or_skip() -> Judge:
    """Return the judge, one process for the whole test run; skip the test where it can't run."""
    judge = _the_judge()
    if isinstance(judge, str):
        pytest.skip(judge)
    return judge
