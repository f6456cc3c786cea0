"""Commands about the keyboard while one client types at a time: ask for it, give it, pass it on, take it.

Each window has its own. They mean the window where their sender looks, if they name none.
"""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import GiveKeyboard, PassKeyboard, RequestKeyboard, TakeKeyboard
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_context import targets_of
from pairterm.session.pending_requests import Request, RequestKind
from pairterm.session.session_parts import SessionParts
from pairterm.session.windows.window import Window
from pairterm.types import Role

__all__ = ["give_keyboard", "pass_keyboard", "request_keyboard", "take_keyboard"]


def request_keyboard(
    parts: SessionParts, command: RequestKeyboard, sender: CommandSender, now_s: float
) -> CommandResult:
    """Ask the driver and the owner for the keyboard of the window where the sender looks, or take it if it is free."""
    client = sender.client
    if client is None or sender.role is Role.OWNER:
        raise UsageError("the owner takes it: take", code="not_allowed")
    window = targets_of(parts, sender).window()
    person = parts.people[client]
    if parts.gate.may_type_in(client, window.id):
        return CommandResult([], "you have the keyboard")
    if parts.drivers.is_free(window.id) and person.role_in(window.id).may_type:
        return CommandResult(parts.gate.give_keyboard(client, window.id, now_s))
    text = f"{person.name} asks for the keyboard{parts.windows.in_window(window)}"
    request = Request(RequestKind.SEAT, client, person.number, person.name, text, None, window.id)
    return CommandResult(parts.prompts.ask(request, now_s), "you asked for the keyboard")


def give_keyboard(parts: SessionParts, command: GiveKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Give the keyboard of a window to a person who may type there."""
    window = _window(parts, command.window, sender)
    where = parts.windows.in_window(window)
    client = parts.people.find(command.who)
    name = parts.people[client].name
    if not parts.people[client].role_in(window.id).may_type:
        raise UsageError(f"{name} watches only{where}: 'grant' first", code="not_allowed")
    return CommandResult(parts.gate.give_keyboard(client, window.id, now_s), f"{name} has the keyboard{where}")


def pass_keyboard(parts: SessionParts, command: PassKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Pass the keyboard of a window to the next person in turn."""
    window = _window(parts, command.window, sender)
    before = parts.drivers.of(window.id)
    effects = parts.gate.pass_keyboard(window.id, now_s)
    is_alone = parts.drivers.of(window.id) == before
    return CommandResult(effects, "nobody else who may type looks at this window" if is_alone else "")


def take_keyboard(parts: SessionParts, command: TakeKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Give the owner the keyboard of a window, at any time."""
    window = _window(parts, command.window, sender)
    owner = sender.client if sender.client is not None else parts.people.first_owner()
    effects = parts.gate.give_keyboard(owner, window.id, now_s)
    return CommandResult(
        effects, f"the keyboard{parts.windows.in_window(window)} is yours" if not sender.client else ""
    )


def _window(parts: SessionParts, target: str, sender: CommandSender) -> Window:
    """Return the window whose keyboard is meant, if the sender may give it away.

    Raises:
        UsageError: There is none, everybody has a keyboard, or a guest does not drive there.
    """
    if not parts.drivers.is_on:
        raise UsageError("everybody has a keyboard: 'set seat on' makes it one", code="no_seat")
    window = targets_of(parts, sender).window(target)
    if not sender.is_owner and parts.drivers.of(window.id) != sender.client:
        where = parts.windows.in_window(window)
        raise UsageError(f"someone else has the keyboard{where}", code="not_allowed")
    return window
