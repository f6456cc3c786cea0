"""User names: what a connection asks for, and which sessions a name can mean. Pure.

A user name is a token, a spoken code, or a name for guests who have a key: a fixed name,
or `owner/name`. A text with a code's form is always a code and never a name.

People may give a session any name and may list anybody's public key. So a name alone
opens nothing. It leads to the sessions it can mean, and a proved key decides between them.
A fixed name belongs to one session; `owner/name` says whose session is meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import msgspec

from pairterm.access.invitations import nameplate_of
from pairterm.access.tokens import looks_like_token, owner_proof, token_hash
from pairterm.session.session_names import is_name

__all__ = ["HOST_USER", "ByName", "Invited", "Owner", "Session", "UserName", "the_one", "whose"]

HOST_USER = "host"
"""The user name by which a host of another machine logs in."""

_MAX_TOLD = 8
"""A guest is told of at most so many sessions."""

_OWNER = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Owner(Protocol):
    """The party that shares a session."""

    @property
    def id(self) -> str:
        """The only thing that is unique: see `HostOwner`."""

    @property
    def word(self) -> str:
        """How people call the owner; two owners can have the same word."""

    @property
    def mark(self) -> str:
        """A name that only this owner has."""


class Invited(Protocol):
    """An invitation, as far as a gateway knows it."""

    @property
    def role(self) -> str:
        """`rw` or `ro`."""

    @property
    def wants_key(self) -> bool:
        """Whether to ask for a key, although none is needed."""


class Session(Protocol):
    """A session, as an admission sees it."""

    @property
    def name(self) -> str:
        """The name that its owner gave it."""

    @property
    def fixed_name(self) -> str:
        """The name that only it has; "" for none."""

    @property
    def owner(self) -> Owner:
        """The party that shares it."""

    @property
    def link(self) -> object | None:
        """The link of its host; None while the host is away."""

    @property
    def links(self) -> Mapping[bytes, Invited]:
        """Its invitations, by the SHA-256 of their tokens."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The lines of the keys and authorities that open it."""

    @property
    def needs_key(self) -> bool:
        """Whether an invitation opens it only together with a key."""

    def __hash__(self) -> int:
        """Sessions are told apart by their identity."""

    def tried(self, nameplate: str) -> None:
        """Tell its host that a spoken code has ended, because of too many wrong words."""


@dataclass(frozen=True, slots=True)
class UserName:
    """A user name, looked at once: it is hashed here and nowhere else."""

    text: str
    token_hash: bytes
    """Its hash, as if it were a token."""
    nameplate: str
    """The number of a spoken code; "" if it has not the form of a code."""
    owner_proof: bytes = field(default=b"", repr=False)
    """Proves to a host that it is an owner's token; b"" if it has not the form of one."""

    @classmethod
    def of(cls, text: str) -> UserName:
        """Return what a text is."""
        return cls(text, token_hash(text), nameplate_of(text), owner_proof(text))

    @property
    def may_be_by_key(self) -> bool:
        """True for the form of a fixed name or of `owner/name`."""
        owner, slash, name = self.text.rpartition("/")
        has_form = is_name(name) and not looks_like_token(name) and (not slash or _OWNER.fullmatch(owner) is not None)
        return has_form and not self.nameplate


SessionT = TypeVar("SessionT", bound=Session)


class ByName(msgspec.Struct, Generic[SessionT], frozen=True):
    """The sessions that a name can mean."""

    sessions: list[SessionT]
    is_exact: bool
    """The name says whose session is meant."""


def the_one(found: Sequence[SessionT]) -> SessionT | None:
    """Return the session that is meant by a name that all of these have; None if that is not clear.

    Of several sessions of one owner, the one whose host is connected is meant. A session of another owner never
    takes the place of one whose host is away.
    """
    here = [each for each in found if each.link is not None]
    has_one_owner = len({each.owner.id for each in found}) == 1
    if len(found) == 1:
        return found[0]
    return here[0] if has_one_owner and len(here) == 1 else None


def whose(found: Sequence[Session]) -> str:
    """Return a line that names each of these sessions, so that the guest can choose one."""
    words = Counter(each.owner.word for each in found)
    names = [f"{each.owner.word if words[each.owner.word] == 1 else each.owner.mark}/{each.name}" for each in found]
    text = f"say whose session: {', '.join(sorted(set(names))[:_MAX_TOLD])}"
    if len(set(names)) < len(names):
        text += " (several have this name: its owner can give it a fixed name)"
    return text
