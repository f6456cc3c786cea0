"""The effects of keys in the history: they scroll, search, select and copy, for one client.

`mode_keys` chooses the keys of vi or of emacs. Copies go into the client's own paste
buffers and, if the client wants it, also to the clipboard of their terminal.
"""

from __future__ import annotations

from dataclasses import replace

from pairterm.errors import UsageError
from pairterm.terminal.events import MAX_CLIPBOARD_BYTES
from pairterm.types import PaneId
from pairterm.view.actions import Action, Copy, Type
from pairterm.view.bindings import COPY_TABLES, Binding, Bindings, KeyCommand, Table
from pairterm.view.buffer_commands import obey_buffer_command
from pairterm.view.buffer_page import MAX_PASTE_BYTES, BufferPage, pasted
from pairterm.view.copy_mode import CopyMode
from pairterm.view.layers import Layers
from pairterm.view.motions import Jump
from pairterm.view.page import Page
from pairterm.view.paste_buffers import MAX_BUFFERS_BYTES, Buffer, PasteBuffers
from pairterm.view.prompt import OneKey, Prompt

__all__ = ["WHEEL_LINES", "HistoryKeys", "scrolled_lines"]

WHEEL_LINES = 3
"""How many lines a notch of the wheel moves. The eye can follow three. tmux moves five."""

_JUMPS = {
    KeyCommand.JUMP_FORWARD: (1, False),
    KeyCommand.JUMP_BACKWARD: (-1, False),
    KeyCommand.JUMP_TO_FORWARD: (1, True),
    KeyCommand.JUMP_TO_BACKWARD: (-1, True),
}
"""For each jump its direction, and whether it stops before the character."""

_SEARCHES = {KeyCommand.SEARCH_DOWN: ("/", 1), KeyCommand.SEARCH_UP: ("?", -1)}
"""For each search its prompt and its direction."""

_MAX_KEPT = 4
"""How many panes' histories are kept while the client looks elsewhere. Each has a thousand lines at most."""

_PAGES = frozenset({KeyCommand.PAGE_UP, KeyCommand.PAGE_DOWN, KeyCommand.HALF_UP, KeyCommand.HALF_DOWN})
"""Scrolling that takes the cursor along."""


class HistoryKeys:
    """The effects of one client's keys in the history, and the texts that they copied."""

    def __init__(self, layers: Layers, bindings: Bindings, *, has_clipboard: bool) -> None:
        """Begin on the live screen. `has_clipboard`: the client's terminal has one that programs can set."""
        self._layers = layers
        self._bindings = bindings
        self._has_clipboard = has_clipboard
        self._kept: dict[PaneId | None, CopyMode] = {}
        """The history of the panes that the client looked away from, the newest last."""
        self.mode_keys = "vi"
        self.sets_clipboard = False
        """Whether copies also go to the clipboard of the client's terminal. The client decides."""
        self.buffers = PasteBuffers()

    @property
    def table(self) -> Table:
        """The table of keys."""
        return COPY_TABLES[self.mode_keys]

    def enter(self, command: Binding) -> None:
        """Show the history if the command does that, and scroll as far as it says."""
        match command:
            case KeyCommand.SCROLLBACK:
                self._enter(0, leaves_at_bottom=False)
            case KeyCommand.SCROLLBACK_WHEEL:
                self.enter_by_wheel(WHEEL_LINES)
            case KeyCommand.SCROLLBACK_UP:
                self._enter(-max(1, self._layers.history_area.rows - 2), leaves_at_bottom=True)

    def enter_by_wheel(self, lines: int) -> None:
        """Show the history, so many lines up. At its end, the live screen comes back."""
        self._enter(-lines, leaves_at_bottom=True, scrolls=True)

    def _enter(self, lines: int, *, leaves_at_bottom: bool, scrolls: bool = False) -> None:
        layers = self._layers
        frame = layers.pane_frame
        if frame is None or frame.is_hidden:
            return
        if layers.scrollback is None:
            layers.scrollback = CopyMode(
                frame,
                layers.history_area,
                is_vi=self.mode_keys == "vi",
                scrolls=scrolls,
                leaves_at_bottom=leaves_at_bottom,
            )
        layers.scrollback.scroll(lines, with_cursor=not scrolls)

    def leave(self) -> None:
        """Show the session again, and forget the history that was fetched."""
        self._layers.scrollback = None
        self._layers.is_changed = True

    def forget(self) -> None:
        """Show the session again, and forget the history of all panes."""
        self._kept.clear()
        self.leave()

    def look_at(self, pane: PaneId | None) -> None:
        """Keep the history of the pane that the client looked at, and show that of the pane that they look at now."""
        layers = self._layers
        if layers.scrollback is not None:
            self._kept[layers.pane] = layers.scrollback
            if layers.prompt is not None and layers.prompt.purpose in (*_SEARCHES, *_JUMPS):
                layers.prompt = None
        layers.scrollback = self._kept.pop(pane, None)
        if layers.scrollback is not None:
            layers.scrollback.is_vi = self.mode_keys == "vi"
        for oldest in list(self._kept)[:-_MAX_KEPT]:
            del self._kept[oldest]
        layers.is_changed = True

    def run(self, copy_mode: CopyMode, command: Binding) -> None:
        """Obey a command in the history. A command that needs a text opens a prompt."""
        if isinstance(command, KeyCommand) and (lines := self._scrolled(copy_mode, command)):
            copy_mode.scroll(lines, with_cursor=command in _PAGES)
            if lines > 0 and copy_mode.is_at_bottom and copy_mode.leaves_at_bottom and copy_mode.selection is None:
                self.leave()
            return
        match command:
            case KeyCommand.SEARCH_AGAIN | KeyCommand.SEARCH_REVERSE:
                copy_mode.search_again(1 if command is KeyCommand.SEARCH_AGAIN else -1)
            case KeyCommand.JUMP_AGAIN | KeyCommand.JUMP_REVERSE:
                copy_mode.jump_again(1 if command is KeyCommand.JUMP_AGAIN else -1)
            case KeyCommand.SEARCH_DOWN | KeyCommand.SEARCH_UP:
                self._layers.prompt = Prompt(_SEARCHES[command][0], command)
            case KeyCommand() if command in _JUMPS:
                self._layers.prompt = OneKey(f"({command.value.replace('-', ' ')}) ", command)
            case KeyCommand.COPY | KeyCommand.CLEAR_SELECTION | KeyCommand.CANCEL:
                self._end(copy_mode, command)
            case _:
                copy_mode.run(command)

    def _end(self, copy_mode: CopyMode, command: KeyCommand) -> None:
        """Copy or drop the selection; without one, go back to the live screen."""
        is_done = command is KeyCommand.COPY and copy_mode.copy()
        is_done = is_done or (command is KeyCommand.CLEAR_SELECTION and copy_mode.clear_selection())
        if not is_done:
            self.leave()

    def answer(self, prompt: Prompt) -> None:
        """Take the text of a prompt that a command opened."""
        copy_mode, purpose = self._layers.scrollback, prompt.purpose
        if copy_mode is None:
            return
        if purpose in _JUMPS:
            step, is_before = _JUMPS[purpose]
            copy_mode.jump(Jump(prompt.text, step, is_before))
        elif purpose in _SEARCHES and prompt.text.strip():
            copy_mode.search(prompt.text, _SEARCHES[purpose][1])

    def search(self, name: str, line: str) -> None:
        """Obey `search-backward TEXT` or `search-forward TEXT`: show the history if it is not shown yet, and search it.

        It is for clients whose terminal has a field for the text. The text is the rest of the line, unchanged.
        """
        self._layers.help = None
        self._layers.is_changed = True
        self._enter(0, leaves_at_bottom=False)
        if self._layers.scrollback is not None:
            text = line.strip().removeprefix(name).strip()
            self._layers.scrollback.search(text, -1 if name == KeyCommand.SEARCH_UP.value else 1)

    def finish_copy(self, now_s: float) -> list[Action]:
        """Store the text of a complete copy, and go back to the live screen. Return the actions for the caller."""
        copy_mode = self._layers.scrollback
        if copy_mode is None or copy_mode.copied is None:
            return []
        text = copy_mode.copied
        self.leave()
        buffer = self.buffers.add(text) if text and not copy_mode.is_too_long else None
        if buffer is None:
            size = f"more than {MAX_BUFFERS_BYTES >> 20} MiB" if copy_mode.is_too_long else "nothing but blanks"
            self._layers.tell(f"the selection is {size}: it was not copied", now_s)
            return []
        said = f"copied {len(text)} character{'s' * (len(text) != 1)} to {buffer.name}"
        if not self.sets_clipboard or not self._has_clipboard:
            self._layers.tell(said, now_s)
            return []
        if buffer.size_bytes > MAX_CLIPBOARD_BYTES:
            self._layers.tell(f"{said}; it is too long for the clipboard", now_s)
            return []
        self._layers.tell(f"{said} and to your clipboard", now_s)
        return [Copy(text)]

    def paste(self, buffer: Buffer | None, now_s: float) -> list[Action]:
        """Return the input that pastes a buffer, and go back to the live screen. Only a client that may type can paste.

        Law 6 holds here: without the right to type the result is empty.
        """
        layers = self._layers
        if not layers.role.may_type:
            layers.tell(self._bindings.watching, now_s)
            return []
        if layers.shows_code:
            layers.tell("nobody types here: the files are the editor's", layers.now_s)
            return []
        if buffer is None or layers.pane_frame is None:
            layers.tell("no buffer: nothing was copied", now_s)
            return []
        if buffer.size_bytes > MAX_PASTE_BYTES:
            layers.tell(f"{buffer.name} is too long to be pasted: {MAX_PASTE_BYTES >> 10} KiB are the most", now_s)
            return []
        self.leave()
        return [Type(pasted(buffer.text, layers.pane_frame.modes))]

    def list_buffers(self, now_s: float) -> None:
        """Show the buffers as a list. While the session is hidden from the client, nothing happens."""
        layers, buffers = self._layers, self.buffers.all()
        if not buffers:
            layers.tell("no buffers: nothing was copied", now_s)
        elif layers.frame is not None and not layers.frame.is_hidden:
            layers.help = BufferPage(buffers)

    def obey_buffer_command(self, line: str, now_s: float) -> None:
        """Obey a command for the buffers. Its text shows as a page, unless the session is hidden from the client."""
        layers = self._layers
        frame = layers.pane_frame
        if frame is not None and layers.shows_code:
            frame = replace(frame, rows=layers.code.rows(frame.size, now_s))
        try:
            answer = obey_buffer_command(self.buffers, line, frame)
        except UsageError as error:
            layers.tell(error.message, now_s)
            return
        if not answer.title:
            layers.tell(answer.text, now_s)
        elif layers.frame is not None and not layers.frame.is_hidden:
            layers.help = Page(answer.title, answer.text.splitlines())

    def use_clipboard(self, is_on: bool, now_s: float) -> None:
        """Send copies to the clipboard of the client's terminal from now on, or no longer."""
        self.sets_clipboard = is_on
        if is_on and not self._has_clipboard:
            self._layers.tell("your terminal has no clipboard that programs can set", now_s)
        else:
            self._layers.tell("copies go to your clipboard, too" if is_on else "copies stay in pairterm", now_s)

    def use_keys(self, mode_keys: str, now_s: float) -> None:
        """Use vi's keys or emacs' from now on."""
        self.mode_keys = mode_keys
        if self._layers.scrollback is not None:
            self._layers.scrollback.is_vi = mode_keys == "vi"
        self._layers.tell(f"mode-keys {mode_keys}", now_s)

    def _scrolled(self, copy_mode: CopyMode, command: KeyCommand) -> int:
        """Return how many lines a command scrolls. 0: it does not scroll."""
        if copy_mode.follows_wheel and command in (KeyCommand.CURSOR_UP, KeyCommand.CURSOR_DOWN):
            return -1 if command is KeyCommand.CURSOR_UP else 1
        return scrolled_lines(command, copy_mode.page, copy_mode.half_page)


def scrolled_lines(command: Binding | None, page: int, half: int) -> int:
    """Return how many lines a command moves down. Negative: up. 0: it does not move.

    `page`, `half`: the lines of a page, and of half a page.
    """
    match command:
        case KeyCommand.LINE_UP:
            return -1
        case KeyCommand.LINE_DOWN:
            return 1
        case KeyCommand.WHEEL_UP:
            return -WHEEL_LINES
        case KeyCommand.WHEEL_DOWN:
            return WHEEL_LINES
        case KeyCommand.PAGE_UP:
            return -page
        case KeyCommand.PAGE_DOWN:
            return page
        case KeyCommand.HALF_UP:
            return -half
        case KeyCommand.HALF_DOWN:
            return half
        case _:
            return 0
