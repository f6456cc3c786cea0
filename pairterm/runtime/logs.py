"""The logging of all our processes: to standard error, without tokens, and with a bound.

Each place in the code may write a number of lines a minute. Further lines of that place are
counted, and one line with the count follows when the minute is over. If a background process
logs to a file of its own (see `spawn`), it drops the older half when the file is too long. So
the length of a log has a bound.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable

import msgspec

__all__ = ["LINES_OF_A_PLACE", "MAX_FILE_BYTES", "SPAN_S", "QuietFilter", "cut_beginning", "log_to_stderr"]

LINES_OF_A_PLACE = 30
"""Lines that one place may write in one span: enough to see what happens, and to whom."""

SPAN_S = 60.0

MAX_FILE_BYTES = 4 << 20
"""The largest size of a background process's own log. Then the older half is dropped."""


class _Place(msgspec.Struct):
    """The counts of one line of code that logs."""

    since_s: float
    last: logging.LogRecord
    lines: int = 0


class QuietFilter(logging.Filter):
    """Limits the lines that each place in the code writes to one handler.

    A place is the file and line of the call that logs. The count of dropped lines is
    written before the next line of any place, or when the handler is closed.
    """

    def __init__(
        self,
        handler: logging.Handler,
        *,
        lines: int = LINES_OF_A_PLACE,
        span_s: float = SPAN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._handler = handler
        self._lock = threading.RLock()
        self._lines = lines
        self._span_s = span_s
        self._clock = clock
        self._places: dict[tuple[str, int], _Place] = {}
        self._next_end_s = float("inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line shall be written. Counts that are due are written first."""
        with self._lock:
            now_s = self._clock()
            if now_s >= self._next_end_s:
                self.tell_counts(now_s)
            place = self._places.get((record.pathname, record.lineno))
            if place is None:
                place = self._places[record.pathname, record.lineno] = _Place(now_s, record)
                self._next_end_s = min(self._next_end_s, now_s + self._span_s)
            place.lines += 1
            place.last = record
            return place.lines <= self._lines

    def tell_counts(self, now_s: float = float("inf")) -> None:
        """End the spans that are over, and write how many lines each has dropped. Without a time, end all spans."""
        over = [key for key, place in self._places.items() if now_s >= place.since_s + self._span_s]
        for place in [self._places.pop(key) for key in over]:
            if place.lines > self._lines:
                self._handler.emit(_count_of(place, place.lines - self._lines))
        self._next_end_s = min((each.since_s + self._span_s for each in self._places.values()), default=float("inf"))


def _count_of(place: _Place, left_out: int) -> logging.LogRecord:
    """Return the line with the count of dropped lines. It has the level, logger and text of the last of them."""
    last = place.last
    text = f"{left_out} more like this one: {last.getMessage()}"
    return logging.LogRecord(last.name, last.levelno, last.pathname, last.lineno, text, (), None)


class _QuietHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic in the stubs, not at run time
    """Writes to standard error, and tells the counts before it closes."""

    def __init__(self, *, max_file_bytes: int | None = None) -> None:
        """`max_file_bytes`: the limit of our own log file on standard error; None: standard error is not our file."""
        super().__init__()
        self._max_file_bytes = max_file_bytes
        self._quiet = QuietFilter(self)
        self.addFilter(self._quiet)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, and keep the file under its limit."""
        super().emit(record)
        if self._max_file_bytes is not None:
            with contextlib.suppress(OSError):
                cut_beginning(self.stream.fileno(), self._max_file_bytes)

    def close(self) -> None:
        """Write the counts of dropped lines, and close."""
        self._quiet.tell_counts()
        super().close()


def cut_beginning(fd: int, max_bytes: int) -> None:
    """If a file is longer than `max_bytes`, drop its older half, up to the end of a line.

    It has to be open for reading and for appending. Other descriptors may still append to it.
    """
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_size <= max_bytes:
        return
    newer = os.pread(fd, max_bytes // 2, found.st_size - max_bytes // 2)
    os.ftruncate(fd, 0)
    os.write(fd, b"(older lines were dropped)\n" + newer.partition(b"\n")[2])


class _JsonLines(logging.Formatter):
    """Writes one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        found = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            found["traceback"] = self.formatException(record.exc_info)
        return json.dumps(found)


def log_to_stderr(level: int, *, as_json: bool = False, is_own_file: bool = False) -> None:
    """Begin to log at `level`, as text or as JSON. `is_own_file`: standard error is the file that `spawn` opened.

    asyncssh logs user names at INFO, and our user names are tokens, so it may log only warnings.
    """
    handler = _QuietHandler(max_file_bytes=MAX_FILE_BYTES if is_own_file else None)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler])
    if as_json:
        handler.setFormatter(_JsonLines())
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
