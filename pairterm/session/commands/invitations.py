"""Commands about invitations, which users call links: new ones, the list, an end to one, other tokens.

A token is in the answer to the command that made it, and nowhere else. Times are
monotonic seconds.
"""

from __future__ import annotations

import json
from typing import Any

from pairterm.access.invitations import Invitation
from pairterm.errors import UsageError
from pairterm.session.admission_settings import AdmitMode
from pairterm.session.commands.command_types import (
    ListInvitations,
    NewInvitation,
    RevokeInvitation,
    RotateInvitations,
    ShowLinks,
)
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.durations import duration_text
from pairterm.session.effects import Admit, Effect, Note
from pairterm.session.session_parts import SessionParts
from pairterm.types import Role

__all__ = ["list_invitations", "new_invitation", "revoke_invitation", "rotate_invitations", "show_links"]


def new_invitation(parts: SessionParts, command: NewInvitation, sender: CommandSender, now_s: float) -> CommandResult:
    """Make an invitation, and answer with its token."""
    links = parts.admission.invitations
    if parts.admission.settings.mode is AdmitMode.KEY:
        raise UsageError("no link opens the session: 'set admit token' makes links work", code="admit")
    if command.role is Role.OWNER and (sender.is_remote or command.is_spoken):
        where = "make an owner's link at the session's own machine"
        raise UsageError("a code is too short for an owner" if command.is_spoken else where, code="not_allowed")
    if command.publishes and (command.is_spoken or command.asks):
        raise UsageError("pair-ls says no code and can't knock", code="command_line")
    if command.is_spoken:
        asks = command.asks is not False
        link, token = links.new_spoken(command.role, now_s, label=command.label, asks=asks)
    else:
        expires_s = now_s + command.expire_s if command.expire_s is not None else None
        link, token = links.new(
            command.role,
            label=command.label,
            expires_s=expires_s,
            uses=command.uses,
            asks=command.asks,
            publishes=command.publishes,
        )
    fields: dict[str, str | int] = {"link": link.number, "role": _role(link), "label": link.label}
    row = _row(parts, link, now_s)
    answer = json.dumps(row | {"user": token}) if command.as_json else f"link {link.number}: {parts.join_line(token)}"
    return CommandResult([Note("link-made", fields), Admit()], answer)


def list_invitations(
    parts: SessionParts, command: ListInvitations, sender: CommandSender, now_s: float
) -> CommandResult:
    """List the invitations, without their tokens."""
    rows = [_row(parts, link, now_s) for link in parts.admission.invitations.all()]
    return CommandResult([], json.dumps(rows) if command.as_json else _table(rows), "Links")


def revoke_invitation(
    parts: SessionParts, command: RevokeInvitation, sender: CommandSender, now_s: float
) -> CommandResult:
    """End an invitation, and disconnect its guests if the command says so, or an owner who came by it always."""
    link = parts.admission.invitations.revoke(command.link)
    kicks = command.kicks or link.role is Role.OWNER  # Nobody stays the owner by a link that has ended.
    out = _disconnect_users(parts, link, now_s) if kicks else []
    note = Note("link-revoked", {"link": link.number, "label": link.label})
    return CommandResult([note, Admit(), *out], f"link {link.number} has ended")


def rotate_invitations(
    parts: SessionParts, command: RotateInvitations, sender: CommandSender, now_s: float
) -> CommandResult:
    """Give the session's first invitations other tokens, and disconnect the guests of the old ones if asked to."""
    links = parts.admission.invitations
    roles = [command.role] if command.role else [Role.READ_WRITE, Role.READ_ONLY]
    if len(roles) > 1:
        roles = [role for role in roles if links.first_token(role)]
    effects: list[Effect] = []
    for role in roles:
        if not links.first_token(role):
            raise UsageError(f"there is no {role.value} link to rotate: 'link new --role {role.value}'", code="no_link")
        old = links.rotate(role)
        assert old is not None
        effects.append(Note("link-rotated", {"link": old.number, "role": role.value}))
        effects += _disconnect_users(parts, old, now_s) if command.kicks else []
    return CommandResult([*effects, Admit()], "the links are new: 'pairterm links' prints them")


def show_links(parts: SessionParts, command: ShowLinks, sender: CommandSender, now_s: float) -> CommandResult:
    """Show the owner the ways to join, and offer them to copy."""
    text, commands = parts.links_page()
    return CommandResult([], text, f"How guests join {parts.name}", copies=tuple(commands))


def _disconnect_users(parts: SessionParts, link: Invitation, now_s: float) -> list[Effect]:
    """Disconnect the guests who came by an invitation. Those whose link was lost can't return by it either."""
    parts.membership.forget_returning()
    effects: list[Effect] = []
    for client, person in parts.people.items():
        if person.origin.link == link.number:
            effects.append(Note("kick", {"id": person.number, "name": person.name, "link": link.number}))
            text = "the link that you came by has ended"
            effects += parts.membership.disconnect(client, "kicked", text, now_s)
    return effects


def _role(link: Invitation) -> str:
    return "publish" if link.publishes else link.role.value


def _row(parts: SessionParts, link: Invitation, now_s: float) -> dict[str, Any]:
    return {
        "link": link.number,
        "role": _role(link),
        "label": link.label,
        "hash": link.token_hash.hex()[:12],
        "expires_in_s": round(link.expires_s - now_s) if link.expires_s is not None else None,
        "uses": link.uses,
        "uses_left": link.uses_left,
        "asks": parts.admission.makes_knock(link),
        "spoken": bool(link.nameplate),
    }


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [f"{'link':>4} {'role':<7} {'uses':<9} {'expires':<9} {'asks':<5} label"]
    for row in rows:
        uses = str(row["uses"]) + (f" of {row['uses'] + row['uses_left']}" if row["uses_left"] is not None else "")
        expires = duration_text(row["expires_in_s"]) if row["expires_in_s"] is not None else "never"
        asks = "yes" if row["asks"] else "no"
        label = row["label"] or ("spoken" if row["spoken"] else "")
        lines.append(f"{row['link']:>4} {row['role']:<7} {uses:<9} {expires:<9} {asks:<5} {label}")
    return "\n".join(lines)
