"""Zstandard (RFC 8878), by the library `zstandard`, which is an optional dependency.

A file that is not trusted can't use much memory: input is taken in small pieces, and the
window has a limit.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from pairterm.errors import UsageError

if TYPE_CHECKING:
    import zstandard

__all__ = ["MAGIC", "Compressor", "Decompressor", "check_zstd", "is_compressed_name"]

MAGIC = b"\x28\xb5\x2f\xfd"
"""The first bytes of a frame (RFC 8878 §3.1.1)."""

_MAX_WINDOW_BYTES = 128 << 20
"""The limit of the command `zstd` too."""

_PIECE_BYTES = 512
"""A block of 4 bytes can become 128 KiB, so a piece becomes 16 MiB at most."""


def is_compressed_name(name: str) -> bool:
    """Return whether a file of this name shall be compressed."""
    return name.endswith(".zst")


def check_zstd() -> None:
    """Check that the library is there.

    Raises:
        UsageError: It is not.
    """
    _library()


class Compressor:
    """Compresses one file."""

    def __init__(self) -> None:
        """Begin a file.

        Raises:
            UsageError: The library is missing.
        """
        library = _library()
        self._flush_block = library.COMPRESSOBJ_FLUSH_BLOCK
        self._object = library.ZstdCompressor().compressobj()

    def compress(self, data: bytes) -> bytes:
        """Return data compressed. A reader of all output so far has all data so far."""
        compressed: bytes = self._object.compress(data) + self._object.flush(self._flush_block)
        return compressed

    def end(self) -> bytes:
        """Return the end of the file."""
        rest: bytes = self._object.flush()
        return rest


class Decompressor:
    """Decompresses one file, as it grows."""

    def __init__(self) -> None:
        """Begin a file.

        Raises:
            UsageError: The library is missing.
        """
        self._library = _library()
        self._object: zstandard.ZstdDecompressionObj | None = None

    def decompress(self, data: bytes) -> bytes:
        """Return the content of the next bytes of the file.

        Raises:
            UsageError: The file is damaged.
        """
        return b"".join([self._piece(data[at : at + _PIECE_BYTES]) for at in range(0, len(data), _PIECE_BYTES)])

    def _piece(self, data: bytes) -> bytes:
        out = b""
        while data:
            if self._object is None:
                self._object = self._library.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
            try:
                out += self._object.decompress(data)
            except self._library.ZstdError as error:
                raise UsageError(f"the compressed file is damaged: {error}", code="recording") from error
            data = b""
            if self._object.eof:  # Another frame may follow.
                data, self._object = self._object.unused_data, None
        return out


def _library() -> ModuleType:
    try:
        import zstandard
    except ImportError as error:
        text = "a .zst file needs the library zstandard: pip install 'pairterm[zstd]'"
        raise UsageError(text, code="no_zstd") from error
    return zstandard
