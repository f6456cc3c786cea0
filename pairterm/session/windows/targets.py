"""Targets: which window or pane `-t` and `-s` mean, by tmux's rules (tmux(1), COMMANDS).

A target is `session:window.pane`, and each part may be missing. A window is its number,
its name, the beginning of its name, a pattern of its name, its id (`@2`), or `^ $ ! + -`.
A pane is its number, its id (`%3`), `! + -`, or its place such as {left} or {up-of}.
Before it, "=" wants the exact name. A window that the sender may not see does not exist. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

import msgspec

from pairterm.errors import UsageError
from pairterm.session.windows.pane_directions import Direction
from pairterm.session.windows.window import Window
from pairterm.types import PaneId, WindowId, whole_number

__all__ = ["Here", "Targets"]

_WINDOW_WORDS = {"{start}": "^", "{last}": "!", "{end}": "$", "{next}": "+", "{previous}": "-"}

_PANE_WORDS = {"{last}": "!", "{next}": "+", "{previous}": "-"}

_DIRECTIONS: dict[str, Direction] = {"{up-of}": "U", "{down-of}": "D", "{left-of}": "L", "{right-of}": "R"}

_MAX_NUMBER = 2**31 - 1


class Here(msgspec.Struct, frozen=True):
    """Where the sender of a command is: their window, its active pane, and the window where they were before."""

    window: Window
    pane: PaneId
    last: WindowId | None = None


class Targets:
    """The windows that one sender may see, and where they are."""

    def __init__(self, session: str, windows: Sequence[Window], here: Here) -> None:
        """`windows` are in the order of their numbers."""
        self._session = session
        self.windows = windows
        self._here = here

    def window(self, target: str = "") -> Window:
        """Return the window that a target means; "": the one where the sender is.

        Raises:
            UsageError: There is none.
        """
        window, pane = _parts(self._without_session(target), is_pane=False)
        if pane:
            return self._of_pane(window, pane)[0]
        found = self._window(window)
        if found is None and target == self._session:
            return self._here.window
        return _found(found, "window", window)

    def pane(self, target: str = "") -> tuple[Window, PaneId]:
        """Return the pane that a target means, with its window; "": the active one where the sender is.

        Raises:
            UsageError: There is none.
        """
        rest = self._without_session(target)
        window, pane = _parts(rest, is_pane=":" not in target)
        if not pane:
            found = _found(self._window(window), "window", window)
            return found, self.active(found)
        if window or "." in rest or pane.startswith("%"):
            return self._of_pane(window, pane)
        # One word: a pane of this window, or else a window, or else the session.
        here = self._pane(self._here.window, pane)
        if here is not None:
            return self._here.window, here
        other = self._window(pane) or (self._here.window if target == self._session else None)
        found = _found(other, "pane", pane)
        return found, self.active(found)

    def check_session(self, target: str) -> None:
        """Check that a target means this session.

        Raises:
            UsageError: It is another session's.
        """
        session = target.partition(":")[0]
        if session and session[0] not in "@%" and not self._is_session(session):
            raise UsageError(f"can't find session: {session[:60]}", code="no_session")

    def index(self, target: str) -> int | None:
        """Return the number that a new window shall have; None: the first free one.

        Raises:
            UsageError: The target means nothing.
        """
        window, pane = _parts(self._without_session(target), is_pane=False)
        if pane:
            raise UsageError("can't specify pane here", code="no_window")
        if not window:
            return None
        number = whole_number(window, most=_MAX_NUMBER)
        if number is not None:
            return number
        if window[0] in "+-" and (steps := _steps(window)) is not None:
            number = self._here.window.index + steps
            if number >= 0:
                return number
        found = self._window(window)
        if found is None and target == self._session:
            return None
        return _found(found, "window", window).index

    def active(self, window: Window) -> PaneId:
        """Return the active pane of a window, for the sender."""
        return self._here.pane if window is self._here.window else window.active

    def _without_session(self, target: str) -> str:
        """Return a target without the name of the session.

        Raises:
            UsageError: It is another session's.
        """
        if ":" not in target and not target.startswith("$"):
            return target
        self.check_session(target)
        return target.partition(":")[2]

    def _is_session(self, name: str) -> bool:
        """Return whether a name means this session. The id of every session is $0: it is alone in its host."""
        if name.startswith("="):
            return name[1:] == self._session
        return name == "$0" or (bool(name) and (self._session.startswith(name) or fnmatchcase(self._session, name)))

    def _of_pane(self, window: str, pane: str) -> tuple[Window, PaneId]:
        """Return a pane by the two parts of a target."""
        if pane.startswith("%"):
            each = next((each for each in self.windows if any(f"%{one}" == pane for one in each.panes)), None)
            if each is None or (window and each is not self._window(window)):
                raise UsageError(f"can't find pane: {pane[:60]}", code="no_pane")
            return each, PaneId(int(pane[1:]))
        found = _found(self._window(window), "window", window)
        inside = self._pane(found, pane)
        if inside is None:
            raise UsageError(f"can't find pane: {pane[:60]}", code="no_pane")
        return found, inside

    def _window(self, word: str) -> Window | None:
        """Return a window by the word that stands for it; None: there is none."""
        word = _WINDOW_WORDS.get(word, word)
        if not word:
            return self._here.window
        if word.startswith("@"):
            return next((each for each in self.windows if f"@{each.id}" == word), None)
        is_exact = word.startswith("=")
        word = word.removeprefix("=")
        if not is_exact:
            match word:
                case "!":
                    return next((each for each in self.windows if each.id == self._here.last), None)
                case "^":
                    return self.windows[0]
                case "$":
                    return self.windows[-1]
            if word[:1] in ("+", "-") and (steps := _steps(word)) is not None:
                here = next(at for at, each in enumerate(self.windows) if each is self._here.window)
                return self.windows[(here + steps) % len(self.windows)]
        if (number := whole_number(word, most=_MAX_NUMBER)) is not None and (found := self._at(number)) is not None:
            return found
        return self._named(word, is_exact=is_exact)

    def _at(self, index: int) -> Window | None:
        return next((each for each in self.windows if each.index == index), None)

    def _named(self, word: str, *, is_exact: bool) -> Window | None:
        """Return the only window with this name, or the only one whose name begins so, or fits the pattern."""
        fits: list[Callable[[str], bool]] = [lambda name: name == word]
        if not is_exact:
            fits += [lambda name: name.startswith(word), lambda name: fnmatchcase(name, word)]
        for fit in fits:
            found = [each for each in self.windows if fit(each.name)]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _pane(self, window: Window, word: str) -> PaneId | None:
        """Return a pane of a window by the word that stands for it; None: there is none."""
        word = _PANE_WORDS.get(word, word)
        panes = window.layout.panes
        active = self.active(window)
        if word == "!":
            return next((each for each in reversed(window.recent) if each != active), None)
        if word in ("{active}", ""):
            return active
        if word in _DIRECTIONS:
            recent = [each for each in reversed(window.recent) if each != active]
            return window.layout.neighbour(active, _DIRECTIONS[word], recent)
        if word[0] in "+-" and (steps := _steps(word)) is not None:
            return panes[(panes.index(active) + steps) % len(panes)]
        if (number := whole_number(word, most=_MAX_NUMBER)) is not None:
            return panes[number] if number < len(panes) else None
        return _at_place(window, word.strip("{}"))


def _parts(target: str, *, is_pane: bool) -> tuple[str, str]:
    """Return the words for the window and the pane of a target that names no session; `is_pane` says what one word is.

    A target that begins with `%` is a pane, one with `@` a window.
    """
    window, period, pane = target.partition(".")
    if period:
        return window, pane
    is_pane = target.startswith("%") or (is_pane and not target.startswith("@"))
    return ("", target) if is_pane else (target, "")


def _steps(word: str) -> int | None:
    """Return the number of `+`, `-`, `+2` or `-3`; None: it is none of these."""
    number = whole_number(word[1:], most=_MAX_NUMBER) if word[1:] else 1
    if number is None:
        return None
    return number if word[0] == "+" else -number


def _at_place(window: Window, place: str) -> PaneId | None:
    """Return the pane at the middle of an edge of the window, or in a corner: top, bottom-left."""
    size = window.size
    row, col = size.rows // 2, size.cols // 2
    words = place.split("-")
    if not 1 <= len(words) <= 2 or not set(words) <= {"top", "bottom", "left", "right"}:
        return None
    for word in words:
        row = {"top": 0, "bottom": size.rows - 1}.get(word, row)
        col = {"left": 0, "right": size.cols - 1}.get(word, col)
    for pane, rect in window.layout.rects.items():
        if rect.row <= row <= rect.row + rect.rows and rect.col <= col <= rect.col + rect.cols:
            return pane
    return None


def _found(window: Window | None, what: str, word: str) -> Window:
    if window is None:
        raise UsageError(f"can't find {what}: {word.removeprefix('=')[:60]}", code=f"no_{what}")
    return window
