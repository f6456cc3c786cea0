"""A crash report tells where in the code an error happened, and nothing that a person typed, saw or was given."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.runtime.crash_report import (
    KEPT,
    MAX_REPORT_BYTES,
    crash_reports,
    crash_text,
    report_crashes,
    write_crash_report,
)

CANARY = "canary-rw-f5btj5xse4kncitznwujp52mu57sbxh2"


def fail(value: str) -> None:
    local = value * 2
    raise KeyError(local)


def fail_because(value: str) -> None:
    try:
        fail(value)
    except KeyError as error:
        raise ValueError(f"bad value {value}") from error


def caught(value: str) -> Exception:
    try:
        fail_because(value)
    except ValueError as error:
        return error
    raise AssertionError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "pairterm"


@pytest.fixture
def reporting() -> Iterator[None]:
    """Take back the hook and the handler of `report_crashes`."""
    hook, handlers = sys.excepthook, list(logging.getLogger().handlers)
    yield
    sys.excepthook = hook
    logging.getLogger().handlers = handlers


def test_it_names_the_errors_and_the_places_in_the_code() -> None:
    text = crash_text(caught("x"), "pairterm ls")
    assert "process: pairterm ls\n" in text
    assert "error: builtins.ValueError\n" in text
    assert "caused by: builtins.KeyError\n" in text
    assert "  tests/unit/runtime/test_crash_report.py:" in text
    assert " fail_because\n" in text


def test_it_has_no_value_no_text_of_the_error_and_no_path_of_the_machine() -> None:
    group = ExceptionGroup(CANARY, [caught(CANARY), caught(CANARY)])
    text = crash_text(group, "pairterm host")
    assert "one of the group: builtins.ValueError" in text
    assert CANARY not in text
    assert str(Path.home()) not in text
    assert os.getcwd() not in text


def test_an_endless_recursion_has_a_short_report() -> None:
    def again() -> None:
        again()

    with pytest.raises(RecursionError) as found:
        again()
    text = crash_text(found.value, "pairterm")
    assert len(text) < MAX_REPORT_BYTES
    assert "outer frames)" in text
    assert text.count(" again\n") > 10


def test_the_file_is_for_its_owner_alone_and_the_same_error_has_one(state: Path) -> None:
    paths = {write_crash_report(caught(value), "pairterm ls") for value in ("one", "two")}
    assert len(paths) == 1
    (path,) = paths
    assert path is not None
    assert path.parent == state / "crash-reports"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "error: builtins.ValueError" in path.read_text()
    assert "\ntime: 2" in path.read_text()


def test_only_the_newest_are_kept() -> None:
    error = caught("x")
    paths = [write_crash_report(error, f"process {number}") for number in range(KEPT + 3)]
    assert len(crash_reports()) == KEPT
    assert paths[-1] in crash_reports()


def test_a_link_in_its_place_is_not_followed(state: Path, tmp_path: Path) -> None:
    path = write_crash_report(caught("x"), "pairterm")
    assert path is not None
    other = tmp_path / "other"
    other.write_text("of somebody else")
    path.unlink()
    path.symlink_to(other)
    assert write_crash_report(caught("x"), "pairterm") == path
    assert other.read_text() == "of somebody else"
    assert not path.is_symlink()


def test_a_place_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("no directory")
    assert write_crash_report(caught("x"), "pairterm", blocked) is None


@pytest.mark.usefixtures("reporting")
def test_an_error_in_the_log_is_reported_once_and_the_log_says_where(caplog: pytest.LogCaptureFixture) -> None:
    report_crashes("pairterm host")
    logger = logging.getLogger("pairterm.something")
    for _ in range(3):
        logger.error("it failed", exc_info=caught(CANARY))
    logger.error("the disk", exc_info=OSError(28, "No space left"))
    (path,) = crash_reports()
    told = [each.getMessage() for each in caplog.records if "crash report" in each.getMessage()]
    assert told == [f"an internal error (ValueError); crash report: {path}"]


@pytest.mark.usefixtures("reporting")
def test_an_error_that_ends_the_process_is_reported(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    report_crashes("pairterm host")
    error = caught(CANARY)
    sys.excepthook(type(error), error, error.__traceback__)
    assert len(crash_reports()) == 1
    assert CANARY not in capsys.readouterr().err + caplog.text
