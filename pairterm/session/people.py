"""Who is in a session: their numbers, names and roles, and whence they came. No decision about the session as such.

A number is given once and never again, so a command that names one can't hit
another person who came since. A name is unique, whatever its case or its form in
Unicode, and is never a number. Times are monotonic seconds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pairterm.errors import UsageError
from pairterm.types import ClientId, Role, Size

__all__ = ["MAX_NAME_CHARS", "Origin", "People", "Person", "clean_name"]

MAX_NAME_CHARS = 32
"""A name stands in status lines and in commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whence a client came and what is known of it; "" for what is not."""

    address: str = ""
    """IP address, or for a local client the user's name."""
    transport: str = ""
    """`local`, `ssh` or `web`."""
    key: str = ""
    """The public key that it proved to have, in OpenSSH's one-line form without a comment."""
    fingerprint: str = ""
    """`SHA256:…` of that key."""
    key_name: str = ""
    """The comment of its line on a list, or the identity in its certificate."""
    authority: str = ""
    """`SHA256:…` of the authority that certified it."""
    token_hash: bytes = field(default=b"", repr=False)
    """By what it came; whoever returns has to show the same."""
    ticket_hash: bytes = field(default=b"", repr=False)
    """SHA-256 of its return ticket, which makes it this guest and no other; b"" for a local client, and before it
    was let in. It stays the same when the guest comes back."""
    link: int | None = None
    """The number of the link that it came by."""
    term: str = ""


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
    """When it last typed, or came."""
    until_s: float | None = None
    """When its role ends and it only watches again; None: never."""
    is_warned: bool = False
    """It was told that its role ends soon."""
    round_trip_ms: int | None = None
    turn: int = 0
    """The number of its last turn at the keyboard, counted over all; 0: it never typed."""


def clean_name(text: str) -> str:
    """Return what a person may be called: letters, digits, `-`, `_` and `.` of any script; "" if nothing is left."""
    normal = unicodedata.normalize("NFKC", text[: 4 * MAX_NAME_CHARS])
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in normal)
    kept = kept.strip("-.")[:MAX_NAME_CHARS].rstrip("-.")
    return f"n{kept}"[:MAX_NAME_CHARS] if kept.isdigit() else kept


class People:
    """Those who are in a session, in the order in which they came."""

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
        """Return a client's person; None when it is not in."""
        return self._people.get(client) if client is not None else None

    def values(self) -> Iterator[Person]:
        """Return everybody."""
        return iter(tuple(self._people.values()))

    def items(self) -> Iterator[tuple[ClientId, Person]]:
        """Return everybody with their clients."""
        return iter(tuple(self._people.items()))

    def clear(self) -> None:
        """Let everybody go."""
        self._people.clear()

    def next_number(self) -> int:
        """Return a number that nobody had."""
        self._last_number += 1
        return self._last_number

    def add(
        self, client: ClientId, role: Role, size: Size, origin: Origin, name: str, number: int, now_s: float
    ) -> None:
        """Let a client in under this name or one like it."""
        self._people[client] = Person(number, self.free_name(name, number), role, size, origin, now_s, now_s)

    def remove(self, client: ClientId) -> Person | None:
        """Let a client go and return who it was; None when it was not in."""
        return self._people.pop(client, None)

    def change(self, client: ClientId, **changes: object) -> Person:
        """Change what is known of a client, and return it."""
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
            UsageError: Nobody is called so.
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
    return unicodedata.normalize("NFKC", name).casefold()
