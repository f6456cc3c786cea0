"""The windows of a session as one client's status line shows them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

__all__ = ["NO_WINDOWS", "ShownWindows", "WindowTab"]


class WindowTab(msgspec.Struct, frozen=True):
    """One window in the status line."""

    index: int
    name: str
    """The window's name. Of a hidden window, guests get "" here."""
    flags: str
    """tmux's marks: `*` this client looks at it, `-` it did before, `!` bell, `#` activity, `Z` zoomed."""
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class ShownWindows:
    """All windows, in the order of their indexes."""

    tabs: tuple[WindowTab, ...]
    note: str
    """Whose look this client shares: `with ana`, `own view`, or ""."""
    driver: str = ""
    """Who drives in the window where this client looks: `ana drives 3 min`, or ""."""

    @property
    def current(self) -> WindowTab | None:
        """The window that this client looks at. None: it is not known here."""
        return next((tab for tab in self.tabs if "*" in tab.flags), None)


NO_WINDOWS = ShownWindows((), "")
"""The host has not told about its windows yet."""
