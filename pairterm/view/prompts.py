"""The prompts of one client: opening one, and reading its keys."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.view.input_pieces import PieceKind
from pairterm.view.key_commands import KeyCommand
from pairterm.view.layers import Layers
from pairterm.view.prompt import Confirm, Prompt, PromptState
from pairterm.view.prompt_commands import formats_of, prompt_for

__all__ = ["Prompts"]


class Prompts:
    """The prompt on the layers of one client's screen."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    def ask(self, question: str, command: str) -> None:
        """Ask a question. The answer y gives the command."""
        self._layers.prompt = Confirm(question, command, is_from_host=True)
        self._layers.is_changed = True

    def open(self, label: str, purpose: KeyCommand, text: str = "") -> None:
        """Open a prompt with this text in it."""
        self._layers.prompt = Prompt(label, purpose, text)

    def open_for(self, line: str, now_s: float) -> None:
        """Open the prompt of a command that asks for a text, or for y or n."""
        layers = self._layers
        layers.is_changed = True
        try:
            layers.prompt = prompt_for(line, formats_of(layers.session, layers.windows, layers.panes))
        except UsageError as error:
            layers.tell(error.message, now_s)

    def read(self, prompt: Prompt, data: bytes, kind: PieceKind) -> PromptState:
        """Give a piece of input to the prompt. Close it if that answers or cancels it."""
        self._layers.is_changed = True
        if kind is PieceKind.PASTE:
            prompt.paste(data)
            return PromptState.OPEN
        outcome = prompt.press(data)
        if outcome is not PromptState.OPEN:
            self._layers.prompt = None
        return outcome
