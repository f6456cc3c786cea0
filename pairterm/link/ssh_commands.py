"""The `ssh` command lines by which guests join a session, made in one place for all code that shows them.

Only commands that work are made. Where guests need a key and a key is enough, the two
invitations open nothing, and `ssh NAME@host` opens the session. Where no list has a
key, no name opens it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pairterm.link.messages import SessionAddress

__all__ = [
    "invitations_page",
    "known_hosts_line",
    "known_hosts_name",
    "publish_command",
    "ssh_command",
    "ssh_users",
    "web_links",
]

_SSH_PORT = 22

_PURPOSES = {
    "ssh_rw": "to type and to watch",
    "ssh_ro": "to watch only",
    "ssh_name": "for guests whose key is on your list",
}


def ssh_command(host: str, port: int, user: str) -> str:
    """Return the command by which a guest joins under this user name."""
    option = "" if port == _SSH_PORT else f"-p {port} "
    return f"ssh {option}{user}@{host}"


def known_hosts_name(host: str, port: int) -> str:
    """Return a host and port in the form of a `known_hosts` file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    return host if port == _SSH_PORT else f"[{host}]:{port}"


def known_hosts_line(address: SessionAddress) -> str:
    """Return the gateway's host key as a line of a `known_hosts` file."""
    return f"{known_hosts_name(address.host, address.port)} {address.public_key}"


def ssh_users(address: SessionAddress) -> dict[str, str]:
    """Return the SSH user names that open the session, by their names in JSON output."""
    found = {"ssh_name": address.by_key}
    if address.opens_by_invitation:
        found = {"ssh_rw": address.read_write, "ssh_ro": address.read_only, **found}
    return {name: user for name, user in found.items() if user}


def web_links(address: SessionAddress) -> dict[str, str]:
    """Return the links for browsers, by their names in JSON output; {} if no browser can join.

    The token is in the URL's fragment, which no browser sends: so no server and no proxy logs it.
    """
    users = {"web_rw": address.read_write, "web_ro": address.read_only}
    return {name: web_link(address, user) for name, user in users.items() if user and address.web_url}


def web_link(address: SessionAddress, user: str) -> str:
    """Return the link for a browser that opens the session by this token; "" if no browser can join."""
    return f"{address.web_url}#{user}" if address.web_url else ""


def publish_command(web_url: str, token: str) -> str:
    """Return the command by which pair-ls publishes files; "" if the gateway has no door for it.

    pair-ls adds `/relay` to the URL.
    """
    scheme, separator, place = web_url.partition("://")
    return f"pair-ls lsp -forward {scheme.replace('http', 'ws')}://{place}s/{token}" if separator else ""


def invitations_page(address: SessionAddress | None, gateway: str) -> tuple[str, list[str]]:
    """Return the text of the owner's page of links, and the commands on it that can be copied, in order.

    `gateway`: the state of the gateway, in words.
    """
    lines, commands = [""], list[str]()
    for purpose, command in _commands(address) if address is not None else ():
        commands.append(command)
        lines += [f" {len(commands)}  {purpose}:", f"    {command}", ""]
    if address is None:
        lines += [f" No gateway has the session: it is {gateway}.", ""]
    elif not commands:
        lines += [" Nobody can join now; 'pairterm link new' makes a link.", ""]
    if address is not None:
        lines += [f" host key  {address.fingerprint}", ""]
        if address.is_loopback:
            lines += [" Only this machine can reach the gateway. To let others in, start a session with"]
            lines += ["    pairterm new --listen 0.0.0.0:2222", ""]
        if gateway != "connected":
            lines += [f" The gateway is {gateway}; the links work again when it is back.", ""]
    return "\n".join(lines), commands


def _commands(address: SessionAddress) -> Iterator[tuple[str, str]]:
    """Yield the purpose of each command, and the command."""
    for name, user in ssh_users(address).items():
        yield _PURPOSES[name], ssh_command(address.host, address.port, user)
