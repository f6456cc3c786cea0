"""`gateway`: the commands of a gateway's operator: `status`, `audit`, `kick` a session, `drain`, and `config`."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import click

from pairterm.cli.audit import print_audit
from pairterm.cli.cluster_key import cluster_key
from pairterm.cli.shared_options import json_option
from pairterm.errors import SystemFault, UsageError
from pairterm.paths import (
    SYSTEM_LINK_SOCKET,
    SYSTEM_STATE,
    gateway_audit_file,
    gateway_socket,
    operator_socket,
    state_dir,
)
from pairterm.session.durations import duration_text

__all__ = ["ask_gateway", "gateway"]

_ANSWER_TIMEOUT_S = 10.0

_link_socket_option = click.option(
    "--link-socket", metavar="PATH", help="The gateway's link socket. [default: that of this machine's shared gateway]"
)


@click.group()
def gateway() -> None:
    """Watch and control a running gateway, as its operator."""


gateway.add_command(cluster_key)


@gateway.command()
@_link_socket_option
@json_option
@click.option("--all", "for_all", is_flag=True, help="Show all gateways of the service.")
def status(link_socket: str | None, as_json: bool, for_all: bool) -> None:
    """Show the number of sessions and guests, and what they cost."""
    if for_all:
        found = ask_gateway(link_socket, {"do": "status", "all": True})
        if as_json:
            click.echo(json.dumps(found))
        else:
            _print_all(found)
        return
    only = ask_gateway(link_socket, {"do": "status"})
    if as_json:
        click.echo(json.dumps(only))
    else:
        _print_status(only)


def _print_all(statuses: list[dict[str, Any]]) -> None:
    """Print the sums of a service, and then each gateway."""
    answered = [each for each in statuses if "error" not in each]
    guests, sessions = sum(each["guests"] for each in answered), sum(len(each["sessions"]) for each in answered)
    silent = len(statuses) - len(answered)
    text = f"{len(statuses)} gateways, {guests} guests, {sessions} sessions"
    click.echo(text + (f"; {silent} of the gateways did not answer" if silent else ""))
    for each in statuses:
        name = (each["cluster"] or {}).get("gateway", "alone") if "cluster" in each else each["gateway"]
        click.echo(f"\ngateway {name}")
        if "error" in each:
            click.echo(f"PROBLEM {each['error']}")
        else:
            _print_status(each)


def _print_status(found: dict[str, Any]) -> None:
    click.echo(f"pairterm {found['version']}, pid {found['pid']}, up {duration_text(found['uptime_s'])}")
    guests = f"{found['guests']} of {found['max_guests']}"
    sessions = f"{len(found['sessions'])} of {found['max_sessions']}"
    click.echo(f"guests {guests}, sessions {sessions}" + (", draining" if found["is_draining"] else ""))
    cluster = found.get("cluster")
    if cluster is not None and ("workers" not in found or cluster["gateways"] > 1 or not cluster["is_connected"]):
        if cluster["is_connected"]:
            click.echo(f"one of {cluster['gateways']} gateways, by the name {cluster['gateway']}")
        else:
            click.echo("PROBLEM cut off from the other gateways: it serves the sessions that it has")
    for each in found.get("workers", ()):
        text = f"{each['guests']} guests, {each['sessions']} sessions, {each['memory_bytes'] / 1e6:.0f} MB"
        click.echo(f"  worker {each['pid']}: {text}, CPU {each['cpu_s']} s")
    for each in found["problems"]:
        click.echo(f"PROBLEM {each}")
    click.echo(f"memory {found['memory_bytes'] / 1e6:.0f} MB, CPU {found['cpu_s']} s")
    if found["recordings"]:
        click.echo(f"recordings on the page {found['recordings']}, {found['recordings_bytes'] / 1e6:.0f} MB")
    click.echo(f"to guests {found['bytes_to_guests']} bytes, from guests {found['bytes_from_guests']} bytes")
    for each in found["sessions"]:
        click.echo(f"  {each['session']} of {each['owner']}: {each['guests']} guests, {each['links']} links")


@gateway.command()
@_link_socket_option
@json_option
@click.option("--follow", "-f", is_flag=True, help="Wait for new events and print them, until you interrupt it.")
def audit(link_socket: str | None, as_json: bool, follow: bool) -> None:
    """Show the gateway's audit log: guests and their addresses, refusals and their reasons, sessions.

    With --json the file is printed as it is, one object a line. It is kept after the gateway has ended.
    """
    path = _audit_path(link_socket)
    try:
        print_audit(path, as_json=as_json, goes_on=lambda: follow, of_session=False)
    except PermissionError as error:
        raise SystemFault(f"{path}: only the gateway's own user and root may read it", code="not_allowed") from error


def _audit_path(link_socket: str | None) -> Path:
    """Return the audit log of the running gateway, else of one that has ended."""
    try:
        return Path(ask_gateway(link_socket, {"do": "audit"}))
    except UsageError as error:
        if error.code != "no_gateway":
            raise
        found = (gateway_audit_file(each) for each in (SYSTEM_STATE, state_dir()))
        path = next((each for each in found if os.access(each, os.R_OK)), None)
        if path is None:
            raise UsageError(f"{error.message}, and there is no audit log", code="no_audit") from error
        return path


@gateway.command()
@_link_socket_option
@json_option
@click.option("--uid", type=int, help="The owner's uid, if several users of the machine have a session of this name.")
@click.option("--owner", help="The owner as `status` shows them, if several have a session of this name.")
@click.argument("session")
def kick(link_socket: str | None, as_json: bool, uid: int | None, owner: str | None, session: str) -> None:
    """Remove a session from the gateway, and disconnect its guests.

    Its host keeps running, but can't bring the session back. The session may be at any gateway of the service.
    """
    question = {"do": "kick", "session": session, "uid": uid, "owner": owner}
    _print_answer(ask_gateway(link_socket, question), as_json)


@gateway.command()
@_link_socket_option
@json_option
def drain(link_socket: str | None, as_json: bool) -> None:
    """Accept no more guests and sessions, and end the gateway when the last guest has left."""
    _print_answer(ask_gateway(link_socket, {"do": "drain"}), as_json)


@gateway.group()
def config() -> None:
    """Push settings to all gateways of a service, while they run."""


@config.command()
@_link_socket_option
@json_option
@click.option(
    "--authorized-hosts",
    "hosts_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Keys that may share at every gateway, besides those of the gateway's own file.",
)
@click.option("--clear", is_flag=True, help="Push nothing: each gateway has its own settings again.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def push(link_socket: str | None, as_json: bool, hosts_file: Path | None, clear: bool, file: Path | None) -> None:
    """Replace the settings that are pushed to all gateways of the service.

    FILE has the form of a gateway's own file, with these keys: max_guests, max_guests_per_session,
    max_guests_per_source, max_sessions, max_sessions_per_user, record, and grace_s of [hosts]. Each gateway
    follows within a second. It has them also after a restart, and while it is cut off from the others.
    """
    if clear == (file is not None or hosts_file is not None):
        raise UsageError("say which FILE or --authorized-hosts to push, or --clear", code="usage")
    values: dict[str, Any] = {}
    if file is not None:
        import tomllib

        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{file}: {error}", code="config") from error
    try:
        hosts = hosts_file.read_text(encoding="utf-8") if hosts_file is not None else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{hosts_file}: it is not UTF-8", code="authorized_hosts") from error
    question = {"do": "config-push", "settings": values, "authorized_hosts": hosts}
    _print_answer(ask_gateway(link_socket, question), as_json)


@config.command("show")
@_link_socket_option
@json_option
def show_config(link_socket: str | None, as_json: bool) -> None:
    """Show the settings that are pushed to all gateways of the service."""
    found = ask_gateway(link_socket, {"do": "config"})
    if as_json:
        click.echo(json.dumps(found))
        return
    hosts = found.pop("authorized_hosts", "")
    if not found and not hosts:
        click.echo("nothing is pushed: each gateway has its own settings")
    for key, value in found.items():
        click.echo(f"{'hosts.' if key == 'grace_s' else ''}{key} = {json.dumps(value)}")
    if hosts:
        click.echo(f"authorized_hosts: {len([each for each in hosts.splitlines() if each.strip()])} lines")


def _print_answer(answer: str, as_json: bool) -> None:
    click.echo(json.dumps({"answer": answer}) if as_json else answer)


def ask_gateway(link_socket: str | None, question: dict[str, Any]) -> Any:
    """Return a running gateway's answer.

    Raises:
        UsageError: There is no gateway, or it refuses.
        SystemFault: We are not allowed to ask it, or it does not answer.
    """
    given = link_socket or os.environ.get("PAIRTERM_GATEWAY", "")
    if given and given != "own":
        if "/" not in given and not link_socket:
            text = f"the gateway {given} is on another machine: its operator asks it there"
            raise UsageError(text, code="no_gateway")
        gateway_path = Path(given)
    else:
        gateway_path = SYSTEM_LINK_SOCKET if SYSTEM_LINK_SOCKET.exists() and given != "own" else gateway_socket()
    path = operator_socket(gateway_path)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ANSWER_TIMEOUT_S)
        try:
            line.connect(str(path))
            line.sendall(json.dumps(question).encode() + b"\n")
            data = b"".join(iter(lambda: line.recv(65_536), b""))
            answer = json.loads(data)
        except PermissionError as error:
            raise SystemFault(f"{path}: only the gateway's own user and root may ask", code="not_allowed") from error
        except (FileNotFoundError, ConnectionRefusedError) as error:
            hint = "" if link_socket else "; for another one, give the --link-socket that it was started with"
            raise UsageError(f"no gateway runs at {gateway_path}{hint}", code="no_gateway") from error
        except (OSError, ValueError) as error:
            raise SystemFault(f"the gateway at {path} does not answer", code="unreachable") from error
    if "error" in answer:
        raise UsageError(answer["error"]["message"], code=answer["error"]["code"])
    return answer["answer"]
