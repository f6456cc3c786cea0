"""A recorder from start to end: its link to the host, its pace, its file, and what happens if the disk fails.

The loop sleeps until something happens. It then writes the newest picture, at most every
`_WRITE_S`. Writing happens in a thread, so the link is read while the disk stalls.
Pictures are acknowledged when they are written, so the host sends no more than the disk
takes. Each second in which something was written ends with a seal and a sync.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pairterm import __version__
from pairterm.errors import PairtermError, PeerError, UsageError
from pairterm.link.codec import decode_host_message
from pairterm.link.messages import (
    PROTOCOL,
    Ack,
    AttendanceWire,
    Echo,
    Ended,
    Hello,
    LookAt,
    Ping,
    Record,
    RecorderNews,
    RecordEvent,
    ScreenUpdate,
    Windows,
)
from pairterm.link.messages.hello import check_protocol
from pairterm.link.relay import SELF
from pairterm.paths import session_socket
from pairterm.record.chain import signer
from pairterm.record.events import EXIT, Header
from pairterm.record.keyframes import Keyframe, keyframes_key
from pairterm.record.writer import RecordingWriter
from pairterm.recorder.recording_file import RecordingFile, new_file
from pairterm.recorder.watcher import Watcher
from pairterm.recorder.write_retries import WriteRetries
from pairterm.runtime.keyframe_file import KeyframeFile, keyframes_path
from pairterm.runtime.link_stream import LinkStream, connect_unix
from pairterm.runtime.logs import log_to_stderr
from pairterm.runtime.recording_key import recording_key
from pairterm.runtime.spawn import read_settings
from pairterm.types import DEFAULT_SIZE

__all__ = ["main"]

logger = logging.getLogger(__name__)

_WRITE_S = 0.04
"""At least so long between two writes. The host sends pictures at the same pace (`pairterm.host.recorder_turn`)."""

_SYNC_S = 1.0

_Done = TypeVar("_Done")

_STALL_S = 5.0
"""A disk that takes nothing for so long is reported to the owner."""

_NICE = 5
"""A key's echo reaches the recorder at the same moment as the guests: the processor is for them first."""

_LAST_NEWS_S = 2.0
"""How long the recorder waits at its end until the host has read its last message."""


class _Settings(msgspec.Struct, frozen=True):
    session: str
    file: str
    number: int = 0
    """The host knows this recorder by it."""
    max_file_bytes: int = 256 << 20


def main() -> int:
    """Record a session until it ends or its owner stops the recording; return the exit status."""
    log_to_stderr(logging.INFO, is_own_file=True)
    os.nice(_NICE)
    settings = msgspec.convert(read_settings(), _Settings)
    try:
        return asyncio.run(_Recorder(settings).run())
    except PairtermError as error:
        logger.error("not recorded: %s", error)
        return error.exit_status


class _Recorder:
    """One recorder."""

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        private = recording_key()
        self._sign, self._key = signer(private)
        self._keyframes_key = keyframes_key(private)
        self._keyframes = KeyframeFile(keyframes_path(Path(settings.file)), self._keyframes_key)
        self._path = Path(settings.file)
        self._follows = ""
        self._file: RecordingFile | None = None
        self._writer: RecordingWriter | None = None
        self._began_s = 0.0
        self._watcher = Watcher()
        self._stream = LinkStream(self._receive, self._lost)
        self._has_hello = False
        self._changed = asyncio.Event()
        self._is_over = False
        self._gone = asyncio.Event()
        """The link has ended, and the host has all that was sent."""
        self._exit_status: int | None = None
        self._retries = WriteRetries()
        self._unsynced_s: float | None = None
        """Since when something is written and not synced; None: all is synced."""

    async def run(self) -> int:
        """Record until the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._finish)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        await connect_unix(session_socket(self._settings.session), self._stream)
        self._stream.send(Hello(PROTOCOL, __version__, "client"))
        while not self._is_over:
            await self._wait()
            now_s = time.monotonic()
            await self._write(now_s)
            await self._pause(_WRITE_S - (time.monotonic() - now_s))
        await self._end()
        return 0

    async def _wait(self) -> None:
        """Sleep until something happens, or until what is written must be synced."""
        due_s = None if self._unsynced_s is None else max(0.0, self._unsynced_s + _SYNC_S - time.monotonic())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(due_s):
                await self._changed.wait()
        self._changed.clear()

    async def _pause(self, pause_s: float) -> None:
        """Let pictures gather for a moment."""
        if pause_s > 0 and not self._is_over:
            await asyncio.sleep(pause_s)

    # The link.

    def _receive(self, payload: bytes) -> None:
        message = decode_host_message(payload)
        if not self._has_hello:
            check_protocol(message, ours=__version__)
            self._has_hello = True
            self._stream.send(Record(SELF, self._settings.number))
            return
        now_s = time.monotonic()
        match message:
            case Windows() | LookAt() | ScreenUpdate() | Echo():
                self._watcher.take_screen(message, now_s)
            case AttendanceWire():
                self._watcher.attend(message, now_s)
            case RecordEvent(kind="stop"):
                self._finish()
            case RecordEvent():
                self._watcher.happened(message, now_s)
            case Ended(status=status):
                self._exit_status = status
                self._finish()
            case Ping():
                self._stream.answer_ping()
            case _:
                return
        self._changed.set()

    def _lost(self, error: PeerError | None) -> None:
        if error is not None:
            logger.warning("the link to the host ended: %s", error)
        self._gone.set()
        self._finish()

    def _finish(self) -> None:
        self._is_over = True
        self._changed.set()

    # The file.

    async def _write(self, now_s: float) -> None:
        """Write what has happened, with a seal and a sync if they are due."""
        try:
            if self._writer is None:
                await self._open()
            assert self._writer is not None
            self._watcher.record(self._writer, self._began_s, now_s)
            is_new = self._file is not None and not self._file.size_bytes
            await self._append(is_sync_due=self._unsynced_s is not None and now_s >= self._unsynced_s + _SYNC_S)
            if is_new:
                self._stream.send(RecorderNews("recording", str(self._path)[:500]))
            if self._file is not None and self._file.size_bytes > self._settings.max_file_bytes:
                await self._close()
        except OSError as error:
            await self._fail(error)
            return
        except UsageError as error:  # No next file would be better.
            self._stream.send(RecorderNews("failed", error.message[:500]))
            raise
        for pane, generation in self._watcher.acknowledgements():
            self._stream.send(Ack(pane, generation))

    async def _open(self) -> None:
        """Open the file, or the next one if it exists."""
        self._file = await self._unhurried(asyncio.to_thread(new_file, self._path))
        self._path = self._file.path
        self._keyframes = KeyframeFile(keyframes_path(self._path), self._keyframes_key)
        self._began_s = time.monotonic()
        size = self._watcher.size or DEFAULT_SIZE
        header = Header(
            size=size,
            timestamp=int(time.time()),
            title=self._settings.session,
            key=self._key,
            follows=self._follows,
        )
        self._writer = RecordingWriter(header, self._sign)
        self._watcher.begin(self._writer)

    async def _append(self, *, is_sync_due: bool, is_last: bool = False) -> None:
        """Append what the writer has. The link is read meanwhile.

        Raises:
            OSError: The disk does not take it.
        """
        assert self._writer is not None
        assert self._file is not None
        if is_sync_due or is_last:
            self._writer.seal(is_last=is_last)
        lines = self._writer.take()
        if lines or is_sync_due:
            await self._unhurried(asyncio.to_thread(self._file.append, lines, syncs=is_sync_due or is_last))
        if keyframes := self._writer.take_keyframes():
            await self._unhurried(asyncio.to_thread(self._keep, keyframes))
        if is_last:
            await self._unhurried(asyncio.to_thread(self._file.finish))
        self._retries.succeeded()
        if is_sync_due:
            self._unsynced_s = None
        elif lines and self._unsynced_s is None:
            self._unsynced_s = time.monotonic()

    def _keep(self, keyframes: list[Keyframe]) -> None:
        """Keep keyframes beside the file. If that fails, a player makes them again."""
        try:
            self._keyframes.append(keyframes)
        except OSError as error:
            logger.info("no keyframes are kept: %s", error)

    async def _unhurried(self, work: Coroutine[Any, Any, _Done]) -> _Done:
        """Return what work on the disk returns. If it takes long, tell the owner, and wait on."""
        task = asyncio.create_task(work)
        done, _ = await asyncio.wait((task,), timeout=_STALL_S)
        if not done:
            self._stream.send(RecorderNews("failed", "the disk takes nothing; it goes on when it does"))
        return await task

    async def _fail(self, error: OSError) -> None:
        """Leave the file as it is, tell the owner once, and wait before a next file is tried."""
        logger.warning("the recording can't be written: %s", error)
        if self._retries.is_first:
            self._stream.send(RecorderNews("failed", f"{self._path}: {error.strerror or error}"[:500]))
        pause_s = self._retries.failed()
        self._forget_file()
        deadline_s = time.monotonic() + pause_s
        while not self._is_over and (left_s := deadline_s - time.monotonic()) > 0:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
        self._changed.set()

    async def _close(self) -> None:
        """Seal the file for good, and let the next one follow it."""
        assert self._writer is not None
        await self._append(is_sync_due=True, is_last=True)
        self._follows = self._writer.chain_value
        self._forget_file()
        self._changed.set()

    def _forget_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._keyframes.close()
        self._file = self._writer = self._unsynced_s = None

    async def _end(self) -> None:
        """Write what is left and the last seal, and tell the host."""
        try:
            if self._writer is not None:
                now_s = time.monotonic()
                self._watcher.record(self._writer, self._began_s, now_s)
                if self._exit_status is not None:
                    self._writer.event(now_s - self._began_s, EXIT, str(self._exit_status))
                path = self._path
                await self._close()
                self._stream.send(RecorderNews("ended", str(path)[:500]))
        except OSError as error:
            self._stream.send(RecorderNews("failed", f"{self._path}: {error.strerror or error}"[:500]))
        self._stream.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_NEWS_S):
                await self._gone.wait()
