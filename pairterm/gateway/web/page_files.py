"""The files of the built page, read once: each with its compressed forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["PageFile", "PageFiles", "is_page_built"]

_PAGE_DIRECTORY = Path(__file__).parents[2] / "web_page"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}

_NEVER = re.compile(r"q=0(\.0*)?")
"""The quality of an encoding that the client does not take (RFC 9110 §12.4.2)."""

_ENCODINGS = {".br": "br", ".gz": "gzip"}
"""In the order in which they are preferred."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file."""

    content_type: str
    plain: bytes
    compressed: dict[str, bytes] = field(default_factory=dict)
    """By the name of the encoding in HTTP."""

    def encoded(self, accepted: str) -> tuple[bytes, str]:
        """Return the content in the best encoding that the `Accept-Encoding` header has, and its name; "" for none."""
        wanted = (each.partition(";") for each in accepted.lower().split(","))
        names = {name.strip() for name, _, quality in wanted if not _NEVER.fullmatch(quality.strip())}
        for name in _ENCODINGS.values():
            if name in names and name in self.compressed:
                return self.compressed[name], name
        return self.plain, ""


def is_page_built() -> bool:
    """Return whether there is a page. A source tree that is not built has none."""
    return (_PAGE_DIRECTORY / "index.html").is_file()


class PageFiles:
    """All files of the page."""

    def __init__(self, directory: Path = _PAGE_DIRECTORY) -> None:
        """Read the files. A source tree that is not built has none."""
        self.index = _read(directory / "index.html")
        """None: the page was not built."""
        self.player = _read(directory / "play.html")
        found = {each.name: _read(each) for each in (directory / "assets").glob("*.*")}
        self._assets = {name: file for name, file in found.items() if file is not None}

    def asset(self, name: str) -> PageFile | None:
        """Return a file below `assets`; None if there is none of this name."""
        return self._assets.get(name)


def _read(path: Path) -> PageFile | None:
    if path.suffix not in _TYPES or not path.is_file():
        return None
    packed = {name: Path(f"{path}{suffix}") for suffix, name in _ENCODINGS.items()}
    compressed = {name: each.read_bytes() for name, each in packed.items() if each.is_file()}
    return PageFile(_TYPES[path.suffix], path.read_bytes(), compressed)
