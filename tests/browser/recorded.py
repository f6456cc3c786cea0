"""A recording for the tests of players: a real program on the screen, two people, a marker and another size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pairterm.record.asciicast import read_cast
from pairterm.record.chain import signer
from pairterm.record.events import PEOPLE, Event, Header, people_data
from pairterm.record.playback import Playback
from pairterm.record.writer import RecordingWriter
from pairterm.terminal import Terminal
from pairterm.terminal.frame import Frame
from pairterm.types import Size
from tests.e2e.test_recordings import RECORDINGS, size_of

__all__ = ["TIMES_S", "frame_at", "record", "recording"]

_STEP_BYTES = 400
_STEP_S = 0.5

TIMES_S = (3.2, 18.7, 9.4)
"""Times to compare screens at: to and fro."""


def record(path: Path, *, title: str, version: int = 3) -> None:
    """Write the recording of vim, with a title."""
    source = next(each for each in RECORDINGS if each.stem == "vim-80x24")
    data, size = source.read_bytes(), size_of(source)
    terminal = Terminal(size)
    sign, key = signer(bytes(32))
    writer = RecordingWriter(Header(size=size, title=title, version=version, key=key), sign)
    for name, role in (("ada", "owner"), ("<b>bea</b>", "rw")):
        writer.event(0.0, PEOPLE, people_data("joined", name, role))
    pieces = [data[at : at + _STEP_BYTES] for at in range(0, len(data), _STEP_BYTES)]
    for number, piece in enumerate(pieces, start=1):
        at_s = number * _STEP_S
        terminal.feed(piece)
        writer.show(terminal.snapshot(), at_s)
        if number == len(pieces) // 2:
            writer.mark("half", at_s)
            terminal.resize(Size(rows=size.rows + 2, cols=size.cols + 8))
        writer.event(at_s, PEOPLE, people_data("typed", "ada" if number % 20 < 10 else "<b>bea</b>"))
    writer.show(terminal.snapshot(), len(pieces) * _STEP_S)
    writer.event(len(pieces) * _STEP_S + 0.5, "m", "the end")
    writer.seal(is_last=True)
    path.write_bytes(writer.take())


def recording(path: Path) -> tuple[Header, Sequence[Event]]:
    """Return the header and the events of a recording."""
    header, events = read_cast(path.read_text(encoding="utf-8").splitlines(keepends=True))
    return header, list(events)


def frame_at(path: Path, time_s: float) -> Frame:
    """Return what pairterm's own player shows at a time."""
    frame = Playback(*recording(path)).seek(time_s)
    return replace(frame, title="")
