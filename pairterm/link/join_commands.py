"""What opens a session, in the words that a guest types: made here for everybody who shows it.

Only what opens is shown. Where a key is needed and enough, the two links open nothing,
and `ssh NAME@host` does; where no list has a key, no name opens anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from pairterm.link.messages import LinkAddress

__all__ = ["invitations", "known_hosts_line", "links_page", "ssh_command", "users_of"]

_SSH_PORT = 22

_WORDS = {
    "ssh_rw": "to type and to watch",
    "ssh_ro": "to watch only",
    "ssh_name": "for somebody with a key on your list",
}


def ssh_command(host: str, port: int, user: str) -> str:
    """Return what a guest types to come as this user."""
    option = "" if port == _SSH_PORT else f"-p {port} "
    return f"ssh {option}{user}@{host}"


def known_hosts_line(address: LinkAddress) -> str:
    """Return the gateway's host key as it stands in a `known_hosts` file."""
    host = address.host if address.port == _SSH_PORT else f"[{address.host}]:{address.port}"
    return f"{host} {address.public_key}"


def users_of(address: LinkAddress) -> dict[str, str]:
    """Return the SSH user names that open the session, by their public names in JSON."""
    found = {"ssh_name": address.by_key}
    if address.opens_by_link:
        found = {"ssh_rw": address.read_write, "ssh_ro": address.read_only, **found}
    return {name: user for name, user in found.items() if user}


def invitations(address: LinkAddress) -> Iterator[tuple[str, str]]:
    """Yield what each way in is for, and the command that a guest types."""
    for name, user in users_of(address).items():
        yield _WORDS[name], ssh_command(address.host, address.port, user)


def links_page(address: LinkAddress | None, gateway: str) -> tuple[str, list[str]]:
    """Return the text of the owner's page of links, and what of it can be copied, in the order of its numbers.

    `gateway`: its state in words.
    """
    lines, commands = [""], list[str]()
    for words, command in invitations(address) if address is not None else ():
        commands.append(command)
        lines += [f" {len(commands)}  {words}:", f"    {command}", ""]
    if address is None:
        lines += [f" No gateway has the session: it is {gateway}.", ""]
    elif not commands:
        lines += [" Nothing opens the session now; 'pairterm link new' makes a link.", ""]
    if address is not None:
        lines += [f" host key  {address.fingerprint}", ""]
        if address.is_loopback:
            lines += [" Only this machine can reach the gateway; 'pairterm new --listen' opens it.", ""]
        if gateway != "connected":
            lines += [f" The gateway is {gateway}; the links work again when it is back.", ""]
    return "\n".join(lines), commands
