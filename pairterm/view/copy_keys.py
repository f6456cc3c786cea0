"""Keys in the history: tmux's tables `copy-mode-vi` and `copy-mode` (vi's and emacs' keys).

They differ from tmux's in two ways: `v` begins a selection, as in vi, and `y` copies.
There are no repeat counts, no marks, no brackets and no search for the word at the cursor.
Source: `tmux list-keys -T copy-mode-vi`, `-T copy-mode` (3.3a).
"""

from __future__ import annotations

from pairterm.view.key_commands import Binding, KeyCommand

__all__ = ["COPY_MODE_KEYS", "COPY_MODE_VI_KEYS"]

_COMMON: dict[str, Binding] = {
    "Up": KeyCommand.CURSOR_UP,
    "Down": KeyCommand.CURSOR_DOWN,
    "Left": KeyCommand.CURSOR_LEFT,
    "Right": KeyCommand.CURSOR_RIGHT,
    **dict.fromkeys(("PPage", "S-PPage"), KeyCommand.PAGE_UP),
    **dict.fromkeys(("NPage", "S-NPage"), KeyCommand.PAGE_DOWN),
    "Home": KeyCommand.START_OF_LINE,
    "End": KeyCommand.END_OF_LINE,
    "C-Up": KeyCommand.LINE_UP,
    "C-Down": KeyCommand.LINE_DOWN,
    "WheelUpPane": KeyCommand.WHEEL_UP,
    "WheelDownPane": KeyCommand.WHEEL_DOWN,
    "f": KeyCommand.JUMP_FORWARD,
    "F": KeyCommand.JUMP_BACKWARD,
    "t": KeyCommand.JUMP_TO_FORWARD,
    "T": KeyCommand.JUMP_TO_BACKWARD,
    ";": KeyCommand.JUMP_AGAIN,
    ",": KeyCommand.JUMP_REVERSE,
    "n": KeyCommand.SEARCH_AGAIN,
    "N": KeyCommand.SEARCH_REVERSE,
    **dict.fromkeys(("q", "C-c"), KeyCommand.CANCEL),
}

COPY_MODE_VI_KEYS: dict[str, Binding] = {
    **_COMMON,
    "k": KeyCommand.CURSOR_UP,
    "j": KeyCommand.CURSOR_DOWN,
    **dict.fromkeys(("h", "C-h", "BSpace"), KeyCommand.CURSOR_LEFT),
    "l": KeyCommand.CURSOR_RIGHT,
    "C-b": KeyCommand.PAGE_UP,
    "C-f": KeyCommand.PAGE_DOWN,
    "C-u": KeyCommand.HALF_UP,
    "C-d": KeyCommand.HALF_DOWN,
    **dict.fromkeys(("K", "C-y"), KeyCommand.LINE_UP),
    **dict.fromkeys(("J", "C-e"), KeyCommand.LINE_DOWN),
    "g": KeyCommand.TOP,
    "G": KeyCommand.BOTTOM,
    "w": KeyCommand.NEXT_WORD,
    "e": KeyCommand.NEXT_WORD_END,
    "b": KeyCommand.PREVIOUS_WORD,
    "W": KeyCommand.NEXT_SPACE,
    "E": KeyCommand.NEXT_SPACE_END,
    "B": KeyCommand.PREVIOUS_SPACE,
    "0": KeyCommand.START_OF_LINE,
    "^": KeyCommand.INDENTATION,
    "$": KeyCommand.END_OF_LINE,
    "H": KeyCommand.TOP_LINE,
    "M": KeyCommand.MIDDLE_LINE,
    "L": KeyCommand.BOTTOM_LINE,
    "{": KeyCommand.PREVIOUS_PARAGRAPH,
    "}": KeyCommand.NEXT_PARAGRAPH,
    "/": KeyCommand.SEARCH_DOWN,
    "?": KeyCommand.SEARCH_UP,
    **dict.fromkeys(("Space", "v"), KeyCommand.SELECT),
    "V": KeyCommand.SELECT_LINE,
    "C-v": KeyCommand.RECTANGLE,
    "o": KeyCommand.OTHER_END,
    **dict.fromkeys(("y", "Enter", "C-j"), KeyCommand.COPY),
    "Escape": KeyCommand.CLEAR_SELECTION,
}

COPY_MODE_KEYS: dict[str, Binding] = {
    **_COMMON,
    "C-p": KeyCommand.CURSOR_UP,
    "C-n": KeyCommand.CURSOR_DOWN,
    "C-b": KeyCommand.CURSOR_LEFT,
    "C-f": KeyCommand.CURSOR_RIGHT,
    "M-v": KeyCommand.PAGE_UP,
    **dict.fromkeys(("C-v", "Space"), KeyCommand.PAGE_DOWN),
    "M-Up": KeyCommand.HALF_UP,
    "M-Down": KeyCommand.HALF_DOWN,
    "M-<": KeyCommand.TOP,
    "M->": KeyCommand.BOTTOM,
    "M-f": KeyCommand.NEXT_WORD_END,
    "M-b": KeyCommand.PREVIOUS_WORD,
    "C-a": KeyCommand.START_OF_LINE,
    "M-m": KeyCommand.INDENTATION,
    "C-e": KeyCommand.END_OF_LINE,
    "M-R": KeyCommand.TOP_LINE,
    "M-r": KeyCommand.MIDDLE_LINE,
    "M-{": KeyCommand.PREVIOUS_PARAGRAPH,
    "M-}": KeyCommand.NEXT_PARAGRAPH,
    "C-s": KeyCommand.SEARCH_DOWN,
    "C-r": KeyCommand.SEARCH_UP,
    "C-Space": KeyCommand.SELECT,
    "R": KeyCommand.RECTANGLE,
    "C-g": KeyCommand.CLEAR_SELECTION,
    **dict.fromkeys(("C-w", "M-w"), KeyCommand.COPY),
    "Escape": KeyCommand.CANCEL,
}
