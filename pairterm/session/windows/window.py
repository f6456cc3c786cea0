"""One window: its number, its name, and the layout of its panes."""

from __future__ import annotations

from pairterm.session.windows.layout import Layout
from pairterm.session.windows.pane import Pane
from pairterm.session.windows.preset_layouts import MainPane
from pairterm.session.windows.window_options import WindowOptions
from pairterm.types import ClientId, PaneId, Rect, Size, WindowId

__all__ = ["Window"]


class Window:
    """A window of a session. It has at least one pane, but for the moment in which it ends."""

    def __init__(
        self, window: WindowId, index: int, pane: Pane, *, name: str = "", options: WindowOptions | None = None
    ) -> None:
        """Make a window with one pane.

        With "" as `name`, it has the name of the program in its active pane. `options`: the values for all windows.
        """
        self.id = window
        self.index = index
        """The number under which it is listed and selected."""
        self.panes: dict[PaneId, Pane] = {pane.id: pane}
        self.layout = Layout.single(pane.id, pane.size)
        self.recent: list[PaneId] = [pane.id]
        """All panes, in the order in which they were active for those who follow, the newest last."""
        self.is_zoomed = False
        """Those who follow see its active pane alone."""
        self.preset = ""
        """The layout of tmux's five that it got last; "": none. `next-layout` goes on from it."""
        self.layout_before = ""
        """The notation of its layout before the last `select-layout`, which `-o` brings back."""
        self.is_hidden = False
        """Guests see that it is there, and nothing of it."""
        self.opened_by: ClientId | None = None
        """The client that made it; None: the owner's command line, or nobody."""
        self.driver_note = ""
        """Who drives in it, for status lines; "" if no driver is needed to type."""
        self.has_bell = False
        self.has_activity = False
        self.resized_s = float("-inf")
        """When its size changed last."""
        self.size_by = ""
        """The label of the client, or the name of the setting, that gives it its size."""
        self.options = WindowOptions(options)
        self._given_name = ""
        if name:
            self.rename(name)

    @property
    def name(self) -> str:
        """The name that was given to it, or that of the program in its active pane."""
        return self._given_name or self.panes[self.active].command

    @property
    def is_named(self) -> bool:
        """A name was given to it."""
        return bool(self._given_name)

    def rename(self, name: str) -> None:
        """Give it a name; "": let its name follow the program again."""
        self._given_name = name
        if name:
            self.options.set("automatic-rename", "off")
        else:
            self.options.unset("automatic-rename")

    def settle_name(self) -> None:
        """Let the name follow the program, or keep it, as the option says."""
        if self.options["automatic-rename"] == "on":
            self._given_name = ""
        elif not self._given_name:
            self._given_name = self.name

    @property
    def monitors_activity(self) -> bool:
        """Output in it is marked while nobody looks at it."""
        return self.options["monitor-activity"] == "on"

    @property
    def monitors_bell(self) -> bool:
        """A bell in it is marked while nobody looks at it."""
        return self.options["monitor-bell"] == "on"

    @property
    def main_pane(self) -> MainPane:
        """The size of the large pane in the main layouts. As in tmux, a value that means nothing here is the default.

        The border has one cell of the window.
        """
        options, rows, cols = self.options, self.size.rows - 1, self.size.cols - 1
        return MainPane(
            rows=options.cells("main-pane-height", rows) or 24,
            cols=options.cells("main-pane-width", cols) or 80,
            other_rows=options.cells("other-pane-height", rows) or 0,
            other_cols=options.cells("other-pane-width", cols) or 0,
        )

    def stays(self, status: int) -> bool:
        """Return whether a pane stays whose program ends with this status."""
        rule = self.options["remain-on-exit"]
        return rule == "on" or (rule == "failed" and status != 0)

    @property
    def active(self) -> PaneId:
        """The pane that is active for those who follow."""
        return self.recent[-1]

    @property
    def last(self) -> PaneId | None:
        """The pane that was active before; None: there was none."""
        return self.recent[-2] if len(self.recent) > 1 else None

    @property
    def size(self) -> Size:
        """The size of all panes together, with their borders."""
        return self.layout.size

    def activate(self, pane: PaneId) -> None:
        """Make a pane the active one, for those who follow."""
        if pane in self.recent:
            self.recent.remove(pane)
        self.recent.append(pane)

    def add(self, pane: Pane, layout: Layout, *, is_active: bool = True) -> None:
        """Add a pane that the new layout has."""
        self.panes[pane.id] = pane
        self.layout = layout
        if is_active:
            self.activate(pane.id)
        else:
            self.recent.insert(0, pane.id)

    def remove(self, pane: PaneId) -> Pane:
        """Remove a pane, and return it; the others get its room. The window has no pane after its last one."""
        removed = self.panes.pop(pane)
        self.recent.remove(pane)
        self.is_zoomed = False
        if self.panes:
            self.layout = self.layout.without(pane)
        return removed

    def exchange(self, pane: PaneId, new: Pane) -> None:
        """Put a pane of another window in the place of one of this window."""
        del self.panes[pane]
        self.panes[new.id] = new
        self.layout = self.layout.replaced(pane, new.id)
        self.recent[self.recent.index(pane)] = new.id

    def rects(self, *, zoomed: PaneId | None = None) -> dict[PaneId, Rect]:
        """Return the rectangle of each pane. A zoomed pane has the whole window, and the others keep theirs."""
        rects = dict(self.layout.rects)
        if zoomed is not None:
            rects[zoomed] = Rect(0, 0, self.size.rows, self.size.cols)
        return rects
