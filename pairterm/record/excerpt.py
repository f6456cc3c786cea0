"""A part of a recording as a recording of its own, and one without what was typed. Seals do not fit any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pairterm.record.events import INPUT, OUTPUT, PEOPLE, SEAL, Event, Header, people_data, read_people
from pairterm.record.playback import Playback
from pairterm.record.writer import RECORDED_KIND
from pairterm.view.painter import paint

__all__ = ["excerpt", "without_input"]


def excerpt(
    header: Header, events: Sequence[Event], *, start_s: float = 0.0, stop_s: float = float("inf")
) -> tuple[Header, list[Event]]:
    """Return the part from one time to another. It begins with the screen and the people of that time."""
    header = replace(header, key="", follows="")
    rest = [each for each in events if each.time_s <= stop_s and each.code != SEAL]
    if start_s <= 0:
        return header, rest
    frame = Playback(header, events).seek(start_s)
    before = [each for each in rest if each.time_s <= start_s]
    begun = [Event(0.0, PEOPLE, people_data("joined", name, role)) for name, role in _present(before).items()]
    begun.append(Event(0.0, OUTPUT, paint(None, frame, RECORDED_KIND).decode("utf-8", "replace")))
    moved = [replace(each, time_s=each.time_s - start_s) for each in rest[len(before) :]]
    stamp = header.timestamp + int(start_s) if header.timestamp else 0
    return replace(header, size=frame.size, timestamp=stamp), [*begun, *moved]


def without_input(events: Iterable[Event]) -> list[Event]:
    """Return the events without the typed text. The names and times of the typists stay."""
    kept = []
    for event in events:
        if event.code == INPUT:
            continue
        if event.code == PEOPLE and (found := read_people(event.data))[0] == "typed-text":
            event = replace(event, data=people_data("typed", found[1]))
        kept.append(event)
    return kept


def _present(events: Iterable[Event]) -> dict[str, str]:
    """Return the people who are there after these events, with their roles."""
    present: dict[str, str] = {}
    for event in events:
        kind, name, text = read_people(event.data) if event.code == PEOPLE else ("", "", "")
        match kind:
            case "joined" | "role":
                present[name] = text
            case "left":
                present.pop(name, None)
    return present
