"""Commands about who sees what: follow the leader or look for oneself, bring everyone together, hide a window."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.look_types import Follow, Gather, SetWindow
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_context import targets_of
from pairterm.session.effects import Note
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.look import Look

__all__ = ["follow", "gather", "parse_look_command", "set_window"]

_ON_OFF: dict[str, bool | None] = {"on": True, "off": False, "toggle": None}


def parse_look_command(words: list[str]) -> Follow | Gather | SetWindow | None:
    """Return the command about looks that these words give; None: it is another command.

    Raises:
        UsageError: It is one, but not in this form.
    """
    match words:
        case ["follow"]:
            return Follow(None)
        case ["follow", word] if word in _ON_OFF:
            return Follow(_ON_OFF[word])
        case ["gather"]:
            return Gather()
        case ["follow" | "gather" as verb, *_]:
            raise UsageError(f"say: {'follow [on|off]' if verb == 'follow' else 'gather'}", code="command_line")
        case ["set-window", *rest]:
            return _set_window(rest)
    return None


def _set_window(words: list[str]) -> SetWindow:
    match words:
        case ["-t", target, "hidden", *rest] | ["hidden", "-t", target, *rest] if len(rest) < 2:
            word = rest[0] if rest else "toggle"
        case ["hidden", word, "-t", target]:
            pass
        case ["hidden", *rest] if len(rest) < 2:
            word, target = rest[0] if rest else "toggle", ""
        case _:
            word, target = "", ""
    if word not in _ON_OFF:
        raise UsageError("say: set-window hidden [on|off] [-t WINDOW]", code="command_line")
    return SetWindow(_ON_OFF[word], target)


def follow(parts: SessionParts, command: Follow, sender: CommandSender, now_s: float) -> CommandResult:
    """Let the sender look where the leader does, or for themselves."""
    if sender.client is None:
        raise UsageError("the command line has no view of its own: C-b f at a terminal", code="not_allowed")
    is_on = not parts.looks.follows(sender.client) if command.is_on is None else command.is_on
    parts.looks.set_following(sender.client, is_on)
    return CommandResult([], "you look where the others look" if is_on else "you look for yourself now")


def gather(parts: SessionParts, command: Gather, sender: CommandSender, now_s: float) -> CommandResult:
    """Bring everyone to the window where the owner looks, or where the owner's shell runs."""
    around = parts.windows.of(sender.pane) if sender.pane is not None else None
    look = Look(around.id, around.active, around.is_zoomed) if around is not None else parts.looks.of(sender.client)
    parts.looks.gather(sender.client, look)
    index = parts.windows[look.window].index if look is not None else 0
    told = parts.notices.to_all("the owner brings everyone together here", but=sender.client)
    return CommandResult(told, f"everyone looks at window {index} now")


def set_window(parts: SessionParts, command: SetWindow, sender: CommandSender, now_s: float) -> CommandResult:
    """Hide a window from guests, or show it again."""
    window = targets_of(parts, sender).window(command.target)
    is_hidden = not window.is_hidden if command.is_hidden is None else command.is_hidden
    if is_hidden == window.is_hidden:
        return CommandResult([], f"window {window.index} is {'hidden already' if is_hidden else 'not hidden'}")
    parts.looks.hide(window, is_on=is_hidden)
    note = Note("hide-window" if is_hidden else "show-window", {"window": window.index})
    answer = "you alone see it" if is_hidden else "everybody may see it again"
    return CommandResult([note], f"window {window.index} is {'hidden' if is_hidden else 'shown'}: {answer}")
