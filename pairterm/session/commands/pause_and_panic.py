"""The owner's safety commands: `pause` hides the session from guests, `panic` lets all guests only watch."""

from __future__ import annotations

from pairterm.session.commands.command_types import Panic, Pause
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.effects import Effect, Note, Publish
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["panic", "pause"]

_JUST_TYPED_S = 5.0
"""A guest who typed so recently is the reason for a panic: then the owner does not want to be asked."""

_MAX_NAMES_TOLD = 8


def panic(parts: SessionParts, command: Panic, sender: CommandSender, now_s: float) -> CommandResult:
    """Let all guests only watch, and all who join later, or let those who join later type again."""
    writers = [each for each in parts.people.values() if each.role is not Role.OWNER and each.may_type_somewhere]
    has_typed = any(each.turn and now_s < each.typed_s + _JUST_TYPED_S for each in writers)
    names = _listed([each.name for each in writers])
    if command.asks and sender.client is not None and not sender.is_remote and not has_typed:
        whom = f"{names} and all guests to come" if names else "all guests and those to come"
        return CommandResult([], f"panic: let {whom} watch only?", confirms="panic")
    parts.admission.is_locked = command.is_on
    parts.membership.forget_returning()
    if not command.is_on:
        answer = "guests who join by a read-write link may type again; 'grant' lets the others type"
        return CommandResult([Note("panic-off", {})], answer)
    effects: list[Effect] = [Note("panic", {})]
    for client, person in parts.people.items():
        if person.role is Role.READ_WRITE or person.window_roles:
            effects += parts.gate.set_role(client, Role.READ_ONLY, None, now_s, is_remembered=False)
    if sender.client is not None:
        parts.gate.give_free_keyboards(sender.client, now_s)
    whom = f"{names} may not type any more" if names else "no guest could type"
    return CommandResult(effects, f"{whom}; guests who join later may only watch as well. 'panic off' ends that")


def _listed(names: list[str]) -> str:
    """Return up to a few names as a list in words; "" for none."""
    shown = names[:_MAX_NAMES_TOLD]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def pause(parts: SessionParts, command: Pause, sender: CommandSender, now_s: float) -> CommandResult:
    """Hide the session from guests and block their input, or end that."""
    gate = parts.gate
    is_on = not gate.is_paused if command.is_on is None else command.is_on
    if is_on == gate.is_paused:
        return CommandResult([], "paused already" if is_on else "not paused")
    gate.is_paused = is_on
    note = Note("pause" if is_on else "resume", {})
    answer = "everybody sees the session again"
    if is_on:
        where = "only your terminals at its own machine show" if sender.is_remote else "you alone see"
        answer = f"paused: {where} the session"
    return CommandResult([note, *gate.changes(), Publish()], answer)
