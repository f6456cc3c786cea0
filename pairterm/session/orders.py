"""Carrying out what people say in words: who may say it, and what it does to the house. Effects out.

A client's command is judged by its role here, whatever its gateway or its view
thinks. The owner may all; a driver may give the keyboard on; everybody may look,
talk, take a name and ask. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pairterm.errors import UsageError
from pairterm.session import commands as said
from pairterm.session.commands import AnswerKind
from pairterm.session.effects import Admit, Effect, Note, Pin, Publish, Tell, WritePty
from pairterm.session.link_orders import LinkCommand, obey_link
from pairterm.session.membership import House
from pairterm.session.pending_requests import Ask, AskKind
from pairterm.session.people import Person
from pairterm.types import ClientId, Role

__all__ = ["HouseCommand", "Outcome", "Speaker", "obey_house"]

HouseCommand = (
    said.Who
    | said.Grant
    | said.Kick
    | said.Bans
    | said.Unban
    | said.Panic
    | said.Pause
    | said.Rename
    | said.Say
    | said.Messages
    | said.Ask
    | said.Give
    | said.Pass
    | said.Take
    | said.Answer
    | said.Links
    | LinkCommand
)

_FOR_ALL = (said.Who, said.Rename, said.Say, said.Messages, said.Ask)
"""What everybody may say."""

_JUST_TYPED_S = 5.0
"""A guest who typed so recently is the reason for a panic: nobody wants to be asked then."""

_MAX_NAMES_TOLD = 8

_FOR_DRIVERS = (said.Give, said.Pass, said.Answer)
"""What the driver may say as well; each looks again at what exactly."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says it: a client with its role, or with `client` None the owner's own command line."""

    client: ClientId | None
    role: Role


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows, and the answer to the speaker; with a title the answer is a page."""

    effects: list[Effect]
    answer: str = ""
    title: str = ""
    items: tuple[str, ...] = ()
    """As `Tell` has them, like the next two."""
    copies: tuple[str, ...] = ()
    confirms: str = ""
    starts_at_end: bool = False


def obey_house(house: House, command: HouseCommand, speaker: Speaker, now_s: float) -> Outcome:
    """Carry out a command, or say why not.

    Raises:
        UsageError: It can't be done, or not by this speaker; nothing is.
    """
    is_driver = speaker.client is not None and house.seat.is_on and house.seat.driver == speaker.client
    allowed = speaker.role is Role.OWNER or isinstance(command, _FOR_ALL)
    if not allowed and not (is_driver and isinstance(command, _FOR_DRIVERS)):
        raise UsageError("only the owner may do this", code="not_allowed")
    if isinstance(command, LinkCommand):
        outcome = Outcome(*obey_link(house, command, now_s))
    else:
        outcome = _ORDERS[type(command)](house, command, speaker, now_s)
    return replace(outcome, effects=[*outcome.effects, *house.settle(now_s)])


_WHO_ROW = "{:>3} {:<20} {:<5} {:<22} {:<8} {:>5} {:>6}"
"""One person in the list, in 75 columns: it stands on a terminal of 80."""


def _who(house: House, command: said.Who, speaker: Speaker, now_s: float) -> Outcome:
    may_act = speaker.role is Role.OWNER or (house.seat.is_on and house.seat.driver == speaker.client)
    lines = [_WHO_ROW.format("id", "name", "role", "from", "size", "idle", "ping")]
    lines += [_who_line(house, client, person, speaker, now_s) for client, person in house.people.items()]
    items = tuple(str(person.number) for person in house.people.values()) if may_act else ()
    return Outcome([], "\n".join(lines), f"{len(house.people)} in {house.name}", items)


def _who_line(house: House, client: ClientId, person: Person, speaker: Speaker, now_s: float) -> str:
    """Return one person's line; after a tab, for the owner alone, what there is no room for."""
    origin, sees_all = person.origin, speaker.role is Role.OWNER
    idle_s = round(now_s - person.typed_s)
    row = _WHO_ROW.format(
        person.number,
        _cut(person.name, 20),
        person.role.value + ("*" if house.seat.driver == client else ""),
        _cut(f"{origin.address} {origin.transport}" if sees_all else origin.transport, 22),
        str(person.size),
        f"{idle_s}s" if idle_s < 60 else f"{idle_s // 60}m",
        f"{person.round_trip_ms} ms" if person.round_trip_ms is not None else "",
    )
    if not sees_all:
        return row
    link = f"link {origin.link}" if origin.link is not None else ""
    details = (person.name, f"{origin.address} {origin.transport}", link, origin.term, origin.fingerprint)
    return f"{row}\t{'  '.join(filter(None, details))}"


def _cut(text: str, cols: int) -> str:
    return text if len(text) <= cols else f"{text[: cols - 1]}…"


def _grant(house: House, command: said.Grant, speaker: Speaker, now_s: float) -> Outcome:
    client = house.people.find(command.who)
    person = house.people[client]
    if person.role is Role.OWNER or person.origin.transport == "local":
        raise UsageError("that is one of your own terminals", code="not_allowed")
    if command.role is Role.READ_WRITE and house.door.is_locked:
        raise UsageError("everybody watches only: 'panic off' ends that", code="locked")
    until_s = now_s + command.for_s if command.for_s is not None else None
    effects = house.set_role(client, command.role, until_s, now_s)
    words = "may type" if command.role is Role.READ_WRITE else "watches"
    return Outcome(effects, f"{person.name} {words}" + (f" for {round(command.for_s)} s" if command.for_s else ""))


def _kick(house: House, command: said.Kick, speaker: Speaker, now_s: float) -> Outcome:
    client = house.people.find(command.who)
    person = house.people[client]
    if client == speaker.client:
        raise UsageError("that is you: detach instead", code="not_allowed")
    banned = house.door.ban(person.origin, command.ban) if command.ban else ""
    fields: dict[str, str | int] = {"id": person.number, "name": person.name, "address": person.origin.address}
    note = Note("kick", fields | ({"banned": banned} if banned else {}))
    effects = [note, *house.show_out(client, "kicked", "the owner has shown you out", now_s), Admit()]
    return Outcome(effects, f"{person.name} is out" + (f", {banned} stays out" if banned else ""))


def _bans(house: House, command: said.Bans, speaker: Speaker, now_s: float) -> Outcome:
    return Outcome([], "\n".join(house.door.bans) or "nobody is banned", "Banned")


def _unban(house: House, command: said.Unban, speaker: Speaker, now_s: float) -> Outcome:
    freed = ", ".join(house.door.unban(command.what))
    return Outcome([Note("unban", {"what": freed[:500]})], f"may come again: {freed}")


def _links(house: House, command: said.Links, speaker: Speaker, now_s: float) -> Outcome:
    text, commands = house.links_page()
    return Outcome([], text, f"How guests join {house.name}", copies=tuple(commands))


def _panic(house: House, command: said.Panic, speaker: Speaker, now_s: float) -> Outcome:
    writers = [person for person in house.people.values() if person.role is Role.READ_WRITE]
    has_typed = any(each.turn and now_s < each.typed_s + _JUST_TYPED_S for each in writers)
    names = _names([each.name for each in writers])
    if command.asks and speaker.client is not None and not has_typed:
        whom = f"{names} and all guests to come" if names else "all guests and those to come"
        return Outcome([], f"panic: let {whom} watch only?", confirms="panic")
    house.door.is_locked = command.is_on
    house.absent.forget()
    if not command.is_on:
        return Outcome([Note("panic-off", {})], "who comes by a read-write link may type again; 'grant' for the others")
    effects: list[Effect] = [Note("panic", {})]
    for client, person in house.people.items():
        if person.role is Role.READ_WRITE:
            effects += house.set_role(client, Role.READ_ONLY, None, now_s, is_remembered=False)
    if house.seat.is_on and house.seat.driver is None and speaker.client is not None:
        house.seat.seat(speaker.client, now_s)
    whom = f"{names} may not type any more" if names else "no guest could type"
    return Outcome(effects, f"{whom}; guests to come watch only as well. 'panic off' ends that")


def _names(names: list[str]) -> str:
    """Return up to a few names as a list in words; "" for none."""
    shown = names[:_MAX_NAMES_TOLD]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _pause(house: House, command: said.Pause, speaker: Speaker, now_s: float) -> Outcome:
    is_on = not house.is_paused if command.is_on is None else command.is_on
    if is_on == house.is_paused:
        return Outcome([], "paused already" if is_on else "not paused")
    house.is_paused = is_on
    note = Note("pause" if is_on else "resume", {})
    answer = "paused: you alone see the session" if is_on else "everybody sees the session again"
    return Outcome([note, *house.settle(now_s), Publish()], answer)


def _rename(house: House, command: said.Rename, speaker: Speaker, now_s: float) -> Outcome:
    if command.who and speaker.role is not Role.OWNER:
        raise UsageError("only the owner may name others", code="not_allowed")
    client = house.people.find(command.who) if command.who else speaker.client
    if client is None:
        raise UsageError("whom? say: name NAME ID", code="command_line")
    before = house.people[client].name
    name = house.people.rename(client, command.name)
    note = Note("name", {"id": house.people[client].number, "name": name, "before": before})
    return Outcome([note, *house.tell_all(f"{before} is called {name} now", but=speaker.client)], f"called {name}")


def _say(house: House, command: said.Say, speaker: Speaker, now_s: float) -> Outcome:
    name = house.people[speaker.client].name if speaker.client is not None else "owner"
    remark = house.chat.say(name, command.text, now_s)
    return Outcome(house.tell_all(str(remark)), "" if speaker.client is not None else "said")


def _messages(house: House, command: said.Messages, speaker: Speaker, now_s: float) -> Outcome:
    lines = [f"call: {house.call_url}"] if house.call_url else []
    lines += [str(remark) for remark in house.chat.remarks]
    return Outcome([], "\n".join(lines) or "nothing was said yet", "What was said", starts_at_end=True)


def _ask(house: House, command: said.Ask, speaker: Speaker, now_s: float) -> Outcome:
    if speaker.client is None or speaker.role is Role.OWNER:
        raise UsageError("the owner takes it: take", code="not_allowed")
    person = house.people[speaker.client]
    if house.may_type(speaker.client):
        return Outcome([], "you have the keyboard")
    if house.seat.is_on and house.seat.driver is None and person.role.may_type and not house.is_paused:
        return Outcome(house.give_seat(speaker.client, now_s))
    text = f"{person.name} asks for the keyboard"
    return Outcome(house.ask(AskKind.SEAT, speaker.client, text, None, now_s), "you asked for the keyboard")


def _give(house: House, command: said.Give, speaker: Speaker, now_s: float) -> Outcome:
    if not house.seat.is_on:
        raise UsageError("everybody has a keyboard: 'set seat on' makes it one", code="no_seat")
    client = house.people.find(command.who)
    if not house.people[client].role.may_type:
        raise UsageError(f"{house.people[client].name} watches only: 'grant' first", code="not_allowed")
    return Outcome(house.give_seat(client, now_s), f"{house.people[client].name} has the keyboard")


def _pass(house: House, command: said.Pass, speaker: Speaker, now_s: float) -> Outcome:
    if not house.seat.is_on:
        raise UsageError("everybody has a keyboard: 'set seat on' makes it one", code="no_seat")
    return Outcome(house.pass_seat(now_s))


def _take(house: House, command: said.Take, speaker: Speaker, now_s: float) -> Outcome:
    if not house.seat.is_on:
        raise UsageError("everybody has a keyboard: 'set seat on' makes it one", code="no_seat")
    owner = speaker.client if speaker.client is not None else house.heir()
    return Outcome(house.give_seat(owner, now_s), "the keyboard is yours" if speaker.client is None else "")


def _answer(house: House, command: said.Answer, speaker: Speaker, now_s: float) -> Outcome:
    kinds = frozenset(AskKind) if speaker.role is Role.OWNER else frozenset({AskKind.SEAT})
    ask = house.asks.take(command.who, kinds, now_s, is_shown=speaker.client is not None)
    match ask.kind:
        case AskKind.KNOCK:
            return _answer_knock(house, ask, command, now_s)
        case AskKind.SEAT:
            return _answer_seat(house, ask, command, speaker, now_s)
        case AskKind.ENTER:
            effects: list[Effect] = [WritePty(b"\r")] if command.kind is AnswerKind.YES else []
            told = Tell(ask.client, "entered" if effects else "the owner does not enter it")
            return Outcome([*effects, told, *house.show_next()])


def _answer_knock(house: House, ask: Ask, command: said.Answer, now_s: float) -> Outcome:
    if command.kind in (AnswerKind.NO, AnswerKind.BAN):
        is_banned = command.kind is AnswerKind.BAN
        effects = house.turn_away(ask, now_s, ban=is_banned)
        return Outcome(effects, f"{ask.name} stays out" + (f", {house.door.bans[-1]} for good" if is_banned else ""))
    person, effects = house.let_in(ask, now_s, watches=command.kind is AnswerKind.OBSERVER)
    if person is None:
        return Outcome(effects, f"the link of {ask.name} has ended meanwhile")
    note = Note("let-in", {"id": person.number, "name": person.name, "role": person.role.value})
    pin: list[Effect] = []
    if command.remember:
        if not person.origin.key:
            return Outcome([note, *effects], f"{person.name} is in, but showed no key to remember")
        pin = [Pin(person.origin.key, person.name, person.role)]
    return Outcome([note, *effects, *pin], f"{person.name} is in")


def _answer_seat(house: House, ask: Ask, command: said.Answer, speaker: Speaker, now_s: float) -> Outcome:
    if command.kind is not AnswerKind.YES:
        return Outcome([Tell(ask.client, "not now"), *house.show_next()], f"{ask.name} goes on watching")
    effects: list[Effect] = []
    if not house.people[ask.client].role.may_type:
        if speaker.role is not Role.OWNER:
            raise UsageError("only the owner can let an observer type", code="not_allowed")
        if house.door.is_locked:
            raise UsageError("everybody watches only: 'panic off' ends that", code="locked")
        effects += house.set_role(ask.client, Role.READ_WRITE, None, now_s)
    if house.seat.is_on:
        effects += house.give_seat(ask.client, now_s)
    return Outcome([*effects, *house.show_next()], f"{ask.name} has the keyboard")


_ORDERS: dict[type, Callable[..., Outcome]] = {
    said.Who: _who,
    said.Grant: _grant,
    said.Kick: _kick,
    said.Bans: _bans,
    said.Unban: _unban,
    said.Panic: _panic,
    said.Pause: _pause,
    said.Rename: _rename,
    said.Say: _say,
    said.Messages: _messages,
    said.Ask: _ask,
    said.Give: _give,
    said.Pass: _pass,
    said.Take: _take,
    said.Answer: _answer,
    said.Links: _links,
}
