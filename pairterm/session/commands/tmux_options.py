"""Places of tmux's options that are no options of a session: a file, one terminal, or an argument of `new`."""

from __future__ import annotations

__all__ = ["place_of"]

_TERMINAL = "it concerns one terminal, so give it there, after C-b :"

_FILE = "~/.config/pairterm/config.toml; it holds for the next session"

_PLACES = {
    "prefix": f"set prefix in {_FILE}",
    "prefix2": f"there is one prefix; set prefix in {_FILE}",
    "mouse": f"{_TERMINAL} (set mouse on); for every terminal, set mouse in {_FILE}",
    "status": f"{_TERMINAL} (set status off); for every terminal, set status in {_FILE}",
    "set-clipboard": f"{_TERMINAL} (set clipboard on)",
    "clipboard": f"{_TERMINAL} (set clipboard on)",
    "mode-keys": f"{_TERMINAL} (set mode-keys vi)",
    "history-limit": f"set history_lines in {_FILE}",
    "default-terminal": f"set term in {_FILE}",
    "default-shell": "it is your login shell; for another program, pairterm new -- COMMAND",
    "default-command": "give the command at the start: pairterm new -- COMMAND",
    "default-size": "give the size at the start: pairterm new -x COLS -y ROWS",
    "window-size": "use size-policy",
    "aggressive-resize": "use size-policy",
    "base-index": "windows are numbered from 0; move-window gives a window another number",
    "pane-base-index": "panes are numbered from 0",
    "renumber-windows": "windows keep their numbers; move-window -r numbers them anew",
    "allow-rename": "rename-window names a window; programs set only the title of their pane",
    "synchronize-panes": "give the keys to each pane: send-keys -t :.0, send-keys -t :.1",
    "visual-bell": "a bell rings, and is a mark behind the window's name",
    "bell-action": "a bell in a window where nobody looks is a mark behind its name; see monitor-bell",
    "activity-action": "activity is a mark behind the window's name; see monitor-activity",
    "default-path": "give the directory: new-window -c DIRECTORY",
    "remain-on-exit-format": "a dead pane shows tmux's own line",
    "escape-time": "nothing has to be set: an Escape by itself waits 25 ms",
}


def place_of(name: str) -> str:
    """Return where the option of this name is set; "" if tmux has no such option, or there is no place for it."""
    return _PLACES.get(name, "")
