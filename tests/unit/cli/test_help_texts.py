"""The help of all commands: it has no marks that only click should see."""

from __future__ import annotations

import click

from pairterm.cli.app import pairterm
from tests.unit.test_docstring_names import commands


def test_no_help_shows_a_mark_of_click() -> None:
    """The help of `capture-pane` was one paragraph that began with a backslash and a b."""
    found = list(commands(pairterm))
    assert len(found) > 80
    for command in found:
        text = command.get_help(click.Context(command, info_name=command.name))
        assert "\\b" not in text.replace("\\033", ""), text
