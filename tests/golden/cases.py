r"""Golden cases: files of small inputs with what the screen has to show, one file a topic.

A case is a few `key: value` lines, cases are separated by an empty line:

    name: what is shown
    bytes: the input; \e is ESC, \xNN a byte, \n \r \t \b \a \\ as in C, other text is UTF-8
    size: rows×columns, 6×20 if left out
    shows: the rows, ⏎ between them, trailing spaces and empty rows at the end left out
    cursor: row,column[,hidden][,shape]
    pens: row:first-last attributes; ... for all cells that are not plain
    replies, title, modes, bells, history: where there are any
    differs: why xterm.js shows something else; without it, it has to show the same

`python -m tests.golden.cases FILE ...` fills in what is missing, for the author to check.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from pairterm.terminal import Terminal
from pairterm.terminal.frame import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT_PEN,
    FAINT,
    INVERSE,
    ITALIC,
    OVERLINE,
    PLAIN_MODES,
    RGB,
    STRIKE,
    UNDERLINE_MASK,
    UNDERLINE_SHIFT,
    Frame,
    Pen,
)
from pairterm.types import Size

CASES = Path(__file__).parent / "cases"
_FLAGS = {
    BOLD: "bold",
    FAINT: "faint",
    ITALIC: "italic",
    BLINK: "blink",
    INVERSE: "inverse",
    CONCEAL: "conceal",
    STRIKE: "strike",
    OVERLINE: "overline",
}
_ESCAPES = {"e": b"\x1b", "n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a", "\\": b"\\"}

Case = dict[str, str]


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file, in their order."""
    blocks = re.split(r"\n{2,}", path.read_text().strip("\n"))
    cases = []
    for block in blocks:
        lines = [line for line in block.split("\n") if not line.startswith("#")]
        pairs = [line.partition(":") for line in lines]
        if pairs:
            cases.append({key: value.removeprefix(" ") for key, _, value in pairs})
    return cases


def input_of(case: Case) -> bytes:
    """Return the bytes of a case."""
    out = bytearray()
    for text, hex_code, short in re.findall(r"([^\\]+)|\\x([0-9a-f]{2})|\\(.)", case["bytes"]):
        out += text.encode() if text else bytes([int(hex_code, 16)]) if hex_code else _ESCAPES[short]
    return bytes(out)


def size_of(case: Case) -> Size:
    """Return the size of a case's screen."""
    rows, cols = case.get("size", "6×20").split("×")
    return Size(rows=int(rows), cols=int(cols))


def escaped(data: bytes) -> str:
    """Return bytes as a case writes them."""
    return data.decode("utf-8", "backslashreplace").replace("\\", "\\\\").replace("\x1b", "\\e").replace("\n", "\\n")


def _colour(colour: int) -> str:
    return f"#{colour & 0xFFFFFF:06x}" if colour & RGB else str(colour)


def pen_words(pen: Pen) -> str:
    """Return a pen in words."""
    words = [name for flag, name in _FLAGS.items() if pen.flags & flag]
    style = (pen.flags & UNDERLINE_MASK) >> UNDERLINE_SHIFT
    words += [f"underline={style}"] if style else []
    for name, colour in (("fg", pen.fg), ("bg", pen.bg), ("line", pen.underline_colour if style else -1)):
        words += [f"{name}={_colour(colour)}"] if colour != -1 else []
    return " ".join(words + ([f"link={pen.link}"] if pen.link else []))


def _pens(frame: Frame) -> Iterable[str]:
    for y, row in enumerate(frame.rows):
        start = 0
        words = [pen_words(pen) if pen != DEFAULT_PEN else "" for pen in row.pens]
        for x in range(1, len(words) + 1):
            if x == len(words) or words[x] != words[start]:
                if words[start]:
                    yield f"{y}:{start}-{x - 1} {words[start]}"
                start = x


def text_of(frame: Frame) -> str:
    """Return the text of a frame as a case writes it."""
    return "⏎".join(row.text.rstrip(" ") for row in frame.rows).rstrip("⏎")


def seen(frame: Frame, replies: bytes) -> Case:
    """Return what a frame shows, in the words of a case; keys with nothing to say are left out."""
    cursor = frame.cursor
    hidden = "" if cursor.is_visible else ",hidden"
    shape = f",{cursor.shape.name.lower()}" if cursor.shape else ""
    modes = frame.modes
    said = [
        f"{name}={getattr(modes, name)!r}".replace("True", "on")
        for name in modes.__slots__
        if getattr(modes, name) != getattr(PLAIN_MODES, name)
    ]
    found = {
        "shows": text_of(frame),
        "cursor": f"{cursor.row},{cursor.col}{hidden}{shape}",
        "pens": "; ".join(_pens(frame)),
        "replies": escaped(replies),
        "title": frame.title,
        "modes": " ".join(re.sub(r"<(\S+): \d+>", r"\1", word) for word in said),
        "bells": str(frame.bells) if frame.bells else "",
    }
    return {key: value for key, value in found.items() if value or key == "shows"}


def shown(case: Case, piece_bytes: int = 1 << 20) -> Case:
    """Return what our terminal shows for a case fed in pieces, in the words of a case."""
    terminal = Terminal(size_of(case))
    data = input_of(case)
    for start in range(0, len(data), piece_bytes):
        terminal.feed(data[start : start + piece_bytes])
    found = seen(terminal.snapshot(), terminal.take_replies())
    if terminal.history_length:
        found["history"] = "⏎".join(row.text.rstrip() for row in terminal.history(0, terminal.history_length))
    return found


def _fill_in(path: Path) -> None:
    blocks = []
    for case in read_cases(path):
        full = {**case, **{key: value for key, value in shown(case).items() if key not in case}}
        keys = sorted(full, key=["name", "size", "bytes", "shows", "cursor"].__contains__, reverse=True)
        blocks.append("\n".join(f"{key}: {full[key]}".rstrip() for key in keys))
    path.write_text("\n\n".join(blocks) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _fill_in(Path(name))
