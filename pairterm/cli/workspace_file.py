"""Reads the file of `pairterm new --layout`: the windows and panes of a workspace, in TOML.

    [[window]]
    name = "edit"
    directory = "~/src/project"
    layout = "main-vertical"

    [[window.pane]]
    command = "vim"

    [[window.pane]]
    command = "make watch"

A relative directory counts from the file's own. A mistake is an error that names the
window and the right words.
"""

from __future__ import annotations

import difflib
import os
import shlex
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pairterm.errors import UsageError
from pairterm.safe_text import safe_line
from pairterm.session.windows.preset_layouts import LAYOUT_NAMES

__all__ = ["read_workspace"]

_WINDOW_KEYS = ("name", "directory", "layout", "hidden", "focus", "command", "pane")
_PANE_KEYS = ("command", "directory")

_MAX_WINDOWS = 50
_MAX_PANES = 32


def read_workspace(path: Path) -> list[dict[str, Any]]:
    """Return the windows of a workspace, as `session.windows.workspace.WindowSettings` takes them.

    Raises:
        UsageError: The file can't be read, or describes no windows.
    """
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}", code="layout_file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", code="layout_file") from error
    _check_keys(found, ("window",), str(path))
    windows = found.get("window")
    if not isinstance(windows, list) or not windows or not all(isinstance(each, dict) for each in windows):
        raise UsageError(f"{path}: describe at least one window: [[window]]", code="layout_file")
    if len(windows) > _MAX_WINDOWS:
        raise UsageError(f"{path}: {len(windows)} windows are too many: {_MAX_WINDOWS} at most", code="layout_file")
    return [_window(each, f"{path}: window {number}", path.parent) for number, each in enumerate(windows, 1)]


def _window(found: Mapping[str, Any], where: str, base: Path) -> dict[str, Any]:
    _check_keys(found, _WINDOW_KEYS, where)
    panes = found.get("pane", [{}])
    if not isinstance(panes, list) or not panes or not all(isinstance(each, dict) for each in panes):
        raise UsageError(f"{where}: panes are written as [[window.pane]]", code="layout_file")
    if len(panes) > _MAX_PANES:
        raise UsageError(f"{where}: {len(panes)} panes are too many: {_MAX_PANES} at most", code="layout_file")
    if "command" in found:
        if "pane" in found:
            raise UsageError(f"{where}: give the command to a pane, or to the window alone", code="layout_file")
        panes = [{"command": found["command"]}]
    layout = _text(found, "layout", where) or "tiled"
    if layout not in LAYOUT_NAMES and "," not in layout:
        near = difflib.get_close_matches(layout, LAYOUT_NAMES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(LAYOUT_NAMES)}"
        raise UsageError(f"{where}: no layout {layout[:40]!r}: {hint}", code="layout_file")
    return {
        "name": safe_line(_text(found, "name", where))[:64],
        "directory": _directory(found, where, base),
        "layout": layout,
        "hidden": _flag(found, "hidden", where),
        "focus": _flag(found, "focus", where),
        "panes": [_pane(each, f"{where}, pane {number}", base) for number, each in enumerate(panes, 1)],
    }


def _pane(found: Mapping[str, Any], where: str, base: Path) -> dict[str, Any]:
    _check_keys(found, _PANE_KEYS, where)
    command = found.get("command", "")
    if isinstance(command, str):
        words = [command] if any(char in command for char in " ;|&<>()$`") else [*filter(None, [command])]
    elif isinstance(command, list) and all(isinstance(each, str) for each in command):
        words = list(command)
    else:
        raise UsageError(f"{where}: the command is a text, or a list of words", code="layout_file")
    return {"command": words, "directory": _directory(found, where, base)}


def _check_keys(found: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in found:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"{where}: unknown key {key[:40]!r}: {hint}", code="layout_file")


def _text(found: Mapping[str, Any], key: str, where: str) -> str:
    value = found.get(key, "")
    if not isinstance(value, str):
        raise UsageError(f"{where}: {key} is a text", code="layout_file")
    return value


def _flag(found: Mapping[str, Any], key: str, where: str) -> bool:
    value = found.get(key, False)
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key} is true or false", code="layout_file")
    return value


def _directory(found: Mapping[str, Any], where: str, base: Path) -> str:
    value = _text(found, "directory", where)
    if not value:
        return ""
    directory = os.path.abspath(base / os.path.expanduser(value))
    if not os.path.isdir(directory):
        raise UsageError(f"{where}: no directory {shlex.quote(directory)}", code="layout_file")
    return directory
