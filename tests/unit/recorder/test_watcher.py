"""The session as its recorder sees it."""

from __future__ import annotations

import json

from pairterm.link.messages import RecordEvent
from pairterm.record.events import INPUT, Header
from pairterm.record.writer import RecordingWriter
from pairterm.recorder.watcher import Watcher
from pairterm.types import Size


def _recorded(watcher: Watcher) -> list[tuple[str, str]]:
    """Return the code and the data of each event that the watcher writes."""
    writer = RecordingWriter(Header(size=Size(rows=2, cols=20), timestamp=0), lambda data: b"")
    watcher.record(writer, 0.0, 2.0)
    return [(code, data) for _, code, data in map(json.loads, writer.take().splitlines()[1:])]


def test_a_character_that_arrives_in_two_pieces_is_recorded_as_one() -> None:
    """A link cuts input anywhere. Each piece was decoded alone, and the character was lost."""
    watcher = Watcher()
    first, second = "é".encode()[:1], "é".encode()[1:]
    for name, typed in (("ada", b"caf" + first), ("grace", b"x"), ("ada", second)):
        watcher.happened(RecordEvent("typed-text", name, typed=typed), 1.0)
    events = _recorded(watcher)
    assert "".join(data for code, data in events if code == INPUT) == "cafxé"
    assert [json.loads(data)[1:] for code, data in events if code == "p"] == [
        ["ada", "caf"],
        ["grace", "x"],
        ["ada", "é"],
    ]
