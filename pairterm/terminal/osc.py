"""Operating system commands: title, hyperlinks, colour questions, clipboard, prompt marks, directory.

The parser limits every string, and this module checks it; an unknown command does
nothing. Answers about colours come from one fixed palette, xterm's, and no program
changes it: many viewers watch, each with colours of their own.
Source: xterm ctlseqs "Operating System Commands"; OSC 8, 52, 133 and 7 as their inventors describe them.
"""

from __future__ import annotations

import binascii
import re

from pairterm.safe_text import has_unsafe
from pairterm.terminal.events import MAX_CLIPBOARD_BYTES, ClipboardWrite, PromptMark, PromptPart, WorkingDirectory
from pairterm.terminal.palette import BACKGROUND, CURSOR, FOREGROUND, palette_colour
from pairterm.terminal.screen import Screen

__all__ = ["MAX_LINK", "MAX_PATH", "take_osc"]

MAX_LINK = 2048
"""Characters of a hyperlink's target; browsers and kitty accept about as many."""

MAX_PATH = 4096
"""Characters of a directory's path (Linux' PATH_MAX)."""

_MAX_COLOURS = 32
"""Colours reported for one OSC 4; a program that wants the whole palette asks again."""

_is_link = re.compile(r"https?://[!-~]+", re.IGNORECASE).fullmatch
_split_file_url = re.compile(r"file://([A-Za-z0-9.-]{0,255})(/.*)").fullmatch


def take_osc(screen: Screen, content: str) -> None:
    """Do the command in an OSC string."""
    number, _, rest = content.partition(";")
    number = number.lstrip("0")
    if number in ("", "2"):  # 0, or left out, and 2
        screen.titles.set(rest)
    elif number == "4":
        _report_palette(screen, rest)
    elif number in ("10", "11", "12"):
        _report_colours(screen, int(number), rest)
    elif number == "7":
        _note_directory(screen, rest)
    elif number == "8":
        _set_link(screen, rest)
    elif number == "52":
        _note_clipboard(screen, rest)
    elif number == "133":
        _note_prompt(screen, rest)


def _number(text: str) -> int | None:
    """Return the number in ASCII digits; zeros may lead. None: it is no number, or has over nine digits."""
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= 9 else None


def _spec(colour: int) -> str:
    """Return a colour as X11 writes it, sixteen bits a part."""
    red, green, blue = colour >> 16 & 255, colour >> 8 & 255, colour & 255
    return f"rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}"


def _report_palette(screen: Screen, rest: str) -> None:
    items = rest.split(";")
    for index, spec in zip(items[: 2 * _MAX_COLOURS : 2], items[1 : 2 * _MAX_COLOURS : 2], strict=False):
        number = _number(index)
        if spec == "?" and number is not None and number <= 255:
            screen.replies.send(f"\x1b]4;{number};{_spec(palette_colour(number))}\x1b\\")


def _report_colours(screen: Screen, first: int, rest: str) -> None:
    """OSC 10 asks for the foreground; a second parameter is for the next number, and so on."""
    colours = {10: FOREGROUND, 11: BACKGROUND, 12: CURSOR}
    for number, spec in enumerate(rest.split(";", 3)[:3], start=first):
        if spec == "?" and number in colours:
            screen.replies.send(f"\x1b]{number};{_spec(colours[number])}\x1b\\")


def _set_link(screen: Screen, rest: str) -> None:
    """OSC 8. A scheme may be in capitals (RFC 3986 §3.1); the layers above accept small letters only."""
    target = rest.partition(";")[2]
    if len(target) > MAX_LINK or not _is_link(target):
        screen.pens.link("")
        return
    scheme, _, place = target.partition(":")
    screen.pens.link(f"{scheme.lower()}:{place}")


def _note_clipboard(screen: Screen, rest: str) -> None:
    """OSC 52: pass a write to the caller. A request for the clipboard's content never gets an answer."""
    selection, _, encoded = rest.partition(";")
    try:
        data = binascii.a2b_base64(encoded, strict_mode=True)
    except (binascii.Error, ValueError):
        return
    if len(data) <= MAX_CLIPBOARD_BYTES and re.fullmatch("[cpqs0-7]{0,12}", selection):
        screen.tell(ClipboardWrite(selection, data))


def _note_prompt(screen: Screen, rest: str) -> None:
    kind, *options = rest.split(";", 8)
    if kind in ("A", "B", "C", "D"):
        status = options[0] if options and kind == "D" else ""
        screen.tell(PromptMark(PromptPart(kind), screen.line_number(), _number(status)))


def _note_directory(screen: Screen, rest: str) -> None:
    url = _split_file_url(rest) if len(rest) <= MAX_PATH else None
    if url is None:
        return
    path = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), url[2].encode("utf-8", "replace")
    ).decode("utf-8", "replace")
    if not has_unsafe(path):
        screen.tell(WorkingDirectory(url[1], path))
