"""Panning: the keys that move the viewport of a terminal that is smaller than the session."""

from __future__ import annotations

from pairterm.view.bindings import KeyCommand
from pairterm.view.layers import Layers

__all__ = ["pan"]

_STEPS = {
    KeyCommand.PAN_UP: (-1, 0),
    KeyCommand.PAN_DOWN: (1, 0),
    KeyCommand.PAN_LEFT: (0, -1),
    KeyCommand.PAN_RIGHT: (0, 1),
}
"""Rows and columns, in steps of the viewport."""


def pan(layers: Layers, command: KeyCommand, now_s: float) -> bool:
    """Move the viewport, and say what it shows. Return whether the client means the history instead.

    A watcher means it who pans up where there is nothing to pan: terminals send the wheel as arrows.
    """
    frame = layers.frame
    if frame is None:
        return False
    rows, cols = _STEPS[command]
    has_moved = layers.viewport.pan(rows, cols, frame.size, layers.area)
    note = layers.viewport.note(frame.size, layers.area)
    if has_moved or layers.role.may_type or note:
        if not (note and layers.has_status):
            layers.tell(note or "the whole session is visible", now_s)
        return False
    return rows < 0
