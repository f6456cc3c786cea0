"""Carrying out what the owner says of links: new ones, the list, an end to one, other tokens. Effects out.

A token is in the answer to whoever made the link and nowhere else. Times are
monotonic seconds.
"""

from __future__ import annotations

import json
from typing import Any

from pairterm.access.invitations import Invitation
from pairterm.errors import UsageError
from pairterm.session.admission import AdmitMode
from pairterm.session.commands import LinkList, LinkNew, LinkRevoke, LinkRotate
from pairterm.session.effects import Admit, Effect, Note
from pairterm.session.membership import House
from pairterm.types import Role

__all__ = ["LinkCommand", "obey_link"]

LinkCommand = LinkNew | LinkList | LinkRevoke | LinkRotate


def obey_link(house: House, command: LinkCommand, now_s: float) -> tuple[list[Effect], str, str]:
    """Carry out a command; return what follows, the answer, and its title ("": one line).

    Raises:
        UsageError: It can't be done; nothing is.
    """
    match command:
        case LinkNew():
            return _new(house, command, now_s)
        case LinkList(as_json):
            rows = [_row(house, link, now_s) for link in house.door.links.all()]
            return [], json.dumps(rows) if as_json else _table(rows), "Links"
        case LinkRevoke(word, kicks):
            link = house.door.links.revoke(word)
            out = _throw_out(house, link, now_s) if kicks else []
            note = Note("link-revoked", {"link": link.number, "label": link.label})
            return [note, Admit(), *out], f"link {link.number} has ended", ""
        case LinkRotate(role, kicks):
            return _rotate(house, [role] if role else [Role.READ_WRITE, Role.READ_ONLY], kicks, now_s)


def _new(house: House, command: LinkNew, now_s: float) -> tuple[list[Effect], str, str]:
    links = house.door.links
    if house.door.rules.mode is AdmitMode.KEY:
        raise UsageError("no link opens the session: 'set admit token' makes links work", code="admit")
    if command.is_spoken:
        asks = command.asks is not False
        link, token = links.new_spoken(command.role, now_s, label=command.label, asks=asks)
    else:
        expires_s = now_s + command.expire_s if command.expire_s is not None else None
        link, token = links.new(
            command.role, label=command.label, expires_s=expires_s, uses=command.uses, asks=command.asks
        )
    fields: dict[str, str | int] = {"link": link.number, "role": link.role.value, "label": link.label}
    row = _row(house, link, now_s)
    answer = json.dumps(row | {"user": token}) if command.as_json else f"link {link.number}: {house.join_line(token)}"
    return [Note("link-made", fields), Admit()], answer, ""


def _rotate(house: House, roles: list[Role], kicks: bool, now_s: float) -> tuple[list[Effect], str, str]:
    effects: list[Effect] = []
    links = house.door.links
    if len(roles) > 1:
        roles = [role for role in roles if links.first_token(role)]
    for role in roles:
        if not links.first_token(role):
            raise UsageError(f"there is no {role.value} link to rotate: 'link new --role {role.value}'", code="no_link")
        old = links.rotate(role)
        assert old is not None
        effects.append(Note("link-rotated", {"link": old.number, "role": role.value}))
        effects += _throw_out(house, old, now_s) if kicks else []
    return [*effects, Admit()], "the links are new: 'pairterm links' prints them", ""


def _throw_out(house: House, link: Invitation, now_s: float) -> list[Effect]:
    """Part with those who came by a link; those who are away do not come back."""
    house.absent.forget()
    effects: list[Effect] = []
    for client, person in house.people.items():
        if person.origin.link == link.number and person.role is not Role.OWNER:
            effects.append(Note("kick", {"id": person.number, "name": person.name, "link": link.number}))
            effects += house.show_out(client, "kicked", "the link that you came by has ended", now_s)
    return effects


def _row(house: House, link: Invitation, now_s: float) -> dict[str, Any]:
    return {
        "link": link.number,
        "role": link.role.value,
        "label": link.label,
        "hash": link.token_hash.hex()[:12],
        "expires_in_s": round(link.expires_s - now_s) if link.expires_s is not None else None,
        "uses": link.uses,
        "uses_left": link.uses_left,
        "asks": house.door.makes_knock(link),
        "spoken": bool(link.nameplate),
    }


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [f"{'link':>4} {'role':<4} {'uses':<9} {'expires':<9} {'asks':<5} label"]
    for row in rows:
        uses = str(row["uses"]) + (f" of {row['uses'] + row['uses_left']}" if row["uses_left"] is not None else "")
        expires = f"{row['expires_in_s']} s" if row["expires_in_s"] is not None else "never"
        asks = "yes" if row["asks"] else "no"
        label = row["label"] or ("spoken" if row["spoken"] else "")
        lines.append(f"{row['link']:>4} {row['role']:<4} {uses:<9} {expires:<9} {asks:<5} {label}")
    return "\n".join(lines)
