"""Commands about windows: open, choose, name, move, swap and close them."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from pairterm.errors import UsageError
from pairterm.session.commands.formats import WHERE_FORMAT, expanded
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.effects import Effect
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_list import MAX_INDEX

__all__ = [
    "Place",
    "kill_window",
    "last_window",
    "move_window",
    "new_window",
    "next_window",
    "place_for",
    "previous_window",
    "put_at",
    "rename_window",
    "select_window",
    "swap_window",
]


def new_window(context: WindowContext) -> CommandResult:
    """Open a window under a number, or under the first free one."""
    context.check_may_run()
    parts = context.parts
    name = context.name(context.value("n"))
    if context.has("S") and name and (known := _named(context, name)) is not None:
        if not context.has("d"):
            parts.looks.select(context.client, known)
        return CommandResult([])
    place = place_for(context, in_use="create window failed: index {} in use")
    window, started = parts.pane_programs.new_window(
        context.client,
        context.command.words,
        name=name,
        directory=context.value("c"),
        environment=context.environment,
        index=None if place.taken is not None else place.index,
        selects=not context.has("d"),
    )
    effects = put_at(context, window, place)
    answer = expanded(context.refreshed(), context.value("F", WHERE_FORMAT), window) if context.has("P") else ""
    return CommandResult([*started, *effects], answer)


def select_window(context: WindowContext) -> CommandResult:
    """Look at another window."""
    if context.has("l"):
        return last_window(context)
    if context.has("n"):
        return next_window(context)
    if context.has("p"):
        return previous_window(context)
    window = context.window()
    if context.has("T") and window is context.targets.window():
        return last_window(context)
    return _select(context, window)


def next_window(context: WindowContext) -> CommandResult:
    """Look at the next window, with -a the next one that has an alert."""
    return _step(context, "+", "no next window")


def previous_window(context: WindowContext) -> CommandResult:
    """Look at the window before, with -a the last one before that has an alert."""
    return _step(context, "-", "no previous window")


def last_window(context: WindowContext) -> CommandResult:
    """Look at the window where the sender was before."""
    window = context.parts.windows.get(context.parts.looks.last_window(context.client))
    if window is None:
        raise UsageError("no last window", code="no_window")
    return _select(context, window)


def rename_window(context: WindowContext) -> CommandResult:
    """Give a window a name; "" lets its name follow the program again."""
    context.window().rename(context.name(context.command.words[0]))
    return _changed(context)


def move_window(context: WindowContext) -> CommandResult:
    """Give a window another number, or with -r number all windows anew."""
    parts = context.parts
    if context.has("r"):
        index, closed = parts.windows.base_index - 1, _closed_indexes(context)
        for each in context.targets.windows:
            index = each.index = _next_index(index, closed)
        return _changed(context)
    window = context.window("s")
    wanted = context.targets.index(context.value("t"))
    if not (context.has("a") or context.has("b")) and wanted == window.index:
        raise UsageError(f"same index: {wanted}", code="index_in_use")
    effects = put_at(context, window, place_for(context, in_use="index in use: {}"))
    if not context.has("d"):
        parts.looks.select(context.client, window)
    return _changed(context, effects)


def swap_window(context: WindowContext) -> CommandResult:
    """Swap the numbers of two windows. As in tmux, the number that is looked at stays, but with -d the window does."""
    first, second = context.window("s"), context.window("t")
    here = context.targets.window()
    first.index, second.index = second.index, first.index
    shown = first if context.has("d") else {first.id: second, second.id: first}.get(here.id, here)
    if shown is not here:
        context.parts.looks.select(context.client, shown)
    return _changed(context)


def kill_window(context: WindowContext) -> CommandResult:
    """Close a window, or with -a all others."""
    window = context.window()
    doomed = [each for each in context.targets.windows if each is not window] if context.has("a") else [window]
    for each in doomed:
        context.check_may_type(each)
    return CommandResult([effect for each in doomed for effect in context.parts.pane_programs.remove_window(each)])


class Place(msgspec.Struct, frozen=True):
    """The number that a window shall have."""

    index: int
    taken: Window | None = None
    """The window that has it now, and shall be closed."""


def place_for(context: WindowContext, *, in_use: str) -> Place:
    """Return the number that a window shall have by -t, -a, -b and -k. With -a and -b it makes room for it.

    `in_use` is the message if it is taken.

    Raises:
        UsageError: It is taken, or the target means nothing.
    """
    windows = context.parts.windows
    if context.has("a") or context.has("b"):
        closed = _closed_indexes(context)
        beside = context.targets.window(context.value("t")).index
        index = beside if context.has("b") else _next_index(beside, closed)
        moved: list[tuple[Window, int]] = []
        free = index
        while (window := windows.at(free)) is not None:
            free = _next_index(free, closed)
            moved.append((window, free))
        _check_index(free)
        for window, its_index in moved:
            window.index = its_index
        return Place(index)
    wanted = context.targets.index(context.value("t"))
    if wanted is None:
        return Place(windows.free_index())
    _check_index(wanted)
    taken = windows.at(wanted)
    if taken is not None and not (context.has("k") and taken in context.targets.windows):
        raise UsageError(in_use.format(wanted), code="index_in_use")
    if taken is not None:
        context.check_may_type(taken)
    return Place(wanted, taken)


def put_at(context: WindowContext, window: Window, place: Place) -> list[Effect]:
    """Give a window its number, and close the window that had it."""
    taken = place.taken
    effects = context.parts.pane_programs.remove_window(taken) if taken is not None else []
    window.index = place.index
    context.parts.windows.changed()
    return effects


def _closed_indexes(context: WindowContext) -> set[int]:
    """Return the numbers of the windows that the sender may not see: these windows keep them."""
    return {each.index for each in context.parts.windows if each not in context.targets.windows}


def _next_index(index: int, closed: Collection[int]) -> int:
    """Return the next number that is none of these."""
    index += 1
    while index in closed:
        index += 1
    return index


def _check_index(index: int) -> None:
    if index > MAX_INDEX:
        raise UsageError(f"index too large: {index}, {MAX_INDEX} at most", code="index_in_use")


def _named(context: WindowContext, name: str) -> Window | None:
    return next((each for each in context.targets.windows if each.name == name), None)


def _step(context: WindowContext, way: str, none: str) -> CommandResult:
    here = context.targets.window()
    count = len(context.targets.windows)
    steps = [context.targets.window(f"{way}{number}") for number in range(1, count)]
    found = [each for each in steps if not context.has("a") or each.has_bell or each.has_activity]
    if not found or found[0] is here:
        raise UsageError(none, code="no_window")
    return _select(context, found[0])


def _select(context: WindowContext, window: Window) -> CommandResult:
    context.parts.looks.select(context.client, window)
    return CommandResult([])


def _changed(context: WindowContext, effects: list[Effect] | None = None) -> CommandResult:
    context.parts.windows.changed()
    return CommandResult(effects or [])
