"""Prediction: typed text is shown at once, before the host's echo of it arrives.

A `Predictor` belongs to one terminal that is far from the host. It is told what the person types, and every frame
that comes. It gives back the frame with the predicted cells and the predicted cursor in it. The idea is mosh's:

- Predictions are made in *epochs*. A key of which the effect is not known (Enter, Escape, a control key) begins another
  epoch. The predictions of an epoch are shown after the host has confirmed one of them. So a password prompt, or a
  program that does not echo, shows nothing.
- The host *marks* the input that it has given to the program some time ago, with the generation of the pane's frame
  then. A prediction is judged by a frame that is at least as new. If it is wrong, all predictions are withdrawn.

The page for browsers has a twin of this in TypeScript (`web/src/prediction/predictor.ts`). A test lets both take the
same steps (`tests/prediction_steps.py`).

Law: once everything is confirmed, the picture is the host's frame, the same object. Pure; no clock: `now_s` is any
clock that only goes forward. Rows and columns are 0-based cells of the window's frame.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Hashable
from dataclasses import replace

import msgspec

from pairterm.terminal.frame import Cursor, Frame, redrawn
from pairterm.types import ECHO_TIME_S, Rect
from pairterm.view.predicted_keys import Erase, Insert, Move, PredictedKey, predicted_keys
from pairterm.view.predicted_line import PredictedLine, blank_after
from pairterm.view.predicted_row import with_texts
from pairterm.view.shown_panes import ShownPanes

__all__ = ["PredictMode", "Predictor"]

_SHOWN_ABOVE_S, _HIDDEN_BELOW_S = 0.03, 0.02
"""Round trips from which predictions are shown, and below which they are hidden again: two frames of a display."""

_UNDERLINED_ABOVE_S = 0.12
"""Round trips from which a prediction is underlined: the person sees that the host does not know it yet."""

_MAX_INPUTS = 200
"""The most unmarked inputs that are kept. With more, the host is away or does not read."""

_MAX_PREDICTED_BYTES = 64
"""The most bytes of one input that are predicted. A larger one is a paste, and programs show pastes in other ways."""

_SMOOTHING = 0.125
"""The weight of a new round trip in the average (RFC 6298)."""


class PredictMode(enum.Enum):
    """When predictions are shown."""

    ADAPTIVE = "adaptive"
    """While the round trip is long."""
    ALWAYS = "always"
    NEVER = "never"


class _Input(msgspec.Struct):
    """An input that the host has not marked."""

    serial: int
    data: bytes
    typed_s: float
    place: tuple[int, int] | None = None
    """Row and column of the cursor after it, as predicted; None: not known."""


class _Cell(msgspec.Struct, frozen=True):
    """The predicted text of one cell."""

    text: str
    before: str
    """The text of the cell before. If it is the same, the host's frame confirms nothing."""
    serial: int
    epoch: int
    is_typed: bool
    """The host's frame judges it. False: it was only shifted."""


class _Mark(msgspec.Struct, frozen=True):
    """What the host said last of our input."""

    serial: int
    """All inputs up to this one have had their time to be echoed."""
    newest: int
    """The newest input that the program had by then."""
    generation: int
    """A frame of the pane that is at least so new shows it."""


_NO_MARK = _Mark(0, 0, 0)


class Predictor:
    """The predictions of one terminal."""

    def __init__(self, mode: PredictMode = PredictMode.ADAPTIVE) -> None:
        self._mode = mode
        self._serial = 0
        self._inputs: deque[_Input] = deque()
        self._mark = _NO_MARK
        self._is_mark_open = False
        """The frame of the newest mark has not come yet."""
        self._cells: dict[tuple[int, int], _Cell] = {}
        self._place: tuple[int, int] | None = None
        """Row and column of the cursor after all inputs; None: not known."""
        self._line = PredictedLine(0)
        self._epoch = 1
        self._confirmed_epoch = 0
        """Predictions up to this epoch may be shown."""
        self._frame: Frame | None = None
        self._pane: Frame | None = None
        self._rect = Rect(0, 0, 0, 0)
        self._where: Hashable = None
        """The window and the pane where the person looks."""
        self._round_trip_s: float | None = None
        self._is_far = False

    @property
    def round_trip_s(self) -> float | None:
        """The average time until the host knows of an input and we know that; None: not measured yet."""
        return self._round_trip_s

    def typed(self, data: bytes, now_s: float) -> int | None:
        """Take an input that is sent now. Return its number, for the host's mark; None: no mark is wanted."""
        if self._mode is PredictMode.NEVER:
            return None
        self._serial += 1
        if len(self._inputs) >= _MAX_INPUTS:
            self._withdraw()
            self._inputs.popleft()
        if not self._inputs:
            self._find_place()
        typed = _Input(self._serial, data, now_s)
        self._inputs.append(typed)
        self._predict(typed)
        return self._serial

    def marked(self, serial: int, newest: int, generation: int, now_s: float) -> None:
        """Take the host's mark: see `_Mark`. A mark that is older than the last one says nothing new."""
        if not self._mark.serial < serial <= self._serial:
            return
        typed_s = next((each.typed_s for each in self._inputs if each.serial == serial), None)
        if typed_s is not None:
            self._measure(max(0.0, now_s - typed_s - ECHO_TIME_S))
        self._mark = _Mark(serial, newest, generation)
        self._is_mark_open = True
        self._judge()

    def picture(self, frame: Frame, panes: ShownPanes | None) -> Frame:
        """Take the newest frame of the window, and return it with the predictions in it.

        `panes`: as for `View.show`. The result is `frame` itself if nothing is predicted.
        """
        if panes is None:
            self._follow(frame, frame, Rect(0, 0, frame.size.rows, frame.size.cols), None)
        else:
            rect = next(rect for pane, rect in panes.rects if pane == panes.active)
            self._follow(frame, panes.frame, rect, (panes.window, panes.active))
        self._judge()
        shown = self.shown
        assert shown is not None
        return shown

    @property
    def shown(self) -> Frame | None:
        """The newest frame with the predictions in it; None: no frame has come."""
        frame = self._frame
        if frame is None or not self._is_showing or not self._inputs:
            return frame
        return self._drawn(frame)

    def reset(self) -> None:
        """Forget everything but the round trip: the connection, the role or the window is another one."""
        self._inputs.clear()
        self._mark = _Mark(self._serial, self._serial, 0)
        self._is_mark_open = False
        self._frame = self._pane = None
        self._withdraw()

    # The frames that come.

    def _follow(self, frame: Frame, pane: Frame, rect: Rect, where: Hashable) -> None:
        before, self._frame, self._pane = self._pane, frame, pane
        is_same_place = (rect, where) == (self._rect, self._where)
        self._rect, self._where = rect, where
        if before is None:
            return
        if not is_same_place or pane.is_hidden or before.is_alternate != pane.is_alternate:
            self._withdraw()
        elif pane.scrolled != before.scrolled:
            self._scroll(pane.scrolled - before.scrolled)

    def _scroll(self, rows: int) -> None:
        """Move the predictions up with the text."""
        top, bottom = self._rect.row, self._rect.row + self._rect.rows
        moved = {(row - rows, col): cell for (row, col), cell in self._cells.items()}
        self._cells = {place: cell for place, cell in moved.items() if top <= place[0] < bottom}
        for each in self._inputs:
            if each.place is not None:
                each.place = (each.place[0] - rows, each.place[1])
        if self._place is not None:
            self._place = (self._place[0] - rows, self._place[1])
            if not top <= self._place[0] < bottom:
                self._lose_place()

    def _judge(self) -> None:
        """Compare the predictions with the newest frame."""
        frame, pane, mark = self._frame, self._pane, self._mark
        if frame is None or pane is None:
            return
        for (row, col), cell in self._cells.items():
            if cell.is_typed and cell.before != cell.text == frame.rows[row].cells[col]:
                self._confirmed_epoch = max(self._confirmed_epoch, cell.epoch)
        if not self._is_mark_open or pane.generation < mark.generation:
            return
        self._is_mark_open = False
        place = self._take_marked(mark)
        is_exact = mark.newest == mark.serial and pane.generation == mark.generation
        cursor = (frame.cursor.row, frame.cursor.col)
        known = {place: cell for place, cell in self._cells.items() if cell.serial <= mark.serial}
        is_wrong = any(cell.is_typed and frame.rows[row].cells[col] != cell.text for (row, col), cell in known.items())
        if is_wrong or (is_exact and place not in (None, cursor)):
            self._withdraw()
        else:
            self._cells = {place: cell for place, cell in self._cells.items() if cell.serial > mark.serial}
        if self._place is None and is_exact:
            self._find_place()
            for each in self._inputs:
                self._predict(each)

    def _take_marked(self, mark: _Mark) -> tuple[int, int] | None:
        """Drop the inputs that the host has marked. Return where the cursor was to be after the last of them."""
        place = None
        while self._inputs and self._inputs[0].serial <= mark.serial:
            place = self._inputs.popleft().place
        return place

    def _measure(self, round_trip_s: float) -> None:
        known = self._round_trip_s
        smoothed = round_trip_s if known is None else known + _SMOOTHING * (round_trip_s - known)
        self._round_trip_s = smoothed
        self._is_far = smoothed > (_HIDDEN_BELOW_S if self._is_far else _SHOWN_ABOVE_S)

    # Predictions.

    def _find_place(self) -> None:
        """Begin to predict at the cursor of the newest frame, if a program shows one."""
        frame, rect = self._frame, self._rect
        if frame is None or not frame.cursor.is_visible or frame.is_hidden:
            self._lose_place()
            return
        place = (frame.cursor.row, frame.cursor.col)
        if place != self._place:
            if self._place is not None:
                self._epoch += 1
            self._line = PredictedLine(place[1])
        is_inside = 0 <= place[0] - rect.row < rect.rows and 0 <= place[1] - rect.col < rect.cols
        self._place = place if is_inside else None

    def _lose_place(self) -> None:
        """Predict nothing more until the host's frame shows where the cursor is."""
        self._place = None
        self._epoch += 1

    def _withdraw(self) -> None:
        """Take all predictions back."""
        self._cells.clear()
        for each in self._inputs:
            each.place = None
        self._lose_place()

    def _predict(self, typed: _Input) -> None:
        """Predict the effect of an input, as far as it is known."""
        keys = predicted_keys(typed.data) if len(typed.data) <= _MAX_PREDICTED_BYTES else None
        for key in keys if keys is not None else ():
            if self._place is None:
                break
            self._predict_key(key, typed.serial)
        if keys is None and self._place is not None:
            self._lose_place()
        typed.place = self._place

    def _predict_key(self, key: PredictedKey, serial: int) -> None:
        assert self._place is not None
        row, col = self._place
        right = self._rect.col + self._rect.cols
        match key:
            case Insert(cells):
                after = col + len(cells)
                if after > right:
                    self._lose_place()
                    return
                self._insert(row, col, cells, serial)
                self._place = (row, after)
                self._line.reach(after)
                if after == right:  # the next character wraps, in this program or not
                    self._lose_place()
            case Erase():
                start = self._start_of(row, col)
                if start is None:
                    self._lose_place()
                    return
                self._erase(row, start, col - start, serial)
                self._place = (row, start)
            case Move(cols):
                to = col + cols
                if not self._line.has(to) or to >= right or self._text(row, to) == "":
                    self._lose_place()
                else:
                    self._place = (row, to)

    def _start_of(self, row: int, col: int) -> int | None:
        """Return the column of the character before the cursor; None: the person did not type it on this line."""
        start = col - 1
        if self._line.has(start) and self._text(row, start) == "":
            start -= 1
        return start if self._line.has(start) else None

    def _insert(self, row: int, col: int, cells: tuple[str, ...], serial: int) -> None:
        """Put cells before the text at the cursor. A suggestion in another colour is written over instead."""
        stop = self._end_of_text(row, col)
        shifted = [self._text(row, each) for each in range(col, stop)]
        right = self._rect.col + self._rect.cols
        for offset, text in enumerate(shifted):
            if col + len(cells) + offset < right:
                self._set(row, col + len(cells) + offset, text, serial, is_typed=False)
        for offset, text in enumerate(cells):
            self._set(row, col + offset, text, serial, is_typed=True)

    def _erase(self, row: int, col: int, count: int, serial: int) -> None:
        stop = self._end_of_text(row, col + count)
        shifted = [self._text(row, each) for each in range(col + count, stop)]
        for offset, text in enumerate([*shifted, *(" " * count)]):
            self._set(row, col + offset, text, serial, is_typed=offset == 0)

    def _end_of_text(self, row: int, col: int) -> int:
        """Return the column at which the text ends that moves with the cursor; `col`: none does."""
        assert self._frame is not None
        right = self._rect.col + self._rect.cols
        if col >= right:
            return col
        pens = self._frame.rows[row].pens
        if col and (row, col) not in self._cells and pens[col] != pens[col - 1]:
            return col
        return blank_after([self._text(row, each) for each in range(col, right)]) + col

    def _text(self, row: int, col: int) -> str:
        """Return the text of a cell, as predicted."""
        assert self._frame is not None
        cell = self._cells.get((row, col))
        return cell.text if cell is not None else self._frame.rows[row].cells[col]

    def _set(self, row: int, col: int, text: str, serial: int, *, is_typed: bool) -> None:
        self._cells[row, col] = _Cell(text, self._text(row, col), serial, self._epoch, is_typed)

    # The picture.

    @property
    def _is_showing(self) -> bool:
        return self._mode is PredictMode.ALWAYS or self._is_far

    def _visible(self) -> dict[tuple[int, int], _Cell]:
        return {place: cell for place, cell in self._cells.items() if cell.epoch <= self._confirmed_epoch}

    def _drawn(self, frame: Frame) -> Frame:
        by_row: dict[int, dict[int, str]] = {}
        for (row, col), cell in self._visible().items():
            if frame.rows[row].cells[col] != cell.text:
                by_row.setdefault(row, {})[col] = cell.text
        cursor = self._drawn_cursor(frame.cursor)
        if not by_row and cursor is frame.cursor:
            return frame
        rows = list(frame.rows)
        is_underlined = self._round_trip_s is not None and self._round_trip_s > _UNDERLINED_ABOVE_S
        for row, texts in by_row.items():
            rows[row] = with_texts(rows[row], texts, is_underlined=is_underlined)
        return redrawn(frame, frame.size, tuple(rows), cursor, frame.modes)

    def _drawn_cursor(self, cursor: Cursor) -> Cursor:
        if not self._inputs or self._place is None or self._epoch > self._confirmed_epoch:
            return cursor
        row, col = self._place
        return cursor if (row, col) == (cursor.row, cursor.col) else replace(cursor, row=row, col=col)
