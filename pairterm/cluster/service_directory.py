"""The directory of a service: which of its gateways has which session. One gateway's copy of it.

Each gateway announces its sessions, and keeps a copy of what the others announce. So a look-up
takes no time and no message. An entry has hashes and addresses only: it tells where a
session may be, and opens nothing. Any gateway can announce any hash. So the copy is a
hint, and a proof decides.

A lease belongs to a gateway, and not to a session. The name of a gateway is drawn when its process
starts, so a gateway that starts again is another one. An entry counts while its gateway lives.
Times and revisions come from outside. Each gateway has bounds of its own here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Annotated, Literal, Protocol, TypeVar

from msgspec import Meta, Struct

from pairterm.access.invitations import MAX_SPOKEN
from pairterm.errors import PeerError

__all__ = [
    "GATEWAY_NAME_FORM",
    "MACHINE_NAME_FORM",
    "MAX_ENTRIES_OF_GATEWAY",
    "MAX_GATEWAYS",
    "Directory",
    "InvitationEntry",
    "ServiceDirectory",
    "SessionEntry",
    "draw_gateway_name",
    "in_turn",
    "name_hash",
]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

_NAME_CHARS = 16
"""80 bits: no two gateways draw the same."""

GATEWAY_NAME_FORM = rf"\A[{_ALPHABET}]{{{_NAME_CHARS}}}\Z"

MACHINE_NAME_FORM = rf"\A([{_ALPHABET}]{{{_NAME_CHARS}}})?\Z"
"""The parent of a machine's workers draws it as a gateway draws its name. Without workers there is none."""

MAX_GATEWAYS = 1000
"""Gateways of one service that are alive."""

MAX_ENTRIES_OF_GATEWAY = 20_000
"""Sessions that one gateway may announce: more than one process serves."""

_MAX_NAMES = 4
"""The fixed name, `owner/name` with the owner's word and mark, and the name alone."""

GatewayName = Annotated[str, Meta(pattern=GATEWAY_NAME_FORM)]
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
SessionId = Annotated[bytes, Meta(min_length=16, max_length=16)]
Nameplate = Annotated[str, Meta(pattern=r"\A[0-9]{1,3}\Z")]

_K = TypeVar("_K")


def draw_gateway_name() -> str:
    """Draw the name of a gateway: once for each start of a process."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_NAME_CHARS))


def name_hash(name: str) -> bytes:
    """Return the SHA-256 by which a name is found. It hides the name no better than any hash of a short text."""
    return hashlib.sha256(b"pairterm name\0" + name.encode("utf-8", "surrogatepass")).digest()


def in_turn(entries: Iterable[SessionEntry], most: int) -> list[SessionEntry]:
    """Return at most so many entries to ask, the first one of each gateway first.

    Any gateway can announce anything, so one that announces a lot must not take the turns of all others.
    """
    ranks: defaultdict[str, int] = defaultdict(int)
    ranked: list[tuple[int, SessionEntry]] = []
    for entry in entries:
        ranked.append((ranks[entry.gateway], entry))
        ranks[entry.gateway] += 1
    ranked.sort(key=lambda each: each[0])
    return [entry for _, entry in ranked[:most]]


class InvitationEntry(Struct, frozen=True, array_like=True):
    """One invitation. Spoken codes are never here: whoever has their hash can guess their words."""

    token_hash: Digest
    role: Literal["rw", "ro", "publish"]
    wants_key: bool = False


class SessionEntry(Struct, frozen=True, array_like=True):
    """One session, as its gateway announces it."""

    session_id: SessionId
    """Random bytes that the gateway draws when the session registers."""
    gateway: GatewayName
    """The gateway that has it."""
    invitations: Annotated[tuple[InvitationEntry, ...], Meta(max_length=256)] = ()
    names: Annotated[tuple[Digest, ...], Meta(max_length=_MAX_NAMES)] = ()
    """`name_hash` of each name that can mean it. Without keys, a name opens nothing, and this is empty."""
    nameplates: Annotated[tuple[Nameplate, ...], Meta(max_length=MAX_SPOKEN)] = ()
    """The numbers of its spoken codes."""
    is_away: bool = False
    """Its host is away: another gateway may have it by now."""
    mark: Annotated[bytes, Meta(max_length=32)] = b""
    """The same for one session at each of its homes: see `return_key`. b"": it has none."""

    @property
    def key(self) -> tuple[str, bytes]:
        """Return what no other gateway can announce. It can announce any session id, also one of another's session."""
        return self.gateway, self.session_id


class Directory(Protocol):
    """What a gateway looks up: see `ServiceDirectory`."""

    @property
    def on_change(self) -> list[Callable[[SessionEntry], None]]:
        """Are called with each entry that came or changed."""

    @property
    def on_went(self) -> list[Callable[[str], None]]:
        """Are called with each gateway that is gone."""

    @property
    def gateways(self) -> frozenset[str]:
        """All gateways that are alive, with this one."""

    @property
    def others(self) -> list[str]:
        """The other gateways that are alive."""

    @property
    def sessions_elsewhere(self) -> int:
        """How many sessions the other gateways announce."""

    def with_mark(self, mark: bytes) -> list[SessionEntry]:
        """Return the announcements of one session."""

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session of another gateway."""

    def __len__(self) -> int:
        """Return how many sessions there are."""

    def is_alive(self, gateway: str) -> bool:
        """Return whether a gateway is alive."""

    def machine_of(self, gateway: str) -> str:
        """Return what the workers of its machine have in common."""

    def entries_of(self, gateway: str) -> list[SessionEntry]:
        """Return what a gateway announces."""

    def with_token(self, token_hash: bytes) -> list[SessionEntry]:
        """Return the sessions that announce the hash of a token."""

    def with_name(self, name: str) -> list[SessionEntry]:
        """Return the sessions that a name can mean."""

    def with_nameplate(self, nameplate: str) -> list[SessionEntry]:
        """Return the sessions that have a spoken code with this number."""


class ServiceDirectory:
    """One gateway's copy of the directory."""

    def __init__(self, own: str, machine: str = "") -> None:
        """`own` is the name of the gateway that keeps this copy. It is alive for itself.

        `machine` is what it has in common with the other workers of its machine; "" if there are none.
        """
        self.own = own
        self.machine = machine
        self._machines = {own: machine}
        self.on_change: list[Callable[[SessionEntry], None]] = []
        """Are called with each entry that came or changed."""
        self.on_went: list[Callable[[str], None]] = []
        """Are called with each gateway that is gone."""
        self._of_gateway: dict[str, dict[bytes, tuple[int, SessionEntry]]] = {own: {}}
        """gateway → session id → revision and entry."""
        self._by_hash: dict[bytes, dict[tuple[str, bytes], None]] = {}
        self._by_name: dict[bytes, dict[tuple[str, bytes], None]] = {}
        self._by_nameplate: dict[str, dict[tuple[str, bytes], None]] = {}
        self._by_mark: dict[bytes, dict[tuple[str, bytes], None]] = {}

    def __len__(self) -> int:
        return sum(len(each) for each in self._of_gateway.values())

    @property
    def gateways(self) -> frozenset[str]:
        """All gateways that are alive, with this one."""
        return frozenset(self._of_gateway)

    @property
    def others(self) -> list[str]:
        """The other gateways that are alive, in the order of their names."""
        return sorted(each for each in self._of_gateway if each != self.own)

    @property
    def sessions_elsewhere(self) -> int:
        """How many sessions the other gateways announce."""
        return len(self) - len(self._of_gateway[self.own])

    def is_alive(self, gateway: str) -> bool:
        """Return whether a gateway is alive."""
        return gateway in self._of_gateway

    def machine_of(self, gateway: str) -> str:
        """Return what the workers of its machine have in common; its own name if it is the only process there."""
        return self._machines.get(gateway) or gateway

    def entries_of(self, gateway: str) -> list[SessionEntry]:
        """Return what a gateway announces; nothing of one that is not alive."""
        return [entry for _, entry in self._of_gateway.get(gateway, {}).values()]

    # News of a bus.

    def gateway_came(self, gateway: str, machine: str = "") -> None:
        """A gateway is alive. `machine`: see `machine_of`.

        Raises:
            PeerError: A service can't have so many.
        """
        if gateway not in self._of_gateway and len(self._of_gateway) >= MAX_GATEWAYS:
            raise PeerError("too many gateways", code="too_many")
        self._of_gateway.setdefault(gateway, {})
        self._machines[gateway] = machine

    def gateway_went(self, gateway: str) -> None:
        """A gateway is gone, and its entries with it. The own one stays."""
        if gateway == self.own:
            return
        for session_id in list(self._of_gateway.get(gateway, ())):
            self.withdraw(gateway, session_id)
        self._machines.pop(gateway, None)
        if self._of_gateway.pop(gateway, None) is not None:
            for each in list(self.on_went):
                each(gateway)

    def announce(self, entry: SessionEntry, revision: int) -> None:
        """Take an entry of a gateway that is alive; an older one than the known one is ignored.

        `revision` grows with each change in the service. An engine counts it, and never a clock.

        Raises:
            PeerError: The gateway has too many.
        """
        entries = self._of_gateway.get(entry.gateway)
        if entries is None:
            return
        known = entries.get(entry.session_id)
        if known is not None and known[0] > revision:
            return
        if known is None and len(entries) >= MAX_ENTRIES_OF_GATEWAY:
            raise PeerError("too many sessions of one gateway", code="too_many")
        if known is not None:
            self._unlist(known[1])
        entries[entry.session_id] = (revision, entry)
        self._enlist(entry)
        for each in list(self.on_change):
            each(entry)

    def withdraw(self, gateway: str, session_id: bytes) -> None:
        """Remove an entry; it need not be here."""
        known = self._of_gateway.get(gateway, {}).pop(session_id, None)
        if known is not None:
            self._unlist(known[1])

    # Look-ups: the newest first, and those whose host is away last.

    def with_token(self, token_hash: bytes) -> list[SessionEntry]:
        """Return the sessions that announce the hash of a token."""
        return self._found(self._by_hash.get(token_hash, ()))

    def with_name(self, name: str) -> list[SessionEntry]:
        """Return the sessions that a name can mean, for guests with a key."""
        return self._found(self._by_name.get(name_hash(name), ()))

    def with_nameplate(self, nameplate: str) -> list[SessionEntry]:
        """Return the sessions that have a spoken code with this number."""
        return self._found(self._by_nameplate.get(nameplate, ()))

    def with_mark(self, mark: bytes) -> list[SessionEntry]:
        """Return the announcements of one session."""
        return self._found(self._by_mark.get(mark, ()))

    @property
    def takes_keys(self) -> bool:
        """True if a key can open any session of another gateway."""
        return any(gateway != self.own for each in self._by_name.values() for gateway, _ in each)

    def _found(self, keys: Iterable[tuple[str, bytes]]) -> list[SessionEntry]:
        found = [self._of_gateway[gateway][session_id] for gateway, session_id in keys]
        found.sort(key=lambda each: (each[1].is_away, -each[0]))
        return [entry for _, entry in found]

    def _enlist(self, entry: SessionEntry) -> None:
        key = entry.key
        for invitation in entry.invitations:
            self._by_hash.setdefault(invitation.token_hash, {})[key] = None
        for name in entry.names:
            self._by_name.setdefault(name, {})[key] = None
        for nameplate in entry.nameplates:
            self._by_nameplate.setdefault(nameplate, {})[key] = None
        if entry.mark:
            self._by_mark.setdefault(entry.mark, {})[key] = None

    def _unlist(self, entry: SessionEntry) -> None:
        key = entry.key
        for invitation in entry.invitations:
            _drop(self._by_hash, invitation.token_hash, key)
        for name in entry.names:
            _drop(self._by_name, name, key)
        for nameplate in entry.nameplates:
            _drop(self._by_nameplate, nameplate, key)
        if entry.mark:
            _drop(self._by_mark, entry.mark, key)


def _drop(table: dict[_K, dict[tuple[str, bytes], None]], value: _K, key: tuple[str, bytes]) -> None:
    known = table.get(value)
    if known is not None:
        known.pop(key, None)
        if not known:
            del table[value]
