"""asciicast lines: both versions are read as they were written, and bad ones are refused with a line for people."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.record.asciicast import CastWriter, read_cast, resize_size
from pairterm.record.events import Event, Header, people_data, read_people
from pairterm.types import Size

HEADER = Header(size=Size(rows=24, cols=80), timestamp=1_700_000_000, title="a title", key="a2V5", follows="00ff")


@pytest.mark.parametrize("version", [2, 3])
def test_a_recording_is_read_as_it_was_written(version: int) -> None:
    header = Header(
        **{name: getattr(HEADER, name) for name in ("size", "timestamp", "title", "key", "follows")},
        version=version,
        is_pictures=True,
    )
    events = [Event(0.25, "o", 'é"\u2028\x1b[m'), Event(0.25, "r", "100x30"), Event(4000.000001, "m", "here")]
    writer = CastWriter(header)
    lines = [writer.header(), *map(writer.event, events)]
    assert all(line.count("\n") == 1 for line in lines)
    found, read = read_cast(lines)
    assert found == header
    assert [(round(each.time_s, 6), each.code, each.data) for each in read] == [
        (each.time_s, each.code, each.data) for each in events
    ]


def test_rounding_does_not_drift_in_version_3() -> None:
    writer = CastWriter(HEADER)
    times = [number / 3e6 for number in range(30_000)]
    lines = [writer.header(), *(writer.event(Event(each, "o", "")) for each in times)]
    *_, last = read_cast(lines)[1]
    assert abs(last.time_s - times[-1]) < 2e-6


def test_comments_and_unknown_codes_of_other_programs_are_accepted() -> None:
    lines = ['{"version": 3, "term": {"cols": 10, "rows": 5, "type": "xterm"}}\n', "# a comment\n", '[1, "z", "?"]\n']
    assert [each.code for each in read_cast(lines)[1]] == ["z"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{",
        '{"version": 1, "width": 80, "height": 24}',
        '{"version": 2}',
        '{"version": 3, "term": {"cols": "x"}}',
    ],
)
def test_a_bad_header_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        read_cast([line])


@pytest.mark.parametrize("line", ["{", "[1]", '[NaN, "o", "x"]', '["1", "o", "x"]', '[1, "o", 2]', "[" * 100_000])
def test_a_bad_event_is_refused(line: str) -> None:
    _, events = read_cast([CastWriter(HEADER).header(), line])
    with pytest.raises(UsageError):
        list(events)


def test_time_never_goes_backwards() -> None:
    _, events = read_cast(['{"version": 2, "width": 80, "height": 24}', '[5, "o", "a"]', '[1, "o", "b"]'])
    assert [each.time_s for each in events] == [5, 5]


def test_sizes_that_are_none_are_ignored() -> None:
    assert resize_size(Event(0, "r", "80x24")) == Size(rows=24, cols=80)
    assert [resize_size(Event(0, "r", each)) for each in ("0x5", "99999x9", "80", "-1x2")] == [None] * 4
    assert resize_size(Event(0, "o", "80x24")) is None


def test_events_about_people_are_read_as_they_were_written() -> None:
    assert read_people(people_data("chat", "ada", "hello")) == ("chat", "ada", "hello")
    assert read_people(people_data("joined", "ada")) == ("joined", "ada", "")
    assert [read_people(each) for each in ("{", "[1,2]", '["a"]', '"x"')] == [("", "", "")] * 4
