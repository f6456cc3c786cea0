"""`new`: start a session, print its links, attach."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pairterm.cli.admission_options import admission_options, admission_settings
from pairterm.cli.ci import is_ci
from pairterm.cli.foreground_rules import ForegroundRules, foreground_options
from pairterm.cli.gateway_choice import GatewayChoice, choose_gateway, confirmed_host_key, gateway_options
from pairterm.cli.nesting import check_not_nested
from pairterm.cli.shared_options import json_option, named_by_socket
from pairterm.cli.terminal_check import check_terminal
from pairterm.config import UserConfig, parse_address, user_config
from pairterm.errors import UsageError
from pairterm.host.http_post import is_web_address
from pairterm.link.messages import ViewSettings
from pairterm.paths import session_names, state_dir
from pairterm.runtime.fork_request import start_by_fork
from pairterm.runtime.spawn import START_TIMEOUT_S, StartedProcess, start
from pairterm.session.session_names import check_name, next_free_name
from pairterm.types import DEFAULT_SIZE, Size

if TYPE_CHECKING:
    from pairterm.link.messages import SessionInfo

__all__ = ["new", "session_settings", "start_session"]

_REMOTE_START_TIMEOUT_S = 80.0
"""With a login at a gateway elsewhere: an agent may ask the person to touch a key."""

_AUTOMATIC_NAME_TRIES = 20
"""How many numbers are skipped because another `new` took them at the same moment."""


@click.command(context_settings={"ignore_unknown_options": False})
@click.option("-s", "name", metavar="NAME", help="The session's name. [default: the lowest free number]")
@click.option("-d", "detached", is_flag=True, help="Start it in the background: print the links, and do not attach.")
@click.option(
    "-F",
    "foreground",
    is_flag=True,
    help="Do not attach, but wait for the end of the command, and exit with its status: for scripts and CI.",
)
@click.option("-x", "cols", type=click.IntRange(1), metavar="COLS", help="The first width. [default: your terminal's]")
@click.option("-y", "rows", type=click.IntRange(1), metavar="ROWS", help="The first height. [default: your terminal's]")
@click.option(
    "-c", "directory", type=click.Path(exists=True, file_okay=False), help="The directory in which the command starts."
)
@click.option(
    "--listen",
    multiple=True,
    metavar="ADDR:PORT",
    help="Let your own gateway listen on this address too, for guests on other machines: 0.0.0.0:2222.",
)
@click.option(
    "--layout",
    "workspace",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Open the windows and panes that this file describes: see docs/windows.md.",
)
@click.option(
    "--record",
    "record",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    default=None,
    help="Record the session, in FILE or among your recordings: see docs/recording.md.",
)
@click.option("--record-input", is_flag=True, help="Record what is typed as well, except while it is not echoed.")
@click.option("-A", "attaches", is_flag=True, help="If the session exists already, attach to it.")
@gateway_options
@foreground_options
@admission_options
@json_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def new(
    name: str | None,
    detached: bool,
    foreground: bool,
    cols: int | None,
    rows: int | None,
    directory: str | None,
    listen: tuple[str, ...],
    workspace: Path | None,
    record: str | None,
    record_input: bool,
    attaches: bool,
    gateway: GatewayChoice,
    rules: ForegroundRules,
    as_json: bool,
    command: tuple[str, ...],
    **admission: Any,
) -> None:
    """Share a shell, or COMMAND, and print the links for your guests.

    \b
    pairterm new -s our_session           your login shell
    pairterm new -s our_session -- htop   one program
    pairterm new -d --json                in the background, links as JSON

    Guests need nothing but ssh. A guest with the link 'ssh session' types into your shell.
    The links cover the screen until you press a key. C-b i shows them again.
    C-b d detaches, and the session keeps running. C-b ? lists the keys.
    """
    name = name if name is not None else named_by_socket()
    _check(name, detached=detached, foreground=foreground)
    if attaches and name is not None and name in session_names():
        _attach_again(name, is_wanted=not detached and not foreground)
    if not foreground and rules != ForegroundRules(keeps_environment=rules.keeps_environment):
        raise UsageError("--wait-for-guest, --end-when-empty and --timeout are for -F", code="usage")
    if is_ci() and not rules.keeps_environment:
        _take_out_secrets()
    config = user_config()
    address = choose_gateway(gateway, config)
    settings = session_settings(config, list(listen)) | {
        "directory": _directory(directory),
        "gateway": address,
        "command": list(command),
        "people": admission_settings(admission, config),
        "ends_with_stdin": foreground,
        "is_ci_job": foreground and is_ci(),
        **_size(rows, cols),
        "record": _recording(record, config, has_input=record_input),
        **_workspace(workspace, command),
    }
    if listen and not address.get("is_own"):
        where = address.get("host") or address["socket"]
        raise UsageError(f"--listen is for your own gateway; {where} is another one", code="listen")
    try:
        host = start_session(name, settings, foreground=foreground, attaches=not detached and not foreground)
    except UsageError as error:
        address["host_key"] = confirmed_host_key(error)
        host = start_session(name, settings, foreground=foreground)
    # Here, not at the top: they are loaded while the host starts.
    from pairterm.cli.print_links import links_json, links_text
    from pairterm.link.messages import SessionInfo

    info = msgspec.convert(host.ready, SessionInfo)
    if foreground:
        _end_when_told(info)
    click.echo(json.dumps(links_json(info)) if as_json else links_text(info))
    sys.stdout.flush()
    if foreground:
        from pairterm.cli.foreground import stay

        assert host.process is not None  # In the foreground, it is our own child.
        sys.exit(stay(host.process, info, rules, reminds=not as_json and not os.isatty(1)))
    if not detached:
        from pairterm.cli.attach_terminal import attach_terminal

        sys.exit(attach_terminal(info.session, read_only=False, shows_links=True))


def _workspace(path: Path | None, command: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings that follow from a workspace's file: its first pane is the session's first program."""
    if path is None:
        return {}
    if command:
        raise UsageError("--layout opens the commands of its file: give no other command", code="usage")
    from pairterm.cli.workspace_file import read_workspace

    windows = read_workspace(path)
    first = windows[0]["panes"][0]
    directory = first["directory"] or windows[0]["directory"]
    settings = {"workspace": windows, "command": first["command"]}
    return settings | ({"directory": directory} if directory else {})


def _attach_again(name: str, *, is_wanted: bool) -> None:
    """Attach to session `name`, and exit. Return if there is only a socket that a crash left behind."""
    from pairterm.cli.local_query import ask_info

    try:
        ask_info(name)
    except UsageError:
        return
    if not is_wanted:
        raise UsageError(
            f"duplicate session: {name}; -A attaches to it, so it can't be used with -d or -F", code="duplicate_session"
        )
    from pairterm.cli.attach_terminal import attach_terminal

    sys.exit(attach_terminal(name, read_only=False))


def _take_out_secrets() -> None:
    """Remove the secrets of a CI job from the environment of the shared shell, and print their names."""
    from pairterm.cli.ci_secrets import take_out_secrets

    names = take_out_secrets(os.environ)
    if names:
        click.echo(f"not passed to the shared shell (--keep-env passes them): {', '.join(names)}", err=True)


def _check(name: str | None, *, detached: bool, foreground: bool) -> None:
    """Refuse wrong usage before anything is started."""
    check_not_nested()
    if detached and foreground:
        raise UsageError("-d and -F can't be used together", code="usage")
    if name is not None:
        check_name(name)
    if not detached and not foreground:
        check_terminal(": use -d to start in the background, or -F to stay in the foreground")


def session_settings(config: UserConfig, listen: list[str]) -> dict[str, Any]:
    """Return the settings of a host that come from the configuration."""
    listen = listen or config.listen
    for each in (*listen, config.advertise):
        parse_address(each)
    _check_keys(config)
    if config.webhook_url and not is_web_address(config.webhook_url):
        raise UsageError(f"bad webhook_url {config.webhook_url!r}: it starts with http:// or https://", code="config")
    return {
        "listen": listen,
        "advertise": config.advertise,
        "port": config.port,
        "web": config.web,
        "hooks": config.hooks,
        "views": msgspec.to_builtins(
            ViewSettings(
                prefix=config.prefix,
                status=config.status,
                mouse=config.mouse,
                centred=config.centred,
                bindings=config.bindings,
            )
        ),
        "webhook": {
            "url": config.webhook_url,
            "userdata": config.webhook_userdata,
            "secret": config.webhook_secret,
        },
        "size_policy": config.size_policy,
        "size_floor": config.size_floor,
        "term": config.term,
        "history_lines": config.history_lines,
    }


def _check_keys(config: UserConfig) -> None:
    """Check the keys of the configuration. A bad one is an error now, and not for the first guest."""
    if config.bindings or config.prefix != UserConfig().prefix:
        # Here, not at the top: most configurations have the default keys.
        from pairterm.view.bindings import Bindings

        Bindings.of(config.prefix, config.bindings)


def _recording(file: str | None, config: UserConfig, *, has_input: bool) -> dict[str, Any]:
    """Return the settings of the recording; `file` None: not asked for."""
    is_on = file is not None or has_input
    if is_on and config.record == "off":
        raise UsageError("recording is off: 'record = \"off\"' in your configuration", code="recording_off")
    if file:
        # Here, not at the top: it loads what reads recordings, and most sessions are not recorded.
        from pairterm.cli.recording_files import free_file

        file = free_file(file)
    return {
        "policy": config.record,
        "is_on": is_on,
        "file": file or "",
        "has_input": has_input,
    }


def _directory(given: str | None) -> str:
    """Return the directory in which the program starts: the given one, else the current one."""
    try:
        return os.path.abspath(given or ".")
    except FileNotFoundError as error:
        text = "the current directory does not exist any more: change to another one, or give one with -c"
        raise UsageError(text, code="directory") from error


def _size(rows: int | None, cols: int | None) -> dict[str, int]:
    """Return the first size: the given one, else this terminal's, else 24 × 80."""
    here = DEFAULT_SIZE
    with contextlib.suppress(OSError):
        found = os.get_terminal_size(0)
        here = Size.clamped(rows=found.lines, cols=found.columns)
    size = Size.clamped(rows=rows or here.rows, cols=cols or here.cols)
    return {"rows": size.rows, "cols": size.cols}


def start_session(
    name: str | None, settings: dict[str, Any], *, foreground: bool, attaches: bool = False
) -> StartedProcess:
    """Start the host. Without a name, the session gets the lowest free number.

    From the second session on, hosts are forked from a server, which costs memory of its own. In the foreground, the
    host is our own child, because we wait for its exit status.
    `attaches`: load what attaching needs while the host starts, and else what printing the links needs.
    """
    passed_over: list[str] = []
    while True:
        session = name or next_free_name([*session_names(), *passed_over])
        log = state_dir() / f"session-{session}.log"
        try:
            timeout_s = _REMOTE_START_TIMEOUT_S if settings["gateway"].get("host") else START_TIMEOUT_S
            host_settings = {"name": session, **settings}
            meanwhile = _load_attaching if attaches else _load_links
            if not foreground and session_names():
                forked = start_by_fork(host_settings, log, timeout_s=timeout_s, meanwhile=meanwhile)
                if forked is not None:
                    return StartedProcess(None, forked[0])
            return start(
                "pairterm.host",
                host_settings,
                log,
                keep_stdin=foreground,
                timeout_s=timeout_s,
                meanwhile=meanwhile,
            )
        except UsageError as error:
            if name is not None or error.code != "duplicate_session" or len(passed_over) > _AUTOMATIC_NAME_TRIES:
                raise
            passed_over.append(session)


def _load_links() -> None:
    importlib.import_module("pairterm.cli.print_links")


def _load_attaching() -> None:
    _load_links()
    importlib.import_module("pairterm.cli.attach_terminal")


def _end_when_told(info: SessionInfo) -> None:
    """Let SIGINT, SIGTERM and SIGHUP end the session, and not only this process.

    Call it before the links are printed: a program that reads them may send a signal at once.
    """

    def end(*_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(info.pid, signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
