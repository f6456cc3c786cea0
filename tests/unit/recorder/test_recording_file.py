"""Files of recordings: private, never overwritten, and whole after a write that failed."""

from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.recorder.recording_file import RecordingFile, next_path


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process can grow over 1000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_private_and_appended(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "a.cast")
    file.append(b"one\n", syncs=False)
    file.append(b"two\n", syncs=True)
    file.close()
    assert (tmp_path / "a.cast").read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE((tmp_path / "a.cast").stat().st_mode) == 0o600


def test_no_file_is_overwritten_and_no_symlink_followed(tmp_path: Path) -> None:
    (tmp_path / "a.cast").write_text("mine")
    (tmp_path / "b.cast").symlink_to(tmp_path / "c.cast")
    for name in ("a.cast", "b.cast"):
        with pytest.raises(FileExistsError):
            RecordingFile(tmp_path / name)
    assert (tmp_path / "a.cast").read_text() == "mine"


@pytest.mark.usefixtures("small_disk")
def test_after_a_write_that_does_not_fit_the_file_is_as_before(tmp_path: Path) -> None:
    """The kernel writes the part that fits first: half a line must not stay."""
    file = RecordingFile(tmp_path / "a.cast")
    file.append(b"x" * 599 + b"\n", syncs=True)
    with pytest.raises(OSError, match="File too large"):
        file.append(b"y" * 599 + b"\n", syncs=True)
    file.append(b"z\n", syncs=True)
    file.close()
    assert (tmp_path / "a.cast").read_bytes() == b"x" * 599 + b"\nz\n"


def test_the_next_file_has_the_first_free_name(tmp_path: Path) -> None:
    assert next_path(tmp_path / "a.cast") == tmp_path / "a-2.cast"
    (tmp_path / "a-2.cast").touch()
    assert next_path(tmp_path / "a.cast") == tmp_path / "a-3.cast"
    assert next_path(tmp_path / "a-2.cast") == tmp_path / "a-3.cast"
    assert next_path(tmp_path / "s-20261127-101112.cast") == tmp_path / "s-20261127-101112-2.cast"
