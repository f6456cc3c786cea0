"""Gives the page the recording of a token. The token comes in a header that only the page's script sends.

It is never in a URL, so it is in no log and no history of a proxy. A wrong token counts as a wrong link
of its source. A right one always opens, whatever its source has presented. An answer is read and compressed in
a thread, a piece at a time. It may take as long as a slow network needs, and their number is bounded.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import zlib
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import BinaryIO

from aiohttp import web

from pairterm.access.counts import Counts
from pairterm.access.penalties import source_of
from pairterm.access.recording_shelf import SharedRecording
from pairterm.gateway.recording_store import RecordingStore
from pairterm.gateway.shared_state import GatewayState
from pairterm.gateway.web.site import HEADERS, refusal

__all__ = ["RecordingPages"]

logger = logging.getLogger(__name__)

_TOKEN = re.compile(r"Bearer (rec-[a-z2-7]{32})")

_PIECE_BYTES = 64 << 10

_MAX_ANSWERS = 64
_MAX_ANSWERS_OF_RECORDING = 16
"""More pages at a time are told to come back in a moment."""

_LEAST_BYTES_PER_S = 4096
"""A page that takes less of an answer is dropped. Recordings are compressed to about a tenth."""

_PATIENCE_S = 60.0


class RecordingPages:
    """The answers with recordings."""

    def __init__(
        self,
        store: RecordingStore,
        state: GatewayState,
        client_address: Callable[[web.BaseRequest], str],
        settled: Callable[[web.BaseRequest], None],
    ) -> None:
        """`settled` takes the limits off a connection: its request is one that we answer at length."""
        self._store = store
        self._state = state
        self._client_address = client_address
        self._settled = settled
        self._answers: Counts[bytes] = Counts()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the recording that the request's token opens, or a refusal."""
        given = request.headers.getall("Authorization", [])
        if not given:
            return refusal(HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        recording = self._recording_of(given)
        if recording is None:
            return self._refuse_token(request)
        if request.method != "GET":
            return refusal(HTTPStatus.NOT_FOUND)
        key = recording.token_hash
        if self._answers.total >= _MAX_ANSWERS or self._answers[key] >= _MAX_ANSWERS_OF_RECORDING:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "10"})
        self._answers.add(key)
        try:
            return await self._send(request, recording)
        finally:
            self._answers.remove(key)

    def _recording_of(self, given: list[str]) -> SharedRecording | None:
        found = _TOKEN.fullmatch(given[0]) if len(given) == 1 else None
        if found is None:
            return None
        self._store.catch_up()
        return self._store.shelf.find(sha256(found[1].encode()).digest(), time.time())

    def _refuse_token(self, request: web.BaseRequest) -> web.Response:
        """Count a token that opens nothing. The answer says no more than whether its source may try again at once."""
        source, penalties = source_of(self._client_address(request)), self._state.access.penalties
        now_s = asyncio.get_running_loop().time()
        has_tries = penalties.tries_left(source, now_s) > 0
        penalties.add(source, now_s)
        self._state.audit.refused("recording", source, transport="web")
        if has_tries:
            return refusal(HTTPStatus.NOT_FOUND)
        return refusal(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "10"})

    async def _send(self, request: web.BaseRequest, recording: SharedRecording) -> web.StreamResponse:
        try:
            file = self._store.open(recording)
        except OSError as error:
            logger.warning("the shared recording %s can't be read: %s", recording.id, error.strerror)
            return refusal(HTTPStatus.NOT_FOUND)
        with file:  # Its lock keeps it open while a thread reads, also if the page has gone.
            self._settled(request)
            is_packed = "gzip" in request.headers.get("Accept-Encoding", "").lower()
            headers = {**HEADERS, "Content-Type": "application/x-asciicast", "Cache-Control": "no-store"}
            answer = web.StreamResponse(headers={**headers, **({"Content-Encoding": "gzip"} if is_packed else {})})
            answer.force_close()
            packer = zlib.compressobj(6, zlib.DEFLATED, 31) if is_packed else None
            try:
                async with asyncio.timeout(_PATIENCE_S + recording.size_bytes / _LEAST_BYTES_PER_S):
                    await answer.prepare(request)
                    is_over = False
                    while not is_over:
                        piece, is_over = await asyncio.to_thread(_next_piece, file, packer)
                        if piece:
                            await answer.write(piece)
                    await answer.write_eof()
            except TimeoutError:
                if request.transport is not None:
                    request.transport.abort()
                raise ConnectionResetError from None
        return answer


def _next_piece(file: BinaryIO, packer: zlib._Compress | None) -> tuple[bytes, bool]:
    """Return the next bytes of an answer, and whether they are the last."""
    data = file.read(_PIECE_BYTES)
    if packer is None:
        return data, not data
    return (packer.compress(data), False) if data else (packer.flush(), True)
