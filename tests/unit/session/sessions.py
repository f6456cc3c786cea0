"""Sessions for tests: a core with its parts, people in it, and the effects that it returned."""

from __future__ import annotations

import json
from typing import TypeVar

from pairterm.access.authorized_keys import KeyTable
from pairterm.access.invitations import InvitationTable
from pairterm.access.ticket_hashes import ticket_hash
from pairterm.access.tokens import Tokens, new_tokens, owner_proof, token_hash
from pairterm.session.core import SessionCore
from pairterm.session.effects import ChangeRole, Effect, Hold, Note, Refuse, Tell, Welcome, WritePty
from pairterm.session.people import Origin
from pairterm.session.session_admission import Admission, Visitor
from pairterm.session.session_parts import SessionParts
from pairterm.types import ClientId, Role, Size

SIZE = Size(rows=24, cols=80)

_E = TypeVar("_E", bound=Effect)


def core_of(name: str, size: Size, tokens: Tokens) -> SessionCore:
    """Return a session that nobody is in."""
    return SessionCore(SessionParts(Admission(InvitationTable(tokens)), name=name), size=size)


def visitor_of(role: Role | None, tokens: Tokens, name: str = "") -> Visitor:
    """Return somebody who comes in with this role: the owner by the local socket; None is a stranger."""
    if role is Role.OWNER:
        return Visitor(origin=Origin(address=name, transport="local"), local_role=role)
    known = {Role.READ_WRITE: tokens.read_write, Role.READ_ONLY: tokens.read_only}
    token = known[role] if role is not None else "rw-of-nobody"
    origin = Origin(address="203.0.113.7", transport="ssh")
    return Visitor(origin=origin, name=name, token_hash=token_hash(token))


class Session:
    """A core, a clock, and all effects so far."""

    def __init__(self, *, keys: KeyTable | None = None) -> None:
        self.tokens: Tokens = new_tokens()
        self.parts = SessionParts(Admission(InvitationTable(self.tokens), keys=keys or KeyTable()), name="our_session")
        self.core = SessionCore(self.parts, size=SIZE)
        self.now_s = 1000.0
        self.effects: list[Effect] = []
        self.owner_token = ""
        self._last = 0
        self._presented: dict[ClientId, bytes] = {}

    def take(self, effects: list[Effect]) -> list[Effect]:
        self.effects += effects
        return effects

    def owner(self) -> ClientId:
        return self._join(Visitor(origin=Origin(address="olga", transport="local"), name="olga", local_role=Role.OWNER))

    def guest(
        self,
        token: str,
        *,
        address: str = "203.0.113.7",
        key: str = "",
        name: str = "",
        ticket: bytes = b"",
        transport: str = "ssh",
        returns_only: bool = False,
    ) -> ClientId:
        presented = token_hash(token)
        origin = Origin(
            address=address,
            transport=transport,
            key=key,
            fingerprint=key,
            token_hash=presented,
            owner_proof=owner_proof(token),
            ticket_hash=ticket_hash(ticket),
        )
        client = self._join(Visitor(origin=origin, token_hash=presented, name=name, returns_only=returns_only))
        self._presented[client] = ticket
        return client

    def writer(self, *, address: str = "203.0.113.7", key: str = "", ticket: bytes = b"") -> ClientId:
        return self.guest(self.tokens.read_write, address=address, key=key, ticket=ticket)

    def watcher(self, *, address: str = "203.0.113.7", key: str = "", ticket: bytes = b"") -> ClientId:
        return self.guest(self.tokens.read_only, address=address, key=key, ticket=ticket)

    def ticket(self, client: ClientId) -> bytes:
        """Return what a guest comes back by."""
        return self.found(Welcome, client)[-1].ticket or self._presented[client]

    def far_owner(self, *, transport: str = "web", ticket: bytes = b"") -> ClientId:
        """Let the owner in by a gateway."""
        if not self.owner_token:
            self.owner_token = json.loads(self.order("link new --role owner --json"))["user"]
        return self.guest(self.owner_token, transport=transport, ticket=ticket)

    def _join(self, visitor: Visitor) -> ClientId:
        self._last += 1
        client = ClientId(f"1:{self._last}")
        self.take(self.core.join(client, visitor, SIZE, self.now_s))
        return client

    def leave(self, client: ClientId) -> None:
        self.take(self.core.leave(client, self.now_s))

    def lose(self, client: ClientId) -> None:
        """Lose a client's link, as when a gateway or a network goes away."""
        self.take(self.core.leave(client, self.now_s, may_return=True))

    def say(self, client: ClientId, line: str) -> list[Effect]:
        return self.take(self.core.command(client, line, self.now_s))

    def order(self, line: str) -> str:
        effects, answer = self.core.owner_command(line, self.now_s)
        self.take(effects)
        return answer

    def types(self, client: ClientId, data: bytes = b"x") -> bytes:
        """Type, and return what reached the program."""
        effects = self.take(self.core.input(client, data, self.now_s))
        return b"".join(each.data for each in effects if isinstance(each, WritePty))

    def wait(self, seconds: float) -> None:
        """Let time pass; be called when a timer is due, as the actor would."""
        end_s = self.now_s + seconds
        while True:
            due_s = self.parts.timers.due_s
            if due_s is None or due_s > end_s:
                break
            self.now_s = max(self.now_s, due_s)
            self.take(self.core.tick(self.now_s))
            assert self.parts.timers.due_s is None or self.parts.timers.due_s > self.now_s, (
                "a tick that leaves its work undone"
            )
        self.now_s = end_s

    def found(self, kind: type[_E], client: ClientId | None = None) -> list[_E]:
        """Return the effects of a kind, for a client if it is given."""
        return [
            each
            for each in self.effects
            if isinstance(each, kind) and (client is None or getattr(each, "client", None) == client)
        ]

    def told(self, client: ClientId) -> list[str]:
        return [each.text for each in self.found(Tell, client)]

    def is_in(self, client: ClientId) -> bool:
        return client in self.core.people

    def is_held(self, client: ClientId) -> bool:
        return bool(self.found(Hold, client)) and not self.found(Welcome, client) and not self.found(Refuse, client)

    def number(self, client: ClientId) -> int:
        return self.core.people[client].number

    def last_role(self, client: ClientId) -> tuple[Role, bool]:
        """Return what the client's gateway was told last: the role, and whether its gate is open."""
        last = [each for each in self.effects if isinstance(each, Welcome | ChangeRole) and each.client == client][-1]
        return last.role, last.may_type

    def events(self) -> list[str]:
        return [each.event for each in self.found(Note)]
