"""`lsp`: the language server that an editor starts, to share the files that are open in it.

The options of pair-ls are taken too, because its plugins give them. Those that have no
meaning here are ignored if a plugin gives them by default. The others are refused with
advice.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from pathlib import Path
from typing import Any

import click
import msgspec

from pairterm.cli.gateway_choice import GatewayChoice, choose_gateway, gateway_options
from pairterm.cli.local_query import ask_info, choose_session
from pairterm.cli.new import session_settings, start_session
from pairterm.cli.option_group import with_options
from pairterm.cli.shared_options import named_by_socket, target_option
from pairterm.config import user_config
from pairterm.errors import UsageError
from pairterm.link.messages import SessionInfo
from pairterm.paths import session_names
from pairterm.types import DEFAULT_SIZE

__all__ = ["lsp"]

_PAIR_LS_IGNORED = {
    "hostname": "guests come through a gateway, which has an address of its own",
    "port": "guests come through a gateway, which has a port of its own",
    "loglevel": "the log has one level",
}
"""Options of pair-ls that its plugins give by default."""

_PAIR_LS_REFUSED = {
    "forward": "give the gateway with --gateway HOST",
    "signal": "guests join by a link: nothing connects the editors directly",
    "call-token": "guests join by a link: 'pairterm links' prints it",
    "client-cert": "a gateway knows you by an SSH key: -i FILE",
    "client-key": "a gateway knows you by an SSH key: -i FILE",
    "config": "the configuration is pairterm's: see 'pairterm lsp --help' and docs/configuration.md",
}

_LOG_LEVEL = logging.INFO


def _pair_ls_options(command: Any) -> Any:
    """Add the options of pair-ls, with one hyphen and with two."""
    names = [*_PAIR_LS_IGNORED, *_PAIR_LS_REFUSED, "logfile"]
    options = [click.option(f"-{each}", f"--{each}", _parameter(each), hidden=True) for each in names]
    return with_options(command, options)


def _parameter(option: str) -> str:
    """Return the name of the function's parameter for an option of pair-ls."""
    return f"pair_ls_{option.replace('-', '_')}"


@click.command(context_settings={"ignore_unknown_options": False})
@target_option
@click.option("--new", "is_new", is_flag=True, help="Start a session for the code alone, without a shell.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Share files below this directory. [default: the folders that the editor has opened]",
)
@click.option("--include", "includes", multiple=True, metavar="PATTERN", help="Share only files that match.")
@click.option("--exclude", "excludes", multiple=True, metavar="PATTERN", help="Share no files that match.")
@gateway_options
@_pair_ls_options
def lsp(
    target: str | None,
    is_new: bool,
    root: Path | None,
    includes: tuple[str, ...],
    excludes: tuple[str, ...],
    gateway: GatewayChoice,
    **pair_ls: str | None,
) -> None:
    """Share the files that are open in an editor: a language server on standard input and output.

    Let the editor start it: docs/editor.md says how. It shares in the session that -t names,
    else in the one that it runs in, else in the newest. With --new or --gateway, it starts a
    session for the code if there is none yet. A PATTERN is one of .gitignore.
    """
    notes = _pair_ls_notes(pair_ls)
    if not _is_spoken_to():
        text = "an editor starts 'pairterm lsp': see docs/editor.md. tmux's lsp is 'pairterm list-panes'"
        raise UsageError(text, code="usage")
    try:
        from pairterm.editor.run import EditorSettings, share_editor
    except ImportError as error:
        text = f"'pairterm lsp' needs the package {error.name}: pip install 'pairterm[lsp]'"
        raise UsageError(text, code="no_lsp") from error
    target = target if target is not None else named_by_socket()
    is_new = is_new or bool(gateway.gateway)

    def find_session(workspace: str) -> str:
        return _session_for(workspace, target, gateway) if is_new else choose_session(target)

    logging.basicConfig(level=_LOG_LEVEL, format="pairterm lsp: %(message)s", filename=pair_ls[_parameter("logfile")])
    logging.getLogger("pygls").setLevel(logging.WARNING)  # It logs all that the editor sends, and so the texts.
    share_editor(
        EditorSettings(find_session=find_session, root=root, includes=includes, excludes=excludes, notes=notes)
    )


def _is_spoken_to() -> bool:
    """Return whether another program can be at the other end of standard input: an editor gives a pipe or a socket."""
    mode = os.fstat(0).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _pair_ls_notes(given: dict[str, str | None]) -> list[str]:
    """Return a line for each option of pair-ls that is ignored.

    Raises:
        UsageError: There is one that can't have an effect.
    """
    for name, advice in _PAIR_LS_REFUSED.items():
        if given[_parameter(name)] is not None:
            raise UsageError(f"no -{name} here: {advice}", code="pair_ls_option")
    notes = [f"-{name} is ignored: {why}" for name, why in _PAIR_LS_IGNORED.items() if given[_parameter(name)]]
    if os.environ.get("PAIR_WEB_PASS"):
        notes.append("PAIR_WEB_PASS is ignored: a session's links are secret, and 'pairterm links' prints them")
    return notes


def _session_for(workspace: str, target: str | None, gateway: GatewayChoice) -> str:
    """Return the session for the code of a workspace. If there is none, start one without a program.

    Raises:
        UsageError: The gateway is unknown, or the name is not possible.
        SystemFault: It can't be started.
    """
    name = target if target is not None else f"code-{re.sub('[^0-9A-Za-z_-]', '-', workspace)[:32]}"
    if name in session_names():
        try:
            return ask_info(name).session
        except UsageError:
            pass  # A crash left its socket behind.
    config = user_config()
    settings = session_settings(config, []) | {
        "directory": "/",
        "gateway": choose_gateway(gateway, config),
        "command": [],
        "has_program": False,
        "people": {"ro_only": True, "expire": "", "keys": [], "key_urls": [], "options": {}},
        "record": {"policy": config.record},
        "ends_with_stdin": False,
        "rows": DEFAULT_SIZE.rows,
        "cols": DEFAULT_SIZE.cols,
    }
    host = start_session(name, settings, foreground=False)
    return msgspec.convert(host.ready, SessionInfo).session
