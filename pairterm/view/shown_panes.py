"""The panes of the window that one client looks at, for the view that shows the window's composed frame."""

from __future__ import annotations

from dataclasses import dataclass

from pairterm.terminal.frame import Frame
from pairterm.types import PaneId, Rect, WindowId

__all__ = ["ShownPanes"]


@dataclass(frozen=True, slots=True)
class ShownPanes:
    """The window's panes, in the order of their indexes, and the active one. A zoomed window shows only that one."""

    window: WindowId
    rects: tuple[tuple[PaneId, Rect], ...]
    """Each visible pane and its rectangle, in the composed frame's cells."""
    active: PaneId
    """The pane that gets the client's keys."""
    frame: Frame
    """The active pane's own frame. Its history's numbers and its modes count, not those of the composed frame."""
