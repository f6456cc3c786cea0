"""A log has a bound: each place in the code writes so many lines a minute, then one line with the count."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from pairterm.logs import QuietFilter


class _Log:
    """A logger of its own with a filter whose clock the test turns."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.filter = QuietFilter(self.handler, lines=3, span_s=60.0, clock=lambda: self.now_s)
        self.handler.addFilter(self.filter)
        self.logger = logging.Logger("test")
        self.logger.addHandler(self.handler)

    def flood(self, count: int) -> None:
        for number in range(count):
            self.logger.warning("flood %d", number)

    def other(self) -> None:
        self.logger.warning("another place")

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()


@pytest.fixture
def log() -> Iterator[_Log]:
    found = _Log()
    yield found
    found.handler.close()


def test_a_place_that_floods_the_log_writes_a_few_lines_and_then_a_count(log: _Log) -> None:
    """Out of descriptors, a host wrote 6.4 MB of tracebacks."""
    log.flood(1000)
    assert log.lines == ["flood 0", "flood 1", "flood 2"]
    log.now_s = 59.9
    log.other()
    assert len(log.lines) == 4, "the minute is not over"
    log.now_s = 60.0
    log.other()
    assert log.lines[4:] == ["997 more like this one: flood 999", "another place"]


def test_a_flood_at_one_place_hides_no_line_of_another(log: _Log) -> None:
    log.flood(1000)
    for _ in range(3):
        log.other()
    assert log.lines[3:] == ["another place"] * 3


def test_after_the_span_a_place_may_write_again(log: _Log) -> None:
    log.flood(4)
    log.now_s = 61.0
    log.flood(1)
    assert log.lines[3:] == ["1 more like this one: flood 3", "flood 0"]


def test_a_place_that_stays_within_its_bound_is_never_counted(log: _Log) -> None:
    for minute in range(5):
        log.now_s = minute * 60.0
        log.flood(3)
    assert len(log.lines) == 15


def test_what_was_only_counted_is_told_at_the_end(log: _Log) -> None:
    log.flood(5)
    log.filter.tell_counts()
    assert log.lines[3:] == ["2 more like this one: flood 4"]


def test_a_traceback_is_part_of_its_line(log: _Log) -> None:
    """A line that is left out leaves its traceback out too."""
    for _ in range(100):
        try:
            raise OSError("no descriptor")
        except OSError:
            log.logger.exception("failed")
    assert sum(line.startswith("Traceback") for line in log.lines) == 3
