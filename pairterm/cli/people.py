"""`who`, `grant`, `revoke`, `kick`, `bans`, `unban`, `say`: the people of a session, from the owner's shell."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

import click

from pairterm.cli.completion import complete_person
from pairterm.cli.local_query import ask_info, choose_session, run_command
from pairterm.cli.shared_options import json_option, target_option
from pairterm.link.messages import ClientInfo

__all__ = ["bans", "grant", "kick", "print_answer", "revoke", "say", "unban", "who"]


@click.command()
@target_option
@json_option
def who(target: str | None, as_json: bool) -> None:
    """List the people in a session, and those who wait for an answer."""
    info = ask_info(choose_session(target))
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in info.clients]))
        return
    for number, text in info.asks:
        click.echo(f"{number:>3}  {text}: pairterm accept {number}, or decline {number}")
    for each in info.clients:
        idle = f"{each.idle_s:.0f} s" if each.idle_s < 120 else f"{each.idle_s / 60:.0f} min"
        ping = f"{each.round_trip_ms} ms" if each.round_trip_ms is not None else "-"
        window = f"window {each.window}" if each.window is not None else ""
        limits = [f"{limit.role} in window {limit.window}" for limit in each.window_roles]
        key = "  ".join([each.fingerprint, *limits])
        gate = "" if each.may_type or each.role == "ro" else " (waits)"
        click.echo(
            f"{each.number:>3}  {each.name:<16} {each.role + gate:<12} {each.label + ' ' + each.transport:<24} "
            f"{f'{each.cols}×{each.rows}':<8} {window:<10} idle {idle:<7} ping {ping}  {key}".rstrip()
        )


def _as_json(each: ClientInfo) -> dict[str, Any]:
    return {
        "id": each.number,
        "name": each.name,
        "role": each.role,
        "may_type": each.may_type,
        "from": each.label,
        "transport": each.transport,
        "key": each.fingerprint or None,
        "link": each.link,
        "term": each.term,
        "cols": each.cols,
        "rows": each.rows,
        "joined": each.joined_s,
        "idle_s": round(each.idle_s, 1),
        "round_trip_ms": each.round_trip_ms,
        "until": each.until_s,
        "window": each.window,
        "window_roles": [
            {"window": limit.window, "role": limit.role, "until": limit.until_s} for limit in each.window_roles
        ],
    }


def print_answer(target: str | None, words: list[str], as_json: bool = False) -> None:
    """Run a command in a session and print its answer."""
    answer = run_command(choose_session(target), shlex.join(words))
    if as_json:
        click.echo(json.dumps({"answer": answer}))
    elif answer:
        click.echo(answer)


@click.command()
@target_option
@json_option
@click.argument("person", metavar="WHO", shell_complete=complete_person)
@click.argument("role", type=click.Choice(["rw", "ro"]))
@click.option(
    "--for", "for_time", metavar="TIME", help="Only for this long (e.g. 10m). They are warned one minute before."
)
@click.option("--window", metavar="WINDOW", help="Only in this window (e.g. 2). Their role in the others stays.")
def grant(target: str | None, as_json: bool, person: str, role: str, for_time: str | None, window: str | None) -> None:
    """Let a person in a session type (rw), or only watch (ro). WHO is a number or a name that 'who' lists.

    Without --window, the role holds in all windows, and roles in single windows end.
    """
    options = [*(["--for", for_time] if for_time else []), *(["--window", window] if window is not None else [])]
    print_answer(target, ["grant", person, role, *options], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", metavar="WHO", shell_complete=complete_person)
@click.option("--window", metavar="WINDOW", help="Only in this window (e.g. 2). Their role in the others stays.")
def revoke(target: str | None, as_json: bool, person: str, window: str | None) -> None:
    """Let a person only watch, also when they join again with the same link."""
    print_answer(target, ["revoke", person, *(["--window", window] if window is not None else [])], as_json)


@click.command()
@target_option
@json_option
@click.argument("person", metavar="WHO", shell_complete=complete_person)
@click.option("--ban", is_flag=True, help="Also ban their key, or their address if they have no key.")
@click.option("--ban-what", type=click.Choice(["key", "address", "token"]), help="Ban their key, address or link.")
def kick(target: str | None, as_json: bool, person: str, ban: bool, ban_what: str | None) -> None:
    """Disconnect a person from a session."""
    words = ["kick", person]
    if ban or ban_what:
        words += ["--ban", *([ban_what] if ban_what else [])]
    print_answer(target, words, as_json)


@click.command()
@target_option
@json_option
@click.argument("what", required=False, metavar="[KEY|ADDRESS|all]")
def unban(target: str | None, as_json: bool, what: str | None) -> None:
    """Remove a ban, so that the key or the address may join again. Without an argument, list the bans."""
    print_answer(target, ["unban", what] if what else ["bans"], as_json)


@click.command()
@target_option
@json_option
def bans(target: str | None, as_json: bool) -> None:
    """List the keys, addresses and links that are banned from a session."""
    print_answer(target, ["bans"], as_json)


@click.command()
@target_option
@json_option
@click.argument("text", nargs=-1, required=True)
def say(target: str | None, as_json: bool, text: tuple[str, ...]) -> None:
    """Send a message to everybody in a session. It never reaches the shell. '-' reads it from standard input."""
    said = sys.stdin.read() if text == ("-",) else " ".join(text)
    answer = run_command(choose_session(target), f"say {said}")
    if as_json:
        click.echo(json.dumps({"answer": answer}))
