"""The rule for text from others: which characters may reach a person's terminal, shell or log.

A character is unsafe if it does something to a terminal or to the text around it: controls
(C0, DEL, C1), line and paragraph separators, marks that change the direction of writing
(Unicode's Bidi_Control, and the deprecated marks next to them), and lone surrogates. All other
characters are text, including those that are newer than this Python's Unicode: both sides of a
link have to agree.

Messages of a link are cleaned when they are decoded (`link.codec`). Rows of a screen
with an unsafe character are refused (`link.row_wire`). A program can't write an unsafe
character into a cell (`terminal.widths`). No I/O.
"""

from __future__ import annotations

import re

__all__ = [
    "HOST_FORM",
    "PAGE_URL_FORM",
    "PUBLIC_KEY_FORM",
    "has_unsafe",
    "is_host",
    "is_hyperlink",
    "safe_line",
    "safe_lines",
    "without_unsafe",
]

_UNSAFE = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff"

_unsafe = re.compile(f"[{_UNSAFE}]")
_unsafe_in_lines = re.compile(f"(?![\t\n])[{_UNSAFE}]")

has_unsafe = _unsafe.search
"""Return a match if the text has an unsafe character; None if it has none."""

is_hyperlink = re.compile(r"https?://[!-~]{1,2083}").fullmatch
"""Return a match if an OSC 8 target may reach a guest's terminal, else None. VTE allows this length."""

HOST_FORM = r"\A[0-9A-Za-z_:][0-9A-Za-z_:.%-]{0,254}\Z"
"""The characters of a host name or an address (RFC 1123 §2.1, RFC 4291 §2.2, RFC 4007 §11 for the zone).
None of them has a meaning for a shell, and the first one can't start an option of `ssh`."""

PUBLIC_KEY_FORM = r"\A[0-9a-z@.-]{1,64} [0-9A-Za-z+/]{1,4000}={0,2}\Z"
"""A public key in OpenSSH's one-line form, without a comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""

PAGE_URL_FORM = r"\A(https?://([0-9A-Za-z_.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?/([0-9A-Za-z._~-]+/)*)?\Z"
"""The URL of a gateway's page, up to the `#`, or "". People paste it into a shell, and click on it."""

_host = re.compile(HOST_FORM)


def is_host(text: str) -> bool:
    """Return whether `text` may be a host name or an address."""
    return _host.match(text) is not None


def safe_line(text: str) -> str:
    """Return the text as one line, with a question mark for each unsafe character."""
    return text if text.isprintable() else _unsafe.sub("?", text)


def safe_lines(text: str) -> str:
    """Return the text with a question mark for each unsafe character except tabs and line feeds."""
    return text if text.isprintable() else _unsafe_in_lines.sub("?", text)


def without_unsafe(text: str) -> str:
    """Return the text without its unsafe characters."""
    return text if text.isprintable() else _unsafe.sub("", text)
