"""Pens as output: the shortest escape sequence that changes one pen to another. `terminal` has the way back.

Sources: ECMA-48 §8.3.117 (SGR); xterm ctlseqs (90-107, 38;5, 38;2); kitty's
underline styles (4:n, 58); OSC 8 hyperlinks. A pen is first reduced to the features
of the terminal. So two pens that look alike there cost nothing.
"""

from __future__ import annotations

from functools import lru_cache

from pairterm.safe_text import is_hyperlink
from pairterm.terminal.frame import (
    BLINK,
    BOLD,
    CONCEAL,
    DEFAULT_COLOUR,
    DEFAULT_PEN,
    FAINT,
    INVERSE,
    ITALIC,
    OVERLINE,
    RGB,
    STRIKE,
    UNDERLINE_MASK,
    UNDERLINE_SHIFT,
    Pen,
)
from pairterm.view.colour_reduction import nearest_colour
from pairterm.view.terminal_kind import TerminalKind

__all__ = ["MAX_HYPERLINK_CHARS", "PenTable", "pen_table"]

MAX_HYPERLINK_CHARS = 2048
"""The length of a hyperlink's target. Longer targets are dropped. Browsers accept about as much."""

_MAX_DELTAS = 4096
"""How many pen changes are remembered for a kind of terminal. A picture rarely has more than a few dozen."""

_ON_OFF = (
    (ITALIC, "3", "23"),
    (BLINK, "5", "25"),
    (INVERSE, "7", "27"),
    (CONCEAL, "8", "28"),
    (STRIKE, "9", "29"),
    (OVERLINE, "53", "55"),
)
_VT100_FLAGS = BOLD | BLINK | INVERSE | UNDERLINE_MASK


@lru_cache(maxsize=64)
def pen_table(kind: TerminalKind) -> PenTable:
    """Return the table that all views of this kind share."""
    return PenTable(kind)


class PenTable:
    """Remembers reduced pens and the sequences between them, for one kind of terminal.

    Pens with hyperlinks are not remembered: a program may make any number of them, 2 KB each.
    """

    __slots__ = ("_deltas", "_kind", "_reduced")

    def __init__(self, kind: TerminalKind) -> None:
        self._kind = kind
        self._reduced: dict[Pen, Pen] = {}
        self._deltas: dict[tuple[Pen, Pen], bytes] = {}

    def reduced(self, pen: Pen) -> Pen:
        """Return the pen as this terminal can draw it."""
        if pen.link:
            return self._reduce(pen)
        known = self._reduced.get(pen)
        if known is None:
            if len(self._reduced) >= _MAX_DELTAS:
                self._reduced.clear()
            known = self._reduced[pen] = self._reduce(pen)
        return known

    def is_erasable(self, pen: Pen) -> bool:
        """Return whether erasing with this pen, a reduced one, has the same result as writing a space."""
        if pen is DEFAULT_PEN or pen == DEFAULT_PEN:
            return True
        return self._kind.has_bce and pen == Pen(bg=pen.bg)

    def delta(self, old: Pen, new: Pen) -> bytes:
        """Return the bytes that change `old` to `new`, both reduced. b"": they are equal."""
        if old.link or new.link:
            return self._link_delta(old, new) + self._sgr_delta(old, new)
        key = (old, new)
        known = self._deltas.get(key)
        if known is None:
            if len(self._deltas) >= _MAX_DELTAS:
                self._deltas.clear()
            known = self._deltas[key] = self._link_delta(old, new) + self._sgr_delta(old, new)
        return known

    def _reduce(self, pen: Pen) -> Pen:
        kind = self._kind
        flags = pen.flags
        if not kind.has_pen_off:
            flags &= _VT100_FLAGS
        style = flags & UNDERLINE_MASK
        if style and not kind.has_underline_styles:
            flags = flags & ~UNDERLINE_MASK | 1 << UNDERLINE_SHIFT
        has_line = style and kind.has_underline_styles
        return Pen(
            nearest_colour(pen.fg, kind.colours),
            nearest_colour(pen.bg, kind.colours),
            flags,
            nearest_colour(pen.underline_colour, kind.colours) if has_line else DEFAULT_COLOUR,
            pen.link if kind.has_hyperlinks and _may_reach_a_client(pen.link) else "",
        )

    def _link_delta(self, old: Pen, new: Pen) -> bytes:
        if old.link == new.link:
            return b""
        return b"\x1b]8;;" + new.link.encode("ascii") + b"\x1b\\"

    def _sgr_delta(self, old: Pen, new: Pen) -> bytes:
        if old[:4] == new[:4]:
            return b""
        if new[:4] == DEFAULT_PEN[:4]:
            return b"\x1b[m"
        ends_line_colour = new.underline_colour == DEFAULT_COLOUR != old.underline_colour
        if (
            old.flags == new.flags
            and (new.fg != DEFAULT_COLOUR or old.fg == DEFAULT_COLOUR)
            and (new.bg != DEFAULT_COLOUR or old.bg == DEFAULT_COLOUR)
            and not ends_line_colour
            and self._kind.has_pen_off
        ):  # nothing is switched off: a reset would only need more parameters
            return _sgr(_steps(old, new))
        with_reset = _sgr(["", *_steps(DEFAULT_PEN, new)])
        if ends_line_colour or not self._kind.has_pen_off:
            return with_reset
        change = _sgr(_steps(old, new))
        return change if len(change) <= len(with_reset) else with_reset


def _sgr(parameters: list[str]) -> bytes:
    return f"\x1b[{';'.join(parameters)}m".encode("ascii")


def _steps(old: Pen, new: Pen) -> list[str]:
    """Return the SGR parameters that change one pen to the other, without a reset.

    They set the colour of underlines but never reset it: after SGR 59, xterm.js (and VS Code) draws white underlines.
    """
    steps = []
    gone = old.flags & ~new.flags
    come = new.flags & ~old.flags
    if gone & (BOLD | FAINT):  # 22 ends both
        steps.append("22")
        come |= new.flags & (BOLD | FAINT)
    if come & BOLD:
        steps.append("1")
    if come & FAINT:
        steps.append("2")
    for flag, on, off in _ON_OFF:
        if gone & flag:
            steps.append(off)
        if come & flag:
            steps.append(on)
    style = (new.flags & UNDERLINE_MASK) >> UNDERLINE_SHIFT
    if (old.flags ^ new.flags) & UNDERLINE_MASK:
        steps.append("24" if style == 0 else "4" if style == 1 else f"4:{style}")
    if old.fg != new.fg:
        steps.append(_colour(new.fg, base=30, bright=90))
    if old.bg != new.bg:
        steps.append(_colour(new.bg, base=40, bright=100))
    if old.underline_colour != new.underline_colour and new.underline_colour != DEFAULT_COLOUR:
        steps.append(_underline_colour(new.underline_colour))
    return steps


def _colour(colour: int, *, base: int, bright: int) -> str:
    if colour == DEFAULT_COLOUR:
        return str(base + 9)
    if colour & RGB:
        return f"{base + 8};2;{colour >> 16 & 255};{colour >> 8 & 255};{colour & 255}"
    if colour < 8:
        return str(base + colour)
    if colour < 16:
        return str(bright + colour - 8)
    return f"{base + 8};5;{colour}"


def _underline_colour(colour: int) -> str:
    if colour & RGB:
        return f"58:2::{colour >> 16 & 255}:{colour >> 8 & 255}:{colour & 255}"
    return f"58:5:{colour}"


def _may_reach_a_client(target: str) -> bool:
    return len(target) <= MAX_HYPERLINK_CHARS and is_hyperlink(target) is not None
