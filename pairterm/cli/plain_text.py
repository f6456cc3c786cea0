"""Output in ASCII, for a locale without UTF-8.

Python prints UTF-8 under `LC_ALL=C` (PEP 540), and a terminal in that locale shows garbage.
click does the same for a stream whose encoding is called ascii, so the encoding here has a
name of its own.
"""

from __future__ import annotations

import codecs
import io
import os
import sys

__all__ = ["print_ascii_where_needed"]

_ENCODING = "pairterm_ascii"

_SIGNS = str.maketrans({"×": "x", "…": "...", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"'})
"""The characters beyond ASCII in our own texts. Names of people may have others, which become `?`."""


def print_ascii_where_needed() -> None:
    """Make standard output and error ASCII if the environment names a locale without UTF-8."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG", "")
    if not name or "utf" in name.lower():
        return
    codecs.register(_codec)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=_ENCODING)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    return text.translate(_SIGNS).encode("ascii", "replace"), len(text)


class _Encoder(codecs.IncrementalEncoder):
    def encode(self, text: str, final: bool = False) -> bytes:
        return _encode(text)[0]


def _codec(name: str) -> codecs.CodecInfo | None:
    if name != _ENCODING:
        return None
    return codecs.CodecInfo(_encode, codecs.ascii_decode, incrementalencoder=_Encoder, name=_ENCODING)
