"""Keys for windows and panes after the prefix: tmux's keys, and tmux's commands for the host.

Three keys do not have tmux's meaning: `f`, `F` and `h` are about the place where each person
looks, because guests may look for themselves. tmux's `!` (break-pane) is the panic key here.
The commands that ask first name the window or the pane with its id. So they mean the one that
the person saw, although the leader may select another one before the answer.
Source: `tmux list-keys -T prefix` (3.3a).
"""

from __future__ import annotations

from pairterm.view.key_commands import Binding, KeyCommand, TypedCommand

__all__ = ["WINDOW_KEYS"]

_DIRECTIONS = {"Up": "U", "Down": "D", "Left": "L", "Right": "R"}

_LAYOUTS = ("even-horizontal", "even-vertical", "main-horizontal", "main-vertical", "tiled")

WINDOW_KEYS: dict[str, Binding] = {
    "c": TypedCommand("new-window", "make a window"),
    "n": TypedCommand("next-window", "the next window"),
    "p": TypedCommand("previous-window", "the window before"),
    "l": TypedCommand("last-window", "the window where you were before"),
    **{str(index): TypedCommand(f"select-window -t :={index}", "the window with this number") for index in range(10)},
    "'": TypedCommand("command-prompt -T window-target -p index 'select-window -t :%%'", "ask for a window's number"),
    "w": TypedCommand("choose-tree -Zw", "choose among the windows"),
    "f": TypedCommand("follow", "look for yourself, or where the leader looks again"),
    "F": TypedCommand("gather", "bring everyone to this window, as the owner"),
    "h": TypedCommand("set-window hidden", "hide the window from guests, or show it again"),
    ",": TypedCommand("command-prompt -I '#W' \"rename-window -t '#{window_id}' '%%'\"", "rename the window"),
    ".": TypedCommand("command-prompt -T target \"move-window -s '#{window_id}' -t '%%'\"", "move the window"),
    "&": TypedCommand(
        "confirm-before -p 'kill-window #W? (y/n)' \"kill-window -t '#{window_id}'\"", "end the window; asks y/n"
    ),
    "%": TypedCommand("split-window -h", "a new pane to the right"),
    '"': TypedCommand("split-window", "a new pane below"),
    **{key: TypedCommand(f"select-pane -{way}", "the pane in this direction") for key, way in _DIRECTIONS.items()},
    "o": TypedCommand("select-pane -t :.+", "the next pane"),
    ";": TypedCommand("last-pane", "the pane where you were before"),
    "q": KeyCommand.DISPLAY_PANES,
    "z": TypedCommand("resize-pane -Z", "zoom: the pane fills the window, or no longer"),
    "x": TypedCommand(
        "confirm-before -p 'kill-pane #P? (y/n)' \"kill-pane -t '#{pane_id}'\"", "end the pane; asks y/n"
    ),
    "{": TypedCommand("swap-pane -U", "swap the pane with the one before"),
    "}": TypedCommand("swap-pane -D", "swap the pane with the next one"),
    **{
        f"C-{key}": TypedCommand(f"resize-pane -{way}", "move the pane's border by a cell")
        for key, way in _DIRECTIONS.items()
    },
    **{
        f"M-{key}": TypedCommand(f"resize-pane -{way} 5", "move the pane's border by five cells")
        for key, way in _DIRECTIONS.items()
    },
    "Space": TypedCommand("next-layout", "the next of the five layouts"),
    **{
        f"M-{number}": TypedCommand(f"select-layout {name}", "one of tmux's five layouts")
        for number, name in enumerate(_LAYOUTS, 1)
    },
}
