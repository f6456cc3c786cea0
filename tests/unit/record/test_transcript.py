"""The transcript: commands with their typists where input was recorded, else the times of typing."""

from __future__ import annotations

from pairterm.record.events import Event, Header, people_data
from pairterm.record.transcript import as_transcript
from pairterm.types import Size

HEADER = Header(size=Size(rows=24, cols=80))


def typed(*pieces: tuple[float, str, str]) -> list[Event]:
    return [Event(at_s, "p", people_data("typed-text", name, text)) for at_s, name, text in pieces]


def test_commands_stand_with_their_typist_and_the_time_at_which_they_began() -> None:
    events = typed((1.0, "ada", "ls"), (2.0, "ada", " -l\r"), (65.0, "bea", "make\n"), (70.0, "ada", "half"))
    assert as_transcript(HEADER, events) == "    0:01  ada  ls -l\n    1:05  bea  make\n    1:10  ada  half …\n"


def test_two_who_type_at_a_time_keep_their_own_lines() -> None:
    events = typed((1.0, "ada", "ec"), (1.1, "bea", "da"), (1.2, "ada", "ho\r"), (1.3, "bea", "te\r"))
    assert [line.split()[1:] for line in as_transcript(HEADER, events).splitlines()] == [
        ["ada", "echo"],
        ["bea", "date"],
    ]


def test_editing_and_keys_that_are_no_characters() -> None:
    keys = "lx\x7fs\x1b[A\x1bOP\x1bf\r", "wrong\x15right\r", "two words\x17one\r", "gone\x03\r", "\x1b]0;evil\x07\r"
    lines = as_transcript(HEADER, typed(*((float(at), "ada", text) for at, text in enumerate(keys)))).splitlines()
    assert [line.split("ada  ")[1] for line in lines][:3] == ["ls", "right", "two one"]
    assert "\x1b" not in "".join(lines)
    assert "\x07" not in "".join(lines)


def test_without_input_it_says_who_typed_when() -> None:
    events = [Event(at_s, "p", people_data("typed", "ada")) for at_s in (1.0, 2.0, 3.0, 3700.0)]
    assert as_transcript(HEADER, events) == "    0:01  ada  (typed for 2 s)\n 1:01:40  ada  (typed for 1 s)\n"
    assert as_transcript(HEADER, []) == "Nobody typed.\n"
