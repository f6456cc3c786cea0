"""Law 13: a recording played to a given time shows what a watcher saw at that time.

The judges are xterm.js and our own player. Sizes change on the way, and frames are hidden.
"""

from __future__ import annotations

import io
from dataclasses import replace
from unittest import mock

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pairterm.record import keyframes
from pairterm.record.asciicast import read_cast, resize_size
from pairterm.record.chain import signer, verify
from pairterm.record.events import OUTPUT, PEOPLE, Header, people_data
from pairterm.record.keyframes import Keyframe
from pairterm.record.playback import Playback
from pairterm.record.writer import RECORDED_KIND, RecordingWriter
from pairterm.session.privacy import paused_frame
from pairterm.terminal.frame import PLAIN_MODES, Frame
from pairterm.types import Size
from tests.judge import JudgeFailed, judge_or_skip
from tests.laws.view.looks import assert_looks_like
from tests.laws.view.pictures import Edit, edits, frames, sizes

SIGN, KEY = signer(bytes(32))

# A stay in one size: its size, its changes, and whether the owner pauses at its end.
stays = st.lists(
    st.tuples(sizes(), st.lists(edits(has_doubtful=False), min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=3,
)
gaps = st.lists(st.floats(0, 3600, allow_nan=False), min_size=30, max_size=30)


def seen_by_a_watcher(stays: list[tuple[Size, list[Edit], bool]]) -> list[Frame]:
    seen: list[Frame] = []
    for size, steps, ends_in_a_pause in stays:
        seen += frames(size, steps)
        if ends_in_a_pause:
            seen.append(paused_frame(seen[-1]))
    return seen


def recorded(seen: list[Frame], gaps: list[float], version: int) -> tuple[bytes, list[float], list[Keyframe]]:
    writer = RecordingWriter(Header(size=seen[0].size, version=version, key=KEY), SIGN)
    times, now_s = [], 0.0
    for frame, gap_s in zip(seen, gaps, strict=False):
        now_s = round(now_s + gap_s + 0.001, 6)
        times.append(now_s)
        writer.show(frame, now_s)
        writer.event(now_s, PEOPLE, people_data("typed", "ada"))
        writer.seal()
    writer.seal(is_last=True)
    return writer.take(), times, writer.take_keyframes()


def as_written(data: bytes, until_s: float) -> tuple[list[bytes], list[tuple[int, Size]], Size]:
    """Return what a player writes on a terminal until a time, and its resizes."""
    header, events = read_cast(io.StringIO(data.decode(), newline="\n"))
    pieces: list[bytes] = [b""]
    resizes: list[tuple[int, Size]] = []
    for event in events:
        if event.time_s > until_s:
            break
        if event.code == OUTPUT:
            pieces.append(event.data.encode())
        elif (size := resize_size(event)) is not None:
            resizes.append((len(pieces) - 1, size))
    return pieces, resizes, header.size


@settings(max_examples=60, deadline=None)
@given(stays, gaps, st.sampled_from([2, 3]), st.data())
def test_law_13_a_recording_played_to_a_time_shows_what_a_watcher_saw_then(
    stays: list[tuple[Size, list[Edit], bool]], gaps: list[float], version: int, data: st.DataObject
) -> None:
    seen = seen_by_a_watcher(stays)[: len(gaps)]
    with mock.patch.object(keyframes, "MARK_CHARS", 500):
        written, times, known = recorded(seen, gaps, version)
    at = data.draw(st.integers(0, len(seen) - 1))
    expected = replace(seen[at], modes=replace(PLAIN_MODES, is_reversed=seen[at].modes.is_reversed))

    pieces, resizes, size = as_written(written, times[at] + 0.0005)
    try:
        verdict = judge_or_skip().show(pieces, size, unicode="11", resizes=resizes)
    except JudgeFailed:
        assume(False)
        raise
    assert_looks_like(verdict.frame, expected, RECORDED_KIND)

    header, events = read_cast(io.StringIO(written.decode(), newline="\n"))
    kept = list(events)
    for playback in (Playback(header, kept), Playback(header, kept, known)):
        for time_s in data.draw(st.lists(st.sampled_from(times), max_size=3)):
            playback.seek(time_s)  # to and fro first: a seek does not depend on where the player was
        assert_looks_like(playback.seek(times[at] + 0.0005), expected, RECORDED_KIND)


@settings(max_examples=60, deadline=None)
@given(stays, gaps, st.data())
def test_every_change_of_a_recording_and_every_cut_is_detected(
    stays: list[tuple[Size, list[Edit], bool]], gaps: list[float], data: st.DataObject
) -> None:
    raw, _, _ = recorded(seen_by_a_watcher(stays)[: len(gaps)], gaps, 3)
    assert verify(io.BytesIO(raw), KEY).problem == ""
    at = data.draw(st.integers(0, len(raw) - 1))
    assert verify(io.BytesIO(raw[:at]), KEY).problem
    changed = bytearray(raw)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert verify(io.BytesIO(changed), KEY).problem
    lines = raw.splitlines(keepends=True)
    drop = data.draw(st.integers(0, len(lines) - 1))
    assert verify(lines[:drop] + lines[drop + 1 :], KEY).problem
