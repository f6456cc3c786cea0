"""The effects of one client's mouse: it selects panes, windows and text, and drags the borders between panes.

tmux's default bindings are the model. The button that is pressed first decides, until it
is released: a drag that began on a border never selects text, for example. A program that
wants the mouse gets what happens in its pane, if that is the active one. The client's
terminal reports in SGR (see `Layers.takes_mouse`); other reports are garbage and are dropped.

Law 6: a read-only client's mouse never becomes `Type`. No clock: `now_s` is an argument.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from functools import partial

from pairterm.terminal.frame import Mouse, MouseEncoding
from pairterm.types import PaneId
from pairterm.view.actions import Action, Command, Type
from pairterm.view.copy_mode import CopyMode
from pairterm.view.history_keys import WHEEL_LINES, HistoryKeys
from pairterm.view.key_commands import KeyCommand
from pairterm.view.layers import Layers
from pairterm.view.mouse import LEFT, MIDDLE, MouseReport, mouse_report, moved_mouse, program_report
from pairterm.view.pointed_cells import cell_at, pane_at, pane_cell_at, tab_at
from pairterm.view.selection import Spot
from pairterm.view.shown_panes import PaneBorder

__all__ = ["Pointer"]

_CLICK_S = 0.3
"""Presses at one cell that follow each other so fast are a double or a triple click. After the last one, the selection
shows for so long before it is copied. tmux: 0.3 s, too."""

_DRAG_S = 0.1
"""A drag of a border gives at most one command in this time: each one resizes programs."""

_SELECTING_S = 1.0
"""How long turns of the wheel wait for the pane that they have selected."""


class _Grab(enum.Enum):
    """What the pressed button does until it is released."""

    NOTHING = enum.auto()
    PROGRAM = enum.auto()
    BORDER = enum.auto()
    TEXT = enum.auto()


class Pointer:
    """The effects of one client's mouse on the layers of their screen."""

    def __init__(self, layers: Layers, copying: HistoryKeys) -> None:
        self._layers = layers
        self._copying = copying
        self._grab = _Grab.NOTHING
        self._pane: PaneId | None = None
        """The pane in which the button was pressed."""
        self._borders: list[PaneBorder] = []
        """The borders that are dragged, where they were at the press."""
        self._from = (0, 0)
        self._to: tuple[int, int] | None = None
        """The drag in the window's cells, from the press to where the mouse is. None: the host knows it."""
        self._flush_s = float("-inf")
        """When the next movement of a border may be told."""
        self._pressed: tuple[int, int] | None = None
        """The terminal's cell of the last press. None: the next one is a first click."""
        self._pressed_s = float("-inf")
        self._clicks = 0
        self._start = Spot(0, 0)
        """The place in the text at which a selection begins."""
        self._selecting: CopyMode | None = None
        """The history in which the mouse selects text."""
        self._copy_at_s: float | None = None
        """When the word or the line of the last click is copied."""
        self._turns: tuple[PaneId, int] | None = None
        """A pane that the wheel has selected, and how many lines it is to scroll."""
        self._turns_until_s = float("-inf")

    @property
    def wake_at_s(self) -> float | None:
        """When `finish_click` or `flush` has something to do. None: never."""
        if self._to is None:
            return self._copy_at_s
        return self._flush_s if self._copy_at_s is None else min(self._flush_s, self._copy_at_s)

    def finish_click(self, now_s: float) -> None:
        """Copy the word or the line that was clicked, if no further click came in time."""
        if self._copy_at_s is not None and now_s >= self._copy_at_s:
            self._copy()

    def take(self, data: bytes, now_s: float) -> list[Action] | None:
        """Obey a mouse report, and return the actions for the caller. None: the report is a key, as the wheel is."""
        layers = self._layers
        if not layers.takes_mouse:
            return [Type(each) for each in self._for_program(data)] if self._may_type else None
        report = mouse_report(data)
        if layers.help is not None or layers.prompt is not None:
            return None if layers.help is not None and report is not None and report.is_wheel else []
        if report is None:
            return []
        if layers.shows_code and report.row <= layers.area.rows:
            return None if report.is_wheel else self._press_in_code(report, now_s)
        if report.is_wheel:
            return self._turn(report, now_s)
        if report.is_motion or report.is_release:
            return self._follow(report, now_s)
        return self._press(report, now_s)

    def flush(self, now_s: float) -> list[Action]:
        """Return the command that moves the dragged border, if it is due. Many movements of the mouse become one."""
        if self._to is None or (now_s < self._flush_s and self._grab is _Grab.BORDER):
            return []
        (row, col), self._to, self._flush_s = self._to, None, now_s + _DRAG_S
        down, right = row - self._from[0], col - self._from[1]
        places = (
            f"%{border.before} %{border.behind} {max(0, border.place + (right if border.is_column else down))}"
            for border in self._borders
        )
        return [Command(f"resize-border {' '.join(places)}")]

    def arrived(self) -> None:
        """Scroll the pane that the wheel has selected, when it is the active one."""
        layers = self._layers
        if self._turns is None or self._turns[0] != layers.pane:
            return
        (_, lines), self._turns = self._turns, None
        if layers.now_s > self._turns_until_s or layers.help is not None or layers.prompt is not None:
            return
        if layers.scrollback is not None:
            layers.scrollback.scroll(-lines, with_cursor=False)
        elif lines > 0 and not self._is_program_listening:
            self._copying.enter_by_wheel(lines)

    # The program

    @property
    def _may_type(self) -> bool:
        return self._layers.is_live and self._layers.role.may_type

    @property
    def _is_program_listening(self) -> bool:
        """True if the program in the active pane gets this client's mouse."""
        frame = self._layers.pane_frame
        return self._may_type and frame is not None and frame.modes.mouse is not Mouse.OFF

    def _for_program(self, data: bytes) -> list[bytes]:
        """Return the report of a mouse that is not ours, in the cells of the active pane. []: it is elsewhere."""
        layers, frame = self._layers, self._layers.pane_frame
        if frame is None or frame.modes.mouse is Mouse.OFF:
            return [data]
        if frame.modes.mouse_encoding is MouseEncoding.SGR_PIXELS and layers.has_panes:
            return []
        moved = moved_mouse(data, partial(pane_cell_at, layers), frame.size, frame.modes.mouse_encoding)
        return [moved] if moved else []

    def _send(self, report: MouseReport) -> list[Action]:
        """Return the report for the program. A drag that leaves the pane stays at its edge."""
        frame = self._layers.pane_frame
        if frame is None or not self._is_program_listening:
            return []
        row, col = pane_cell_at(self._layers, report.row, report.col)
        row, col = max(1, min(row, frame.size.rows)), max(1, min(col, frame.size.cols))
        data = program_report(replace(report, row=row, col=col), frame.modes)
        return [Type(data)] if data else []

    # Events

    def _is_in_active(self, report: MouseReport) -> bool:
        """Return whether a report is about the active pane. Without panes, the whole session is one."""
        layers = self._layers
        if layers.frame is None or report.row > layers.area.rows:
            return False
        if layers.scrollback is not None and not layers.has_panes:
            return True
        size = layers.frame.size if layers.pane_frame is None else layers.pane_frame.size
        row, col = pane_cell_at(layers, report.row, report.col)
        return 1 <= row <= size.rows and 1 <= col <= size.cols

    def _press(self, report: MouseReport, now_s: float) -> list[Action]:
        layers = self._layers
        if self._copy_at_s is not None and self._pressed != (report.row, report.col):
            self._copy()
        layers.is_changed = layers.is_changed or layers.has_numbers
        layers.numbers_until_s = None
        self._grab, self._pane = _Grab.NOTHING, layers.pane
        is_plain_left = report.button == LEFT and not report.has_modifiers
        if layers.has_status and report.row == layers.size.rows > layers.area.rows:
            tab = tab_at(layers, report.col) if is_plain_left else None
            return [] if tab is None or tab is layers.windows.current else [Command(f"select-window -t :{tab.index}")]
        if self._is_in_active(report):
            return self._press_in_pane(report, now_s)
        pane = pane_at(layers, report.row, report.col)
        if pane is not None:
            return [] if report.has_modifiers else [Command(f"select-pane -t %{pane}")]
        if is_plain_left and layers.panes is not None:
            row, col = cell_at(layers, report.row, report.col)
            self._from, self._borders = (row, col), layers.panes.borders_at(row - 1, col - 1)
            self._grab = _Grab.BORDER if self._borders else _Grab.NOTHING
        return []

    def _press_in_code(self, report: MouseReport, now_s: float) -> list[Action]:
        layers = self._layers
        is_press = report.button == LEFT and not (report.has_modifiers or report.is_motion or report.is_release)
        if is_press and layers.code.click(report.row - 1, report.col - 1, now_s):
            layers.is_changed = True
        return []

    def _press_in_pane(self, report: MouseReport, now_s: float) -> list[Action]:
        layers = self._layers
        if self._is_program_listening:
            self._grab = _Grab.PROGRAM
            return self._send(report)
        if report.button == MIDDLE and not report.has_modifiers and self._may_type:
            return self._copying.paste(self._copying.buffers.find(), now_s)
        if report.button == LEFT and not report.has_modifiers:
            self._grab = _Grab.TEXT
            self._click(report, now_s)
        layers.is_changed = True
        return []

    def _follow(self, report: MouseReport, now_s: float) -> list[Action]:
        """Obey a movement or a release."""
        layers = self._layers
        grab = self._grab
        if report.is_release:
            self._grab = _Grab.NOTHING
        match grab:
            case _Grab.PROGRAM if self._pane == layers.pane:
                return self._send(report)
            case _Grab.BORDER:
                if report.is_motion:
                    self._to = cell_at(layers, report.row, report.col)
                return self.flush(now_s) if report.is_release else []
            case _Grab.TEXT if self._pane == layers.pane:
                if report.is_release:
                    self._release_text(now_s)
                elif (report.row, report.col) != self._pressed or self._selecting is not None:
                    self._drag_text(report)
            case _Grab.NOTHING if report.is_motion and self._is_in_active(report):
                return self._send(report)
        return []

    def _turn(self, report: MouseReport, now_s: float) -> list[Action] | None:
        """Obey a notch of the wheel: it is for the pane under it. None: the keys have it."""
        layers = self._layers
        if self._is_in_active(report):
            return self._send(report) if self._is_program_listening else None
        pane = pane_at(layers, report.row, report.col)
        lines = WHEEL_LINES * report.wheel_step
        if pane is None or report.has_modifiers or not lines:
            return []
        if self._turns is not None and self._turns[0] == pane and now_s <= self._turns_until_s:
            self._turns = pane, self._turns[1] + lines  # the host has been asked for this pane already
            return []
        self._turns, self._turns_until_s = (pane, lines), now_s + _SELECTING_S
        return [Command(f"select-pane -t %{pane}")]

    # Text

    def _click(self, report: MouseReport, now_s: float) -> None:
        """Count a click. A double click selects a word, a triple click a line."""
        cell = (report.row, report.col)
        is_next = self._pressed == cell and now_s <= self._pressed_s + _CLICK_S and self._clicks < 3
        self._clicks = self._clicks + 1 if is_next else 1
        self._pressed, self._pressed_s, self._copy_at_s = cell, now_s, None
        if self._clicks == 1:
            self._selecting, self._start = None, self._spot(report)
            return
        copy_mode = self._open()
        if copy_mode is None:
            return
        if self._clicks == 3:
            copy_mode.select_line(self._start)
        elif not copy_mode.select_word(self._start):
            self._selecting = None
            if copy_mode.leaves_at_bottom and copy_mode.is_at_bottom:
                self._copying.leave()

    def _drag_text(self, report: MouseReport) -> None:
        copy_mode = self._selecting
        if copy_mode is None or copy_mode is not self._layers.scrollback:
            copy_mode = self._open()
            if copy_mode is None:
                return
            copy_mode.clear_selection()
            copy_mode.point(self._start)
            copy_mode.run(KeyCommand.SELECT)
        copy_mode.point(self._spot(report))
        self._clicks = 0
        self._layers.is_changed = True

    def _release_text(self, now_s: float) -> None:
        if self._selecting is not None and self._clicks == 0:
            self._copy()
        elif self._selecting is not None:
            self._copy_at_s = now_s + _CLICK_S

    def _open(self) -> CopyMode | None:
        """Open the history of the active pane to select in it, if it is not open. None: nothing can be selected."""
        if self._layers.scrollback is None:
            self._copying.enter_by_wheel(0)
        self._selecting = self._layers.scrollback
        self._layers.is_changed = True
        return self._selecting

    def _copy(self) -> None:
        """Copy the text that the mouse has selected. `HistoryKeys.finish_copy` does the rest."""
        copy_mode, self._selecting, self._copy_at_s = self._selecting, None, None
        if copy_mode is not None and copy_mode is self._layers.scrollback:
            copy_mode.copy()
            self._layers.is_changed = True

    def _spot(self, report: MouseReport) -> Spot:
        """Return the place in the active pane's text that a report is about."""
        layers, frame = self._layers, self._layers.pane_frame
        row, col = pane_cell_at(layers, report.row, report.col)
        if layers.scrollback is not None:
            return layers.scrollback.spot_at(row - 1, col - 1)
        return Spot((0 if frame is None else frame.scrolled) + row - 1, max(0, col - 1))
