"""The pen that the program writes with: SGR, hyperlinks, protection, XTPUSHSGR.

Pens are remembered in a table, so that a known change of pen costs one look-up: each
`KnownPen` keeps what erasing leaves (its background only, "bce") and where SGR sequences
lead from it. The table is bounded: past `MAX_PENS` it starts anew, and pens in use stay.
"""

from __future__ import annotations

from pairterm.terminal.frame import DEFAULT_COLOUR, DEFAULT_PEN, Pen
from pairterm.terminal.hyperlinks import Hyperlinks
from pairterm.terminal.sgr import PROTECTED, pen_after

__all__ = ["MAX_PENS", "KnownPen", "Pens"]

MAX_PENS = 2048
"""Pens that are remembered. Only gradients in true colour are known to pass it (vim with a scheme has about 60)."""

_MAX_STEPS = 64
"""SGR sequences remembered from one pen; a picture in true colour would otherwise remember every pair."""

_MAX_PUSHED = 10
"""Pens that XTPUSHSGR keeps (xterm)."""


class KnownPen:
    """A pen in the table. Compare these by identity, and pens by value."""

    __slots__ = ("after", "erased", "pen")

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.erased = Pen(bg=pen.bg) if pen.bg != DEFAULT_COLOUR else DEFAULT_PEN
        """The pen of cells that are erased while this pen is in use."""
        self.after: dict[str, KnownPen] = {}
        """The pens that SGR sequences lead to from this one."""


class Pens:
    """The pen of one terminal, and the pens that it remembers."""

    __slots__ = ("_hyperlinks", "_plain", "_pushed", "_table", "known", "pen", "uses_protection")

    def __init__(self) -> None:
        self._plain = KnownPen(DEFAULT_PEN)
        self._table: dict[Pen, KnownPen] = {DEFAULT_PEN: self._plain}
        self._hyperlinks = Hyperlinks()
        self._pushed: list[Pen] = []
        self.known = self._plain
        """The pen in use, as the table has it."""
        self.pen = DEFAULT_PEN
        """The pen in use: always `known.pen`."""
        self.uses_protection = False
        """A protected pen was in use: cells may have the mark."""

    def change(self, sequences: str) -> None:
        """Do what SGR sequences say; other sequences among them change nothing."""
        known = self.known.after.get(sequences)
        if known is None:
            known = self._follow(sequences)
        self.known = known
        self.pen = known.pen

    def _follow(self, sequences: str) -> KnownPen:
        """Return the pen that SGR sequences lead to, and remember it."""
        before = self.known
        found = self._look_up(pen_after(before.pen, sequences))
        if len(before.after) >= _MAX_STEPS:
            before.after.clear()
        before.after[sequences] = found
        return found

    def _look_up(self, pen: Pen) -> KnownPen:
        found = self._table.get(pen)
        if found is None:
            if len(self._table) >= MAX_PENS:
                self.forget()
            found = self._table[pen] = KnownPen(pen)
        return found

    def forget(self) -> None:
        """Start the table anew; pens in use stay."""
        for known in self._table.values():
            known.after.clear()  # or a pen in use would keep all that ever followed from it
        self._table = {DEFAULT_PEN: self._plain}

    def select(self, pen: Pen) -> None:
        """Write with this pen from now on."""
        self.known = self._look_up(pen)
        self.pen = pen

    def use(self, known: KnownPen) -> None:
        """Write from now on with a pen that was in use before."""
        self.known = known
        self.pen = known.pen

    def reset(self) -> None:
        """Write with the plain pen from now on."""
        self.use(self._plain)

    def link(self, target: str) -> None:
        """OSC 8: link the text to `target` from now on; "" ends the hyperlink."""
        self.select(self.pen._replace(link=self._hyperlinks.kept(target, self.forget)))

    def protect(self, how: int = 0) -> None:
        """DECSCA: 1 protects text from selective erasure from now on, 0 and 2 do not."""
        if how in (0, 1, 2):
            flags = self.pen.flags & ~PROTECTED
            self.select(self.pen._replace(flags=flags | PROTECTED if how == 1 else flags))
            self.uses_protection = self.uses_protection or how == 1

    def push(self) -> None:
        """XTPUSHSGR."""
        self._pushed.append(self.pen)
        del self._pushed[:-_MAX_PUSHED]

    def pop(self) -> None:
        """XTPOPSGR: restore the pushed pen; the hyperlink stays."""
        if self._pushed:
            self.select(self._pushed.pop()._replace(link=self.pen.link))
