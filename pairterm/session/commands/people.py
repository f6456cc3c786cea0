"""Commands about people: list them, give them roles and names, kick and ban them, detach the owner's terminals."""

from __future__ import annotations

from pairterm.errors import UsageError
from pairterm.session.commands.command_types import (
    DetachClients,
    GrantRole,
    Kick,
    ListBans,
    ListClients,
    Rename,
    Unban,
)
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.commands.window_context import targets_of
from pairterm.session.durations import duration_text
from pairterm.session.effects import Admit, Note
from pairterm.session.people import Person
from pairterm.session.session_parts import SessionParts
from pairterm.types import ClientId, Role

__all__ = ["detach_clients", "grant_role", "kick", "list_bans", "list_clients", "rename", "unban"]

_ROW = "{:>3} {:<20} {:<5} {:>2} {:<19} {:<8} {:>5} {:>6}"
"""One person in the list, in 75 columns: it fits a terminal of 80."""


def list_clients(parts: SessionParts, command: ListClients, sender: CommandSender, now_s: float) -> CommandResult:
    """List the attached people. The owner and the drivers get a list to act on."""
    may_act = sender.role is Role.OWNER or parts.drivers.is_driving(sender.client)
    lines = [_ROW.format("id", "name", "role", "at", "from", "size", "idle", "ping")]
    lines += [_line(parts, client, person, sender, now_s) for client, person in parts.people.items()]
    items = tuple(str(person.number) for person in parts.people.values()) if may_act else ()
    return CommandResult([], "\n".join(lines), f"{len(parts.people)} in {parts.name}", items)


def _line(parts: SessionParts, client: ClientId, person: Person, sender: CommandSender, now_s: float) -> str:
    """Return one person's line. After a tab follow details that the line has no room for, for the owner only."""
    origin, sees_all = person.origin, sender.role is Role.OWNER
    idle_s = round(now_s - person.typed_s)
    idle = f"{idle_s}s" if idle_s < 60 else f"{idle_s // 60}m"
    look, place = parts.looks.of(client), _place(parts, client, sender)
    drives_here = look is not None and place != "" and parts.drivers.of(look.window) == client
    row = _ROW.format(
        person.number,
        _cut(person.name, 20),
        f"{person.role.value}{'*' * drives_here}",
        place,
        _cut(f"{origin.address} {origin.transport}" if sees_all else origin.transport, 19),
        str(person.size),
        idle if place or sender.sees_hidden else "",  # nobody sees whether somebody types where they may not look
        f"{person.round_trip_ms} ms" if person.round_trip_ms is not None else "",
    )
    if not sees_all:
        return row
    link = f"link {origin.link}" if origin.link is not None else ""
    limits = [f"{each.role.value} in window {parts.windows[each.window].index}" for each in person.window_roles]
    details = (person.name, *limits, f"{origin.address} {origin.transport}", link, origin.term, origin.fingerprint)
    return f"{row}\t{'  '.join(filter(None, details))}"


def _place(parts: SessionParts, client: ClientId, sender: CommandSender) -> str:
    """Return the number of the window where a person looks; "" if the sender may not know it."""
    look = parts.looks.of(client)
    if look is None:
        return ""
    window = parts.windows[look.window]
    is_secret = not sender.sees_hidden and (window.is_hidden or parts.gate.is_paused)
    return "" if is_secret else str(window.index)


def _cut(text: str, cols: int) -> str:
    return text if len(text) <= cols else f"{text[: cols - 1]}…"


def grant_role(parts: SessionParts, command: GrantRole, sender: CommandSender, now_s: float) -> CommandResult:
    """Let a guest type, for a time or for good, or only watch: in all windows, or in one."""
    client = parts.people.find(command.who)
    person = parts.people[client]
    if person.origin.transport == "local":
        raise UsageError("that is one of your own terminals", code="not_allowed")
    if command.role is Role.READ_WRITE and parts.admission.is_locked:
        raise UsageError("all guests may only watch now: 'panic off' ends that", code="locked")
    until_s = now_s + command.for_s if command.for_s is not None else None
    words = "may type" if command.role is Role.READ_WRITE else "watches"
    if command.window is None:
        effects = parts.gate.set_role(client, command.role, until_s, now_s)
    else:
        if until_s is not None and not command.role.may_type:
            raise UsageError("--for limits how long they may type: grant ID rw --for 10m", code="command_line")
        window = targets_of(parts, sender).window(command.window)
        effects = parts.gate.set_window_role(client, window.id, command.role, until_s, now_s)
        words += f" in window {window.index}"
    time = f" for {duration_text(command.for_s)}" if command.for_s else ""
    return CommandResult(effects, f"{person.name} {words}{time}")


def kick(parts: SessionParts, command: Kick, sender: CommandSender, now_s: float) -> CommandResult:
    """Disconnect a person, and ban their key, address or invitation if the command says so."""
    client = parts.people.find(command.who)
    person = parts.people[client]
    if client == sender.client:
        raise UsageError("that is you: detach instead", code="not_allowed")
    if sender.is_remote and person.origin.transport == "local":
        raise UsageError("that is a terminal at the session's own machine", code="not_allowed")
    banned = parts.admission.ban(person.origin, command.ban) if command.ban else ""
    if person.origin.fingerprint:
        parts.admission.forget_window_grants(person.origin.fingerprint)
    fields: dict[str, str | int] = {"id": person.number, "name": person.name, "address": person.origin.address}
    note = Note("kick", fields | ({"banned": banned} if banned else {}))
    out = parts.membership.disconnect(client, "kicked", "the owner has shown you out", now_s)
    return CommandResult([note, *out, Admit()], f"{person.name} is out" + (f", {banned} stays out" if banned else ""))


def list_bans(parts: SessionParts, command: ListBans, sender: CommandSender, now_s: float) -> CommandResult:
    """List the banned keys and addresses."""
    return CommandResult([], "\n".join(parts.admission.bans) or "nobody is banned", "Banned")


def unban(parts: SessionParts, command: Unban, sender: CommandSender, now_s: float) -> CommandResult:
    """Lift bans."""
    freed = ", ".join(parts.admission.unban(command.what))
    return CommandResult([Note("unban", {"what": freed[:500]})], f"may come again: {freed}")


def rename(parts: SessionParts, command: Rename, sender: CommandSender, now_s: float) -> CommandResult:
    """Give the sender, or for the owner anybody, another name.

    Several words are one name, unless the last one is a number or somebody else's name.
    """
    *first, last = command.words
    who = last if first and _means_another(parts, last, sender) else ""
    if who and sender.role is not Role.OWNER:
        raise UsageError(
            f"only the owner may name others; for your own name: name '{' '.join(command.words)}'", code="not_allowed"
        )
    client = parts.people.find(who) if who else sender.client
    if client is None:
        raise UsageError("whom? usage: name NAME ID", code="command_line")
    before = parts.people[client].name
    name = parts.people.rename(client, " ".join(first if who else command.words))
    note = Note("name", {"id": parts.people[client].number, "name": name, "before": before})
    told = parts.notices.to_all(f"{before} is called {name} now", but=sender.client)
    return CommandResult([note, *told], f"called {name}")


def _means_another(parts: SessionParts, word: str, sender: CommandSender) -> bool:
    """Return whether the last word of `name` means a person other than the sender."""
    try:
        return parts.people.find(word) != sender.client
    except UsageError:
        return word.removeprefix("#").isdecimal()


def detach_clients(parts: SessionParts, command: DetachClients, sender: CommandSender, now_s: float) -> CommandResult:
    """Detach the owner's clients, except the one that gives the command. From afar nobody detaches those at home."""
    owners = [
        each
        for each, person in parts.people.items()
        if person.role is Role.OWNER and each != sender.client and not (sender.is_remote and person.sees_hidden)
    ]
    text = f"[detached from {parts.name}]"
    disconnect = parts.membership.disconnect
    return CommandResult([effect for each in owners for effect in disconnect(each, "detached", text, now_s)])
