"""What guests see while the owner has paused the session: a blank of the same size that says so, and no more."""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Row, blank_row

__all__ = ["PAUSED_TEXT", "PrivacyScreen", "paused_frame"]

PAUSED_TEXT = "paused by the owner"


def paused_frame(frame: Frame) -> Frame:
    """Return the blank that stands for `frame`: its size and numbers, neither its text nor its title or modes."""
    cols = frame.size.cols
    text = PAUSED_TEXT[:cols]
    before = (cols - len(text)) // 2
    cells = (*" " * before, *text, *" " * (cols - before - len(text)))
    rows = [blank_row(cols)] * frame.size.rows
    rows[frame.size.rows // 2] = Row(cells, (DEFAULT_PEN,) * cols)
    return Frame(
        size=frame.size,
        rows=tuple(rows),
        cursor=Cursor(is_visible=False),
        generation=frame.generation,
        scrolled=frame.scrolled,
        bells=frame.bells,
        is_hidden=True,
    )


class PrivacyScreen:
    """Turned on, it stands between the session and its guests.

    A link skips what it has been sent, by the frame's generation: so the blank has one of its own, newer than
    the frames before it, and all frames after it are newer than the blank.
    """

    def __init__(self) -> None:
        self.shift = 0
        """What is added to the generations of the session's frames."""
        self._is_on = False
        self._blank: Frame | None = None
        self._shifted: tuple[Frame, Frame] | None = None

    def turn(self, *, is_off: bool) -> None:
        """Take whether the guests' picture is off."""
        if is_off != self._is_on:
            self._is_on = is_off
            self.shift += 2
            self._blank = self._shifted = None

    def shifted(self, frame: Frame) -> Frame:
        """Return the session's frame with its generation among the blanks'; the same object for the same frame."""
        if self._shifted is None or self._shifted[0] is not frame:
            self._shifted = (frame, replace(frame, generation=frame.generation + self.shift))
        return self._shifted[1]

    def blank(self, frame: Frame) -> Frame:
        """Return what guests see instead of `frame`: one object as long as the pause and the size last.

        So nothing tells when the program prints.
        """
        if self._blank is None or self._blank.size != frame.size:
            self._blank = replace(paused_frame(frame), generation=frame.generation - 1)
        return self._blank
