"""A recording in other formats: the screen as text, JSON, other asciicasts.

The modules `svg`, `transcript` and `offline_page` have the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from pairterm.record.asciicast import CastWriter
from pairterm.record.events import PEOPLE, RESIZE, SEAL, Event, Header
from pairterm.record.playback import Playback
from pairterm.record.timeline import timeline_of

__all__ = ["as_cast", "as_json", "as_text"]


def as_text(header: Header, events: Sequence[Event], at_s: float) -> str:
    """Return the screen at a time as text, without trailing spaces."""
    rows = [row.text.rstrip() for row in Playback(header, events).seek(at_s).rows]
    while rows and not rows[-1]:
        rows.pop()
    return "".join(f"{row}\n" for row in rows)


def as_cast(header: Header, events: Sequence[Event], version: int) -> str:
    """Return an asciicast without seals, because they would not fit its lines."""
    writer = CastWriter(replace(header, version=version, key="", follows=""))
    return writer.header() + "".join(writer.event(each) for each in events if each.code != SEAL)


def as_json(header: Header, events: Sequence[Event]) -> str:
    """Return what happened beside the screen: the people, who typed when, markers, news."""
    timeline = timeline_of(events)
    found = {
        "title": header.title,
        "timestamp": header.timestamp,
        "cols": header.size.cols,
        "rows": header.size.rows,
        "duration_s": timeline.duration_s,
        "people": timeline.people,
        "typed": [asdict(each) for each in timeline.spans],
        "markers": timeline.markers,
        "news": timeline.news,
        "events": [[each.time_s, each.code, each.data] for each in events if each.code in (PEOPLE, RESIZE)],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
