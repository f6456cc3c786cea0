"""Answers to requests: a knock, a wish for the keyboard, a line to enter."""

from __future__ import annotations

from dataclasses import replace

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import AnswerKind, AnswerRequest
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.effects import Effect, Note, Pin, Tell, WritePty
from pairterm.session.pending_requests import Request, RequestKind
from pairterm.session.request_prompts import has_buttons
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["answer_request"]


def answer_request(parts: SessionParts, command: AnswerRequest, sender: CommandSender, now_s: float) -> CommandResult:
    """Answer a request. A driver can answer only a wish for the keyboard of their window."""
    kinds = frozenset(RequestKind) if sender.role is Role.OWNER else frozenset({RequestKind.SEAT})
    windows = None if sender.role is Role.OWNER else parts.drivers.windows_of(sender.client)
    request = parts.requests.take(command.who, kinds, now_s, is_shown=sender.client is not None, windows=windows)
    match request.kind:
        case RequestKind.KNOCK:
            result = _answer_knock(parts, request, command, now_s)
        case RequestKind.SEAT:
            result = _answer_keyboard(parts, request, command, sender, now_s)
        case RequestKind.ENTER:
            result = _answer_enter(parts, request, command)
    # The result would cover the next question on the sender's screen.
    person = parts.people.get(sender.client)
    is_covered = person is not None and person.role is Role.OWNER and not has_buttons(person)
    question = parts.prompts.question if is_covered else ""
    return replace(result, answer=f"{result.answer}\n{question}") if question else result


def _answer_enter(parts: SessionParts, request: Request, command: AnswerRequest) -> CommandResult:
    effects: list[Effect] = []
    if command.kind is AnswerKind.YES and request.pane is not None:
        effects.append(WritePty(b"\r", request.pane))
    told = Tell(request.client, "entered" if effects else "the owner does not enter it")
    answer = f"the line of {request.name} is {'entered' if effects else 'not entered'}"
    return CommandResult([*effects, told, *parts.prompts.show()], answer)


def _answer_knock(parts: SessionParts, knock: Request, command: AnswerRequest, now_s: float) -> CommandResult:
    if command.kind in (AnswerKind.NO, AnswerKind.BAN):
        is_banned = command.kind is AnswerKind.BAN
        effects = parts.membership.turn_away(knock, now_s, ban=is_banned)
        for_good = f", {parts.admission.bans[-1]} for good" if is_banned else ""
        return CommandResult(effects, f"{knock.name} stays out{for_good}")
    person, effects = parts.membership.let_in(knock, now_s, watches=command.kind is AnswerKind.OBSERVER)
    if person is None:
        return CommandResult(effects, f"the link of {knock.name} has ended in the meantime")
    note = Note("let-in", {"id": person.number, "name": person.name, "role": person.role.value})
    pin: list[Effect] = []
    if command.remember:
        if not person.origin.key:
            return CommandResult([note, *effects], f"{person.name} is in, but showed no key to remember")
        pin = [Pin(person.origin.key, person.name, person.role)]
    return CommandResult([note, *effects, *pin], f"{person.name} is in")


def _answer_keyboard(
    parts: SessionParts, request: Request, command: AnswerRequest, sender: CommandSender, now_s: float
) -> CommandResult:
    client, name, window = request.client, request.name, request.window
    assert window is not None, "a wish for the keyboard is for a window"
    if command.kind is not AnswerKind.YES:
        return CommandResult([Tell(client, "not now"), *parts.prompts.show()], f"{name} goes on watching")
    effects: list[Effect] = []
    person = parts.people[client]
    if not person.role_in(window).may_type:
        if sender.role is not Role.OWNER:
            raise UsageError("only the owner can let an observer type", code="not_allowed")
        if parts.admission.is_locked:
            raise UsageError("all guests may only watch now: 'panic off' ends that", code="locked")
        if person.window_roles:
            effects += parts.gate.set_window_role(client, window, Role.READ_WRITE, None, now_s)
        else:
            effects += parts.gate.set_role(client, Role.READ_WRITE, None, now_s)
    if parts.drivers.is_on:
        effects += parts.gate.give_keyboard(client, window, now_s)
    effects += parts.prompts.show()
    shown = parts.requests.first
    is_shown = shown is not None and shown.kind is RequestKind.SEAT and not has_buttons(person)
    if parts.drivers.of(window) == client and is_shown:
        # The next question would cover this news on the new driver's screen.
        effects.append(Tell(client, f"you have the keyboard\n{parts.prompts.question}"))
    return CommandResult(effects, f"{name} has the keyboard")
