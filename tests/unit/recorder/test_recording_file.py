"""Files of recordings: private, never overwritten, and whole after a write that failed."""

from __future__ import annotations

import resource
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.errors import UsageError
from pairterm.recorder.recording_file import RecordingFile, new_file, next_path
from pairterm.runtime.recording_lines import RecordingLines


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
    assert next_path(tmp_path / "a.cast.zst") == tmp_path / "a-2.cast.zst"
    file = new_file(tmp_path / "a-2.cast")
    assert file.path == tmp_path / "a-3.cast"
    file.close()
    assert not file.path.exists(), "a file without a line was left"


def test_a_compressed_file_is_readable_while_it_is_written_and_after_its_writer_was_killed(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "a.cast.zst")
    with RecordingLines(file.path) as lines:
        for number in range(3):
            file.append(f"line {number}\n".encode() * 1000, syncs=False)
            assert list(lines.read()) == [f"line {number}\n".encode()] * 1000
    with RecordingLines(file.path) as lines:  # The file has no end, as after a kill.
        assert len(list(lines.all())) == 3000
    file.finish()
    file.close()
    raw = file.path.read_bytes()
    assert len(raw) < 500
    file.path.write_bytes(raw + raw)
    with RecordingLines(file.path) as lines:  # Files of several frames, as `cat` makes them.
        assert len(list(lines.all())) == 6000


def test_a_damaged_compressed_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.cast.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(range(255, 100, -1)))
    with RecordingLines(path) as lines, pytest.raises(UsageError, match="the compressed file is damaged"):
        list(lines.read())


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(UsageError, match=r"pip install 'pairterm\[zstd\]'"):
        RecordingFile(tmp_path / "a.cast.zst")
    assert not (tmp_path / "a.cast.zst").exists()


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    path.write_bytes(b"one\ntw")
    with RecordingLines(path) as lines:
        assert list(lines.read()) == [b"one\n"]
        assert lines.rest == b"tw"
        with path.open("ab") as more:
            more.write(b"o\n")
        assert list(lines.read()) == [b"two\n"]
