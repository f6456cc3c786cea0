"""The choice of a pane by its number, while the numbers of a window's panes are shown."""

from __future__ import annotations

from pairterm.view.input_pieces import PieceKind
from pairterm.view.key_names import key_of
from pairterm.view.key_state import Stroke
from pairterm.view.layers import Layers
from pairterm.view.pane_numbers import numbered_pane

__all__ = ["choose_pane"]


def choose_pane(layers: Layers, stroke: Stroke, kind: PieceKind) -> tuple[Stroke | None, str]:
    """Remove the panes' numbers, and select the pane of a number.

    Returns:
        The rest of the input, or None if there is no rest; and the command that selects the pane, or "".
    """
    is_text = kind is PieceKind.TEXT
    key = key_of(stroke.data[:1] if is_text else stroke.data)
    if key.is_release:
        return None, ""
    layers.numbers_until_s = None
    layers.is_changed = True
    if stroke.command is not None or kind is PieceKind.PASTE:
        return stroke, ""
    pane = numbered_pane(layers.panes, key.name)
    if pane is None and not (key.name.isascii() and key.name.isdecimal()):
        return stroke, ""
    rest = Stroke(stroke.data[1:]) if is_text and len(stroke.data) > 1 else None
    return rest, f"select-pane -t %{pane}" if pane is not None else ""
