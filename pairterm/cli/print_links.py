"""The links of a session, as text for people and as JSON for scripts. The JSON form is public and must not change."""

from __future__ import annotations

from typing import Any

from pairterm.cli.ci import is_ci
from pairterm.errors import SystemFault
from pairterm.link.messages import SessionAddress, SessionInfo
from pairterm.link.ssh_commands import known_hosts_line, publish_command, ssh_command, ssh_users, web_link, web_links

__all__ = ["join_command", "join_url", "links_json", "links_text", "publishing"]

_LOOPBACK = (
    "The gateway listens on this machine only. To let others in: pairterm new --listen 0.0.0.0:2222, "
    "or 'listen' in the configuration file."
)

_LOOPBACK_IN_CI = (
    "The gateway listens on this machine only, and guests can't reach a CI job. "
    "To let them in, share through a gateway on another machine: pairterm new -F --gateway HOST"
)

_NO_LIST = "nobody can join as {} yet: name the keys with -a FILE, --github-user NAME or the like"

_WITHHELD = "(not shown, because read-only guests see this screen; 'pairterm links --all' shows it)"


def _address(info: SessionInfo) -> SessionAddress:
    if info.address is None:
        raise SystemFault(f"{info.session} has no links: its gateway is {info.gateway}", code="no_gateway")
    return info.address


def _command(address: SessionAddress, user: str) -> str:
    return ssh_command(address.host, address.port, user)


def join_command(info: SessionInfo, user: str) -> str:
    """Return the command with which a guest joins under this user name.

    Raises:
        SystemFault: No gateway has the session.
    """
    return _command(_address(info), user)


def join_url(info: SessionInfo, user: str) -> str:
    """Return the link for a browser that opens the session by this token; "" if no browser can join.

    Raises:
        SystemFault: No gateway has the session.
    """
    return web_link(_address(info), user)


def publishing(info: SessionInfo, user: str) -> str:
    """Return the command by which pair-ls publishes files by this token; "" if it can't.

    Raises:
        SystemFault: No gateway has the session.
    """
    return publish_command(_address(info).web_url, user)


def links_json(info: SessionInfo) -> dict[str, Any]:
    """Return the links as plain data.

    Raises:
        SystemFault: No gateway has the session.
    """
    address = _address(info)

    def link(user: str) -> dict[str, Any]:
        return {"command": _command(address, user), "user": user, "host": address.host, "port": address.port}

    return {
        "session": info.session,
        "host_key": {"fingerprint": address.fingerprint, "known_hosts": known_hosts_line(address)},
        "links": {
            **{name: link(user) for name, user in ssh_users(address).items()},
            **{name: {"url": url} for name, url in web_links(address).items()},
        },
    }


def links_text(info: SessionInfo, *, is_watched: bool = False) -> str:
    """Return the links as lines for people.

    `is_watched`: read-only guests see these lines on the session's own screen. The link for typing is left out
    then (T4).

    Raises:
        SystemFault: No gateway has the session.
    """
    address = _address(info)
    lines = [f"host key:              {address.fingerprint}"]
    users, web = ssh_users(address), web_links(address)
    if user := users.get("ssh_rw"):
        lines.insert(0, f"ssh session:           {_WITHHELD if is_watched else _command(address, user)}")
    if url := web.get("web_rw"):
        lines.insert(0, f"web session:           {_WITHHELD if is_watched else url}")
    if user := users.get("ssh_ro"):
        lines.insert(0, f"ssh session read only: {_command(address, user)}")
    if url := web.get("web_ro"):
        lines.insert(0, f"web session read only: {url}")
    if address.opens_by_invitation and not address.read_write and not address.read_only:
        lines.insert(0, "The first links do not work any more; 'pairterm link new' makes a new one.")
    if user := users.get("ssh_name"):
        lines.insert(
            len(lines) if address.opens_by_invitation else 0, f"with a key:            {_command(address, user)}"
        )
    elif address.fixed_name and address.opens_by_invitation:
        lines.append(f"with a key:            {_NO_LIST.format(address.fixed_name)}")
    elif not address.opens_by_invitation:
        lines.insert(0, "Nobody can join now: guests need a key ('admit key'), and there is no key on a list.")
    if address.is_loopback:
        lines.append(_LOOPBACK_IN_CI if is_ci() else _LOOPBACK)
    if info.gateway != "connected":
        lines.append(f"The gateway is {info.gateway}; the links work again when it is back.")
    return "\n".join(lines)
