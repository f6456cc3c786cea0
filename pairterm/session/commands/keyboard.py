"""Commands about the keyboard while one client types at a time: ask for it, give it, pass it on, take it."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import GiveKeyboard, PassKeyboard, RequestKeyboard, TakeKeyboard
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.pending_requests import Request, RequestKind
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["give_keyboard", "pass_keyboard", "request_keyboard", "take_keyboard"]


def request_keyboard(
    parts: SessionParts, command: RequestKeyboard, sender: CommandSender, now_s: float
) -> CommandResult:
    """Ask the driver and the owner for the keyboard, or take it if it is free."""
    client = sender.client
    if client is None or sender.role is Role.OWNER:
        raise UsageError("the owner takes it: take", code="not_allowed")
    person = parts.people[client]
    if parts.gate.may_type(client):
        return CommandResult([], "you have the keyboard")
    if parts.driver.is_free and person.may_type_somewhere and not parts.gate.is_paused:
        return CommandResult(parts.gate.give_keyboard(client, now_s))
    text = f"{person.name} asks for the keyboard"
    request = Request(RequestKind.SEAT, client, person.number, person.name, text, None)
    return CommandResult(parts.prompts.ask(request, now_s), "you asked for the keyboard")


def give_keyboard(parts: SessionParts, command: GiveKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Give the keyboard to a person who may type."""
    _check_is_on(parts)
    client = parts.people.find(command.who)
    name = parts.people[client].name
    if not parts.people[client].may_type_somewhere:
        raise UsageError(f"{name} watches only: 'grant' first", code="not_allowed")
    return CommandResult(parts.gate.give_keyboard(client, now_s), f"{name} has the keyboard")


def pass_keyboard(parts: SessionParts, command: PassKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Pass the keyboard to the next person in turn."""
    _check_is_on(parts)
    return CommandResult(parts.gate.pass_keyboard(now_s))


def take_keyboard(parts: SessionParts, command: TakeKeyboard, sender: CommandSender, now_s: float) -> CommandResult:
    """Give the owner the keyboard, at any time."""
    _check_is_on(parts)
    owner = sender.client if sender.client is not None else parts.people.first_owner()
    effects = parts.gate.give_keyboard(owner, now_s)
    return CommandResult(effects, "the keyboard is yours" if sender.client is None else "")


def _check_is_on(parts: SessionParts) -> None:
    if not parts.driver.is_on:
        raise UsageError("everybody has a keyboard: 'set seat on' makes it one", code="no_seat")
