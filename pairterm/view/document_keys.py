"""The effects of one client's keys in the code window. Nothing that they type there goes to the session."""

from __future__ import annotations

from pairterm.view.bindings import Binding, KeyCommand
from pairterm.view.history_keys import scrolled_lines
from pairterm.view.layers import Layers
from pairterm.view.prompt import Prompt

__all__ = ["CODE_SEARCHES", "DocumentKeys"]

CODE_SEARCHES = {KeyCommand.SEARCH_DOWN: ("/", 1), KeyCommand.SEARCH_UP: ("?", -1)}
"""For each search its prompt and its direction."""

_PAGES_UP = (KeyCommand.SCROLLBACK_UP, KeyCommand.PAGE_UP)
"""The key for the page before is that of the history, too, because people have it in their fingers."""


class DocumentKeys:
    """The effects of one client's keys on their code window."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    def run(self, command: Binding, now_s: float) -> None:
        """Obey a command. Commands of the history that a code window does not have change nothing."""
        layers, code = self._layers, self._layers.code
        layers.is_changed = True
        wanted = KeyCommand.PAGE_UP if command in _PAGES_UP else command
        lines = scrolled_lines(wanted, code.page, max(1, code.page // 2))
        if lines:
            code.scroll(lines)
            return
        match command:
            case KeyCommand.SCROLL_LEFT | KeyCommand.SCROLL_RIGHT:
                code.scroll_sideways(-1 if command is KeyCommand.SCROLL_LEFT else 1)
            case KeyCommand.FILE_TOP:
                code.to_top()
            case KeyCommand.FILE_BOTTOM:
                code.to_bottom()
            case KeyCommand.NEXT_FILE | KeyCommand.PREVIOUS_FILE:
                code.turn(1 if command is KeyCommand.NEXT_FILE else -1)
            case KeyCommand.FOLLOW_EDITOR | KeyCommand.FOLLOW:
                code.follow()
            case KeyCommand.NEXT_EDITOR:
                name = code.follow_next()
                layers.tell(f"you follow {name}" if name else "no editor shares a file now", now_s)
            case KeyCommand.SEARCH_DOWN | KeyCommand.SEARCH_UP:
                layers.prompt = Prompt(CODE_SEARCHES[command][0], command)
            case KeyCommand.SEARCH_AGAIN | KeyCommand.SEARCH_REVERSE:
                if not code.search_again(1 if command is KeyCommand.SEARCH_AGAIN else -1):
                    layers.tell("nothing was found", now_s)
            case _:
                pass

    def answer(self, prompt: Prompt, now_s: float) -> None:
        """Search the text of a prompt."""
        if prompt.purpose in CODE_SEARCHES and prompt.text:
            self.search(prompt.text, CODE_SEARCHES[prompt.purpose][1], now_s)

    def search(self, text: str, step: int, now_s: float) -> None:
        """Go to the next match of a text, or to the one before with -1."""
        self._layers.is_changed = True
        if not self._layers.code.search(text, step):
            self._layers.tell(f"{text} was not found", now_s)
