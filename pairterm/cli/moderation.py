"""`panic`, `pause`, `accept`, `decline`, `give`: the owner's keys C-b !, P, y, n and g, from a shell.

For sessions that run in the background, and for scripts: nobody has to be attached.
"""

from __future__ import annotations

import click

from pairterm.cli.people import print_answer
from pairterm.cli.sessions import json_option, target_option

__all__ = ["accept", "decline", "give", "panic", "pause"]


@click.command()
@target_option
@json_option
@click.option("--off", is_flag=True, help="End it; 'grant' those who typed before.")
def panic(target: str | None, as_json: bool, off: bool) -> None:
    """Have all guests of a session only watch, at once, and those to come."""
    print_answer(target, ["panic", "off"] if off else ["panic"], as_json)


@click.command()
@target_option
@json_option
@click.option("--off", is_flag=True, help="Show it again.")
def pause(target: str | None, as_json: bool, off: bool) -> None:
    """Hide a session from everybody but you."""
    print_answer(target, ["pause", "off" if off else "on"], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", required=False, metavar="[WHO]")
@click.option("--ro", "watches", is_flag=True, help="To watch only.")
@click.option("--remember", is_flag=True, help="Its key need not knock at your next sessions.")
def accept(target: str | None, as_json: bool, person: str | None, watches: bool, remember: bool) -> None:
    """Say yes to somebody who knocks, asks for the keyboard or has a line to enter.

    'who' lists them. If only one person waits, WHO is not needed.
    """
    words = ["accept-ro" if watches else "accept", *([person] if person else []), *(["--remember"] if remember else [])]
    print_answer(target, words, as_json)


@click.command()
@target_option
@json_option
@click.argument("person", required=False, metavar="[WHO]")
@click.option("--ban", is_flag=True, help="Also ban the person's key, or their address if they have none.")
def decline(target: str | None, as_json: bool, person: str | None, ban: bool) -> None:
    """Say no to somebody who asks. If only one person waits, WHO is not needed."""
    print_answer(target, ["decline-ban" if ban else "decline", *([person] if person else [])], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", metavar="WHO")
def give(target: str | None, as_json: bool, person: str) -> None:
    """Give somebody the keyboard, where one types at a time ('set seat on')."""
    print_answer(target, ["give", person], as_json)
