"""tmux's commands: `has-session`, `send-keys`, `detach-client`, `list-keys`, `list-commands`, `kill-server`."""

from __future__ import annotations

import json
import sys

import click

from pairterm.cli import local_query
from pairterm.cli.completion import complete_session
from pairterm.cli.local_query import ask_info, choose_session, kill_session, run_command
from pairterm.cli.shared_options import json_option, pane_option, target_option
from pairterm.cli.targets import run_at
from pairterm.cli.window_command import print_errors_as_tmux
from pairterm.errors import PairtermError, UsageError
from pairterm.paths import session_names

__all__ = ["detach_client", "has_session", "kill_server", "list_commands", "list_keys", "send_keys", "wait_for"]


@click.command("has-session")
@target_option
def has_session(target: str | None) -> None:
    """Exit with 0 if a session exists, else with 1."""
    try:
        ask_info(choose_session(target))
    except UsageError as error:
        click.echo(f"pairterm: {error.message}", err=True)
        sys.exit(1)


class _SendKeys(click.Command):
    """Keeps the `--` before keys, which click drops: a key may begin with a dash."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of a command line."""
        behind = len(args) - args.index("--") - 1 if "--" in args else 0
        rest = super().parse_args(ctx, args)
        keys = ctx.params.get("keys") or ()
        if behind:
            ctx.params["keys"] = (*keys[:-behind], "--", *keys[-behind:])
        return rest


@click.command(
    "send-keys",
    cls=_SendKeys,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@pane_option
@click.option("-l", "is_literal", is_flag=True, help="Send all words as letters, also the names of keys.")
@click.option("-H", "is_hex", is_flag=True, help="The words are bytes in hexadecimal.")
@click.option("-N", "count", metavar="COUNT", help="Send the keys so many times.")
@click.argument("keys", nargs=-1, required=True, type=click.UNPROCESSED)
def send_keys(target: str | None, is_literal: bool, is_hex: bool, count: str | None, keys: tuple[str, ...]) -> None:
    """Type into a pane. The name of a key is sent as that key, any other word as its letters.

    \b
    pairterm send-keys -t work 'make test' Enter
    pairterm send-keys C-c
    pairterm send-keys -t work:2.1 q              window 2, pane 1
    pairterm send-keys -l 'a word like Enter'     no word is a key
    pairterm send-keys -N 3 Up                    three times
    """
    options = ["-t", target] if target is not None else []
    options += ["-l"] * is_literal + ["-H"] * is_hex + (["-N", count] if count is not None else [])
    with print_errors_as_tmux():
        run_at(["send-keys", *options], keys)


@click.command("wait-for")
@target_option
@click.option("-S", "wakes", is_flag=True, help="Wake all who wait on the channel, or else the next one.")
@click.option("-L", "locks", is_flag=True, help="Lock the channel, and wait first while another has locked it.")
@click.option("-U", "unlocks", is_flag=True, help="Unlock the channel.")
@click.argument("channel")
def wait_for(target: str | None, wakes: bool, locks: bool, unlocks: bool, channel: str) -> None:
    """Wait until another command wakes a channel, which is any name. It is an error if the session ends meanwhile.

    \b
    pairterm wait-for made        in one script
    pairterm wait-for -S made     in another one: the first goes on
    """
    option = "-S" if wakes else "-L" if locks else "-U" if unlocks else "-W"
    with print_errors_as_tmux():
        local_query.wait_for(choose_session(target), option, channel)


@click.command("detach-client")
@click.option(
    "-s",
    "-t",
    "target",
    metavar="NAME",
    shell_complete=complete_session,
    help="The session. [default: the one you are in, else the newest]",
)
@click.option("-a", "others", is_flag=True, hidden=True, help="Accepted for tmux's users: it is always so here.")
def detach_client(target: str | None, others: bool) -> None:
    """Detach your own terminals from a session. Guests stay."""
    run_command(choose_session(target), "detach-client")


@click.command("list-keys")
def list_keys() -> None:
    """List the keys that work in a session, with the changes of your configuration."""
    from pairterm.config import user_config
    from pairterm.types import Role
    from pairterm.view.bindings import Bindings
    from pairterm.view.help import help_lines

    config = user_config()
    click.echo("\n".join(help_lines(Bindings.of(config.prefix, config.bindings), Role.OWNER)))


@click.command("list-commands")
@click.pass_context
def list_commands(context: click.Context) -> None:
    """List the commands."""
    group = context.find_root().command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        click.echo(f"{name:<14} {command.get_short_help_str(limit=100)}")


@click.command("kill-server")
@json_option
def kill_server(as_json: bool) -> None:
    """End all your sessions on this machine, and their commands. Your own gateway ends after them."""
    ended: list[str] = []
    failure: PairtermError | None = None
    for name in session_names():
        try:
            kill_session(name)
            ended.append(name)
        except UsageError:
            continue  # There is only a socket that a crash left behind.
        except PairtermError as error:
            failure = error
    if as_json:
        click.echo(json.dumps({"killed": ended}))
    if failure is not None:
        raise failure
    if not ended and not as_json:
        click.echo("no sessions", err=True)
        sys.exit(1)
