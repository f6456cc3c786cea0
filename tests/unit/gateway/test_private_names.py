"""Names of asyncssh that are not public: the list is whole, and this version has them all."""

from __future__ import annotations

import ast
import asyncio
import tomllib
from pathlib import Path

import asyncssh
import pytest

import pairterm.gateway.ssh.private_names as names
from pairterm.gateway.ssh.guest_connection import GuestConnection, TerminalChannel

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = asyncssh.SSHServerConnectionOptions(server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def mentioned() -> set[str]:
    """Return the private names that the gateway's modules about asyncssh mention or override."""
    found = set()
    names_used = ("guest_connection", "request_limits", "packet_ciphers", "outgoing")
    for module in names_used:
        for node in ast.walk(ast.parse((ROOT / "pairterm" / "gateway" / "ssh" / f"{module}.py").read_text())):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
    return {each for each in found if is_private(each)}


async def asyncsshs() -> set[str]:
    """Return all private names of asyncssh's connections and channels."""
    loop = asyncio.get_running_loop()
    connection = names.Unconnected(
        loop, asyncssh.SSHServerConnectionOptions(options=OPTIONS, login_timeout=0), wait=None
    )
    channel = asyncssh.SSHServerChannel[bytes](connection, loop, True, False, False, 0, 0, None, "strict", 1, 1)
    return {each for found in (connection, channel) for each in dir(found) if is_private(each)}


async def test_the_list_of_private_names_is_whole() -> None:
    listed = {*names.CONNECTION, *names.CHANNEL, *names.CIPHER}
    ours = {"_connection", "_channel"}  # Attributes of our own that asyncssh's classes have by chance.
    assert (mentioned() & await asyncsshs()) - ours <= listed


async def test_this_version_of_asyncssh_has_them_all() -> None:
    assert names.missing_names(OPTIONS) == []
    assert issubclass(GuestConnection, asyncssh.SSHServerConnection)
    assert issubclass(TerminalChannel, asyncssh.SSHServerChannel)


async def test_a_name_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "CONNECTION", ("_kex_complete", "_gone"))
    monkeypatch.setattr(names, "CHANNEL", ("_gone",))
    monkeypatch.setattr(names, "CIPHER", ("_cipher", "_gone"))
    assert names.missing_names(OPTIONS) == [
        "SSHServerConnection._gone", "SSHServerChannel._gone", "GCMEncryption._cipher._gone",
    ]  # fmt: skip


def test_the_version_of_asyncssh_is_bounded() -> None:
    """The next minor version may rename any of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [each for each in project["dependencies"] if each.startswith("asyncssh")] == ["asyncssh>=2.24.1,<2.25"]
