"""`set` and `show-options`: change and show the options of a running session."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from pairterm.cli.local_query import choose_session, run_command
from pairterm.cli.shared_options import json_option, target_option
from pairterm.cli.targets import run_at
from pairterm.cli.window_command import print_errors_as_tmux
from pairterm.errors import UsageError
from pairterm.session.commands.option_table import OPTIONS, find_option
from pairterm.session.windows.window_options import find_window_option

__all__ = ["set_", "show_options"]

_F = TypeVar("_F", bound=Callable[..., Any])


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


def _tmux_flags(command: _F) -> _F:
    """Add the flags that tmux's users type to a command. They mean something only for the options of windows."""
    for flag in "gqsw":
        command = click.option(f"-{flag}", f"flag_{flag}", is_flag=True, hidden=True)(command)
    return command


def _window_flags(flags: Mapping[str, bool], option: str | None) -> list[str] | None:
    """Return the flags if they, or the option's name, mean the options of windows; None: those of the session."""
    if not flags.get("flag_w") and find_window_option(option or "") is None:
        return None
    return [f"-{name.removeprefix('flag_')}" for name, is_given in flags.items() if is_given]


def _at_window(command: str, flags: list[str], target: str | None, words: Sequence[str]) -> str:
    """Give a command about options of windows; return the answer."""
    with print_errors_as_tmux():
        return run_at([command, *flags, *(["-t", target] if target is not None else [])], words)[1]


@click.command("set", help=_option_help(), context_settings={"ignore_unknown_options": True})
@target_option
@json_option
@_tmux_flags
@click.option("-o", "flag_o", is_flag=True, hidden=True)
@click.option("-u", "flag_u", is_flag=True, hidden=True)
@click.argument("option", required=False, shell_complete=_complete_option)
@click.argument("value", nargs=-1, type=click.UNPROCESSED, shell_complete=_complete_value)
def set_(target: str | None, as_json: bool, option: str | None, value: tuple[str, ...], **flags: bool) -> None:
    """Set an option of a running session, or print all options."""
    window_flags = _window_flags(flags, option)
    if window_flags is not None and option is not None:
        _at_window("set-window-option", window_flags, target, [option, *value])
        return
    if option is None:
        _print_options(target, [], as_json)
        return
    if not value:
        raise UsageError(f"usage: pairterm set {option} {find_option(option).values}", code="command_line")
    answer = run_command(choose_session(target), shlex.join(["set", option, *value]))
    if as_json:
        click.echo(json.dumps(_as_table(answer)))


@click.command("show-options")
@target_option
@json_option
@_tmux_flags
@click.option("-v", "value_only", is_flag=True, help="Print the value alone.")
@click.argument("option", required=False, shell_complete=_complete_option)
@click.option("-A", "flag_A", is_flag=True, hidden=True)
def show_options(target: str | None, as_json: bool, value_only: bool, option: str | None, **flags: bool) -> None:
    """Print the options of a running session, or one of them. With -w, those of a window."""
    window_flags = _window_flags(flags, option)
    if window_flags is not None:
        words = [*window_flags, *(["-v"] if value_only else [])]
        if answer := _at_window("show-window-options", words, target, [option] if option else []):
            click.echo(answer)
        return
    _print_options(target, [*(["-v"] if value_only and not as_json else []), *([option] if option else [])], as_json)


def _print_options(target: str | None, words: list[str], as_json: bool) -> None:
    answer = run_command(choose_session(target), shlex.join(["show-options", *words]))
    click.echo(json.dumps(_as_table(answer)) if as_json else answer.replace("; ", "\n"))


def _as_table(answer: str) -> dict[str, str]:
    """Return options and values from a session's answer."""
    return dict(each.split(" ", 1) for each in answer.split("; "))
