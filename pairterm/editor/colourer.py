"""The colours of an editor's files, from the editor's end: it asks the colour worker, and ends it if it hangs.

One request is on its way at a time. Changes meanwhile become the next request. A
text on which the worker hangs or dies stays plain.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable

import msgspec

from pairterm.document.difference import difference
from pairterm.document.document import DocumentId
from pairterm.editor.colour_messages import Coloured, ToColour
from pairterm.editor.open_files import OpenFile, OpenFiles
from pairterm.link.framing import HEADER_BYTES, framed

__all__ = ["Colourer"]

logger = logging.getLogger(__name__)

_ANSWER_S = 5.0
"""The worker answers after 0.05 s, and after the line in which it is then."""


class Colourer:
    """Keeps the colours of the shared files right."""

    def __init__(self, files: OpenFiles, publish: Callable[[], None]) -> None:
        self._files = files
        self._publish = publish
        self._changed = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._known: dict[DocumentId, tuple[str, ...]] = {}
        """The lines of each text that the worker has."""
        self._unfinished: set[DocumentId] = set()
        self._plain: set[DocumentId] = set()
        """Texts on which the worker failed."""

    def look(self) -> None:
        """Take note that a file may have changed."""
        self._changed.set()

    async def run(self) -> None:
        """Colour what changes, for as long as the editor lives."""
        try:
            while True:
                await self._changed.wait()
                file = self._next()
                if file is None:
                    self._changed.clear()
                else:
                    await self._colour(file)
        finally:
            await self._end_worker()

    def _next(self) -> OpenFile | None:
        """Return a file that needs colours, the active one first; None: there is none."""
        shared = {each.document.id: each for each in self._files.shared()}
        self._known = {each: lines for each, lines in self._known.items() if each in shared}
        waiting = [
            each
            for each in shared.values()
            if each.document.id not in self._plain
            and (each.document.id in self._unfinished or self._known.get(each.document.id) is not each.document.lines)
        ]
        return next((each for each in waiting if self._files.is_active(each)), waiting[0] if waiting else None)

    async def _colour(self, file: OpenFile) -> None:
        document, lines = file.document.id, file.document.lines
        known = self._known.get(document)
        change = difference(known or (), lines)
        request = ToColour(document, file.verdict.name, file.language)
        if change is not None:
            added = change.full_lines(known or ())
            request = msgspec.structs.replace(
                request, first=change.first, removed=change.removed, lines=added, is_new=known is None
            )
        try:
            async with asyncio.timeout(_ANSWER_S):
                answer = await self._ask(request)
        except (TimeoutError, OSError, EOFError, msgspec.DecodeError):
            logger.warning("no colours for %s: the worker did not answer", file.verdict.name)
            self._plain.add(document)
            self._known.clear()
            self._unfinished.clear()
            await self._end_worker()
            return
        self._known[document] = lines
        self._unfinished.discard(document)
        if not answer.is_done:
            self._unfinished.add(document)
        self._files.colour(document, lines, answer.first, answer.rows)
        self._publish()

    async def _ask(self, request: ToColour) -> Coloured:
        process = self._process
        if process is None:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "pairterm.editor.colour_worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(framed(msgspec.msgpack.encode(request)))
        await process.stdin.drain()
        header = await process.stdout.readexactly(HEADER_BYTES)
        payload = await process.stdout.readexactly(int.from_bytes(header, "big"))
        return msgspec.msgpack.decode(payload, type=Coloured)

    async def _end_worker(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        if process.returncode is None:
            process.kill()
        process.stdin.close()
        await process.communicate()  # It reads what is left, and waits for the end.
