"""Keys on a page over one client's screen: they scroll it, copy from it, act on the chosen line, or close it."""

from __future__ import annotations

from collections.abc import Sequence

from pairterm.view.actions import Action, Command, Copy
from pairterm.view.bindings import Bindings
from pairterm.view.buffer_page import BufferPage, Choice
from pairterm.view.choice_page import ChoicePage
from pairterm.view.history_keys import HistoryKeys, scrolled_lines
from pairterm.view.key_state import Stroke
from pairterm.view.layers import Layers
from pairterm.view.page import Page
from pairterm.view.people_page import PeoplePage
from pairterm.view.window_page import WindowPage, is_target

__all__ = ["PageKeys"]


class PageKeys:
    """One client's keys on a page. `copying` has the client's paste buffers, which are a page too."""

    def __init__(self, layers: Layers, bindings: Bindings, copying: HistoryKeys) -> None:
        self._layers = layers
        self._bindings = bindings
        self._copying = copying
        self._awaits_people = False
        """The list of people was asked for anew, and has not come yet."""
        self._drops_people = False
        """The list was closed before that: it must not open again when it comes."""

    def open(self, title: str, text: str, items: Sequence[str], *, starts_at_end: bool) -> None:
        """Show a text until a key is pressed. With `items`, it is a list of people, or of windows, to act on."""
        lines = text.split("\n")
        if items and all(map(is_target, items)):
            current = self._layers.windows.current
            self._layers.help = WindowPage(title, lines, items, index=None if current is None else current.index)
        elif items:
            self._show_people(PeoplePage(title, lines, items))
        else:
            self._layers.help = Page(title, lines, at_end=starts_at_end)
        self._layers.is_changed = True

    def _show_people(self, page: PeoplePage) -> None:
        """Show a list of people. If one is open already, the same person stays chosen."""
        is_unwanted, self._drops_people, self._awaits_people = self._drops_people, False, False
        if is_unwanted:
            return
        if isinstance(self._layers.help, PeoplePage):
            page.choose_as(self._layers.help)
        self._layers.help = page

    def offer(self, title: str, text: str, copies: Sequence[str]) -> None:
        """Show a text with wrapped lines. The keys 1 to 9 copy these texts."""
        lines = text.split("\n")
        if copies:
            lines.append(" A number copies its command, if your terminal lets programs copy (OSC 52).")
        lines.append(f" {self._bindings.links_hint}")
        self._layers.help = Page(title, lines, wraps=True, copies=copies)
        self._layers.is_changed = True

    def close(self) -> None:
        """Close the page."""
        if isinstance(self._layers.help, PeoplePage):
            self._drops_people = self._awaits_people
        self._layers.help = None

    def press(self, page: Page, stroke: Stroke, now_s: float) -> list[Action]:
        """Scroll, copy, or act on the chosen line. Any other key closes the page."""
        layers = self._layers
        layers.is_changed = True
        if copied := page.copy(stroke.data):
            layers.tell(f"command {stroke.data.decode()} was sent to your terminal's clipboard", now_s)
            return [Copy(copied)]
        if isinstance(page, BufferPage) and (choice := page.choice(stroke.data)) is not None:
            return self._choose_buffer(page, choice, now_s)
        line = page.command(stroke.data) if isinstance(page, ChoicePage) else ""
        if line and isinstance(page, PeoplePage):
            self._awaits_people = True
            return [Command(line), Command(page.renewal)]
        if line:
            self.close()
            return [Command(line)]
        rows = layers.area.rows
        lines = scrolled_lines(stroke.command, rows - 1, max(1, (rows - 1) // 2))
        if not lines or not page.turn(lines, layers.area):
            self.close()
        return []

    def _choose_buffer(self, page: BufferPage, choice: Choice, now_s: float) -> list[Action]:
        """Paste or delete the chosen buffer."""
        buffer = page.chosen
        if choice is Choice.DELETE and buffer is not None:
            self._copying.buffers.delete(buffer.name)
            page.update(self._copying.buffers.all())
        if choice is Choice.PASTE or page.chosen is None:
            self.close()
        return self._copying.paste(buffer, now_s) if choice is Choice.PASTE else []
