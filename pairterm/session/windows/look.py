"""A look: what one client sees of a session."""

from __future__ import annotations

import msgspec

from pairterm.types import PaneId, WindowId

__all__ = ["Look"]


class Look(msgspec.Struct, frozen=True):
    """A window, its active pane, and whether that pane alone is shown."""

    window: WindowId
    pane: PaneId
    is_zoomed: bool = False
    trail: tuple[WindowId, ...] = ()
    """The windows where the client looked before, the newest last; for a look of its own."""
