"""`set`: what can be changed on a running session."""

from __future__ import annotations

import json
import shlex

import click
from click.shell_completion import CompletionItem

from pairterm.cli.ask import choose_session, give_command
from pairterm.cli.sessions import json_option, target_option

__all__ = ["set_"]


def _complete_option(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from pairterm.session.options import OPTION_NAMES

    return [CompletionItem(name) for name in OPTION_NAMES if name.startswith(incomplete)]


@click.command("set")
@target_option
@json_option
@click.argument("option", required=False, shell_complete=_complete_option)
@click.argument("value", nargs=-1)
def set_(target: str | None, as_json: bool, option: str | None, value: tuple[str, ...]) -> None:
    """Set an option of a running session, or show them all.

    \b
    size-policy      smallest | largest | latest | owner | fixed COLSxROWS
    size-floor       COLSxROWS: smaller clients get a viewport and shrink nothing
    read-only-votes  on | off: whether observers' terminals count as well
    """
    words = ["set", option, *value] if option is not None else ["show-options"]
    answer = give_command(choose_session(target), shlex.join(words))
    options = dict(each.split(" ", 1) for each in answer.split("; "))
    if as_json:
        click.echo(json.dumps(options))
    elif option is None:
        click.echo(answer.replace("; ", "\n"))
