"""Joining and leaving a session: who is attached, who knocks, and who may return after a lost link.

`admission` decides on which terms a visitor may join. This part carries that out:
it adds people, lets newcomers wait for the owner's answer, and disconnects them.
Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pairterm.access.ticket_hashes import draw_ticket, ticket_hash
from pairterm.errors import UsageError
from pairterm.session.audit_fields import origin_fields, person_fields
from pairterm.session.effects import Admit, Announce, Effect, Hold, Note, Refuse, Tell, Welcome
from pairterm.session.input_gate import InputGate
from pairterm.session.notices import Notices
from pairterm.session.pending_requests import KNOCK_S, PendingRequests, Request, RequestKind
from pairterm.session.people import Origin, People, Person, WindowRole
from pairterm.session.rate_limits import RateLimits
from pairterm.session.request_prompts import RequestPrompts
from pairterm.session.returning_guests import ReturningGuests, is_same_guest
from pairterm.session.session_admission import NO_SESSION, Admission, JoinTerms, Visitor
from pairterm.types import ClientId, Role, Size

__all__ = ["Membership"]

_MAX_NAMES = 3
"""How many names a newcomer may give while they knock: each one makes the owner look again."""


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Somebody who knocks and waits."""

    terms: JoinTerms
    number: int
    name: str
    size: Size
    names: int = 0
    """How many names they gave."""


class Membership:
    """The people who are attached to one session, or knock at it."""

    def __init__(
        self,
        people: People,
        admission: Admission,
        gate: InputGate,
        requests: PendingRequests,
        prompts: RequestPrompts,
        notices: Notices,
        limits: RateLimits,
    ) -> None:
        self._people = people
        self._admission = admission
        self._gate = gate
        self._requests = requests
        self._prompts = prompts
        self._notices = notices
        self._limits = limits
        self._returning = ReturningGuests()
        self._newcomers: dict[ClientId, _Newcomer] = {}

    @property
    def knocks(self) -> int:
        """How many newcomers wait."""
        return len(self._newcomers)

    def is_knocking(self, client: ClientId) -> bool:
        """Return whether a client knocks and waits."""
        return client in self._newcomers

    # Joining.

    def join(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        """Let a client in, let it knock, or refuse it."""
        replaced = self._replace(visitor, now_s)
        return [*replaced, *self._admit(client, visitor, size, now_s)]

    def _admit(self, client: ClientId, visitor: Visitor, size: Size, now_s: float) -> list[Effect]:
        guests = sum(1 for each in self._people.values() if each.role is not Role.OWNER)
        try:
            former = self._returning.take(visitor.origin, now_s, is_key_known=not visitor.returns_only)
            if former is not None and self._may_return(former, visitor, guests, now_s):
                return self._return(client, former, visitor.origin, size, now_s)
            if visitor.returns_only:
                if former is not None and self._may_return(former, visitor, 0, now_s):
                    self._admission.check_room(guests)
                raise UsageError(NO_SESSION, code="no_session")
            number = self._people.next_number()
            visitor = replace(visitor, origin=replace(visitor.origin, ticket_hash=b""))
            terms = self._admission.terms_for(visitor, guests + len(self._newcomers), now_s)
            if visitor.local_role is None and not self._is_within_limits(terms, now_s):
                raise UsageError("too often from your address: wait a minute", code="too_often")
            if not terms.must_knock:
                return self._enter(client, terms, size, number, terms.name, now_s)
            return self._knock(client, terms, size, number, now_s)
        except UsageError as error:
            fields: dict[str, str | int] = {"address": visitor.origin.address, "why": error.code}
            note = Note("refused", fields | origin_fields(visitor.origin))
            return [Refuse(client, error.code, error.message), note]

    def _may_return(self, former: Person, visitor: Visitor, guests: int, now_s: float) -> bool:
        """Return whether a guest may return. Without a key that was checked again, the one that they had counts."""
        known = replace(former.origin, address=visitor.origin.address) if visitor.returns_only else visitor.origin
        return self._admission.admits_again(known, guests, now_s)

    def _replace(self, visitor: Visitor, now_s: float) -> list[Effect]:
        """Disconnect a client whose guest presents its ticket on another connection.

        Its link is lost, but nobody has noticed that yet.
        """
        for client, person in self._people.items() if visitor.origin.ticket_hash else ():
            if is_same_guest(person.origin, visitor.origin, is_key_known=not visitor.returns_only):
                moved = Refuse(client, "superseded", "you came back on another connection")
                return [moved, *self.leave(client, now_s, may_return=True)]
        return []

    def _is_within_limits(self, terms: JoinTerms, now_s: float) -> bool:
        takes = self._limits.lets_knock if terms.must_knock else self._limits.lets_join
        return takes(terms.origin.address, now_s)

    def _return(self, client: ClientId, former: Person, presented: Origin, size: Size, now_s: float) -> list[Effect]:
        """Let a guest return whose link was lost, with their number, and the name and the role if these still hold."""
        role = former.role if former.until_s is None or former.until_s > now_s else Role.READ_ONLY
        origin = replace(former.origin, address=presented.address, term=presented.term)
        # Their invitation was counted when they joined first.
        terms = JoinTerms(role=role, origin=replace(origin, link=None), name=former.name, must_knock=False)
        effects = self._enter(client, terms, size, former.number, former.name, now_s)
        until_s = former.until_s if role is former.role else None
        window_roles = _still_valid(former.window_roles, now_s) if role is former.role else ()
        self._people.change(client, origin=origin, until_s=until_s, look=former.look, window_roles=window_roles)
        return effects

    def _enter(
        self, client: ClientId, terms: JoinTerms, size: Size, number: int, name: str, now_s: float
    ) -> list[Effect]:
        """Add a client to the session, and tell the others.

        Raises:
            UsageError: The invitation that it came by has ended.
        """
        if not self._admission.still_holds(terms.origin):
            raise UsageError(NO_SESSION, code="no_session")
        spent: list[Effect] = []
        if terms.origin.link is not None and self._admission.invitations.spend(terms.origin.link):
            spent.append(Admit())
        role = Role.READ_ONLY if self._admission.is_locked and terms.role is Role.READ_WRITE else terms.role
        origin, ticket = _with_ticket(terms.origin)
        self._people.add(client, role, size, origin, name, number, now_s)
        if not (terms.watches_all or self._admission.is_locked or role is Role.OWNER):
            known = _still_valid(self._admission.window_roles_of(terms.origin), now_s)
            self._people.change(client, window_roles=known)
        person = self._people[client]
        if role is Role.OWNER:
            self._gate.give_free_keyboards(client, now_s)
        welcome: list[Effect] = [Welcome(client, *self._gate.open_for(client), ticket, person.number)]
        welcome += self._notices.greet(client, role)
        if role is Role.OWNER:
            welcome += self._prompts.show_to(client)
        words = "watches" if role is Role.READ_ONLY else "types"
        news = f"{person.name} came and {words}: {len(self._people)} here"
        note = Note("join", person_fields(person))
        return [*welcome, *spent, note, *self._notices.arrivals(news, now_s, but=client), Announce()]

    # Knocking.

    def _knock(self, client: ClientId, terms: JoinTerms, size: Size, number: int, now_s: float) -> list[Effect]:
        """Let a newcomer wait for the owner's answer.

        Raises:
            UsageError: Too many knock already.
        """
        name, origin = terms.name or f"guest-{number}", terms.origin
        knock = Request(RequestKind.KNOCK, client, number, name, _knock_text(name, origin), now_s + KNOCK_S)
        prompts = self._prompts.ask(knock, now_s)
        self._newcomers[client] = _Newcomer(terms, number, name, size)
        note = Note("knock", {"id": number, "name": name, "address": origin.address, **origin_fields(origin)})
        return [Hold(client, "waiting for the owner to let you in (C-c leaves)"), note, *prompts]

    def let_in(self, knock: Request, now_s: float, *, watches: bool) -> tuple[Person | None, list[Effect]]:
        """Let a newcomer in; return the person, or None if their invitation has ended in the meantime."""
        newcomer = self._newcomers.pop(knock.client)
        terms = newcomer.terms
        if watches:
            terms = replace(terms, role=Role.READ_ONLY, watches_all=True)
        try:
            effects = self._enter(knock.client, terms, newcomer.size, newcomer.number, newcomer.name, now_s)
        except UsageError as error:
            return None, [Refuse(knock.client, error.code, error.message), *self._prompts.show()]
        return self._people[knock.client], [*effects, *self._prompts.show()]

    def turn_away(self, knock: Request, now_s: float, *, ban: bool) -> list[Effect]:
        """Refuse a newcomer because the owner says so; with `ban` for good."""
        newcomer = self._newcomers[knock.client]
        origin = newcomer.terms.origin
        self._admission.decline(origin)
        banned = self._admission.ban(origin, "any") if ban else ""
        fields: dict[str, str | int] = {"id": newcomer.number, "name": newcomer.name, "banned": banned}
        note = Note("declined", fields | {"address": origin.address})
        out = self.disconnect(knock.client, "declined", "the owner does not let you in", now_s)
        return [note, *out, *self._prompts.show()]

    def name_newcomer(self, client: ClientId, name: str, now_s: float) -> list[Effect]:
        """Take the name that a newcomer gives themselves, and show it to the owner."""
        newcomer = self._newcomers[client]
        if newcomer.names == _MAX_NAMES:
            return [Tell(client, f"the owner knows you as {newcomer.name}")]
        name = self._people.free_name(name, newcomer.number)
        self._newcomers[client] = replace(newcomer, name=name, names=newcomer.names + 1)
        self._requests.rename(client, name, _knock_text(name, newcomer.terms.origin), now_s)
        note = Note("name", {"id": newcomer.number, "name": name, "before": newcomer.name})
        first = self._requests.first
        shown = self._prompts.show() if first is not None and first.client == client else []
        return [note, Tell(client, f"you knock as {name}"), *shown]

    def resize_newcomer(self, client: ClientId, size: Size) -> None:
        """Keep the terminal size of a newcomer for when they are let in."""
        if client in self._newcomers:
            self._newcomers[client] = replace(self._newcomers[client], size=size)

    # Leaving.

    def leave(self, client: ClientId, now_s: float, *, may_return: bool = False) -> list[Effect]:
        """Remove a client that left the session, or that no longer knocks.

        `may_return`: its link was lost. With its ticket it can return with the same name and role, without a knock,
        even by an invitation for one use.
        """
        if may_return and (lost := self._people.get(client)) is not None:
            self._returning.add(lost, now_s)
        newcomer = self._newcomers.pop(client, None)
        effects: list[Effect] = self._prompts.show() if self._requests.drop_of(client, now_s) else []
        if newcomer is not None:
            return [Note("knock-gone", {"id": newcomer.number, "name": newcomer.name}), *effects]
        person = self._people.remove(client)
        if person is None:
            return effects
        self._limits.forget(client)
        self._gate.forget(client, now_s)
        news = self._notices.arrivals(f"{person.name} left: {len(self._people)} here", now_s)
        return [*effects, Note("leave", person_fields(person)), *news, Announce()]

    def disconnect(self, client: ClientId, code: str, text: str, now_s: float) -> list[Effect]:
        """Disconnect a client that is in the session or knocks; the text says why."""
        if client not in self._people and client not in self._newcomers:
            return []
        return [Refuse(client, code, text), *self.leave(client, now_s)]

    def disconnect_expired(self, now_s: float) -> list[Effect]:
        """Disconnect the newcomers whose invitation has ended: the owner can't let them in any more."""
        expired = [each for each, new in self._newcomers.items() if not self._admission.still_holds(new.terms.origin)]
        return [effect for each in expired for effect in self.disconnect(each, "no_session", NO_SESSION, now_s)]

    def forget_returning(self) -> None:
        """Let no guest return with the role that they had: a right that they used was taken back."""
        self._returning.clear()
        self._admission.forget_window_grants()


def _still_valid(roles: tuple[WindowRole, ...], now_s: float) -> tuple[WindowRole, ...]:
    """Return the roles in windows as they are now: after their time, a guest may only watch the window."""
    return tuple(
        each if each.until_s is None or each.until_s > now_s else WindowRole(each.window, Role.READ_ONLY)
        for each in roles
    )


def _with_ticket(origin: Origin) -> tuple[Origin, bytes]:
    """Return a guest's origin with a return ticket, and the ticket: b"" if they have one, or need none."""
    if origin.ticket_hash or origin.transport == "local":
        return origin, b""
    ticket = draw_ticket()
    return replace(origin, ticket_hash=ticket_hash(ticket)), ticket


def _knock_text(name: str, origin: Origin) -> str:
    """Return the line by which the owner recognises a newcomer."""
    return f"{name} ({' '.join(filter(None, (origin.address, origin.fingerprint)))}) knocks"
