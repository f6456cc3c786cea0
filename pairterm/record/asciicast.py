"""asciicast, version 3 and version 2: lines of JSON, the header first.

Version 3 has the time since the event before, version 2 the time since the beginning.
Both are written with microseconds, and a writer carries the rounding on, so that hours
of events do not drift. Source: docs.asciinema.org, "asciicast v3" and "asciicast v2".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pairterm.errors import UsageError
from pairterm.record.events import RESIZE, Event, Header
from pairterm.types import MAX_COLS, MAX_ROWS, Size

__all__ = ["MAX_LINE_CHARS", "CastReader", "CastWriter", "line_of", "read_cast", "resize_size"]

MAX_LINE_CHARS = 16 << 20
"""The longest line that is read. A whole picture of the largest screen is shorter."""

_MAX_TIME_S = 10 * 366 * 86_400.0
"""Ten years. A longer recording is a mistake, or an attack on the player's arithmetic."""

_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_TAG = "pairterm"


class CastWriter:
    """Writes the lines of one recording. Each line ends with a line feed."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._written_us = 0

    def header(self) -> str:
        """Return the first line."""
        header, size = self._header, self._header.size
        line: dict[str, Any] = {"version": header.version}
        if header.version == 2:
            line |= {"width": size.cols, "height": size.rows}
        else:
            line |= {"term": {"cols": size.cols, "rows": size.rows}}
        if header.timestamp:
            line["timestamp"] = header.timestamp
        if header.idle_limit_s is not None:
            line["idle_time_limit"] = header.idle_limit_s
        if header.title:
            line["title"] = header.title
        if header.env:
            line["env"] = header.env
        ours = {name: text for name, text in (("key", header.key), ("follows", header.follows)) if text}
        if ours or header.is_pictures:
            line[_TAG] = ours
        return line_of(line)

    def event(self, event: Event) -> str:
        """Return the line of an event. Its time is not before that of the event before it."""
        at_us = max(self._written_us, round(event.time_s * 1e6))
        shown_us = at_us if self._header.version == 2 else at_us - self._written_us
        self._written_us = at_us
        return line_of([shown_us / 1e6, event.code, event.data])


def line_of(value: Any) -> str:
    """Return a value as a line of JSON, as all of our lines are written."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) + "\n"


class CastReader:
    """Reads the lines of a recording, one after the other."""

    def __init__(self) -> None:
        self.header: Header | None = None
        """The header; None before its line was read."""
        self.time_s = 0.0
        """The time of the last event."""

    def line(self, line: str) -> Event | None:
        """Take a line with or without its line feed; return its event. None: the header, or a line without one.

        Raises:
            UsageError: It is no line of an asciicast.
        """
        if self.header is None:
            self.header = _read_header(line)
            return None
        if not line.strip() or line.startswith("#"):
            return None
        match _parsed(line):
            case [int() | float() as time, str(code), str(data)] if math.isfinite(time):
                time_s = time if self.header.version == 2 else self.time_s + time
                self.time_s = min(max(self.time_s, time_s), _MAX_TIME_S)
                return Event(self.time_s, code, data)
        raise UsageError(f"not a line of an asciicast: {line[:60]!r}", code="recording")


def read_cast(lines: Iterable[str]) -> tuple[Header, Iterator[Event]]:
    """Return the header of a recording, and its events as they are read.

    Raises:
        UsageError: It is not an asciicast of version 2 or 3. The events raise it for a bad line.
    """
    reader = CastReader()
    rest = iter(lines)
    reader.line(next(rest, ""))
    assert reader.header is not None
    return reader.header, (event for line in rest if (event := reader.line(line)) is not None)


def resize_size(event: Event) -> Size | None:
    """Return the size of a resize event; None: it is another event, or its size is no size."""
    found = _SIZE.fullmatch(event.data) if event.code == RESIZE else None
    if found is None:
        return None
    cols, rows = int(found[1]), int(found[2])
    return Size(rows=rows, cols=cols) if 0 < rows <= MAX_ROWS and 0 < cols <= MAX_COLS else None


def _parsed(line: str) -> Any:
    if len(line) > MAX_LINE_CHARS:
        raise UsageError("a line of the recording is too long", code="recording")
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not a line of an asciicast: {line[:60]!r}", code="recording") from error


def _read_header(line: str) -> Header:
    found = _parsed(line) if line else None
    if not isinstance(found, dict) or found.get("version") not in (2, 3):
        raise UsageError("not an asciicast of version 2 or 3", code="recording")
    if found["version"] == 2:
        cols, rows = found.get("width"), found.get("height")
    else:
        term = found.get("term")
        cols, rows = (term.get("cols"), term.get("rows")) if isinstance(term, dict) else (None, None)
    if not (isinstance(cols, int) and isinstance(rows, int)):
        raise UsageError("the recording has no size", code="recording")
    tag = found.get(_TAG)
    ours = tag if isinstance(tag, dict) else {}
    limit = found.get("idle_time_limit")
    is_limit = isinstance(limit, int | float) and math.isfinite(limit) and limit > 0
    stamp = found.get("timestamp")
    return Header(
        size=Size.clamped(rows=rows, cols=cols),
        timestamp=int(stamp) if isinstance(stamp, int | float) and 0 < stamp < 2**40 else 0,
        title=str(found.get("title") or "")[:1000],
        version=found["version"],
        key=str(ours.get("key", ""))[:100],
        follows=str(ours.get("follows", ""))[:100],
        idle_limit_s=float(limit) if is_limit and limit is not None else None,
        is_pictures=isinstance(tag, dict),
    )
