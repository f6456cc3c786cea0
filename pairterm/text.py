"""Text that somebody else wrote, made fit for a person's terminal, shell and log. The one rule for all of it.

Unsafe are the characters that do something to a terminal or to the text around
them: controls (C0, DEL, C1), line and paragraph separators, marks that change
the direction of writing (Unicode's Bidi_Control, and the deprecated ones beside
them) and lone surrogates. All others are text, also those that this Python's
Unicode does not know yet: both sides of a link have to agree.

Messages of a link are cleaned when they are decoded (`link.codec`). Rows of a screen
with an unsafe character are refused (`link.row_wire`). A program can't write an unsafe
character into a cell (`terminal.widths`). No I/O.
"""

from __future__ import annotations

import re

__all__ = ["HOST_FORM", "PUBLIC_KEY_FORM", "has_unsafe", "is_host", "safe_line", "safe_lines", "without_unsafe"]

_UNSAFE = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff"

_unsafe = re.compile(f"[{_UNSAFE}]")
_unsafe_in_lines = re.compile(f"(?![\t\n])[{_UNSAFE}]")

has_unsafe = _unsafe.search
"""Return a match if there is an unsafe character in the text; None if there is none."""

HOST_FORM = r"\A[0-9A-Za-z_:][0-9A-Za-z_:.%-]{0,254}\Z"
"""A host name or an address, by its characters (RFC 1123 §2.1, RFC 4291 §2.2, RFC 4007 §11 for the zone).
None of them means anything to a shell, and it is no option of `ssh`."""

PUBLIC_KEY_FORM = r"\A[0-9a-z@.-]{1,64} [0-9A-Za-z+/]{1,4000}={0,2}\Z"
"""A public key in OpenSSH's one-line form, without a comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""

_host = re.compile(HOST_FORM)


def is_host(text: str) -> bool:
    """Return whether `text` may be a host's name or its address."""
    return _host.match(text) is not None


def safe_line(text: str) -> str:
    """Return the text as one line, each unsafe character a question mark."""
    return text if text.isprintable() else _unsafe.sub("?", text)


def safe_lines(text: str) -> str:
    """Return the text with its tabs and its ends of lines (LF), each other unsafe character a question mark."""
    return text if text.isprintable() else _unsafe_in_lines.sub("?", text)


def without_unsafe(text: str) -> str:
    """Return the text without its unsafe characters."""
    return text if text.isprintable() else _unsafe.sub("", text)
