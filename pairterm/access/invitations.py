"""The links of a session: what each gives, how long, how often. The host's table; a gateway sees hashes only.

A link is a token with a role. There may be many: for a time, for a number of
uses, with a label, behind a knock. A spoken code is a link whose token people can
say aloud: its number tells it apart, its two words are the secret, and so few
guesses are let pass that 16 bits do. Times are monotonic seconds.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace

from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import Tokens, draw_token, token_hash
from pairterm.errors import UsageError
from pairterm.types import Role

__all__ = ["MAX_LINKS", "MAX_SPOKEN", "SPOKEN_S", "SPOKEN_TRIES", "Link", "LinkTable", "nameplate_of"]

MAX_LINKS = 200
"""Links of one session: one each for a class, and a bound on the table that a gateway keeps."""

SPOKEN_S = 600.0
"""How long a spoken code lives."""

MAX_SPOKEN = 16
"""Spoken codes of one session. A gateway takes so many of one owner."""

SPOKEN_TRIES = 5
"""Wrong words for one number before the code is dead: 5 of 65,536 is one in 13,000."""

_MAX_NAMEPLATE = 999

_SPOKEN = re.compile(r"(\d{1,3})-[a-z]{3,8}-[a-z]{3,8}")


def nameplate_of(text: str) -> str:
    """Return the number of what looks like a spoken code; "" if it does not."""
    found = _SPOKEN.fullmatch(text.lower())
    return found[1] if found is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link."""

    number: int
    role: Role
    token_hash: bytes
    token: str = field(default="", repr=False)
    """Kept for the two that every session begins with, so that `links` prints them again; "" for the others."""
    label: str = ""
    expires_s: float | None = None
    uses_left: int | None = None
    asks: bool = False
    """Whoever comes by it has to knock."""
    nameplate: str = ""
    """The number of a spoken code."""
    uses: int = 0


class LinkTable:
    """The links of one session."""

    def __init__(self, tokens: Tokens, *, asks: bool = False, expires_s: float | None = None) -> None:
        """Begin with a session's first two links; a token "" is none."""
        self._links: dict[int, Link] = {}
        self._seal = tokens.seal
        self._last_number = 0
        self.asks = asks
        """Whether new links make people knock unless they say otherwise."""
        for token, role in ((tokens.read_write, Role.READ_WRITE), (tokens.read_only, Role.READ_ONLY)):
            if token:
                self._put(role, token, keep=True, asks=asks, expires_s=expires_s)

    def all(self) -> tuple[Link, ...]:
        """Return the links, the oldest first."""
        return tuple(self._links.values())

    def first_token(self, role: Role) -> str:
        """Return the token that `links` prints for a role; "" when there is none."""
        return next((each.token for each in self._links.values() if each.token and each.role is role), "")

    @property
    def due_s(self) -> float | None:
        """When the next link expires."""
        return min((each.expires_s for each in self._links.values() if each.expires_s is not None), default=None)

    def find(self, presented: bytes, now_s: float) -> Link | None:
        """Return the link of a presented hash; None when there is none, any more or at all.

        Every entry is compared in constant time, so the time tells nothing of how much was right.
        """
        found: Link | None = None
        for link in self._links.values():
            if secrets.compare_digest(link.token_hash, presented):
                found = link
        if found is not None and found.expires_s is not None and found.expires_s <= now_s:
            return None
        return found

    def new(
        self,
        role: Role,
        *,
        label: str = "",
        expires_s: float | None = None,
        uses: int | None = None,
        asks: bool | None = None,
    ) -> tuple[Link, str]:
        """Make a link; return it and its token, which is kept nowhere.

        Raises:
            UsageError: There are too many.
        """
        token = draw_token(role, self._seal)
        asks = self.asks if asks is None else asks
        return self._put(role, token, label=label, expires_s=expires_s, uses_left=uses, asks=asks), token

    def new_spoken(self, role: Role, now_s: float, *, label: str = "", asks: bool = True) -> tuple[Link, str]:
        """Make a code that can be said aloud: one use, ten minutes, and a knock; return it and its words.

        Raises:
            UsageError: There are too many.
        """
        taken = {each.nameplate for each in self._links.values() if each.nameplate}
        if len(taken) >= MAX_SPOKEN:
            raise UsageError(f"there are {MAX_SPOKEN} spoken codes already: use some, or revoke them", code="full")
        free = [str(number) for number in range(1, _MAX_NAMEPLATE + 1) if str(number) not in taken]
        nameplate = secrets.choice(free)
        token = f"{nameplate}-{secrets.choice(WORDS)}-{secrets.choice(WORDS)}"
        link = self._put(
            role, token, label=label, expires_s=now_s + SPOKEN_S, uses_left=1, asks=asks, nameplate=nameplate
        )
        return link, token

    def spend(self, number: int) -> bool:
        """Count one use of a link; return whether that was its last, and it is gone."""
        link = self._links.get(number)
        if link is None:
            return False
        left = link.uses_left - 1 if link.uses_left is not None else None
        if left == 0:
            del self._links[number]
            return True
        self._links[number] = replace(link, uses_left=left, uses=link.uses + 1)
        return False

    def revoke(self, word: str) -> Link:
        """End the link that a number or a label means, and return it.

        Raises:
            UsageError: There is none.
        """
        wanted = word.removeprefix("#")
        for link in self._links.values():
            if wanted == str(link.number) or (link.label and wanted == link.label):
                return self._links.pop(link.number)
        raise UsageError(f"no link {word[:60]!r}: 'link ls' lists them", code="no_link")

    def kill_spoken(self, nameplate: str) -> Link | None:
        """End a spoken code that too many wrong words were tried on; None when it is gone already."""
        found = next((each for each in self._links.values() if nameplate and each.nameplate == nameplate), None)
        return self._links.pop(found.number) if found is not None else None

    def rotate(self, role: Role) -> Link | None:
        """Draw the token of a role's first link anew; return the old link, None when there was none."""
        old = next((each for each in self._links.values() if each.token and each.role is role), None)
        if old is not None:
            del self._links[old.number]
        self._put(
            role,
            draw_token(role, self._seal),
            keep=True,
            asks=old.asks if old else self.asks,
            expires_s=old.expires_s if old else None,
        )
        return old

    def expire(self, now_s: float) -> list[Link]:
        """Return the links whose time is over, gone from here."""
        found = [each for each in self._links.values() if each.expires_s is not None and each.expires_s <= now_s]
        for each in found:
            del self._links[each.number]
        return found

    def _put(
        self,
        role: Role,
        token: str,
        *,
        keep: bool = False,
        label: str = "",
        expires_s: float | None = None,
        uses_left: int | None = None,
        asks: bool = False,
        nameplate: str = "",
    ) -> Link:
        if len(self._links) >= MAX_LINKS:
            raise UsageError(f"there are {MAX_LINKS} links already: revoke some", code="full")
        self._last_number += 1
        link = Link(
            number=self._last_number,
            role=role,
            token_hash=token_hash(token),
            token=token if keep else "",
            label=label,
            expires_s=expires_s,
            uses_left=uses_left,
            asks=asks,
            nameplate=nameplate,
        )
        self._links[link.number] = link
        return link
