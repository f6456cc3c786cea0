"""The host key: made once, kept to its owner, never replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairterm.errors import SystemFault
from pairterm.gateway.ssh.host_key import host_key


def test_it_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = host_key(tmp_path)
    assert first.get_algorithm() == "ssh-ed25519"
    path = tmp_path / "ssh_host_ed25519_key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert host_key(tmp_path).get_fingerprint() == first.get_fingerprint()
    assert path.with_suffix(".pub").read_bytes().startswith(b"ssh-ed25519 ")
    assert {each.name for each in tmp_path.iterdir()} == {path.name, f"{path.name}.pub"}, "something was left"


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff" * 100])
def test_a_key_that_can_not_be_read_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ssh_host_ed25519_key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SystemFault, match="restore or remove it"):
        host_key(tmp_path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key of mode 0644 was taken, and whoever had read it could stand in for the gateway."""
    fingerprint = host_key(tmp_path).get_fingerprint()
    path = tmp_path / "ssh_host_ed25519_key"
    path.chmod(mode)
    with pytest.raises(SystemFault, match=f"mode {mode:04o}.*chmod 600"):
        host_key(tmp_path)
    path.chmod(0o600)
    assert host_key(tmp_path).get_fingerprint() == fingerprint


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="can't keep the host key"):
        host_key(tmp_path / "nowhere")
