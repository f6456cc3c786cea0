"""Commands about how panes share their window: resize, zoom and rotate them, and tmux's layouts."""

from __future__ import annotations

from typing import cast

from pairterm.errors import UsageError
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.windows.layout import Direction, Layout
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES, layout_named
from pairterm.session.windows.window import Window
from pairterm.types import MAX_COLS, MAX_ROWS, whole_number

__all__ = ["next_layout", "previous_layout", "resize_border", "resize_pane", "rotate_window", "select_layout"]

_MAX_CELLS = 2**31 - 1


def resize_pane(context: WindowContext) -> CommandResult:
    """Move a pane's border, or with -Z zoom the pane, which concerns only the look of somebody who watches."""
    window, pane = context.pane()
    if context.has("Z"):
        context.check_may_arrange(window)
        if len(window.panes) > 1 or window.is_zoomed:
            context.parts.looks.zoom(context.client, window, pane)
        return CommandResult([])
    context.check_may_type(window)
    word = context.command.words[0] if context.command.words else "1"
    cells = _number(word, "adjustment", least=1)
    layout = window.layout
    wanted_cols, wanted_rows = context.command.value("x"), context.command.value("y")
    if wanted_cols is not None:
        layout = layout.with_pane_size(pane, cols=_share(wanted_cols, "width", window.size.cols, MAX_COLS))
    if wanted_rows is not None:
        layout = layout.with_pane_size(pane, rows=_share(wanted_rows, "height", window.size.rows, MAX_ROWS))
    way = next((each for each in "LRUD" if context.has(each)), None)
    if way is not None:
        layout = layout.resized_pane(pane, cast(Direction, way), min(cells, MAX_COLS))
    return _arranged(context, window, layout)


def resize_border(context: WindowContext) -> CommandResult:
    """Move borders of one window: `resize-border %1 %2 20 …` moves the border between %1 and %2 to row or column 20.

    The views give this command while the mouse drags borders. It says where a border goes and not how far, so a
    command that gets lost does no harm.
    """
    words = context.command.words
    if len(words) % 3:
        raise UsageError("usage: resize-border PANE PANE PLACE [PANE PANE PLACE …]", code="command_line")
    window, _ = context.targets.pane(words[0])
    context.check_may_type(window)
    layout = window.layout
    for at in range(0, len(words), 3):
        (one_window, one), (other_window, other) = map(context.targets.pane, words[at : at + 2])
        if one == other or one_window is not window or other_window is not window:
            raise UsageError("no border is between these panes", code="command_line")
        layout = layout.with_border_between(one, other, _number(words[at + 2], "place"))
    return CommandResult([]) if layout == window.layout else _arranged(context, window, layout)


def rotate_window(context: WindowContext) -> CommandResult:
    """Move each pane to the place of the one before it, with -D of the one after it. The active place stays."""
    window = context.window()
    place = window.layout.panes.index(context.targets.active(window))
    keeps_zoom = context.has("Z") and window.is_zoomed
    result = _arranged(context, window, window.layout.rotated(up=not context.has("D")))
    window.is_zoomed = keeps_zoom
    context.parts.looks.select_pane(context.client, window, window.layout.panes[place], keeps_zoom=keeps_zoom)
    return result


def select_layout(context: WindowContext) -> CommandResult:
    """Arrange a window by a layout's name or notation; without one by the last name again."""
    window, pane = context.pane()
    if context.has("n"):
        return _next(context, window)
    if context.has("p"):
        return _previous(context, window)
    if context.has("E"):
        return _arranged(context, window, window.layout.spread(pane))
    word = context.command.words[0] if context.command.words else ""
    if context.has("o"):
        word = window.layout_before
        if not word:
            return CommandResult([])
    name = layout_named(word) if word else window.preset
    if name:
        return _preset(context, window, name)
    if not word:
        return CommandResult([])
    try:
        layout = Layout.parse(word, window.layout.panes).resized(window.size)
    except UsageError as error:
        message = error.message if error.message.startswith("have") else "invalid layout"
        raise UsageError(f"{message}: {word[:200]}", code=error.code) from error
    window.layout_before = window.layout.notation
    return _arranged(context, window, layout)


def next_layout(context: WindowContext) -> CommandResult:
    """Arrange a window by the next of the five layouts."""
    return _next(context, context.window())


def _next(context: WindowContext, window: Window) -> CommandResult:
    at = LAYOUT_NAMES.index(window.preset) + 1 if window.preset else 0
    return _preset(context, window, LAYOUT_NAMES[at % len(LAYOUT_NAMES)])


def previous_layout(context: WindowContext) -> CommandResult:
    """Arrange a window by the one before of the five layouts."""
    return _previous(context, context.window())


def _previous(context: WindowContext, window: Window) -> CommandResult:
    at = LAYOUT_NAMES.index(window.preset) - 1 if window.preset else -1
    return _preset(context, window, LAYOUT_NAMES[at])


def _preset(context: WindowContext, window: Window, name: str) -> CommandResult:
    window.layout_before = window.layout.notation
    window.preset = name
    return _arranged(context, window, window.layout.arranged(name, window.main_pane))


def _arranged(context: WindowContext, window: Window, layout: Layout) -> CommandResult:
    window.layout = layout
    window.is_zoomed = False
    context.parts.windows.changed()
    return CommandResult([])


def _share(word: str, what: str, whole: int, most: int) -> int:
    """Return the cells of `N` or `N%` of `whole`, as many as there can be.

    Raises:
        UsageError: It is no number, or above 100 per cent.
    """
    if word.endswith("%"):
        return whole * _number(word[:-1], what, most=100) // 100
    return min(_number(word, what), most)


def _number(word: str, what: str, *, least: int = 0, most: int = _MAX_CELLS) -> int:
    digits = word.removeprefix("-")
    number = whole_number(digits, most=10**12)
    if number is None:
        raise UsageError(f"{what} invalid", code="size")
    number = -number if word.startswith("-") else number
    if not least <= number <= most:
        raise UsageError(f"{what} too {'small' if number < least else 'large'}", code="size")
    return number
