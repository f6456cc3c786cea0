"""The gateway's end of a link by which an owner shares recordings: one request, and the parts of an upload.

The owner is who the link's login says, as for a session. Nothing of an upload stays unless all of it
came. Parts are checked and written in a thread, one at a time, so a slow disk delays only this link.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, assert_never

from pairterm.access.recording_shelf import SharedRecording
from pairterm.errors import PairtermError, PeerError
from pairterm.gateway.audit_events import GatewayAudit
from pairterm.gateway.recording_store import RecordingStore, Upload
from pairterm.link.codec import LinkMessage, decode_sharer_message
from pairterm.link.messages import Hello, Ping, Pong, Refused
from pairterm.link.shared_recordings import (
    MAX_SHARED,
    ListRecordings,
    RecordingPart,
    RecordingShared,
    RecordingTaken,
    RecordingWire,
    RevokeRecording,
    SharedRecordings,
    ShareRecording,
)

__all__ = ["NO_RECORDINGS", "RecordingsLink", "RecordingsPlace"]

_SILENT_S = 30.0
"""How long an owner's command may send nothing."""

NO_RECORDINGS = (
    "this gateway keeps no recordings: its operator has to set recordings_dir in [web]. "
    "'pairterm export --format html' makes a page that you can send instead"
)


class RecordingsPlace:
    """Where a gateway keeps recordings, and the page that plays them."""

    def __init__(self, store: RecordingStore, page: Callable[[], str], audit: GatewayAudit) -> None:
        self.store = store
        self.page = page
        self.audit = audit


class _Link(Protocol):
    """The link below."""

    def send(self, *messages: LinkMessage) -> None:
        """Send messages."""

    def close(self, error: PeerError | None = None) -> None:
        """End the link when all is sent."""

    def answer_ping(self) -> None:
        """Answer a ping."""


class RecordingsLink:
    """What follows on a link after a sharer's hello."""

    def __init__(self, link: _Link, owner: str, place: RecordingsPlace | None) -> None:
        self._link = link
        self._owner = owner
        self._place = place
        self._upload: Upload | None = None
        self._is_writing = False
        self._is_gone = False
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(_SILENT_S, self._silent)

    def receive(self, payload: bytes) -> None:
        """Take a message.

        Raises:
            PeerError: It is no message of a sharer, or out of place.
        """
        message = decode_sharer_message(payload)
        self._timer.cancel()
        self._timer = self._loop.call_later(_SILENT_S, self._silent)
        match message:
            case Ping():
                self._link.answer_ping()
            case Pong():
                pass
            case RecordingPart(data=data):
                self._take(data)
            case ShareRecording() | ListRecordings() | RevokeRecording():
                if self._upload is not None:
                    raise PeerError("a recording is under way", code="unexpected_message")
                self._obey(message)
            case Hello():
                raise PeerError("a second hello", code="unexpected_message")
            case _:
                assert_never(message)

    def gone(self) -> None:
        """End with the link. Half an upload is removed."""
        self._is_gone = True
        self._timer.cancel()
        if not self._is_writing:
            self._abort()

    def _silent(self) -> None:
        self._link.close(PeerError("a sharer of recordings is silent", code="silent"))

    def _obey(self, message: ShareRecording | ListRecordings | RevokeRecording) -> None:
        if self._place is None:
            self._refuse("no_recordings", NO_RECORDINGS)
            return
        try:
            self._carry_out(message, self._place)
        except PairtermError as error:
            self._refuse(error.code, error.message)

    def _carry_out(self, message: ShareRecording | ListRecordings | RevokeRecording, place: RecordingsPlace) -> None:
        now_s = time.time()
        store, shelf = place.store, place.store.shelf
        store.catch_up()
        match message:
            case ShareRecording():
                self._upload = store.begin(
                    SharedRecording(
                        token_hash=message.token_hash,
                        owner=self._owner,
                        name=message.name,
                        size_bytes=message.size_bytes,
                        expires_s=int(now_s) + message.keep_s,
                    )
                )
                self._link.send(RecordingTaken(0))
                return
            case RevokeRecording(id=recording_id):
                store.remove(shelf.named(self._owner, recording_id, now_s))
                place.audit.write("recording-revoked", {"owner": self._owner, "recording": recording_id})
            case ListRecordings():
                pass
            case _:
                assert_never(message)
        own = shelf.of(self._owner, now_s)[:MAX_SHARED]
        self._link.send(
            SharedRecordings([RecordingWire(each.id, each.name, each.size_bytes, each.expires_s) for each in own])
        )

    def _refuse(self, code: str, text: str) -> None:
        self._link.send(Refused(None, code, text))
        self._link.close()

    # The upload.

    def _take(self, data: bytes) -> None:
        if self._upload is None or self._is_writing:
            raise PeerError("a part out of place", code="unexpected_message")
        upload = self._upload
        self._is_writing = True

        def work() -> None:
            upload.write(data)
            if upload.is_whole:
                upload.finish()

        self._loop.run_in_executor(None, work).add_done_callback(self._written)

    def _written(self, done: asyncio.Future[None]) -> None:
        """Go on after a part was written, or end the upload."""
        self._is_writing = False
        upload, place = self._upload, self._place
        assert upload is not None
        assert place is not None
        error = done.exception()
        if isinstance(error, PairtermError):
            self._abort()
            self._refuse(error.code, error.message)
        elif error is not None:
            self._abort()
            self._link.close()
            raise error
        elif upload.is_whole:
            self._upload = None
            place.store.shelf.finish(upload.recording)
            place.audit.write(
                "recording-shared",
                {"owner": self._owner, "recording": upload.recording.id, "bytes": upload.recording.size_bytes},
            )
            self._link.send(RecordingShared(upload.recording.id, place.page(), upload.recording.expires_s))
        elif self._is_gone:
            self._abort()
        else:
            self._link.send(RecordingTaken(upload.size_bytes))

    def _abort(self) -> None:
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.abort()
