"""The options of windows, as tmux has them: one table, the values for all windows, and those of a single window.

A window that has no value of its own has the value for all windows. Values are kept as
`show-options -w` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pairterm.errors import UsageError
from pairterm.types import MAX_COLS, whole_number

__all__ = ["WINDOW_OPTIONS", "WindowOption", "WindowOptions", "find_window_option"]

_FLAGS = {"on": "on", "yes": "on", "1": "on", "off": "off", "no": "off", "0": "off"}

_FLAG = "on | off"

_SIZE = "CELLS | PERCENT%"


class WindowOption(msgspec.Struct, frozen=True):
    """One row of the table."""

    name: str
    default: str
    values: str
    """The values that it takes, separated by ` | `. A word in capitals stands for a value."""
    text: str
    """Its effect, for people, without a full stop."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it takes as values."""
        return tuple(each for each in self.values.split(" | ") if each.islower())

    def checked(self, text: str) -> str:
        """Return a value as it is kept.

        Raises:
            UsageError: The option does not take it.
        """
        if self.values == _FLAG:
            found = _FLAGS.get(text.lower(), "")
        elif self.values == _SIZE:
            found = text if _cells(text, MAX_COLS) is not None else ""
        elif text in self.words:
            found = text
        else:
            raise UsageError(f"unknown value: {text[:40]}", code="option")
        if not found:
            raise UsageError(f"bad value: {text[:40]}", code="option")
        return found

    def toggled(self, value: str) -> str:
        """Return the value that the option gets if it is set without one: the other one of on and off.

        Raises:
            UsageError: It needs a value.
        """
        if not self.words:
            raise UsageError("empty value", code="option")
        return {"off": "on", "on": "off"}.get(value, value)


WINDOW_OPTIONS = (
    WindowOption("automatic-rename", "on", _FLAG, "the window has the name of the program in it"),
    WindowOption("main-pane-height", "24", _SIZE, "the height of the large pane in main-horizontal"),
    WindowOption("main-pane-width", "80", _SIZE, "the width of the large pane in main-vertical"),
    WindowOption("monitor-activity", "off", _FLAG, "output in a window where nobody looks is marked"),
    WindowOption("monitor-bell", "on", _FLAG, "a bell in a window where nobody looks is marked"),
    WindowOption("other-pane-height", "0", _SIZE, "the height of the other panes in main-horizontal; 0: what is left"),
    WindowOption("other-pane-width", "0", _SIZE, "the width of the other panes in main-vertical; 0: what is left"),
    WindowOption(
        "remain-on-exit",
        "off",
        "off | on | failed",
        "a pane stays when its program ends, or only when it fails",
    ),
)
"""In the order in which they are shown."""

_BY_NAME = {each.name: each for each in WINDOW_OPTIONS}


def find_window_option(name: str) -> WindowOption | None:
    """Return the option of this name; None: it is no option of windows."""
    return _BY_NAME.get(name)


class WindowOptions:
    """The values for all windows, or with `inherited` those of one window."""

    def __init__(self, inherited: WindowOptions | None = None) -> None:
        self._inherited = inherited
        self._own: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        value = self._own.get(name)
        if value is None and self._inherited is not None:
            value = self._inherited._own.get(name)  # those of all windows inherit nothing
        return _BY_NAME[name].default if value is None else value

    @property
    def own(self) -> Mapping[str, str]:
        """The values that were set here."""
        return self._own

    def set(self, name: str, value: str) -> None:
        """Set a value, which `WindowOption.checked` returned."""
        self._own[name] = value

    def unset(self, name: str) -> None:
        """Drop the value that was set here."""
        self._own.pop(name, None)

    def cells(self, name: str, whole: int) -> int | None:
        """Return the cells that a size means, of `whole` cells; None: more than there are."""
        found = _cells(self[name], whole)
        return found if found is not None and found <= whole else None


def _cells(text: str, whole: int) -> int | None:
    """Return the cells of `N` or `N%` of `whole`; None: it is neither."""
    if text.endswith("%"):
        percent = whole_number(text[:-1], most=100)
        return None if percent is None else whole * percent // 100
    return whole_number(text, most=MAX_COLS)
