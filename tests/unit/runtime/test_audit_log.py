"""The audit file: appended by several processes, rotated by one of them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from pairterm.runtime.audit_log import AuditLog


def events(*paths: Path) -> list[str]:
    return [json.loads(line)["event"] for path in paths for line in path.read_text().splitlines()]


def test_several_writers_rotate_a_file_once_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    older = path.with_name("audit.jsonl.1")
    writers = [AuditLog(path, max_bytes=2000) for _ in range(3)]
    seen: list[str] = []
    number = 0
    before = 0
    while not (older.exists() and before > 3):
        for writer in writers:
            writer.write(f"event-{number}", {})
            seen.append(f"event-{number}")
            number += 1
        before += older.exists()
        assert path.stat().st_size <= 2000
    assert events(older, path) == seen
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    log.write("first", {})
    path.rename(tmp_path / "kept")
    log.write("second", {})
    assert (events(tmp_path / "kept"), events(path)) == (["first"], ["second"])
    path.unlink()
    log.write("third", {})
    assert events(path) == ["third"]
