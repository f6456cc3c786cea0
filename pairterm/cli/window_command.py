"""Commands of the shell about windows and panes, made from the table of the session's commands.

The table (`session.commands.window_syntax`) has their options; here are the words about them. The
session reads the options once more, and knows the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import click
from click.shell_completion import CompletionItem

from pairterm.cli.targets import run_at
from pairterm.errors import UsageError
from pairterm.session.commands.window_syntax import Syntax, find_syntax

__all__ = ["print_errors_as_tmux", "window_command"]

_OPTIONS = {
    "a": "",
    "b": "",
    "d": "Stay where you are.",
    "t": "The target: session:window.pane, and each part may be missing.",
    "s": "The window or pane that moves. [default: the active one]",
    "P": "Print where it is.",
    "F": "Print in this format.",
    "f": "Only those for which this format is true.",
    "j": "Print JSON, for scripts.",
    "k": "Close the window that has this number.",
    "n": "The name of the window.",
    "c": "The directory in which the program starts.",
    "e": "Set a variable for the program, as NAME=VALUE. It may be given several times.",
    "Z": "Keep the zoom.",
    "U": "Up.",
    "D": "Down.",
    "L": "Left.",
    "R": "Right.",
}
"""What an option does in most commands."""

_WITHOUT_EFFECT = {"set-window-option": "sw", "show-window-options": "sw"}
"""Options that are there for tmux's users."""

_VALUES = {
    "t": "TARGET", "s": "TARGET", "F": "FORMAT", "f": "FORMAT", "n": "NAME", "c": "DIRECTORY", "e": "VARIABLE",
    "l": "SIZE", "p": "PERCENT", "x": "COLS", "y": "ROWS", "T": "TITLE",
}  # fmt: skip


Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
"""Returns what can stand for a word that was begun."""


def window_command(
    name: str,
    text: str,
    options: Mapping[str, str] | None = None,
    words: str = "",
    *,
    complete: Complete | None = None,
) -> click.Command:
    """Return the command of the shell for a command of a session.

    Args:
        name: tmux's name.
        text: The help.
        options: The help of options by their letters, where it is not the usual one.
        words: The name of what follows the options, for the help.
        complete: Completes what follows the options.
    """
    syntax = find_syntax(name)
    assert syntax is not None
    texts = _OPTIONS | dict(options or {})
    parameters: list[click.Parameter] = [_option(syntax, letter, texts) for letter in _letters(syntax)]
    if syntax.most != 0:
        argument = click.Argument(
            ["words"],
            nargs=-1,
            required=syntax.least > 0,
            metavar=words,
            type=click.UNPROCESSED,
            shell_complete=complete,
        )
        parameters.append(argument)

    def run(**values: Any) -> None:
        with print_errors_as_tmux():
            words = values.get("words", ())
            _, answer = run_at(list(_options(syntax, values)), ["--", *words] if words else [])
        if answer:
            click.echo(answer)

    settings: dict[str, Any] = {"allow_interspersed_args": False}
    if "h" in _letters(syntax):
        settings["help_option_names"] = ["--help"]
    return click.Command(name, callback=run, params=parameters, help=text, context_settings=settings)


class print_errors_as_tmux:  # noqa: N801 -- used as a function
    """Exits with 1 if the user asked for something impossible, as tmux does, instead of with 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> None:
        if isinstance(error, UsageError):
            click.echo(f"pairterm: {error.message}", err=True)
            sys.exit(1)


def _letters(syntax: Syntax) -> list[str]:
    return [letter for letter in syntax.options if letter != ":"]


def _has_value(syntax: Syntax, letter: str) -> bool:
    return f"{letter}:" in syntax.options


def _option(syntax: Syntax, letter: str, texts: Mapping[str, str]) -> click.Option:
    name = "--json" if letter == "j" else f"-{letter}"
    names = [name, f"option_{letter}"]
    if _has_value(syntax, letter):
        return click.Option(names, metavar=_VALUES[letter], help=texts[letter], multiple=letter == "e")
    return click.Option(names, is_flag=True, help=texts[letter], hidden=letter in _WITHOUT_EFFECT.get(syntax.name, ""))


def _options(syntax: Syntax, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the command's name and its options as a session reads them."""
    yield syntax.name
    for letter in _letters(syntax):
        value = values[f"option_{letter}"]
        if letter == "e":
            for each in value:
                yield from ("-e", each)
        elif _has_value(syntax, letter) and value is not None:
            yield from (f"-{letter}", value)
        elif value is True:
            yield f"-{letter}"
