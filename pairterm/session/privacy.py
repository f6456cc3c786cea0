"""The blank screen that guests see during a pause: it has the session's size and says that it is paused."""

from __future__ import annotations

from dataclasses import replace

from pairterm.terminal.frame import DEFAULT_PEN, Cursor, Frame, Row, blank_row

__all__ = ["PAUSED_TEXT", "PrivacyScreen", "paused_frame"]

PAUSED_TEXT = "paused by the owner"


def paused_frame(frame: Frame, text: str = PAUSED_TEXT) -> Frame:
    """Return the blank for `frame`: it has the frame's size and numbers, but not its text, title or modes."""
    cols = frame.size.cols
    text = text[:cols]
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
    """Hides the session from its guests while it is turned on.

    A link skips frames that it has sent, by their generation. So the blank has a generation of its own: newer than
    all frames before it, and older than all frames after it.
    """

    def __init__(self) -> None:
        self.shift = 0
        """The number that is added to the generations of the session's frames."""
        self.is_on = False
        """The guests' picture is off."""
        self._blank: Frame | None = None
        self._shifted: tuple[Frame, Frame] | None = None

    def turn(self, *, is_off: bool) -> None:
        """Turn the blank on (`is_off`: the guests' picture is off) or off again."""
        if is_off != self.is_on:
            self.is_on = is_off
            self.shift += 2
            self._blank = self._shifted = None

    def shifted(self, frame: Frame) -> Frame:
        """Return a frame with the shifted generation; the same object for the same frame."""
        if self._shifted is None or self._shifted[0] is not frame:
            self._shifted = (frame, replace(frame, generation=frame.generation + self.shift))
        return self._shifted[1]

    def blank(self, frame: Frame) -> Frame:
        """Return the blank that guests see instead of `frame`: one object as long as the pause and the size last.

        So guests can't even tell when the program prints.
        """
        if self._blank is None or self._blank.size != frame.size:
            self._blank = replace(paused_frame(frame), generation=frame.generation - 1)
        return self._blank
