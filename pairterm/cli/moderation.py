"""`panic`, `pause`, `accept`, `decline`, `give`: what the owner's keys C-b !, P, y, N and g do, from a shell.

They are for scripts, and for sessions in the background to which the owner is not attached.
"""

from __future__ import annotations

import click

from pairterm.cli.completion import complete_asking, complete_person
from pairterm.cli.people import print_answer
from pairterm.cli.shared_options import json_option, target_option

__all__ = ["accept", "decline", "give", "panic", "pause"]

_on_off = click.argument("state", required=False, type=click.Choice(["on", "off"]))
"""`panic off` is what one types after C-b : and the word that the answers name."""


@click.command()
@target_option
@json_option
@_on_off
@click.option("--off", is_flag=True, help="End it. Guests who were allowed to type need a new 'grant'.")
def panic(target: str | None, as_json: bool, state: str | None, off: bool) -> None:
    """Make all guests of a session watch only, at once. Guests who join later only watch too."""
    print_answer(target, ["panic", "off"] if off or state == "off" else ["panic"], as_json)


@click.command()
@target_option
@json_option
@_on_off
@click.option("--off", is_flag=True, help="Show the session again.")
def pause(target: str | None, as_json: bool, state: str | None, off: bool) -> None:
    """Hide a session from everybody but you."""
    print_answer(target, ["pause", "off" if off or state == "off" else "on"], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", required=False, metavar="[WHO]", shell_complete=complete_asking)
@click.option("--ro", "watches", is_flag=True, help="Let them watch only.")
@click.option("--remember", is_flag=True, help="Remember their key: they need not knock in your next sessions.")
def accept(target: str | None, as_json: bool, person: str | None, watches: bool, remember: bool) -> None:
    """Say yes to a person who knocks, asks for the keyboard or wants to enter a line.

    'pairterm who' lists them. You need WHO only if several people wait.
    """
    words = ["accept-ro" if watches else "accept", *([person] if person else []), *(["--remember"] if remember else [])]
    print_answer(target, words, as_json)


@click.command()
@target_option
@json_option
@click.argument("person", required=False, metavar="[WHO]", shell_complete=complete_asking)
@click.option("--ban", is_flag=True, help="Also ban their key, or their address if they have no key.")
def decline(target: str | None, as_json: bool, person: str | None, ban: bool) -> None:
    """Say no to a person who asks. You need WHO only if several people wait."""
    print_answer(target, ["decline-ban" if ban else "decline", *([person] if person else [])], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", metavar="WHO", shell_complete=complete_person)
@click.option("--window", metavar="WINDOW", help="The keyboard of this window (e.g. 2), instead of the current one.")
def give(target: str | None, as_json: bool, person: str, window: str | None) -> None:
    """Give a person the keyboard of a window, in a session where one person types at a time ('set seat on')."""
    print_answer(target, ["give", person, *(["--window", window] if window is not None else [])], as_json)
