"""`recordings --keep` and `--keep-bytes`: the old ones go, with their keyframes, and nothing else goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pairterm.cli.recordings import recordings_command
from pairterm.errors import UsageError
from pairterm.paths import recordings_dir

DAY_S = 86_400


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five recordings of 1000 bytes, one to five days old, and a file that is none."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    directory = recordings_dir()
    for days in range(1, 6):
        suffix = ".cast.zst" if days == 3 else ".cast"
        for name in (f"d{days}{suffix}", f"d{days}{suffix}.keyframes"):
            path = directory / name
            path.write_bytes(b"x" * 1000)
            os.utime(path, (time.time() - days * DAY_S - 60,) * 2)
    (directory / "notes.txt").write_bytes(b"x" * 5000)
    return directory


def left(directory: Path) -> list[str]:
    return sorted(each.name.partition(".")[0] for each in directory.glob("d*") if not each.name.endswith(".keyframes"))


def run(*arguments: str) -> None:
    recordings_command.main(list(arguments), standalone_mode=False)


def test_older_ones_are_removed(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--keep", "3d")
    assert left(files) == ["d1", "d2"]
    assert sorted(capsys.readouterr().out.split("\n")) == [
        "",
        "removed d3.cast.zst",
        "removed d4.cast",
        "removed d5.cast",
    ]
    assert sorted(each.name for each in files.glob("*.keyframes")) == ["d1.cast.keyframes", "d2.cast.keyframes"]
    assert (files / "notes.txt").exists()


def test_the_oldest_of_too_many_bytes_are_removed(files: Path) -> None:
    """The newest ones stay, as many as fit. Keyframes count."""
    run("--keep-bytes", "5K")
    assert left(files) == ["d1", "d2"]
    run("--keep-bytes", "5K")
    assert left(files) == ["d1", "d2"]


def test_both_limits_together(files: Path) -> None:
    run("--keep", "2d", "--keep-bytes", "1M")
    assert left(files) == ["d1"]
    run("--keep", "1h", "--keep-bytes", "1M")
    assert left(files) == []


@pytest.mark.parametrize("size", ["", "2X", "-1", "1.5G", "٣K"])
def test_a_bad_size_removes_nothing(files: Path, size: str) -> None:
    with pytest.raises(UsageError):
        run("--keep-bytes", size)
    assert len(left(files)) == 5


def test_keyframes_whose_recording_is_gone_are_removed(files: Path) -> None:
    """`rm pair.cast` leaves them, and they show what the recording showed."""
    (files / "d1.cast").unlink()
    run("--keep", "30d")
    assert not (files / "d1.cast.keyframes").exists()
    assert len(left(files)) == 4
