"""Who typed when in a recording, who was there, and its markers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pairterm.record.events import MARKER, PEOPLE, Event, read_people

__all__ = ["Span", "Timeline", "timeline_of"]

_SPAN_S = 2.0
"""Typing that goes on within this time is one span. A recorder tells of the same typist once a second."""


@dataclass(slots=True)
class Span:
    """A time in which one person typed."""

    name: str
    start_s: float
    stop_s: float


@dataclass(slots=True)
class Timeline:
    """What happened in a recording beside its screen."""

    duration_s: float = 0.0
    people: list[str] = field(default_factory=list)
    """Everybody who was there, in the order in which they came."""
    spans: list[Span] = field(default_factory=list)
    markers: list[tuple[float, str]] = field(default_factory=list)
    news: list[tuple[float, str]] = field(default_factory=list)
    """Lines for people: joined, left, chat, windows."""

    def typed_by(self, name: str) -> list[Span]:
        """Return when a person typed."""
        return [each for each in self.spans if each.name == name]

    def typist_at(self, time_s: float) -> str:
        """Return who types at a time; "": nobody."""
        return next((each.name for each in reversed(self.spans) if each.start_s <= time_s <= each.stop_s + 1), "")

    def add(self, event: Event) -> None:
        """Take the next event."""
        self.duration_s = event.time_s
        if event.code == MARKER:
            self.markers.append((event.time_s, event.data))
        elif event.code == PEOPLE:
            self._add_person(event.time_s, *read_people(event.data))

    def _add_person(self, at_s: float, kind: str, name: str, text: str) -> None:
        if kind and kind != "window" and name not in self.people:
            self.people.append(name)
        match kind:
            case "typed" | "typed-text":
                last = self.spans[-1] if self.spans else None
                if last is not None and last.name == name and at_s <= last.stop_s + _SPAN_S:
                    last.stop_s = at_s
                else:
                    self.spans.append(Span(name, at_s, at_s))
            case "joined":
                self.news.append((at_s, f"{name} joined"))
            case "left":
                self.news.append((at_s, f"{name} left"))
            case "keyboard":
                self.news.append((at_s, f"{name} has the keyboard"))
            case "window":
                self.news.append((at_s, f"window {name}"))
            case "chat":
                self.news.append((at_s, f"{name}: {text}"))


def timeline_of(events: Iterable[Event]) -> Timeline:
    """Return the timeline of all events."""
    found = Timeline()
    for event in events:
        found.add(event)
    return found
