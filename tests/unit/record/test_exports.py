"""Exports: the same screen in every format."""

from __future__ import annotations

import json

from pairterm.record.asciicast import read_cast
from pairterm.record.events import Event, Header, people_data
from pairterm.record.export import as_cast, as_json, as_text
from pairterm.record.playback import Playback
from pairterm.types import Size

HEADER = Header(size=Size(rows=4, cols=40), title="<b>title</b>", key="a2V5")
EVENTS = [
    Event(0.0, "p", people_data("joined", "ada", "rw")),
    Event(1.0, "o", "\x1b[31mred\x1b[m </script><script>alert(1)</script>"),
    Event(2.0, "p", people_data("typed", "ada")),
    Event(2.0, "o", "\x1b[2;1H\x1b[7m& more 漢"),
    Event(3.0, "r", "50x5"),
    Event(3.5, "m", "here"),
    Event(4.0, "p", people_data("typed", "bea")),
    Event(4.0, "h", "last 00 00"),
]


def test_text_is_the_screen_at_a_time() -> None:
    assert as_text(HEADER, EVENTS, 1.5) == "red </script><script>alert(1)</script>\n"
    assert as_text(HEADER, EVENTS, 9.0).splitlines()[1] == "& more 漢"
    assert as_text(HEADER, EVENTS, 0.5) == ""


def test_json_says_who_was_there_and_who_typed_when() -> None:
    found = json.loads(as_json(HEADER, EVENTS))
    assert found["people"] == ["ada", "bea"]
    assert [each["name"] for each in found["typed"]] == ["ada", "bea"]
    assert found["markers"] == [[3.5, "here"]]


def test_other_asciicasts_play_alike_and_have_no_seals() -> None:
    for version in (2, 3):
        text = as_cast(HEADER, EVENTS, version)
        header, events = read_cast(text.splitlines(keepends=True))
        found = list(events)
        assert (header.version, header.key) == (version, "")
        assert all(each.code != "h" for each in found)
        playback = Playback(header, found)
        assert [row.text for row in playback.seek(9).rows] == [
            row.text for row in Playback(HEADER, EVENTS).seek(9).rows
        ]


def test_a_search_finds_when_a_text_comes_on_the_screen() -> None:
    playback = Playback(HEADER, EVENTS)
    assert playback.find("more", 0.0) == 2.0
    assert playback.find("more", 2.0) is None
    *turns, found_s = playback.search("more", 0.0, turn_chars=1)
    assert found_s == 2.0
    assert turns == [None] * len(turns) != [], "keys wait until the search is over"
