"""The units of `setup gateway`, the advice about the firewall, and the installations that the service can't read."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.cli import setup_gateway
from pairterm.cli.setup_gateway import MARK, GatewaySetup, firewall_advice, hidden_from_service, program, units
from pairterm.cli.setup_steps import Steps
from pairterm.errors import UsageError


def texts(*listen: str) -> dict[str, str]:
    return {path.name: text for path, text in units(listen).items()}


def test_the_units_start_this_installation_and_listen_where_the_configuration_says() -> None:
    found = texts("0.0.0.0:443", "[::1]:2222")
    assert found.keys() == {"pairterm.service", "pairterm.socket", "pairterm-operator.socket"}
    assert all(text.startswith(MARK) for text in found.values())
    starts = [line for line in found["pairterm.service"].splitlines() if line.startswith("ExecStart=")]
    assert starts == [f"ExecStart={program()} serve --config /etc/pairterm.toml"]
    streams = [line for line in found["pairterm.socket"].splitlines() if line.startswith("ListenStream=")]
    assert streams == [
        "ListenStream=0.0.0.0:443",
        "ListenStream=[::1]:2222",
        "ListenStream=/run/pairterm/link.sock",
    ]


@pytest.mark.parametrize("address", ["pair.example.org:2222", ":2222", "localhost:2222"])
def test_systemd_resolves_no_names(address: str) -> None:
    with pytest.raises(UsageError, match="use an IP address"):
        texts(address)


@pytest.mark.parametrize(
    ("tools", "line"),
    [
        ((), "neither ufw nor firewalld"),
        (("ufw",), "ufw allow 443/tcp"),
        (("firewall-cmd",), "firewall-cmd --permanent --add-port=443/tcp && firewall-cmd --reload"),
    ],
)
def test_the_advice_is_for_the_firewall_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tools: tuple[str, ...], line: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/sbin/{name}" if name in tools else None)
    said = "\n".join(firewall_advice([443]))
    assert "TCP port 443" in said
    assert line in said


@pytest.fixture
def tree() -> Iterator[Path]:
    """A file that everybody may read. Nobody else may enter pytest's own directories, so it is not in one of them."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        path = Path(place) / "opt" / "file"
        path.parent.mkdir()
        path.parent.chmod(0o755)
        path.touch()
        path.chmod(0o644)
        yield path


def test_a_file_that_everybody_may_read_is_not_hidden(tree: Path) -> None:
    assert hidden_from_service(tree) is None
    tree.parent.chmod(0o700)
    assert hidden_from_service(tree) == tree.parent
    tree.parent.chmod(0o755)
    tree.chmod(0o600)
    assert hidden_from_service(tree) == tree


def test_a_link_into_a_home_directory_is_hidden(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tree.with_name("link")
    link.symlink_to(tree)
    monkeypatch.setattr(setup_gateway, "_HIDDEN", (tree.parents[1],))
    assert hidden_from_service(link) == tree


@pytest.mark.parametrize("receipt", ["pipx_metadata.json", "uv-receipt.toml", ""])
def test_the_link_of_pipx_or_uv_stays(receipt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pipx had put the command into /usr/local/bin, and `--uninstall` removed it from there."""
    link = tmp_path / "link"
    link.symlink_to(program())
    for name in ("UNITS", "CONFIG"):
        monkeypatch.setattr(setup_gateway, name, tmp_path / "nothing")
    monkeypatch.setattr(setup_gateway, "_LINK", link)
    monkeypatch.setattr(setup_gateway, "_STATE", ())
    monkeypatch.setattr(setup_gateway, "_PACKAGED", ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if receipt:
        (tmp_path / receipt).touch()
    GatewaySetup(Steps(is_dry=False)).uninstall(purge=False)
    assert link.is_symlink() is bool(receipt)
