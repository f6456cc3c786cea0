"""Starts a background process of ours, and waits until it is ready.

The child gets its settings on standard input, because arguments and environments are not secret.
It answers with one line of JSON on standard output, `{"ready": …}` or `{"error": …}`, and then
closes both. It leads a process session of its own, so it outlives the terminal and the login
that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from pairterm.errors import PairtermError, SystemFault, UsageError

if TYPE_CHECKING:
    import subprocess

__all__ = [
    "START_TIMEOUT_S",
    "StartedProcess",
    "Starting",
    "begin",
    "open_log",
    "read_answer",
    "read_settings",
    "report_error",
    "report_ready",
    "settings_line",
    "start",
]

START_TIMEOUT_S = 20.0
"""A cold start on a busy machine with one CPU takes about 2 s. If it takes longer than this, something is wrong."""


class StartedProcess:
    """A process that was started, and its answer."""

    def __init__(self, process: subprocess.Popen[bytes] | None, ready: Any) -> None:
        """`process` None: it is no child of ours."""
        self.process = process
        self.ready = ready


class Starting:
    """A process that was started, and has not answered yet."""

    def __init__(self, process: subprocess.Popen[bytes], module: str, log: Path) -> None:
        self._process = process
        self._module = module
        self._log = log

    def wait(self, timeout_s: float = START_TIMEOUT_S) -> StartedProcess:
        """Wait until it is ready. Call it once.

        Raises:
            PairtermError: The error that the process reported.
            SystemFault: It died or did not answer. Its log tells more.
        """
        process = self._process
        assert process.stdout is not None
        try:
            with process.stdout as answers:
                ready = read_answer(answers, self._module, process.pid, self._log, timeout_s=timeout_s)
                return StartedProcess(process, ready)
        except PairtermError:
            process.wait()
            raise

    def end(self) -> None:
        """End it, because nobody needs it any more."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def start(
    module: str,
    settings: Mapping[str, Any],
    log: Path,
    *,
    keep_stdin: bool = False,
    timeout_s: float = START_TIMEOUT_S,
    meanwhile: Callable[[], None] | None = None,
) -> StartedProcess:
    """Run `python -m module` in the background and wait until it is ready.

    `meanwhile` is called while the child starts. `keep_stdin`: see `begin`.

    Raises:
        PairtermError: The error that the child reported.
        SystemFault: The child died or did not answer. Its log tells more.
    """
    starting = begin(module, settings, log, keep_stdin=keep_stdin)
    if meanwhile is not None:
        meanwhile()
    return starting.wait(timeout_s)


def begin(module: str, settings: Mapping[str, Any], log: Path, *, keep_stdin: bool = False) -> Starting:
    """Run `python -m module` in the background, and do not wait for it.

    With `keep_stdin` the child's standard input stays open as long as this
    process lives, so the child can end with it.

    Raises:
        SystemFault: It can't be started.
    """
    # Here, not at the top: `pairterm new` mostly has its host forked by another process.
    import subprocess

    try:
        with open_log(log) as stderr:
            process = subprocess.Popen(
                # -P: the current directory must not be able to replace a module.
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )
    except OSError as error:
        raise SystemFault(f"can't start {module}: {error.strerror}", code="spawn") from error
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(settings_line(settings))
        process.stdin.flush()
        if not keep_stdin:
            process.stdin.close()
    return Starting(process, module, log)


def settings_line(settings: Mapping[str, Any]) -> bytes:
    """Return settings as `read_settings` reads them."""
    return json.dumps(settings).encode() + b"\n"


def read_answer(answers: IO[bytes], module: str, pid: int, log: Path, *, timeout_s: float) -> Any:
    """Return what a process says when it is ready. End its process group if it does not answer.

    `answers` is its standard output. Errors name `module` and `log`.

    Raises:
        PairtermError: The error that it reported.
        SystemFault: It died, or it did not answer.
    """
    line = b""
    polled = select.poll()  # `select` takes no descriptor over 1023, and a host may have that many.
    polled.register(answers, select.POLLIN)
    if polled.poll(timeout_s * 1000):
        line = answers.readline()
    try:
        answer = json.loads(line)
    except ValueError as error:
        # With its whole process group: a host has a watcher above it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        fault = "gave an invalid answer" if line else "did not start"
        raise SystemFault(f"{module} {fault}; its log is {log}", code="spawn") from error
    if "error" in answer:
        raise _error_from(answer["error"])
    return answer["ready"]


def open_log(path: Path) -> Any:
    """Open a new log: with mode 0600, not through a symlink, and readable so that `logs` can drop its older half."""
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    return os.fdopen(fd, "ab")


def _error_from(answer: Mapping[str, Any]) -> PairtermError:
    kind = UsageError if answer["exit_status"] == UsageError.exit_status else SystemFault
    return kind(str(answer["message"]), code=str(answer["code"]))


def read_settings() -> dict[str, Any]:
    """Return the settings that `start` wrote to our standard input."""
    settings: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    return settings


def report_ready(answer: object) -> None:
    """Tell the starting process that we are ready, and close the standard output."""
    _report({"ready": answer})


def report_error(error: PairtermError) -> NoReturn:
    """Tell the starting process why we can't start, and exit."""
    _report({"error": {"message": error.message, "code": error.code, "exit_status": error.exit_status}})
    sys.exit(error.exit_status)


def _report(answer: Mapping[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(answer).encode() + b"\n")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.close(null)
