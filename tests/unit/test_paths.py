"""Where things lie, and what is refused there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pairterm import paths
from pairterm.errors import SystemFault


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PAIRTERM_TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return tmp_path


def test_the_directory_of_sockets_is_made_for_its_user_alone(base: Path) -> None:
    path = paths.runtime_dir()
    assert path == base / f"pairterm-{os.getuid()}"
    assert path.stat().st_mode & 0o777 == 0o700
    assert paths.runtime_dir() == path


def test_a_directory_that_is_not_ours_alone_is_refused(base: Path) -> None:
    path = base / f"pairterm-{os.getuid()}"
    path.mkdir()
    path.chmod(0o770)
    with pytest.raises(SystemFault, match="0700"):
        paths.runtime_dir()
    path.rmdir()
    (base / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(base / "elsewhere")
    with pytest.raises(SystemFault):
        paths.runtime_dir()
    path.unlink()
    path.touch()
    with pytest.raises(SystemFault):
        paths.runtime_dir()


def test_another_users_directory_is_refused(base: Path) -> None:
    path = base / f"pairterm-{os.getuid()}"
    path.mkdir(mode=0o700)
    if os.getuid() != 0:
        pytest.skip("takes root to make one")
    os.chown(path, 65534, 65534)
    with pytest.raises(SystemFault):
        paths.runtime_dir()


def test_session_names_are_the_sockets_and_no_hidden_ones() -> None:
    directory = paths.runtime_dir()
    for name in ("b.sock", "a.b.sock", ".gateway", ".lock", ".hidden.sock", "note.txt"):
        (directory / name).touch()
    assert paths.session_names() == ["a.b", "b"]
    assert paths.session_socket("a.b") == directory / "a.b.sock"
    assert paths.gateway_socket().name.startswith("."), "a session could be called like the gateway"


def test_a_path_that_no_socket_can_have_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert paths.check_socket_path(Path("/" + "x" * 102))
    with pytest.raises(SystemFault, match="PAIRTERM_TMPDIR"):
        paths.check_socket_path(Path("/" + "x" * 103))
    with pytest.raises(SystemFault):
        paths.check_socket_path(Path("/" + "ä" * 60))


def test_the_state_directory(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = paths.state_dir()
    assert path.is_relative_to(base)
    assert path.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("STATE_DIRECTORY", str(base / "by-systemd"))
    assert paths.state_dir() == base / "by-systemd"
    (base / "file").touch()
    monkeypatch.setenv("STATE_DIRECTORY", str(base / "file"))
    with pytest.raises(SystemFault, match=r"can't make .*; set XDG_STATE_HOME"):
        paths.state_dir()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_all_that_is_made_above_a_state_directory_is_its_users_alone(base: Path, umask: int) -> None:
    """With umask 000, the directories above it could be written by everyone, who could put another in its place."""
    before = os.umask(umask)
    try:
        path = paths.made_private(base / "a" / "b" / "c")
    finally:
        os.umask(before)
    assert [each.stat().st_mode & 0o777 for each in (path, path.parent, path.parent.parent)] == [0o700] * 3
    assert paths.made_private(path) == path
    (base / "file").touch()
    with pytest.raises(SystemFault, match="can't make"):
        paths.made_private(base / "file" / "below")
