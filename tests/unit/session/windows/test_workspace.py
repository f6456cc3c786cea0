"""A workspace opens its windows and panes around the session's first pane."""

from __future__ import annotations

import pytest

from pairterm.errors import UsageError
from pairterm.session.effects import StartProgram
from pairterm.session.windows.workspace import PaneSettings, WindowSettings
from tests.unit.session.sessions import Session


def panes(*commands: str) -> list[PaneSettings]:
    return [PaneSettings(command=[each] if each else []) for each in commands]


def test_a_workspace_is_opened() -> None:
    session = Session()
    effects = session.core.open_workspace(
        [
            WindowSettings(name="edit", layout="main-vertical", panes=panes("vim", "make", "top")),
            WindowSettings(hidden=True, panes=panes("")),
            WindowSettings(name="logs", focus=True, directory="/tmp", panes=panes("tail")),
        ],
        session.now_s,
    )
    edit, hidden, logs = session.parts.windows
    assert [each.command for each in effects if isinstance(each, StartProgram)] == [
        ("make",), ("top",), (), ("tail",),
    ]  # fmt: skip
    assert [(each.index, each.name, len(each.panes), each.is_hidden) for each in (edit, hidden, logs)] == [
        (0, "edit", 3, False), (1, "", 1, True), (2, "logs", 1, False),
    ]  # fmt: skip
    assert session.core.shared_window is logs
    assert edit.active == session.core.first_pane
    assert "{" in edit.layout.notation, "the panes beside the main one stand in a column"


def test_a_layout_that_does_not_fit_is_an_error() -> None:
    session = Session()
    with pytest.raises(UsageError, match="bad layout"):
        session.core.open_workspace([WindowSettings(layout="1,2,3", panes=panes("a", "b"))], session.now_s)
