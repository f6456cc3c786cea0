"""A recording with keyframes beside it: they are used if they are its own and this user's, and made again otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pairterm.cli.recording_reader import RecordingReader
from pairterm.record.chain import signer
from pairterm.record.events import Header
from pairterm.record.keyframes import Keyframe, keyframe_line, keyframes_key
from pairterm.record.playback import Playback
from pairterm.record.writer import RecordingWriter
from pairterm.runtime.keyframe_file import KeyframeFile, keyframes_path, load_keyframes
from pairterm.runtime.recording_key import recording_key
from pairterm.runtime.recording_lines import RecordingLines
from pairterm.terminal import Terminal
from pairterm.types import Size

SIZE = Size(rows=24, cols=80)
SIGN, KEY = signer(bytes(32))


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def recorded(path: Path, *, screens: int = 100, word: str = "screen") -> list[Keyframe]:
    """Write a recording of full screens, without keyframes beside it; return its keyframes."""
    writer = RecordingWriter(Header(size=SIZE, key=KEY), SIGN)
    terminal = Terminal(SIZE)
    for number in range(screens):
        rows = (
            f"{word} {number} {''.join(chr(97 + (number + row + col) % 23) for col in range(60))}" for row in range(23)
        )
        terminal.feed(b"\x1b[H" + b"".join(f"{row}\x1b[K\r\n".encode() for row in rows) + f"last {number}".encode())
        writer.show(terminal.snapshot(), float(number))
    writer.seal(is_last=True)
    path.write_bytes(writer.take())
    return writer.take_keyframes()


def reader_of(path: Path) -> RecordingReader:
    with RecordingLines(path) as lines:
        return RecordingReader(path, lines)


def keep(path: Path, keyframes: list[Keyframe], key: bytes) -> None:
    file = KeyframeFile(keyframes_path(path), key)
    file.append(keyframes)
    file.close()


def test_the_recorder_and_a_player_find_the_same_marks_and_the_same_screens(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    written = recorded(path)
    assert len(written) > 3
    reader = reader_of(path)
    playback = Playback(reader.header, reader.events)
    playback.seek(1e9)
    played = playback.keyframes[1:]
    assert [each.events for each in played] == [each.events for each in written]
    for one, other in zip(played, written, strict=True):
        shown = [Playback(reader.header, reader.events, [each]) for each in (one, other)]
        at_s = reader.times[one.events - 1]
        first, second = (each.seek(at_s) for each in shown)
        assert [row.text for row in first.rows] == [row.text for row in second.rows]
        assert "last" in first.rows[23].text


def test_keyframes_are_kept_when_they_are_missing_and_used_then(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    recorded(path)
    reader = reader_of(path)
    assert reader.keyframes() == []
    playback = Playback(reader.header, reader.events)
    playback.seek(1e9)
    reader.keep(playback.keyframes)
    assert keyframes_path(path).stat().st_mode & 0o777 == 0o600
    found = reader_of(path).keyframes()
    assert [each.events for each in found] == [each.events for each in playback.keyframes[1:]]


def test_a_seek_with_keyframes_plays_little(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    keep(path, recorded(path), keyframes_key(recording_key()))
    reader = reader_of(path)
    playback = Playback(reader.header, reader.events, reader.keyframes())
    for at_s in (95.0, 10.0, 60.0):
        assert playback.approach(at_s, 40_000), "a seek plays more than from the mark before"
        assert playback.frame.rows[23].text.rstrip() == f"last {at_s:.0f}"


def test_keyframes_of_another_recording_an_altered_one_or_another_person_are_not_used(tmp_path: Path) -> None:
    """They could show something that the recording does not have."""
    mine = keyframes_key(recording_key())
    one, other = tmp_path / "a.cast", tmp_path / "b.cast"
    recorded(one)
    keep(one, recorded(other, word="forged"), mine)
    assert reader_of(one).keyframes() == []

    keep(other, recorded(other), keyframes_key(bytes(32)))
    assert reader_of(other).keyframes() == []

    keyframes = recorded(one)
    lies = [Keyframe(each.events, each.size, "forged", each.chain) for each in keyframes]
    lines = [keyframe_line(each, keyframes_key(b"theirs")) for each in lies]
    genuine = [keyframe_line(each, mine) for each in keyframes]
    mixed = [ours[:64] + forged[64:] for ours, forged in zip(genuine, lines, strict=True)]
    keyframes_path(one).write_bytes(b"".join([*lines, *mixed]))
    assert reader_of(one).keyframes() == []

    recorded(one)
    keep(one, keyframes, mine)
    text = one.read_text()
    assert "last 0" in text
    one.write_text(text.replace("last 0", "LAST 0"))
    assert reader_of(one).keyframes() == []


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 100))
def test_no_file_of_keyframes_breaks_a_player(tmp_path: Path, junk: bytes, cut: int) -> None:
    path = tmp_path / "a.cast"
    if not path.exists():
        recorded(path, screens=30)
    line = keyframe_line(Keyframe(5, SIZE, "text", "00"), keyframes_key(recording_key()))
    keyframes_path(path).write_bytes(junk + line[: min(cut, len(line) - 2)] + b"\n" + json.dumps([1, 2]).encode())
    assert load_keyframes(path) == []
    assert reader_of(path).keyframes() == []
