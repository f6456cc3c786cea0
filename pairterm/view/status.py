"""The status line: one row below the session, for this client.

It shows the session, its windows as tmux does, the role, the people, the person that typed
last, the size or the view indicator, and the state of the link. The most important parts are
on the left, and the changing parts on the right. On a narrow terminal, the names of the people
are omitted first, and then the windows that are far from the current one. `<` and `>` mark
where they are. It is inverse plain text without colours. The current window is bold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import msgspec

from pairterm.terminal.frame import Pen, Row
from pairterm.types import Attendance, Role
from pairterm.view.bars import BAR_PEN, STRONG_PEN, text_cells, text_width
from pairterm.view.shown_windows import ShownWindows, WindowTab

__all__ = ["MIN_ROWS", "Status", "status_row", "tab_at"]

MIN_ROWS = 3
"""A terminal with fewer rows has no status line: the program needs the rows."""

_GAP = "  "

_ROLE_WORDS = {Role.OWNER: "owner", Role.READ_WRITE: "read-write", Role.READ_ONLY: "read-only"}

_MAX_NAME_CELLS = 20
"""The longest name of a window here. Longer ones end with …."""

_MAX_SHORT_CELLS = 8
"""The longest form of whose look the client shares where there is little room."""


class _Part(NamedTuple):
    """A piece of the line in one pen."""

    text: str
    pen: Pen = BAR_PEN
    tab: WindowTab | None = None


class Status(msgspec.Struct, frozen=True):
    """All that a client's status line shows."""

    session: str
    role: Role
    attendance: Attendance
    windows: ShownWindows
    link: str
    """The state of the link when it has a problem, for example `host away 12 s`, else ""."""
    note: str
    """The size or the viewport's indicator, or ""."""
    hint: str
    """The text in the note's place, if there is enough room."""


@lru_cache(maxsize=64)
def status_row(status: Status, cols: int) -> Row:
    """Return the status line: the same object for the same arguments."""
    return _joined(_parts(status, cols), cols)


def tab_at(col: int, status: Status, cols: int) -> WindowTab | None:
    """Return the window whose text is at a column of the status line. None: there is none."""
    for part in _parts(status, cols):
        width = text_width(part.text)
        if col < width:
            return part.tab
        col -= width
    return None


def _parts(status: Status, cols: int) -> list[_Part]:
    link, windows = status.link, status.windows
    state = ", ".join(filter(None, (status.attendance.note, windows.driver)))
    notes = [each for each in (state, status.note) if each]
    right = f"{_GAP.join(notes)} " if notes else ""
    name = _Part(f" {status.session}{_GAP}", STRONG_PEN)
    duty = _Part(f"{_ROLE_WORDS[status.role]} {f'{_GAP}{link} ' if link else ''}", STRONG_PEN)
    room = cols - text_width(right)
    forms = _forms(name, duty, status.attendance, windows, room)
    shortest = [_Part(f"{_GAP}{link} " if link else " ", STRONG_PEN)] if right else [name, duty]
    left = next((parts for parts in forms if _width(parts) + _gap_after(parts, right) <= room), shortest)
    spare = room - _width(left)
    if not right and spare > text_width(status.hint) + len(_GAP):
        right = f"{status.hint} "
        spare -= text_width(right)
    return [*left, _Part(" " * max(0, spare) + right)]


def _gap_after(parts: list[_Part], right: str) -> int:
    """Return how many blanks must stand between the left part and the right one."""
    return int(bool(right) and not "".join(part.text for part in parts).endswith(" "))


def _forms(name: _Part, duty: _Part, attendance: Attendance, windows: ShownWindows, room: int) -> Iterator[list[_Part]]:
    """Yield the forms of the left part, from the fullest one to the shortest. The fuller ones may not fit."""
    people = _people(attendance)
    if len(windows.tabs) == 1 and not windows.note:  # it tells little, so nothing else makes room for it
        yield [name, *_tabs(windows, 0, 1), duty, people[0]]
    elif windows.tabs:
        whole = _tabs(windows, 0, len(windows.tabs))
        for text in people:
            if text.text:
                yield [name, *whole, duty, text]
        blank = _Part(" ")
        for before, after in ((name, [duty, *people[-2:-1]]), (name, [duty]), (blank, [duty]), (blank, [])):
            for shown in (windows, _shortened(windows)):  # the note says where this client's keys go: it stays
                if tabs := _fitted(shown, room - _width([before, *after])):
                    yield [before, *tabs, *after]
        if tabs := _fitted(replace(windows, note=""), room - 1):
            yield [blank, *tabs]
    for text in people:
        yield [name, duty, text]
    yield [_Part(" "), duty]  # the view indicator is more useful than the name of the session


def _fitted(windows: ShownWindows, room: int) -> list[_Part]:
    """Return the current window, and as many of its neighbours as fit into `room` cells; []: it does not fit itself."""
    tabs, widths = windows.tabs, [text_width(_tab(tab)) + 1 for tab in windows.tabs]
    here = next((at for at, tab in enumerate(tabs) if tab is windows.current), 0)
    free = room - _width([_note(windows)]) - widths[here] - (here > 0) - (here + 1 < len(tabs))
    if free < 0:
        return []
    start, stop = here, here + 1
    is_growing = True
    while is_growing:
        is_growing = False
        if stop < len(tabs) and (cost := widths[stop] - (stop + 1 == len(tabs))) <= free:  # the last one needs no >
            free, stop, is_growing = free - cost, stop + 1, True
        if start and (cost := widths[start - 1] - (start == 1)) <= free:
            free, start, is_growing = free - cost, start - 1, True
    return _tabs(windows, start, stop)


def _tabs(windows: ShownWindows, start: int, stop: int) -> list[_Part]:
    """Return the windows from `start` to `stop` as on tmux's status line, and whose look the client shares."""
    parts = [_Part("<")] if start else []
    for tab in windows.tabs[start:stop]:
        parts += [_Part(_tab(tab), STRONG_PEN if tab is windows.current else BAR_PEN, tab), _Part(" ")]
    if stop < len(windows.tabs):
        parts[-1] = _Part("> ")
    return [*parts, _note(windows)]


def _shortened(windows: ShownWindows) -> ShownWindows:
    """Return the windows with the short form of the note: `own` for `own view`, and the name without `with`."""
    note = windows.note.removeprefix("with ").removesuffix(" view")
    if text_width(note) > _MAX_SHORT_CELLS:
        note = f"{_cut(note, _MAX_SHORT_CELLS - 1)}…"
    return replace(windows, note=note)


def _note(windows: ShownWindows) -> _Part:
    return _Part(f" {windows.note}{_GAP}" if windows.note else " ")


def _tab(tab: WindowTab) -> str:
    name = tab.name if text_width(tab.name) <= _MAX_NAME_CELLS else f"{_cut(tab.name, _MAX_NAME_CELLS - 1)}…"
    if tab.is_hidden:
        name = f"{name}(hidden)" if name not in ("", "hidden") else "hidden"
    return f"{tab.index}:{name}{tab.flags}"


def _cut(text: str, cols: int) -> str:
    return "".join(text_cells(text, cols)).rstrip()


def _people(attendance: Attendance) -> list[_Part]:
    """Return the people and the person that typed last, from the fullest form to none."""
    if not attendance.count:
        return [_Part("")]
    count = f"{_GAP}{attendance.count} here"
    names = ", ".join(person.label for person in attendance.people)
    if attendance.count > len(attendance.people):
        names += ", …"
    typed = f"{_GAP}{attendance.typed_last} types" if attendance.typed_last else ""
    return [_Part(f"{count}: {names}{typed}"), _Part(f"{count}{typed}"), _Part(count), _Part("")]


def _width(parts: list[_Part]) -> int:
    return sum(text_width(part.text) for part in parts)


def _joined(parts: list[_Part], cols: int) -> Row:
    """Return the row of these parts, cut to its columns."""
    pens = [part.pen for part in parts for _ in range(text_width(part.text))]
    pens += [BAR_PEN] * (cols - len(pens))
    return Row(text_cells("".join(part.text for part in parts), cols), tuple(pens[:cols]))
