"""Crash reports: a file for each internal error, which its finder can send to us.

A report says where in the code the error happened, and with which versions. It has no value of any
variable, and not the error's own text, because both may contain what somebody typed or saw, or a
token. It names files by their place in a package, because a path may contain a person's name.
The same error at the same place has the same file. The number and the size of the files are bounded.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pairterm
from pairterm.errors import PairtermError
from pairterm.paths import made_private, state_dir

__all__ = ["KEPT", "MAX_REPORT_BYTES", "crash_reports", "crash_text", "report_crashes", "write_crash_report"]

KEPT = 20
"""The newest reports are kept. More kinds of errors at a time do not help their finder."""

MAX_REPORT_BYTES = 32 << 10

_MOST_ERRORS = 16
"""Of one error: its causes, and the errors of a group."""

_MOST_FRAMES = 60
"""The innermost frames of one error. An endless recursion has a thousand."""

_DIRECTORY = "crash-reports"

_SOURCES = (Path(pairterm.__file__).parent.parent, Path(os.__file__).parent)
"""The directories of pairterm and of Python's library."""


def crash_text(error: BaseException, process: str) -> str:
    """Return the report without its time: the same error has the same text."""
    lines = [
        "pairterm crash report: no content of a session and no token is in it",
        f"process: {process}",
        f"version: {pairterm.__version__}",
        f"Python: {sys.version.split()[0]} on {sys.platform}",
    ]
    for relation, each in _chain(error):
        lines += [f"{relation}: {type(each).__module__}.{type(each).__qualname__}", *_frames(each.__traceback__)]
    text = "\n".join(lines) + "\n"
    return text.encode("ascii", "backslashreplace")[:MAX_REPORT_BYTES].decode("ascii")


def _chain(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """Yield an error, its causes, and the errors of a group, each once."""
    waiting = [("error", error)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_ERRORS:
        relation, each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield relation, each
        cause = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if cause is not None:
            waiting.append(("caused by", cause))
        if isinstance(each, BaseExceptionGroup):
            waiting += [("one of the group", member) for member in each.exceptions]


def _frames(found: TracebackType | None) -> list[str]:
    """Return the lines about the innermost frames: the file, the line and the function."""
    frames = [
        f"  {_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(found)
    ]
    left_out = len(frames) - _MOST_FRAMES
    return [f"  ({left_out} outer frames)", *frames[-_MOST_FRAMES:]] if left_out > 0 else frames


def _place(filename: str) -> str:
    """Return a file's place in its package, without the directories of this machine."""
    _, package, rest = filename.rpartition("site-packages/")
    if package:
        return rest
    path = Path(filename)
    return next((str(path.relative_to(each)) for each in _SOURCES if path.is_relative_to(each)), path.name)


def write_crash_report(error: BaseException, process: str, directory: Path | None = None) -> Path | None:
    """Write a report below the state directory, and return its path; None if it can't be written.

    `directory` is a state directory other than the user's.
    """
    text = crash_text(error, process)
    name = f"crash-{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt"
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        place = made_private((directory or state_dir()) / _DIRECTORY)
        path = place / name
        path.unlink(missing_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(f"{text}time: {when}\n")
        for old in crash_reports(directory)[KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, PairtermError):
        return None
    return path


def crash_reports(directory: Path | None = None) -> list[Path]:
    """Return the reports below a state directory, the newest first.

    Raises:
        SystemFault: There is no state directory, and it can't be made.
    """
    found: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        for path in ((directory or state_dir()) / _DIRECTORY).glob("crash-*.txt"):
            found.append((path.lstat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


def report_crashes(process: str, directory: Path | None = None) -> None:
    """Write a report for each internal error of this process, and log a line with its path.

    An internal error is one that is logged with its traceback, and one that ends the process. Call it after
    `logs.log_to_stderr`.
    """
    handler = _Reporter(process, directory)
    logging.getLogger().addHandler(handler)

    def ends(kind: type[BaseException], error: BaseException, found: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            handler.report(error)
        else:
            sys.__excepthook__(kind, error, found)

    sys.excepthook = ends


class _Reporter(logging.Handler):
    """Writes a report for each error in the log that is not the machine's or a peer's."""

    def __init__(self, process: str, directory: Path | None) -> None:
        super().__init__(logging.ERROR)
        self._process = process
        self._directory = directory
        self._written: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a report for the record's error."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, (PairtermError, OSError)):
            self.report(error)

    def report(self, error: BaseException) -> None:
        """Write a report, and log where. The same error is reported only once."""
        text = crash_text(error, self._process)
        if text in self._written or len(self._written) >= KEPT:
            return
        self._written.add(text)
        path = write_crash_report(error, self._process, self._directory)
        where = f"crash report: {path}" if path else "no crash report could be written"
        logging.getLogger(__name__).error("an internal error (%s); %s", type(error).__name__, where)
