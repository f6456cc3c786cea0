"""Commands about panes: `split-window`, `select-pane`, `list-panes`, layouts and the others, with tmux's options."""

from __future__ import annotations

from pairterm.cli.window_command import window_command

__all__ = [
    "break_pane",
    "clear_history",
    "join_pane",
    "kill_pane",
    "last_pane",
    "list_panes",
    "move_pane",
    "next_layout",
    "pipe_pane",
    "previous_layout",
    "resize_pane",
    "respawn_pane",
    "select_layout",
    "select_pane",
    "split_window",
    "swap_pane",
]

_SPLIT = {
    "h": "Side by side.",
    "v": "One below the other, which is the default.",
    "b": "Left of the other pane, or above it.",
    "f": "Over the whole width or height of the window.",
    "l": "The new pane's columns or rows, or a part such as 30%.",
    "p": "The same as -l with a percent sign.",
}

_JOIN = {**_SPLIT, "t": "The pane beside which it goes."}

split_window = window_command(
    "split-window",
    """Split a pane in two, and start a shell or a command in the new one.

    \b
    pairterm split-window -h              a new pane to the right
    pairterm split-window -l 5 htop       a new pane of five rows below
    pairterm split-window -t work:2.1     another pane than the active one
    """,
    _SPLIT,
    "[COMMAND]...",
)

select_pane = window_command(
    "select-pane",
    "Make another pane the active one: by a target, or by a direction.",
    {
        "U": "The pane above.",
        "D": "The pane below.",
        "L": "The pane to the left.",
        "R": "The pane to the right.",
        "l": "The pane where you were before.",
        "T": "Give the pane this title instead.",
    },
)

last_pane = window_command("last-pane", "Make the pane the active one where you were before.")

resize_pane = window_command(
    "resize-pane",
    """Move the border of a pane, or zoom it.

    \b
    pairterm resize-pane -L 5       move the border by five cells to the left
    pairterm resize-pane -x 30%     a part of the window's width
    pairterm resize-pane -Z         zoom: the pane fills the window, or no longer
    """,
    {"x": "The width in columns, or a part such as 30%.", "y": "The height in rows, or a part.", "Z": "Zoom."},
    "[CELLS]",
)

swap_pane = window_command(
    "swap-pane",
    "Swap two panes.",
    {"U": "With the pane before.", "D": "With the next pane.", "d": "The active place stays the active one."},
)

break_pane = window_command(
    "break-pane",
    "Move a pane to a new window.",
    {"a": "Behind the target.", "b": "In front of the target.", "t": "The number of the window."},
)

join_pane = window_command("join-pane", "Move a pane beside another one, which is split.", _JOIN)

move_pane = window_command("move-pane", "The same as join-pane.", _JOIN)

respawn_pane = window_command(
    "respawn-pane",
    """Start a program in a pane whose program has ended: the one it had, or another.

    \b
    pairterm setw remain-on-exit on       panes stay when their program ends
    pairterm respawn-pane -t :.1          the same program once more
    pairterm respawn-pane -k 'make test'  end the present program first
    """,
    {"k": "End the program that runs in it.", "c": "The directory. [default: that of the program before]"},
    "[COMMAND]...",
)

clear_history = window_command("clear-history", "Drop the lines that left the screen of a pane.")

pipe_pane = window_command(
    "pipe-pane",
    """Give the output of a pane to a command too, from now on. Without a command, the present one is closed.

    \b
    pairterm pipe-pane 'tee -a pane.log'      log what the pane prints
    pairterm pipe-pane -o 'tee -a pane.log'   the same, or no longer if it is on
    pairterm pipe-pane                         no longer
    """,
    {
        "I": "Type what the command prints into the pane.",
        "O": "The command gets the output, which is the default without -I.",
        "o": "Only close a command that is there, else start this one.",
    },
    "[COMMAND]",
)

kill_pane = window_command(
    "kill-pane", "Close a pane, and end the program in it.", {"a": "Close all other panes of its window instead."}
)

list_panes = window_command(
    "list-panes",
    "List the panes of a window.",
    {"a": "Of all windows, with the session's name.", "s": "Of all windows of the session."},
)

select_layout = window_command(
    "select-layout",
    """Arrange the panes of a window: even-horizontal, even-vertical, main-horizontal, main-vertical or tiled.

    It also takes a layout as list-windows prints it.
    """,
    {
        "E": "Give the pane and its neighbours the same size.",
        "n": "The next layout.",
        "o": "The layout before the last change.",
        "p": "The layout before in the list.",
    },
    "[LAYOUT]",
)

next_layout = window_command("next-layout", "Arrange the panes by the next of the five layouts.")

previous_layout = window_command("previous-layout", "Arrange the panes by the one before of the five layouts.")
