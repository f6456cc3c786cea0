"""A transcript of the commands with their typists, as text. A recording without input says when each person typed.

A line ends where Enter was typed. Backspace, C-u, C-w and C-c do what they do in a terminal that echoes, because
that is the only input which a recording has. Keys that are sequences are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pairterm.record.clock_text import clock_text
from pairterm.record.events import PEOPLE, Event, Header, read_people
from pairterm.record.timeline import timeline_of

__all__ = ["as_transcript"]

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
"""A key that is no character (xterm ctlseqs: CSI, SS3, or Meta and a character)."""


def as_transcript(header: Header, events: Iterable[Event]) -> str:
    """Return one line for each command with its time and typist, or for each time in which a person typed."""
    found = list(events)
    commands = list(_commands(found))
    timeline = timeline_of(found)
    lines = [(at_s, name, text) for at_s, name, text in commands]
    spoken = {name for _, name, _ in commands}
    lines += [
        (span.start_s, span.name, f"(typed for {max(1, round(span.stop_s - span.start_s))} s)")
        for span in timeline.spans
        if span.name not in spoken
    ]
    if not lines:
        return "Nobody typed.\n"
    width = max(len(name) for _, name, _ in lines)
    return "".join(f"{clock_text(at_s):>8}  {name:{width}}  {text}\n" for at_s, name, text in sorted(lines))


def _commands(events: Iterable[Event]) -> list[tuple[float, str, str]]:
    """Return time, typist and text of each line that was typed."""
    found: list[tuple[float, str, str]] = []
    begun: dict[str, tuple[float, str]] = {}
    for event in events:
        kind, name, text = read_people(event.data) if event.code == PEOPLE else ("", "", "")
        if kind != "typed-text":
            continue
        start_s, line = begun.pop(name, (event.time_s, ""))
        for char in _SEQUENCE.sub("", text):
            start_s = start_s if line else event.time_s
            if char in "\r\n":
                if line.strip():
                    found.append((start_s, name, line))
                line = ""
            else:
                line = _edited(line, char)
        if line:
            begun[name] = (start_s, line)
    return found + [(start_s, name, f"{line} …") for name, (start_s, line) in begun.items()]


def _edited(line: str, char: str) -> str:
    """Return a line after one more key."""
    match char:
        case "\x7f" | "\b":
            return line[:-1]
        case "\x15" | "\x03":
            return ""
        case "\x17":
            return re.sub(r"\S*\s*$", "", line)
        case _:
            return line + char if char.isprintable() else line
