"""The `pairterm` command: its subcommands, their names in tmux, and how errors are shown.

The module of a subcommand is imported when the subcommand is used: `pairterm ls` loads
neither a terminal model nor SSH.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from pairterm import __version__
from pairterm.cli.plain_text import print_ascii_where_needed
from pairterm.errors import PairtermError, UsageError

__all__ = ["main", "pairterm"]

_COMMANDS = {
    "new": "pairterm.cli.new",
    "attach": "pairterm.cli.attach",
    "join": "pairterm.cli.join",
    "ls": "pairterm.cli.sessions",
    "links": "pairterm.cli.sessions",
    "kill": "pairterm.cli.sessions",
    "set": "pairterm.cli.set_command",
    "show-options": "pairterm.cli.set_command",
    "who": "pairterm.cli.people",
    "grant": "pairterm.cli.people",
    "revoke": "pairterm.cli.people",
    "kick": "pairterm.cli.people",
    "bans": "pairterm.cli.people",
    "unban": "pairterm.cli.people",
    "accept": "pairterm.cli.moderation",
    "decline": "pairterm.cli.moderation",
    "give": "pairterm.cli.moderation",
    "panic": "pairterm.cli.moderation",
    "pause": "pairterm.cli.moderation",
    "lsp": "pairterm.cli.lsp",
    "record": "pairterm.cli.record",
    "recordings": "pairterm.cli.recordings",
    "export": "pairterm.cli.export",
    "share-recording": "pairterm.cli.share_recording",
    "play": "pairterm.cli.play",
    "say": "pairterm.cli.people",
    "link": "pairterm.cli.invitations",
    "audit": "pairterm.cli.audit",
    "gateway": "pairterm.cli.operator",
    "serve": "pairterm.cli.serve",
    "doctor": "pairterm.cli.doctor",
    "setup": "pairterm.cli.setup",
    "has-session": "pairterm.cli.tmux",
    "send-keys": "pairterm.cli.tmux",
    "detach-client": "pairterm.cli.tmux",
    "list-keys": "pairterm.cli.tmux",
    "list-commands": "pairterm.cli.tmux",
    "kill-server": "pairterm.cli.tmux",
    "wait-for": "pairterm.cli.tmux",
    "capture-pane": "pairterm.cli.capture_pane",
    "new-window": "pairterm.cli.windows",
    "select-window": "pairterm.cli.windows",
    "next-window": "pairterm.cli.windows",
    "previous-window": "pairterm.cli.windows",
    "last-window": "pairterm.cli.windows",
    "list-windows": "pairterm.cli.windows",
    "rename-window": "pairterm.cli.windows",
    "move-window": "pairterm.cli.windows",
    "swap-window": "pairterm.cli.windows",
    "find-window": "pairterm.cli.windows",
    "rotate-window": "pairterm.cli.windows",
    "kill-window": "pairterm.cli.windows",
    "set-window": "pairterm.cli.looks",
    "gather": "pairterm.cli.looks",
    "split-window": "pairterm.cli.panes",
    "select-pane": "pairterm.cli.panes",
    "last-pane": "pairterm.cli.panes",
    "list-panes": "pairterm.cli.panes",
    "resize-pane": "pairterm.cli.panes",
    "swap-pane": "pairterm.cli.panes",
    "break-pane": "pairterm.cli.panes",
    "join-pane": "pairterm.cli.panes",
    "move-pane": "pairterm.cli.panes",
    "select-layout": "pairterm.cli.panes",
    "next-layout": "pairterm.cli.panes",
    "previous-layout": "pairterm.cli.panes",
    "kill-pane": "pairterm.cli.panes",
    "respawn-pane": "pairterm.cli.panes",
    "respawn-window": "pairterm.cli.windows",
    "clear-history": "pairterm.cli.panes",
    "pipe-pane": "pairterm.cli.panes",
    "set-window-option": "pairterm.cli.windows",
    "show-window-options": "pairterm.cli.windows",
    "display": "pairterm.cli.tmate",
    "show-messages": "pairterm.cli.tmate",
    "wait": "pairterm.cli.tmate",
    "continue": "pairterm.cli.tmate",
}

_ALIASES = {
    "new-session": "new",
    "attach-session": "attach",
    "a": "attach",
    "at": "attach",
    "list-sessions": "ls",
    "list": "ls",
    "kill-session": "kill",
    "list-clients": "who",
    "lsc": "who",
    "has": "has-session",
    "send": "send-keys",
    "detach": "detach-client",
    "lsk": "list-keys",
    "lscm": "list-commands",
    "capturep": "capture-pane",
    "set-option": "set",
    "show": "show-options",
    "showmsgs": "show-messages",
    "display-message": "display",
    "neww": "new-window",
    "selectw": "select-window",
    "next": "next-window",
    "prev": "previous-window",
    "last": "last-window",
    "lsw": "list-windows",
    "renamew": "rename-window",
    "movew": "move-window",
    "swapw": "swap-window",
    "findw": "find-window",
    "rotatew": "rotate-window",
    "killw": "kill-window",
    "splitw": "split-window",
    "selectp": "select-pane",
    "lastp": "last-pane",
    "resizep": "resize-pane",
    "swapp": "swap-pane",
    "breakp": "break-pane",
    "joinp": "join-pane",
    "movep": "move-pane",
    "selectl": "select-layout",
    "nextl": "next-layout",
    "prevl": "previous-layout",
    "killp": "kill-pane",
    "respawnp": "respawn-pane",
    "respawnw": "respawn-window",
    "clearhist": "clear-history",
    "pipep": "pipe-pane",
    "setw": "set-window-option",
    "showw": "show-window-options",
}
"""tmux's names for the commands, long and short."""


_FUNCTIONS = {"set": "set_", "continue": "continue_", "recordings": "recordings_command"}
"""Commands whose function can't have their name. In other names, a hyphen becomes an underscore."""


class _Commands(click.Group):
    """Subcommands, loaded when they are used: by their names, tmux's names, and any unambiguous beginning of a name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = _ALIASES.get(cmd_name, cmd_name)
        if name not in _COMMANDS:
            names = {_ALIASES.get(each, each) for each in (*_COMMANDS, *_ALIASES) if each.startswith(name)}
            if len(names) != 1:
                return _advising(cmd_name)
            name = names.pop()
        command: click.Command = getattr(
            importlib.import_module(_COMMANDS[name]), _FUNCTIONS.get(name, name.replace("-", "_"))
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        _, command, rest = super().resolve_command(ctx, args)
        return command.name if command is not None else None, command, rest


def _advising(name: str) -> click.Command | None:
    """Return a command that says what to use instead of a command of tmux; None if tmux has no such command."""
    from pairterm.session.commands.tmux_commands import advice_for

    advice = advice_for(name)
    if not advice:
        return None

    def advise(words: tuple[str, ...]) -> None:
        raise UsageError(f"no {name} here: {advice}", code="tmux_command")

    arguments: list[click.Parameter] = [click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)]
    return click.Command(
        name,
        callback=advise,
        params=arguments,
        context_settings={"ignore_unknown_options": True},
        add_help_option=False,
    )


def _print_versions(context: click.Context, parameter: click.Parameter, is_given: bool) -> None:
    if is_given and not context.resilient_parsing:
        from pairterm.cli.version_text import version_text

        click.echo(version_text())
        context.exit()


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="tmux's names for commands work too. Each command has its own --help.",
)
@click.version_option(__version__, "-V", message="pairterm %(version)s", help="Print the version.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
    help="Print the version, the build, Python's version and those of the libraries.",
)
@click.option(
    "-S",
    "socket",
    metavar="PATH",
    help="Choose a session as tmate's scripts do, by the name of a file: /tmp/work.sock means the session work.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def pairterm(context: click.Context, socket: str | None, debug: bool) -> None:
    """Share one shell over plain ssh.

    \b
    pairterm new -s our_session    share a shell, and print the links for your guests
    C-b d                          detach; the session keeps running
    pairterm attach                attach again
    pairterm links                 print the links again
    pairterm kill                  end the session and its links
    """
    context.obj = os.path.basename(socket).removesuffix(".sock") if socket else None
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """Run the command line. Exit with 2 on wrong usage, with 1 if the machine, the network or we failed."""
    debug = "--debug" in sys.argv[1:2]
    _open_standard_streams()
    try:
        pairterm(prog_name="pairterm")
    except PairtermError as error:
        if debug:
            raise
        click.echo(f"pairterm: {error.message}", err=True)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # The reader of our output has gone, as in `pairterm ls | head -1`: nobody would read an error either.
        _print_no_more()
        sys.exit(1)
    except OSError as error:
        if debug:
            raise
        # For example a full disk under our output: the buffered rest would fail once more at the exit.
        _print_no_more()
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"pairterm: {where}{error.strerror or error}", err=True)
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        _report_crash(error)
        sys.exit(1)


def _report_crash(error: Exception) -> None:
    """Write a crash report, and print where it is."""
    from pairterm.runtime.crash_report import write_crash_report

    command = next((each for each in sys.argv[1:] if each in _COMMANDS or each in _ALIASES), "")
    path = write_crash_report(error, f"pairterm {command}".rstrip())
    where = f"a crash report without any content of sessions is in {path}" if path else "it could not be reported"
    click.echo(f"pairterm: internal error ({type(error).__name__}): {where}; --debug shows the traceback", err=True)


def _open_standard_streams() -> None:
    """Open those of 0, 1 and 2 that the caller closed: else a socket gets the number, and our output goes there."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # It takes the lowest number, which is this one.
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
    print_ascii_where_needed()


def _print_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
