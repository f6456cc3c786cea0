"""The layers of one client's screen: the session, its history, the help, and the bars below them.

`Layers` holds the state and makes the picture. `controls` changes the state when keys
are pressed, and the view decides when to paint. The cache gives the same picture object
to clients that show the same. `now_s`: the view's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from pairterm.terminal.frame import Cursor, Frame, Modes, MouseEncoding, Row, redrawn
from pairterm.types import Attendance, PaneId, Rect, Role, Size
from pairterm.view.bars import bar, message_lines, with_bottom
from pairterm.view.client_layout import RowLayout
from pairterm.view.client_modes import modes_for
from pairterm.view.client_widths import OWN_WIDTHS, ClientWidths
from pairterm.view.compose import compose_screen
from pairterm.view.copy_mode import CopyMode
from pairterm.view.document_view import DocumentView
from pairterm.view.message_time import MESSAGE_S, message_s
from pairterm.view.page import Page
from pairterm.view.paint_cache import PaintCache, Shape, same_frame
from pairterm.view.pane_drawing import with_pane
from pairterm.view.pane_numbers import with_numbers
from pairterm.view.prompt import Prompt
from pairterm.view.shown_documents import ShownDocuments
from pairterm.view.shown_panes import ShownPanes
from pairterm.view.shown_windows import NO_WINDOWS, ShownWindows
from pairterm.view.status import MIN_ROWS, Status, status_row
from pairterm.view.viewport import Offset, Viewport

__all__ = ["Layers"]

_HIDDEN = Cursor(is_visible=False)


class Layers:
    """The layers of one client's screen, from the bottom up: session, code, scrollback, help, bars."""

    def __init__(
        self, *, session: str, role: Role, size: Size, has_status: bool, has_mouse: bool, is_centred: bool, term: str
    ) -> None:
        self.session = session
        self.role = role
        self.size = size
        self.has_status = has_status
        self.has_mouse = has_mouse
        self.term = term
        """The program's TERM. "": unknown."""
        self.frame: Frame | None = None
        self.panes: ShownPanes | None = None
        """The panes in the frame. None: the frame is one pane."""
        self.bell_source: Hashable = None
        """The panes whose bells the frame counts. Frames of other panes have counts that can't be compared."""
        self.windows = NO_WINDOWS
        self.viewport = Viewport(is_centred=is_centred)
        self.scrollback: CopyMode | None = None
        self.code = DocumentView()
        """The client's place in the editors' files, also while they look elsewhere."""
        self.help: Page | None = None
        self.prompt: Prompt | None = None
        self.numbers_until_s: float | None = None
        """Until when the panes' numbers show. None: they do not show."""
        self.attendance = Attendance()
        self.hint = ""
        """The text of the status line when it has nothing else to show: how to get help."""
        self.is_changed = False
        """Something besides the frame has changed since the last painting."""
        self.is_newer = False
        """A newer frame has come since the last painting."""
        self.is_unknown = True
        """The content of the terminal is unknown: it has to be painted whole."""
        self._message = ""
        self._message_until_s = 0.0
        self._told_size = ""
        """The indicator of the viewport, as a message has told it last."""
        self._size_news_until_s = float("-inf")
        self._known_sizes: tuple[Size, Size] | None = None
        self._away_since_s: float | None = None
        self._away_words = ""
        self.widths: ClientWidths | None = None
        """The widths of the client's terminal. None: they are the model's, or unknown."""
        self.now_s = 0.0
        """The newest time that we know."""

    @property
    def is_live(self) -> bool:
        """True if keys go to the session: no private layer covers it."""
        return self.numbers_until_s is None and not self.is_covered

    @property
    def is_covered(self) -> bool:
        """True if a layer has the keys until it is left."""
        if self.scrollback is not None or self.help is not None or self.prompt is not None:
            return True
        return self.panes is not None and self.panes.is_code

    @property
    def is_private(self) -> bool:
        """True if the picture belongs to this client alone. Clients who look at one text mostly see the same."""
        if self.is_live:
            return False
        own = self.help, self.scrollback, self.prompt, self.widths
        return not self.shows_code or bool(self._message) or any(each is not None for each in own)

    @property
    def shows_code(self) -> bool:
        """True if the client looks at the window with the editors' files."""
        return self.panes is not None and self.panes.is_code

    @property
    def has_numbers(self) -> bool:
        """True while the panes' numbers show."""
        return self.numbers_until_s is not None and not self.is_covered

    @property
    def takes_mouse(self) -> bool:
        """True if the client's mouse is ours. Its reports then count cells (SGR), whatever the program asked for.

        A program that wants pixels gets the mouse of a client that may type: we can't make pixels from cells.
        """
        frame = self.pane_frame
        wants_pixels = frame is not None and frame.modes.mouse_encoding is MouseEncoding.SGR_PIXELS
        is_programs = wants_pixels and self.role.may_type and not self.is_covered
        return self.has_mouse and not is_programs

    @property
    def has_panes(self) -> bool:
        """True if the active pane is not alone in the frame."""
        return self.active_rect is not None

    @property
    def area(self) -> Size:
        """The part of the screen above the status line."""
        rows = self.size.rows - (self.has_status and self.size.rows >= MIN_ROWS)
        return Size(rows=rows, cols=self.size.cols)

    @property
    def active_rect(self) -> Rect | None:
        """The active pane's rectangle in the frame. None: it has all of the frame."""
        panes = self.panes
        if panes is None or len(panes.rects) == 1:
            return None
        return next((rect for pane, rect in panes.rects if pane == panes.active), None)

    @property
    def history_area(self) -> Size:
        """The size of the history: that of the active pane. A pane without others has the whole area."""
        rect = self.active_rect
        return self.area if rect is None else Size(rows=rect.rows, cols=rect.cols)

    @property
    def wake_at_s(self) -> float | None:
        """When `pass_time` has something to do. None: nothing changes by time alone."""
        times = []
        if self._message:
            times.append(self._message_until_s)
        if self.numbers_until_s is not None:
            times.append(self.numbers_until_s)
        if self._size_news_until_s > self.now_s:
            times.append(self._size_news_until_s)
        if self._away_since_s is not None and self.has_status:
            times.append(self._away_since_s + self._away_s + 1)
        if self.scrollback is not None and self.scrollback.retry_at_s is not None:
            times.append(self.scrollback.retry_at_s)
        if self.shows_code and (away_since_s := self.code.away_since_s) is not None:
            times.append(away_since_s + max(0, int(self.now_s - away_since_s)) + 1)
        return min(times, default=None)

    @property
    def is_timed(self) -> bool:
        """True if something may change by time alone. It is a cheap check before `wake_at_s`."""
        panes = self.panes
        return bool(
            self._message
            or self._away_since_s is not None
            or self._size_news_until_s > self.now_s
            or self.scrollback is not None
            or self.numbers_until_s is not None
            or (panes is not None and panes.is_code)
        )

    @property
    def _away_s(self) -> int:
        return 0 if self._away_since_s is None else max(0, int(self.now_s - self._away_since_s))

    def pass_time(self, now_s: float) -> None:
        """Remove a message that was shown long enough, and update times that are shown."""
        due_s = self.wake_at_s if self.is_timed else None
        if due_s is not None and now_s >= due_s:
            self.is_changed = True
        if now_s > self.now_s:
            self.now_s = now_s
        if self._message and now_s >= self._message_until_s:
            self._message = ""
        if self.numbers_until_s is not None and now_s >= self.numbers_until_s:
            self.numbers_until_s = None

    @property
    def pane_frame(self) -> Frame | None:
        """The newest frame of the pane that gets the client's keys. None: no frame has come yet."""
        return self.panes.frame if self.panes is not None else self.frame

    @property
    def pane(self) -> PaneId | None:
        """The pane that gets the client's keys. None: there is only one, and its number is unknown here."""
        return None if self.panes is None else self.panes.active

    def show(self, frame: Frame, panes: ShownPanes | None) -> None:
        """Take the newest frame of the window that the client looks at."""
        known = self.panes
        if panes is None or known is None or panes.rects is not known.rects or panes.active != known.active:
            self._look_at(panes)
        else:  # the same place: each key of a typist comes here
            self.panes = panes
        self.frame = frame
        self.is_newer = True
        if self.scrollback is not None:
            self.scrollback.show(panes.frame if panes is not None else frame)
            self.scrollback.resize(self.history_area)

    def _look_at(self, panes: ShownPanes | None) -> None:
        """Take the panes of another window, or others of the same one."""
        if (panes and panes.window) != (self.panes and self.panes.window):
            self.viewport.is_following = True  # the place where the client had put it was in another window
            self._known_sizes = None
            self.numbers_until_s = None
        self.bell_source = panes and (panes.window, panes.active, tuple([pane for pane, _ in panes.rects]))
        before = self.has_panes, self.shows_code
        self.panes = panes
        self.is_changed = self.is_changed or (self.has_panes, self.shows_code) != before  # the modes may change with it

    def show_documents(self, shared: ShownDocuments, now_s: float) -> None:
        """Take what editors share now."""
        if self.code.show(shared, now_s) and self.shows_code:
            self.is_changed = True

    def resize(self, size: Size) -> None:
        """Take the terminal's size. Its content is unknown then."""
        self.size = size
        self.is_changed = self.is_unknown = True
        if self.scrollback is not None:
            self.scrollback.resize(self.history_area)

    def use_widths(self, widths: ClientWidths) -> None:
        """Take the widths of the client's terminal. If they are not the model's, the terminal is painted whole."""
        if widths != OWN_WIDTHS:
            self.widths = widths
            self.is_changed = self.is_unknown = True

    def show_status(self, is_on: bool) -> None:
        """Show the status line, or give its row to the session."""
        self.has_status = is_on
        self.is_changed = True
        if self.scrollback is not None:
            self.scrollback.resize(self.history_area)

    def tell(self, text: str, now_s: float) -> None:
        """Show a message for a few seconds, longer if it has several lines. A newer message replaces it."""
        self._message = text
        self._message_until_s = now_s + message_s(len(self._message_lines()))
        if self._size_news_until_s > now_s:  # the message covers it for so long
            self._size_news_until_s = self._message_until_s + MESSAGE_S
        self.is_changed = True

    def attend(self, attendance: Attendance) -> None:
        """Take the people that are here."""
        if attendance != self.attendance:
            self.attendance = attendance
            self.is_changed = self.is_changed or self.has_status

    def link_away(self, since_s: float | None, words: str) -> None:
        """Take the time since which the host is away, or what the words say. None: all is well."""
        if (since_s, words) != (self._away_since_s, self._away_words):
            self._away_since_s, self._away_words = since_s, words
            self.is_changed = self.is_changed or self.has_status

    def show_windows(self, windows: ShownWindows) -> None:
        """Take the windows that there are."""
        if windows != self.windows:
            self.windows = windows
            self.is_changed = self.is_changed or self.has_status

    def note_sizes(self, frame: Frame, now_s: float) -> None:
        """Show a change of sizes for a while, in the status line or as a message."""
        if self.shows_code:
            return
        sizes = (frame.size, self.area)
        known, self._known_sizes = self._known_sizes, sizes
        if sizes == known:
            return
        self.viewport.settle(frame.cursor, frame.size, self.area)
        if self.has_status:
            if known is not None and known[0] != frame.size:
                self._size_news_until_s = (self._message_until_s if self._message else now_s) + MESSAGE_S
            return
        if self._message and self._message == self._told_size:
            self._message = ""  # it says an older size
        self._told_size = self.viewport.note(frame.size, self.area)
        if self._told_size:
            self.tell(self._told_size, now_s)

    def picture(self, frame: Frame, cache: PaintCache) -> Frame:
        """Return the picture that the terminal shows for this newest frame of the session."""
        if self.help is not None:
            picture = self._private(frame, self.help.rows(self.area))
        elif self.scrollback is not None and self.active_rect is None:
            picture = self._private(frame, self.scrollback.rows(), self.scrollback.cursor())
        elif self.shows_code:
            picture = self._private(frame, self.code.rows(self.area, self.now_s))
            if not self.is_private:
                return cache.same(picture)
        else:
            seen = self.seen(frame)
            shape = self._shape(seen, self.viewport.settle(seen.cursor, seen.size, self.area), cache)
            if self.is_live:
                return cache.picture(seen, shape)
            picture = shape.make(seen)
        if self.prompt is not None:
            row, col = self.prompt.row(self.size.cols)
            picture = with_bottom(picture, [row], Cursor(self.size.rows - 1, col))
        return picture if self.widths is None else RowLayout(self.widths).lay_out(picture)

    def seen(self, frame: Frame) -> Frame:
        """Return the window's frame with what only this client sees inside of it."""
        rect = self.active_rect
        if self.scrollback is not None and rect is not None:
            return with_pane(frame, rect, self.scrollback.rows(), self.scrollback.cursor())
        return with_numbers(frame, self.panes) if self.has_numbers else frame

    def steady_shape(self, frame: Frame, cache: PaintCache) -> Shape | None:
        """Return how pictures are made while only the frame changes. None: a private layer or the cursor decides."""
        if not self.is_live or self.viewport.note(frame.size, self.area):
            return None
        return self._shape(frame, self.viewport.settle(frame.cursor, frame.size, self.area), cache)

    def _shape(self, frame: Frame, offset: Offset, cache: PaintCache) -> Shape:
        """Return how the session is shown now, without private layers."""
        bars = self.status(frame) if self.has_status else None
        message = "" if self.prompt is not None else self._message
        modes = self._modes(frame)

        def maker() -> Callable[[Frame], Frame]:
            fits = frame.size == self.size == self.area and modes == frame.modes
            if fits and self.widths is None and not self.message_rows():
                return same_frame
            return partial(
                compose_screen,
                size=self.size,
                area=self.area,
                offset=offset,
                modes=modes,
                cutter=cache.cutter(col=offset.col, cols=self.size.cols),
                below=self._status_rows(frame),
                over=self.message_rows(),
                layout=None if self.widths is None else cache.layout(self.widths, self.size),
            )

        return cache.shape(frame, (self.size, offset, modes, message, bars, self.widths), maker)

    def _private(self, frame: Frame, rows: Sequence[Row], cursor: Cursor = _HIDDEN) -> Frame:
        """Return the picture of a private layer, with the bars below it."""
        picture = redrawn(frame, self.size, (*rows, *self._status_rows(frame)), cursor, self._modes(frame))
        over = self.message_rows()
        return with_bottom(picture, over) if over else picture

    def message_rows(self) -> list[Row]:
        """Return the bars of the message. There are none while a prompt is open, because it takes their place."""
        if not self._message or self.prompt is not None:
            return []
        return [bar(f" {line}", self.size.cols) for line in self._message_lines()]

    def _status_rows(self, frame: Frame) -> tuple[Row, ...]:
        if self.area.rows == self.size.rows:
            return ()
        return (status_row(self.status(frame), self.size.cols),)

    def _message_lines(self) -> list[str]:
        return message_lines(self._message, self.size.cols, max(1, self.size.rows // 2))

    def status(self, frame: Frame) -> Status:
        """Return what the status line says."""
        link, note = self._link(), self._note(frame)
        return Status(self.session, self.role, self.attendance, self.windows, link, note, self.hint)

    def _link(self) -> str:
        return "" if self._away_since_s is None else f"{self._away_words} {self._away_s} s"

    def _note(self, frame: Frame) -> str:
        note = "" if self.shows_code else self.viewport.note(frame.size, self.area)
        if note or self.now_s >= self._size_news_until_s:
            return note
        by = f" (set by {self.attendance.size_by})" if self.attendance.size_by else ""
        return f"size {frame.size}{by}"

    def _modes(self, frame: Frame) -> Modes:
        return modes_for(self.role, frame.modes, is_covered=self.is_covered, takes_mouse=self.takes_mouse)
