"""`set`: show and change the options of a running session."""

from __future__ import annotations

import json
import shlex

import click
from click.shell_completion import CompletionItem

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.sessions import json_option, target_option
from pairterm.errors import UsageError
from pairterm.session.commands.option_table import OPTIONS, find_option

__all__ = ["set_"]


def _complete_option(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(each.name, help=each.text) for each in OPTIONS if each.name.startswith(incomplete)]


def _complete_value(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    chosen = context.params.get("option")
    words = next((each.words for each in OPTIONS if each.name == chosen), ())
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def _option_help() -> str:
    r"""Return the help of `set`: a sentence, and the table of options after click's `\b`, which keeps the lines."""
    width = max(len(each.name) for each in OPTIONS) + 2
    rows = [f"{each.name:<{width}}{each.values}\n{'':<{width}}{each.text}" for each in OPTIONS]
    return "\n".join(("Set an option of a running session, or show them all.", "", "\b", *rows))


@click.command("set", help=_option_help(), context_settings={"ignore_unknown_options": True})
@target_option
@json_option
@click.option("-g", "is_global", is_flag=True, hidden=True, help="Accepted for tmux's users; it changes nothing.")
@click.argument("option", required=False, shell_complete=_complete_option)
@click.argument("value", nargs=-1, type=click.UNPROCESSED, shell_complete=_complete_value)
def set_(target: str | None, as_json: bool, is_global: bool, option: str | None, value: tuple[str, ...]) -> None:
    """Set an option of a running session, or print all options."""
    if option is not None and not value:
        raise UsageError(f"usage: pairterm set {option} {find_option(option).values}", code="command_line")
    words = ["set", option, *value] if option is not None else ["show-options"]
    answer = run_command(choose_session(target), shlex.join(words))
    options = dict(each.split(" ", 1) for each in answer.split("; "))
    if as_json:
        click.echo(json.dumps(options))
    elif option is None:
        click.echo(answer.replace("; ", "\n"))
