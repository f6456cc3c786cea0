"""A text over a client's whole screen until they press a key: the help, the people, the chat.

Most pages are lists and code, so lines are cut and not wrapped, unless the page asks for it (`wraps`). The keys
don't reach the session.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.terminal.frame import DEFAULT_PEN, Row, blank_row
from pairterm.types import Size
from pairterm.view.bars import STRONG_PEN, bar, message_lines, text_cells, text_width

__all__ = ["Page", "title_row"]

_MAX_LINES = 2000
"""The most lines of one page: a list of a thousand people, or the chat of an evening."""


_MIN_TITLE_COLS = 20
"""The least columns of a title on a narrow screen."""


class Page:
    """A text on one client's screen. `turn` scrolls it if the screen is shorter."""

    __slots__ = ("_copies", "_lines", "_title", "_top", "_wraps")

    def __init__(
        self, title: str, lines: Sequence[str], *, at_end: bool = False, wraps: bool = False, copies: Sequence[str] = ()
    ) -> None:
        """Make a page.

        `at_end`: the last lines are what matters, as in a chat. `wraps`: a line that is longer than the screen is
        broken, so that all of it can be read. `copies`: what the keys 1 to 9 copy.
        """
        self._wraps = wraps
        self._copies = list(copies)
        self._title = title
        self._lines = list(lines[-_MAX_LINES:])
        self._top = len(self._lines) if at_end else 0

    def turn(self, lines: int, area: Size) -> bool:
        """Scroll the text. Return whether it is longer than the screen."""
        last = self._last_top(area)
        if last <= 0:
            return False
        self._top = max(0, min(min(self._top, last) + lines, last))
        return True

    def copy(self, key: bytes) -> str:
        """Return the text that a key copies. "": it copies nothing."""
        at = int(key) - 1 if key.isdigit() else -1
        return self._copies[at] if 0 <= at < len(self._copies) else ""

    def rows(self, area: Size) -> tuple[Row, ...]:
        """Return the text as the rows of a screen. The first row says how to close it."""
        room = area.rows - 1
        top = max(0, min(self._top, self._last_top(area)))
        all_lines = self._laid_out(area)
        lines = all_lines[top : top + room]
        body = [Row(text_cells(line, area.cols), (DEFAULT_PEN,) * area.cols) for line in lines]
        body += [blank_row(area.cols)] * (room - len(body))
        is_longer = len(all_lines) > room
        more = f"{top + 1}-{top + len(lines)} of {len(all_lines)}, PgUp PgDn turn the page, " if is_longer else ""
        return (title_row(self._title, f"{more}any key closes", area.cols), *body)

    def _laid_out(self, area: Size) -> list[str]:
        if not self._wraps:
            return self._lines
        return [part for line in self._lines for part in message_lines(line, area.cols, _MAX_LINES)]

    def _last_top(self, area: Size) -> int:
        return len(self._laid_out(area)) - (area.rows - 1)


def title_row(title: str, keys: str, cols: int) -> Row:
    """Return a page's first row: its title, cut to make room for its keys, and the keys on the right."""
    title_cols = max(_MIN_TITLE_COLS, cols - text_width(keys) - 3)
    shown = "".join(text_cells(title, title_cols)) if text_width(title) < title_cols else title[:title_cols]
    return bar(f" {shown} {keys} ", cols, STRONG_PEN)
