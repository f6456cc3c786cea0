"""A log has a bound: each place in the code writes so many lines a minute, then one line with the count."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.runtime.logs import QuietFilter, _QuietHandler, cut_beginning
from pairterm.runtime.spawn import open_log


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
    """If a line is dropped, its traceback is dropped too."""
    for _ in range(100):
        try:
            raise OSError("no descriptor")
        except OSError:
            log.logger.exception("failed")
    assert sum(line.startswith("Traceback") for line in log.lines) == 3


def test_a_log_of_ones_own_has_a_bound_and_keeps_the_newest_lines(tmp_path: Path) -> None:
    """Thirty tracebacks a minute fill a disk in the months that a session may live."""
    path = tmp_path / "session.log"
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        for number in range(1000):
            os.write(fd, b"line %d\n" % number)
            cut_beginning(fd, 1000)
            assert path.stat().st_size <= 1000
        lines = path.read_bytes().splitlines()
    finally:
        os.close(fd)
    assert lines[0] == b"(older lines were dropped)"
    first = int(lines[1].split()[1])
    assert lines[1:] == [b"line %d" % number for number in range(first, 1000)], "a line was cut or lost"
    assert len(lines) > 40


def test_what_is_no_file_is_not_cut(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"x" * 2000)
    cut_beginning(writing, 1000)
    assert len(os.read(reading, 4000)) == 2000
    os.close(reading)
    os.close(writing)


def test_a_background_process_opens_its_log_so_that_it_can_be_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_log(tmp_path / "session.log") as log:
        monkeypatch.setattr(sys, "stderr", open(log.fileno(), "a", closefd=False))  # noqa: SIM115
        handler = _QuietHandler(max_file_bytes=1000)
        for number in range(100):
            record = logging.LogRecord("test", logging.ERROR, "place", number, "failure %d", (number,), None)
            handler.handle(record)
    assert (tmp_path / "session.log").stat().st_size <= 1000
    assert (tmp_path / "session.log").read_text().endswith("failure 99\n")
