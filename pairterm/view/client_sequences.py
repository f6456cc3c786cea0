"""The end of an escape sequence from a client's terminal, and whether it is a key or an answer.

Terminals send answers to queries (DA, DSR, DECRPM, OSC colours, DCS, kitty flags) on
the same line as keys. An answer belongs to the one question that pairterm asks (see
`client_widths`), or to a question that another program asked before. It must never be
typed into the shell.

xterm sends F3 with a modifier as `CSI 1;2 R` to `CSI 1;16 R`. A cursor report from
row 1, columns 2 to 16, looks the same. We ask for cursor reports from row 2 only, so
these are F3, and every other `CSI row;col R` is an answer.

Sources: ECMA-48 §5.4, xterm ctlseqs ("PC-Style Function Keys", "Device Control
Functions", "Window manipulation"), kitty's keyboard protocol. Pure functions.
"""

from __future__ import annotations

import enum
import re

import msgspec

__all__ = ["MAX_SEQUENCE_BYTES", "MAX_STRING_BYTES", "Found", "Match", "measure"]

MAX_SEQUENCE_BYTES = 256
"""The length of a CSI sequence. kitty's longest key reports, with text, are shorter. A longer one is not a key."""

MAX_STRING_BYTES = 4096
"""How much of an answer in a string (OSC, DCS, APC) is held. The rest of a longer one is dropped as it arrives."""


class Found(enum.Enum):
    """The kinds of input that begin with an ESC."""

    KEY = "a whole key, mouse report or other input"
    ANSWER = "a whole answer to a query"
    PASTE = "the start of a bracketed paste"
    MAYBE_KEY = "not complete: it is a key if nothing follows soon"
    PART = "not complete, and it is not a key"
    ANSWER_PART = "the beginning of an answer"


class Match(msgspec.Struct, frozen=True):
    """A kind of input, and its end (0-based, exclusive). The end of a part is the end of the data."""

    found: Found
    end: int


_ESC = 0x1B
_CSI = re.compile(rb"\x1b\[([<-?]?)([0-9:;]*)([ -/]*)([@-~])")
_CSI_PART = re.compile(rb"\x1b\[[<-?]?[0-9:;]*[ -/]*\Z")
_CSI_ANSWER_PART = re.compile(rb"\x1b\[(?:[=>?][0-9]|2(?:;|\Z))")
"""`CSI 2;` is how the answers to our own question begin."""
_STRING_START = re.compile(
    rb"""\x1b(?: P [0-9;]* [$+|!>=]     # DECRQSS, XTGETTCAP, XTVERSION, DA3
           | \] (?:[0-9]+;|[lL])        # colours, clipboard; title and icon name
           | _ G                        # kitty graphics
         )""",
    re.VERBOSE,
)
_STRING_START_PART = re.compile(rb"\x1b(?:P[0-9;]*|\][0-9]*|_)\Z")
_STRING_BODY = re.compile(rb"[ -~\x80-\xff]*")

_ANSWER_FINALS = {
    b"?": b"cnRyuStx",
    b">": b"cmn",
    b"=": b"c",
}
"""The final bytes of answers, by private marker. Keys of kitty and xterm have no marker. Mouse reports have `<`."""

_WINDOW_ANSWERS = (b"1", b"2", b"3", b"4", b"5", b"6", b"8", b"9", b"48")
"""First parameters of XTWINOPS reports (`CSI ... t`), and of in-band size reports."""

_DECREQTPARM_FIELDS = 7

_leading_zeros = re.compile(rb"(?<![0-9])0+(?=[0-9])")


def measure(data: bytes | bytearray, start: int, *, mouse_bytes: int = 0) -> Match:
    """Return what begins at `data[start]`, which is an ESC.

    `mouse_bytes`: how many bytes follow `CSI M`. It is 3 while the old mouse encoding is on, else 0.
    """
    if start + 1 >= len(data):
        return Match(Found.MAYBE_KEY, len(data))
    second = data[start + 1]
    if second == 0x5B:  # [
        return _measure_csi(data, start, mouse_bytes)
    if second == 0x4F:  # O
        return _measure_ss3(data, start)
    if second in b"P]_":
        return _measure_string(data, start)
    if second == _ESC:
        return Match(Found.KEY, start + 1)  # the first of two is a key by itself: no sequence begins with both
    if second >= 0xC2:
        return _measure_meta_utf8(data, start)
    return Match(Found.KEY, start + 2)


def _measure_ss3(data: bytes | bytearray, start: int) -> Match:
    if start + 2 >= len(data):
        return Match(Found.MAYBE_KEY, len(data))
    return Match(Found.KEY, start + (3 if 0x20 <= data[start + 2] < 0x7F else 2))


def _measure_meta_utf8(data: bytes | bytearray, start: int) -> Match:
    lead = data[start + 1]
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    end = start + 2
    while end < start + 1 + length:
        if end >= len(data):
            return Match(Found.PART, len(data))
        if not 0x80 <= data[end] < 0xC0:
            break
        end += 1
    return Match(Found.KEY, end)


def _measure_csi(data: bytes | bytearray, start: int, mouse_bytes: int) -> Match:
    limit = start + MAX_SEQUENCE_BYTES
    match = _CSI.match(data, start, limit)
    if match is None:
        if len(data) - start == 2:
            return Match(Found.MAYBE_KEY, len(data))
        if len(data) < limit and _CSI_PART.match(data, start):
            return Match(Found.ANSWER_PART if _CSI_ANSWER_PART.match(data, start) else Found.PART, len(data))
        return Match(Found.KEY, start + 2)  # broken: it is not a sequence, so its bytes are single keys
    marker, parameters, intermediates, final = match.groups()
    parameters = _leading_zeros.sub(b"", parameters)
    end = match.end()
    if end == start + 3:
        extra = mouse_bytes if final == b"M" else 1 if final == b"[" else 0  # `CSI [ A`: the Linux console's F1
        if end + extra > len(data):
            return Match(Found.PART if final == b"M" else Found.MAYBE_KEY, len(data))
        return Match(Found.KEY, end + extra)
    if parameters == b"200" and final == b"~" and not marker:
        return Match(Found.PASTE, end)
    is_answer = _is_answer(marker, parameters, intermediates, final)
    return Match(Found.ANSWER if is_answer else Found.KEY, end)


def _is_answer(marker: bytes, parameters: bytes, intermediates: bytes, final: bytes) -> bool:
    if intermediates == b"$" and final == b"y":  # DECRPM
        return True
    if intermediates:
        return False
    if marker:
        return final in _ANSWER_FINALS.get(marker, b"")
    fields = parameters.split(b";")
    if final == b"n":
        return parameters in (b"0", b"3")
    if final == b"R":
        return len(fields) == 2 and not _is_f3(fields)
    if final == b"t":
        return (len(fields) > 1 and fields[0] in _WINDOW_ANSWERS) or parameters in (b"1", b"2")
    return final == b"x" and len(fields) == _DECREQTPARM_FIELDS


def _is_f3(fields: list[bytes]) -> bool:
    modifier = fields[1].split(b":")[0]
    return fields[0] == b"1" and modifier.isdigit() and 2 <= int(modifier) <= 16


def _measure_string(data: bytes | bytearray, start: int) -> Match:
    opening = _STRING_START.match(data, start)
    if opening is None:
        if _STRING_START_PART.match(data, start) and len(data) - start < MAX_SEQUENCE_BYTES:
            return Match(Found.MAYBE_KEY, len(data))
        return Match(Found.KEY, start + 2)
    body = _STRING_BODY.match(data, opening.end())
    end = body.end() if body else opening.end()
    if end == len(data):
        return Match(Found.ANSWER_PART, end)
    if data[end] == 0x07 and data[start + 1] == 0x5D:
        return Match(Found.ANSWER, end + 1)
    if data[end] == _ESC:
        if end + 1 == len(data):
            return Match(Found.ANSWER_PART, end + 1)
        if data[end + 1] == 0x5C:
            return Match(Found.ANSWER, end + 2)
    return Match(Found.KEY, start + 2)  # a control character inside: somebody pressed Alt+P and other keys
