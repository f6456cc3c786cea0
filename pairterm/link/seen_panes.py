"""The panes that a look leads to. Both ends of a link ask this, and must get the same answer.

The sender keeps a publisher for each pane that is seen, and the receiver a replica. If
they did not forget a pane at the same message, the next update would have no base.
"""

from __future__ import annotations

from pairterm.link.messages import WindowWire
from pairterm.types import PaneId

__all__ = ["panes_in"]


def panes_in(window: WindowWire | None, *, active: int, is_zoomed: bool) -> tuple[PaneId, ...]:
    """Return the panes that are seen in a window, with this active pane; () if there is no such window."""
    if window is None:
        return ()
    return tuple(PaneId(each.pane) for each in window.panes if not is_zoomed or each.pane == active)
