"""Commands about panes: split, choose, swap, break out, join and close them."""

from __future__ import annotations

from typing import cast

from pairterm.errors import UsageError
from pairterm.session.commands.formats import WHERE_FORMAT, expanded
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.commands.windows import place_for, put_at
from pairterm.session.windows.layout import Direction, Layout
from pairterm.session.windows.window import Window
from pairterm.types import PaneId, whole_number

__all__ = ["break_pane", "join_pane", "kill_pane", "last_pane", "select_pane", "split_window", "swap_pane"]

_MAX_CELLS = 2**31 - 1

_ARRIVING = PaneId(-1)
"""Stands in a layout for a pane that moves in the same window, until its old place is closed."""


def split_window(context: WindowContext) -> CommandResult:
    """Split a pane in two."""
    context.check_may_run()
    window, target = context.program_pane()
    pane, effects = context.parts.pane_programs.split(
        context.client,
        target,
        context.command.words,
        side_by_side=context.has("h"),
        before=context.has("b"),
        full=context.has("f"),
        cells=_cells(context, window, target, bad_size="lines {}"),
        directory=context.value("c"),
        environment=context.environment,
        selects=not context.has("d"),
    )
    answer = (
        expanded(context.refreshed(), context.value("F", WHERE_FORMAT), window, pane.id) if context.has("P") else ""
    )
    return CommandResult(effects, answer)


def select_pane(context: WindowContext) -> CommandResult:
    """Make another pane of a window the active one, or with -T give a pane a title."""
    window, pane = context.pane()
    title = context.command.value("T")
    if title is not None:
        context.check_may_type(window)
        window.panes[pane].terminal.feed(b"\x1b]2;" + context.name(title).encode() + b"\x07")
        return _changed(context)
    if context.has("l"):
        return last_pane(context)
    way = next((each for each in "LRUD" if context.has(each)), None)
    if way is not None:
        recent = [each for each in reversed(window.recent) if each != pane]
        beside = window.layout.neighbour(pane, cast(Direction, way), recent)
        if beside is None:
            return CommandResult([])
        pane = beside
    return _select(context, window, pane)


def last_pane(context: WindowContext) -> CommandResult:
    """Make the pane the active one that was active before."""
    window = context.window()
    active = context.targets.active(window)
    last = next((each for each in reversed(window.recent) if each != active), None)
    if last is None:
        raise UsageError("no last pane", code="no_pane")
    return _select(context, window, last)


def swap_pane(context: WindowContext) -> CommandResult:
    """Swap two panes, also of different windows."""
    window, pane = context.program_pane()
    if context.has("U") or context.has("D"):
        panes = window.layout.panes
        step = 1 if context.has("D") else -1
        other_window, other = window, panes[(panes.index(pane) + step) % len(panes)]
    else:
        other_window, other = context.program_pane("s")
    if other == pane:
        return CommandResult([])
    if other_window is window:
        window.layout = window.layout.swapped(pane, other)
    else:
        moved, back = window.panes[pane], other_window.panes[other]
        window.exchange(pane, back)
        other_window.exchange(other, moved)
    for each in (window, other_window):
        each.is_zoomed = each.is_zoomed and context.has("Z")
    if not context.has("d"):
        if other_window is window:
            context.parts.looks.select_pane(context.client, window, pane, keeps_zoom=context.has("Z"))
        else:
            window.activate(other)
            other_window.activate(pane)
    return _changed(context)


def break_pane(context: WindowContext) -> CommandResult:
    """Move a pane to a window of its own."""
    parts = context.parts
    window, pane = context.pane("s")
    name = context.name(context.value("n"))
    place = place_for(context, in_use="index in use: {}")
    new = window
    if len(window.panes) > 1:
        moved = window.panes[pane]
        new = parts.windows.add(moved, index=None if place.taken is not None else place.index, name=name)
        new.opened_by = context.client
        new.layout = Layout.single(pane, window.size)
        window.remove(pane)
    elif name:
        window.rename(name)
    effects = put_at(context, new, place)
    if not context.has("d"):
        parts.looks.select(context.client, new)
    answer = expanded(context.refreshed(), context.value("F", WHERE_FORMAT), new, pane) if context.has("P") else ""
    return CommandResult(effects, answer)


def join_pane(context: WindowContext) -> CommandResult:
    """Move a pane beside another one."""
    parts = context.parts
    source, pane = context.program_pane("s")
    window, target = context.program_pane()
    if pane == target:
        raise UsageError("source and target panes must be different", code="no_pane")
    cells = _cells(context, window, target, bad_size="size {}")
    try:
        layout = window.layout.split(
            target,
            _ARRIVING,
            side_by_side=context.has("h"),
            before=context.has("b"),
            full=context.has("f"),
            cells=cells,
        )
    except UsageError as error:
        raise UsageError("create pane failed: pane too small", code=error.code) from error
    if source is window:
        window.layout = layout.without(pane).replaced(_ARRIVING, pane)
    else:
        moved = source.remove(pane)
        window.add(moved, layout.replaced(_ARRIVING, pane), is_active=False)
        if not source.panes:
            parts.windows.remove(source.id)
    window.is_zoomed = False
    if not context.has("d"):
        parts.looks.select(context.client, window)
        parts.looks.select_pane(context.client, window, pane)
    return _changed(context)


def kill_pane(context: WindowContext) -> CommandResult:
    """Close a pane, or with -a all others of its window."""
    window, pane = context.pane()
    doomed = [each for each in window.panes if each != pane] if context.has("a") else [pane]
    return CommandResult([effect for each in doomed for effect in context.parts.pane_programs.remove(each)])


def _select(context: WindowContext, window: Window, pane: PaneId) -> CommandResult:
    context.check_may_arrange(window)
    context.parts.looks.select_pane(context.client, window, pane, keeps_zoom=context.has("Z"))
    return CommandResult([])


def _cells(context: WindowContext, window: Window, target: PaneId, *, bad_size: str) -> int | None:
    """Return the columns or rows that `-l N`, `-l N%` or `-p N` give a new pane; None: neither is given.

    Raises:
        UsageError: It is no size.
    """
    wanted = context.command.value("l")
    percent = context.command.value("p")
    if wanted is None and percent is None:
        return None
    rect = window.layout.rects[target]
    size = window.size if context.has("f") else rect
    whole = size.cols if context.has("h") else size.rows
    text = wanted if wanted is not None else f"{percent}%"
    number = whole_number(text.removesuffix("%"), most=_MAX_CELLS)
    if number is None:
        bad = bad_size.format("invalid") if wanted is not None else "create pane failed: -p invalid"
        raise UsageError(bad, code="size")
    return whole * number // 100 if text.endswith("%") else number


def _changed(context: WindowContext) -> CommandResult:
    context.parts.windows.changed()
    return CommandResult([])
