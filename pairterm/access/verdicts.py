"""The verdicts of an admission: what an adapter does with a connection, and the words for a refusal. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

import msgspec

from pairterm.access.guest_places import Full
from pairterm.access.user_names import UserName

__all__ = [
    "FULL",
    "NO_SESSION",
    "AskHostKey",
    "AskKey",
    "ComeIn",
    "NoEntry",
    "Refusal",
    "Refused",
    "Verdict",
    "WaitForHost",
]


class Refusal(Enum):
    """Why a connection does not get in. The value is the word for it in the gateway's audit."""

    NAMES = "names"
    """A second user name."""
    LINK = "link"
    """A link that never was, has ended or was revoked, or a name that opens nothing: all read the same."""
    EARLY = "early"
    """The same, while the gateway has just started and does not know all links yet."""
    KEY = "key"
    """It proved no key that opens the session."""
    KEYS = "keys"
    """It offered too many keys."""
    HOST_KEY = "host-key"
    """A host of another machine proved no key that may share."""
    UNPROVED = "unproved"
    """The login ended without a proved right. A bug of an adapter; nobody gets in by it."""
    GATEWAY_FULL = "full"
    SESSION_FULL = "session-full"
    SOURCE_FULL = "address-full"
    NO_HOSTS = "no-hosts"
    """The gateway takes no hosts of other machines."""

    @property
    def text(self) -> str:
        """One line for the person."""
        return _TEXTS[self]


NO_SESSION = "no such session, or the link has ended"

_TEXTS = {
    Refusal.NAMES: "one user name a connection",
    Refusal.LINK: NO_SESSION,
    Refusal.EARLY: "no such session here yet: the gateway has just started, try again in a moment",
    Refusal.KEY: NO_SESSION,
    Refusal.KEYS: "too many keys",
    Refusal.HOST_KEY: "none of your keys may share here",
    Refusal.UNPROVED: NO_SESSION,
    Refusal.GATEWAY_FULL: "the gateway is full, try again later",
    Refusal.SESSION_FULL: "the session has as many guests as it may have, try again later",
    Refusal.SOURCE_FULL: "too many guests from your address, try again later",
    Refusal.NO_HOSTS: "this gateway takes no sessions from other machines",
}

FULL = {
    Full.GATEWAY: Refusal.GATEWAY_FULL,
    Full.SESSION: Refusal.SESSION_FULL,
    Full.SOURCE: Refusal.SOURCE_FULL,
}


class ComeIn(msgspec.Struct, frozen=True):
    """It has proved its right: let it in without another question."""


class AskKey(msgspec.Struct, frozen=True):
    """Ask for a key."""

    fingerprints: frozenset[str]
    """The keys that get in."""
    authorities: tuple[str, ...]
    """Lines of authorities, each with the principals of which a certificate has to name one."""
    takes_any: bool = False
    """Every key gets in, and so does a guest without a key: it is only asked for, so that the host knows it."""


class AskHostKey(msgspec.Struct, frozen=True):
    """Ask for the key of a host."""


@dataclass(frozen=True, slots=True)
class WaitForHost:
    """Wait until a host has brought one of these, and report `waited`."""

    wanted: tuple[Hashable, ...]
    elsewhere: UserName | None = field(default=None, repr=False)
    """Another gateway may have the session with this user name, and has to be asked; None: no gateway has it yet."""


class Refused(msgspec.Struct, frozen=True):
    """Disconnect it."""

    why: Refusal


Verdict: TypeAlias = ComeIn | AskKey | AskHostKey | WaitForHost | Refused


class NoEntry(msgspec.Struct, frozen=True):
    """It is logged in, but there is no session for it."""

    text: str
