"""The people in a session: their numbers, names and roles, and where they came from. It decides nothing.

A number is given only once, and a guest who returns after a lost link keeps theirs. So
a command that names a number can't hit another person. A name is unique, regardless of its case or its Unicode
form, and it is never a number. Times are monotonic seconds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pairterm.errors import UsageError
from pairterm.session.windows.look import Look
from pairterm.types import ClientId, Role, Size, WindowId

__all__ = ["MAX_NAME_CHARS", "Origin", "People", "Person", "WindowRole", "clean_name"]

MAX_NAME_CHARS = 32
"""A name stands in status lines and in commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a client came from, and what is known of it; "": unknown."""

    address: str = ""
    """The IP address, or for a local client the user's name."""
    transport: str = ""
    """`local`, `ssh` or `web`."""
    key: str = ""
    """The public key that the client proved to have, in OpenSSH's one-line form without a comment."""
    fingerprint: str = ""
    """`SHA256:…` of that key."""
    key_name: str = ""
    """The comment of the key's line on a list, or the identity in its certificate."""
    authority: str = ""
    """`SHA256:…` of the authority that certified the key."""
    token_hash: bytes = field(default=b"", repr=False)
    """The hash of the token that it presented. A guest who returns must present the same one."""
    owner_proof: bytes = field(default=b"", repr=False)
    """What it presented to prove that the token is an owner's. An owner who returns must present it again."""
    ticket_hash: bytes = field(default=b"", repr=False)
    """The SHA-256 of the guest's return ticket, which belongs to this guest only; b"" for a local client, and before
    they are let in. It stays the same when the guest returns."""
    link: int | None = None
    """The number of the invitation that it came by."""
    term: str = ""


@dataclass(frozen=True, slots=True)
class WindowRole:
    """A guest's role in one window, where it differs from their role in the session."""

    window: WindowId
    role: Role
    until_s: float | None = None
    """When they may only watch the window again; None: never."""
    is_warned: bool = False
    """They were warned that their time ends soon."""


@dataclass(frozen=True, slots=True)
class Person:
    """One attached client, as the session knows it."""

    number: int
    name: str
    role: Role
    size: Size
    origin: Origin
    joined_s: float
    typed_s: float
    """When they typed last, or joined."""
    until_s: float | None = None
    """When their role ends and they may only watch again; None: never."""
    is_warned: bool = False
    """They were warned that their role ends soon."""
    round_trip_ms: int | None = None
    turn: int = 0
    """The number of their last turn at the keyboard, counted over all people; 0: they never typed."""
    look: Look | None = None
    """Where they look for themselves; None: they follow the leader."""
    window_roles: tuple[WindowRole, ...] = ()
    """The roles of a guest that are limited to a window: one for each such window."""

    def role_in(self, window: WindowId | None) -> Role:
        """Return their role in a window. None: their role in the session, which holds in all other windows."""
        if not self.window_roles:
            return self.role
        return next((each.role for each in self.window_roles if each.window == window), self.role)

    @property
    def sees_hidden(self) -> bool:
        """Whether they see hidden windows, and the session in a pause: the owner, at a terminal of the own machine.

        An owner who came by a gateway does not: its link carries guests too.
        """
        return self.role is Role.OWNER and self.origin.transport == "local"

    @property
    def may_type_somewhere(self) -> bool:
        """Whether their role lets them type in the session or in a window."""
        return self.role.may_type or any(each.role.may_type for each in self.window_roles)


def clean_name(text: str) -> str:
    """Return a name with only letters and digits of any script, `-`, `_` and `.`; "" if nothing is left."""
    normal = unicodedata.normalize("NFKC", text[: 4 * MAX_NAME_CHARS])
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in normal)
    kept = kept.strip("-.")[:MAX_NAME_CHARS].rstrip("-.")
    return f"n{kept}"[:MAX_NAME_CHARS] if kept.isdigit() else kept


class People:
    """The people in a session, in the order in which they joined."""

    def __init__(self) -> None:
        self._people: dict[ClientId, Person] = {}
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, client: ClientId) -> bool:
        return client in self._people

    def __iter__(self) -> Iterator[ClientId]:
        return iter(tuple(self._people))

    def __getitem__(self, client: ClientId) -> Person:
        return self._people[client]

    def get(self, client: ClientId | None) -> Person | None:
        """Return a client's person; None: the client is not in the session."""
        return self._people.get(client) if client is not None else None

    def values(self) -> Iterator[Person]:
        """Return all people."""
        return iter(tuple(self._people.values()))

    def items(self) -> Iterator[tuple[ClientId, Person]]:
        """Return all clients with their people."""
        return iter(tuple(self._people.items()))

    def clear(self) -> None:
        """Remove all people."""
        self._people.clear()

    def first_owner(self) -> ClientId | None:
        """Return the owner's client that joined first, one at the own machine if there is any; None: there is none."""
        owners = [client for client, person in self._people.items() if person.role is Role.OWNER]
        return next((each for each in owners if self._people[each].sees_hidden), next(iter(owners), None))

    def next_number(self) -> int:
        """Return a number that nobody has had."""
        self._last_number += 1
        return self._last_number

    def add(
        self, client: ClientId, role: Role, size: Size, origin: Origin, name: str, number: int, now_s: float
    ) -> None:
        """Add a client under this name, or a similar one if it is taken."""
        self._people[client] = Person(number, self.free_name(name, number), role, size, origin, now_s, now_s)

    def remove(self, client: ClientId) -> Person | None:
        """Remove a client, and return its person; None: the client was not in the session."""
        return self._people.pop(client, None)

    def change(self, client: ClientId, **changes: object) -> Person:
        """Change fields of a client's person, and return the person."""
        self._people[client] = replace(self._people[client], **changes)  # type: ignore[arg-type]  # fields of Person
        return self._people[client]

    def rename(self, client: ClientId, name: str) -> str:
        """Give a client another name and return it.

        Raises:
            UsageError: The name is empty or somebody else's.
        """
        cleaned = clean_name(name)
        if not cleaned:
            raise UsageError("a name has letters or digits", code="bad_name")
        if any(_key(each.name) == _key(cleaned) for other, each in self._people.items() if other != client):
            raise UsageError(f"somebody is called {cleaned} already", code="bad_name")
        self.change(client, name=cleaned)
        return cleaned

    def find(self, word: str) -> ClientId:
        """Return the client that a number or a name means.

        Raises:
            UsageError: Nobody has this number or name.
        """
        wanted = word.removeprefix("#")
        for client, person in self._people.items():
            if wanted == str(person.number) or _key(wanted) == _key(person.name):
                return client
        raise UsageError(f"nobody here is called {word[:60]!r}: 'who' lists all", code="no_person")

    def free_name(self, name: str, number: int) -> str:
        """Return the name if it is free, else with the person's number, which makes it so."""
        name = clean_name(name) or f"guest-{number}"
        taken = {_key(each.name) for each in self._people.values()}
        while _key(name) in taken:
            name = f"{name[: MAX_NAME_CHARS - 12]}-{number}"
            number += 1
        return name


def _key(name: str) -> str:
    if name.isascii():
        return name.lower()  # as below, in a tenth of the time: each name is compared with all others
    return unicodedata.normalize("NFKC", name).casefold()
