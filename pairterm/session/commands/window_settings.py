"""`set-window-option` and `show-window-options`: the options of one window, or with -g of all windows."""

from __future__ import annotations

import re

from pairterm.errors import UsageError
from pairterm.session.commands.formats import expanded
from pairterm.session.commands.option_table import OPTIONS, find_option
from pairterm.session.commands.result import CommandResult
from pairterm.session.commands.window_context import WindowContext
from pairterm.session.windows.window import Window
from pairterm.session.windows.window_options import (
    WINDOW_OPTIONS,
    WindowOption,
    WindowOptions,
    find_window_option,
)

__all__ = ["set_window_option", "show_window_options"]

_PLAIN = re.compile(r"[\w.,:+@/-]+")
"""A value that tmux prints without quotes."""


def set_window_option(context: WindowContext) -> CommandResult:
    """Set an option, or with -u drop the value that was set. Without a value, it changes to the other one."""
    name, *values = context.command.words
    option = _option(context, name)
    if option is None:
        return CommandResult([])
    window, options = _options(context)
    if context.has("u"):
        options.unset(option.name)
    else:
        if context.has("o") and option.name in options.own:
            if context.has("q"):
                return CommandResult([])
            raise UsageError(f"already set: {option.name}", code="option")
        text = values[0] if values else option.toggled(options[option.name])
        if context.has("F"):
            text = expanded(context, text, window)
        options.set(option.name, option.checked(text))
    for each in context.parts.windows:
        each.settle_name()
    context.parts.windows.changed()
    return CommandResult([], f"{option.name} {options[option.name]}" if context.client is not None else "")


def show_window_options(context: WindowContext) -> CommandResult:
    """Show the values that were set for a window, with -g those for all windows, with -A both."""
    _, options = _options(context)
    shown: tuple[WindowOption, ...] = WINDOW_OPTIONS
    if context.command.words:
        found = _option(context, context.command.words[0])
        shown = (found,) if found is not None else ()
    lines: list[str] = []
    for each in shown:
        is_own = context.has("g") or each.name in options.own
        if is_own or context.has("A"):
            lines.append(_line(context, each, options[each.name], is_own=is_own))
    return CommandResult([], "\n".join(lines), "Options of the window" if len(lines) > 1 else "")


def _line(context: WindowContext, option: WindowOption, value: str, *, is_own: bool) -> str:
    if context.has("v"):
        return value
    quoted = value if _PLAIN.fullmatch(value) else f'"{value}"'
    return f"{option.name}{'' if is_own else '*'} {quoted}"


def _options(context: WindowContext) -> tuple[Window, WindowOptions]:
    """Return the options that -t or -g mean, and the window for which a format is expanded."""
    if context.has("g"):
        return context.targets.window(), context.parts.windows.options
    target = context.value("t")
    try:
        window, _ = context.targets.pane(target)
    except UsageError as error:
        raise UsageError(f"no such window: {target[:60]}", code="no_window") from error
    return window, window.options


def _option(context: WindowContext, name: str) -> WindowOption | None:
    """Return the option of this name; None: there is none, and -q says that this is no error.

    Raises:
        UsageError: There is none; the message says where it is, if it is an option of the session.
    """
    found = find_window_option(name)
    if found is not None:
        return found
    if context.has("q"):
        return None
    if any(name == each.name for each in OPTIONS):
        raise UsageError(f"{name} is an option of the session: set {name} …", code="option")
    find_option(name)  # It raises the error that fits: the place of tmux's option, or the nearest name.
    raise UsageError(f"invalid option: {name[:60]}", code="option")
