"""The files of shared recordings: their modes, what is taken, and what a killed gateway leaves."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from pairterm.access.recording_shelf import RecordingShelf, SharedRecording
from pairterm.errors import SystemFault, UsageError
from pairterm.gateway.recording_store import RecordingStore

CAST = b'{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.5, "o", "hello"]\n'


def store(directory: Path) -> RecordingStore:
    return RecordingStore(directory, RecordingShelf(max_bytes=1 << 20, max_bytes_of_owner=1 << 20, max_age_s=86_400))


def recording(name: str = "pair.cast", *, data: bytes = CAST, keep_s: int = 3600, number: int = 1) -> SharedRecording:
    return SharedRecording(
        token_hash=bytes([number]) * 32,
        owner="uid 1",
        name=name,
        size_bytes=len(data),
        expires_s=int(time.time()) + keep_s,
    )


def upload(kept: RecordingStore, wanted: SharedRecording, data: bytes = CAST) -> None:
    under_way = kept.begin(wanted)
    try:
        under_way.write(data)
        under_way.finish()
    except UsageError:
        under_way.abort()
        raise
    kept.shelf.finish(wanted)


def killed_in_an_upload(kept: RecordingStore) -> None:
    """Let a process begin an upload, and be killed in the middle of it."""
    pid = os.fork()
    if pid == 0:
        kept.begin(recording()).write(CAST[:60])
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL


def names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def test_files_are_for_the_gateway_alone_and_outlive_it(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    wanted = recording("../../etc/passwd")
    upload(store(place), wanted)
    assert names(place) == [f"{'01' * 32}.cast", f"{'01' * 32}.json"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    again = store(place)
    found = again.shelf.find(wanted.token_hash, time.time())
    assert found == wanted
    with again.open(wanted) as file:
        assert file.read() == CAST


def test_half_an_upload_leaves_nothing_whether_it_is_given_up_or_the_gateway_is_killed(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    kept = store(place)
    given_up = kept.begin(recording())
    given_up.write(CAST[:60])
    given_up.abort()
    assert names(place) == []
    killed_in_an_upload(kept)
    assert names(place) == [f".{'01' * 32}.part"]
    (place / f"{'02' * 32}.cast").write_bytes(CAST)
    (place / f".{'02' * 32}.about").write_text("{}")
    (place / "README").write_text("the operator's")
    again = store(place)
    assert names(place) == ["README"]
    assert not again.shelf.hashes


def test_what_expires_is_deleted(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    kept = store(place)
    for number, keep_s in ((1, 3600), (2, 7200)):
        upload(kept, recording(number=number, keep_s=keep_s))
    for each in kept.shelf.expired(time.time() + 3601):
        kept.remove(each)
    assert names(place) == [f"{'02' * 32}.cast", f"{'02' * 32}.json"]


@pytest.mark.parametrize(
    "data",
    [
        b"#!/bin/sh\necho no recording\n",
        b"\x7fELF" + bytes(100),
        CAST + b"<html>\n",
        CAST + b"[1, 2]",
        CAST[:30],
        CAST.replace(b"hello", b"\xff\xfe"),
    ],
)
def test_only_an_asciicast_is_taken(tmp_path: Path, data: bytes) -> None:
    kept = store(tmp_path / "shared")
    with pytest.raises(UsageError):
        upload(kept, recording(data=data), data)
    assert names(tmp_path / "shared") == []


def test_no_more_is_taken_than_was_said(tmp_path: Path) -> None:
    kept = store(tmp_path / "shared")
    with pytest.raises(UsageError, match="longer"):
        upload(kept, recording(data=CAST[:-1]))


def test_a_directory_that_others_can_read_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    place.mkdir(mode=0o755)
    place.chmod(0o755)
    with pytest.raises(SystemFault, match="0700"):
        store(place)


def test_a_link_in_the_directory_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    kept = store(place)
    wanted = recording()
    upload(kept, wanted)
    secret = tmp_path / "secret"
    secret.write_bytes(CAST)
    (place / f"{'01' * 32}.cast").unlink()
    (place / f"{'01' * 32}.cast").symlink_to(secret)
    with pytest.raises(OSError, match=r"loop|symbolic"):
        kept.open(wanted)


def test_a_worker_that_starts_leaves_the_uploads_of_others_alone_and_finds_what_they_keep(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    first = store(place)
    under_way = first.begin(recording())
    under_way.write(CAST)
    second = store(place)
    second.has_other_workers = True
    token_hash = under_way.recording.token_hash
    assert names(place) == [f".{'01' * 32}.part"]
    second.catch_up()
    assert second.shelf.find(token_hash, time.time()) is None
    under_way.finish()
    second.catch_up()
    assert second.shelf.find(token_hash, time.time()) == under_way.recording
    own = second.begin(recording(number=2))
    second.catch_up()
    assert second.shelf.size_bytes == 2 * len(CAST)
    own.abort()
    first.remove(under_way.recording)
    second.catch_up()
    assert second.shelf.find(token_hash, time.time()) is None
    assert second.shelf.size_bytes == 0
