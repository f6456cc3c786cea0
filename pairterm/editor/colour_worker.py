"""`python -m pairterm.editor.colour_worker`: computes colours, in a process of its own.

A regular expression can take for ever, and nothing in this process can stop it. The
editor's process ends this one then. And the editor's process does not wait while
this one computes.
"""

from __future__ import annotations

import sys

import msgspec

from pairterm.editor.colour_messages import Coloured, ToColour
from pairterm.editor.highlighter import Highlighter
from pairterm.link.framing import HEADER_BYTES, framed

__all__ = ["main"]

_SLICE_S = 0.05
"""After so long, the colours that are known are sent, and a newer change can come first."""

_MAX_TEXTS = 128


def main() -> None:
    """Answer requests until standard input ends."""
    texts: dict[int, Highlighter] = {}
    decoder = msgspec.msgpack.Decoder(ToColour)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := requests.read(HEADER_BYTES):
        request = decoder.decode(requests.read(int.from_bytes(header, "big")))
        if request.is_new or request.document not in texts:
            texts.pop(request.document, None)
            while len(texts) >= _MAX_TEXTS:
                del texts[next(iter(texts))]
            texts[request.document] = Highlighter(request.name, request.language)
        text = texts[request.document]
        if request.removed or request.lines:
            text.change(request.first, request.removed, request.lines)
        first, rows, is_done = text.run(_SLICE_S)
        answers.write(framed(msgspec.msgpack.encode(Coloured(request.document, first, rows, is_done))))
        answers.flush()


if __name__ == "__main__":
    main()
