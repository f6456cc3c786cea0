"""Commands about windows: `new-window`, `select-window`, `list-windows` and the others, with tmux's options."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from pairterm.cli.window_command import window_command
from pairterm.session.windows.window_options import WINDOW_OPTIONS, find_window_option

__all__ = [
    "find_window",
    "kill_window",
    "last_window",
    "list_windows",
    "move_window",
    "new_window",
    "next_window",
    "previous_window",
    "rename_window",
    "respawn_window",
    "rotate_window",
    "select_window",
    "set_window_option",
    "show_window_options",
    "swap_window",
]

_BESIDE = {"a": "Behind the target, or behind your window.", "b": "In front of the target, or of your window."}

new_window = window_command(
    "new-window",
    """Open a window, with a shell or with a command.

    \b
    pairterm new-window -n logs 'tail -f log'    a line for the shell
    pairterm new-window -d -c /srv               it does not come to the front
    pairterm new-window -t work:7                in another session, with a number
    """,
    {**_BESIDE, "S": "If there is a window with this name, select it instead."},
    "[COMMAND]...",
)

select_window = window_command(
    "select-window",
    """Look at another window. Those who follow you look there too.

    \b
    pairterm select-window -t 2          by its number
    pairterm select-window -t tests      by its name, or the beginning of its name
    pairterm select-window -t work:+     the next one; also -, ! (the last one), ^ and $
    """,
    {
        "l": "The window where you were before.",
        "n": "The next window.",
        "p": "The window before.",
        "T": "If you are there already, the window where you were before.",
    },
)

next_window = window_command(
    "next-window", "Look at the next window.", {"a": "The next one with a bell or with activity."}
)

previous_window = window_command(
    "previous-window", "Look at the window before.", {"a": "The one before with a bell or with activity."}
)

last_window = window_command("last-window", "Look at the window where you were before.")

find_window = window_command(
    "find-window",
    "Look at the window with a text in its name, in its title or on its screen. If there are several, list them.",
    {
        "C": "Look only at the screens.",
        "N": "Look only at the names.",
        "T": "Look only at the titles.",
        "i": "Small and capital letters are the same.",
    },
    "TEXT",
)

rename_window = window_command(
    "rename-window", 'Give a window a name. With "", its name follows the program in it again.', {}, "NAME"
)

move_window = window_command(
    "move-window",
    "Give a window another number.",
    {**_BESIDE, "t": "The new number, such as 5 or :5.", "r": "Number all windows anew, from the first on."},
)

swap_window = window_command("swap-window", "Swap the numbers of two windows.", {"d": "Look at the window that moves."})

respawn_window = window_command(
    "respawn-window",
    "Start a program in a window whose programs have ended, and close all of its panes but the first.",
    {"k": "End the programs that run in it.", "c": "The directory. [default: that of the program before]"},
    "[COMMAND]...",
)


def _complete_option(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    words = context.params.get("words") or ()
    option = find_window_option(words[0]) if words else None
    if option is not None:
        return [CompletionItem(each) for each in option.words if each.startswith(incomplete)]
    return [CompletionItem(each.name, help=each.text) for each in WINDOW_OPTIONS if each.name.startswith(incomplete)]


def _option_help() -> str:
    r"""Return the help of `set-window-option`: a sentence, and after click's `\b` the table of options."""
    width = max(len(each.name) for each in WINDOW_OPTIONS) + 2
    rows = [f"{each.name:<{width}}{each.values}\n{'':<{width}}{each.text}" for each in WINDOW_OPTIONS]
    text = "Set an option of a window, or of all windows. Without a value, on and off change places."
    return "\n".join((text, "", "\b", *rows))


_QUIET = {"q": "An option that does not exist is no error.", "s": "", "w": ""}

set_window_option = window_command(
    "set-window-option",
    _option_help(),
    {
        **_QUIET,
        "g": "For all windows that have no value of their own.",
        "u": "Drop the value of the window: it has that of all windows again.",
        "o": "Set it only if the window has no value of its own.",
        "F": "Expand formats in the value.",
    },
    "OPTION [VALUE]",
    complete=_complete_option,
)

show_window_options = window_command(
    "show-window-options",
    "Print the options that were set for a window.",
    {
        **_QUIET,
        "g": "Those of all windows, also the ones that were not set.",
        "A": "Also the values that it has from all windows, with a star.",
        "v": "Print the value alone.",
    },
    "[OPTION]",
    complete=_complete_option,
)

kill_window = window_command(
    "kill-window", "Close a window, and end the programs in it.", {"a": "Close all other windows instead."}
)

list_windows = window_command(
    "list-windows", "List the windows of a session.", {"a": "In the form for lists of several sessions."}
)

rotate_window = window_command(
    "rotate-window", "Move each pane to the place of the one before it.", {"D": "To the place of the one after it."}
)
