"""The invitations of a session (users say links): what each one allows, for how long, and how often.

An invitation is a token with a role. A session may have many. Each can have a label, an
end and a number of uses, and it can make its guests knock. A spoken code is an invitation
whose token people can say aloud. Its number tells it apart from others. Its two words are
the secret: they have 16 bits, which are enough because a code allows so few guesses. The
host keeps this table; a gateway sees hashes only. Times are monotonic seconds.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace

from pairterm.access.spoken_words import WORDS
from pairterm.access.tokens import Tokens, draw_token, owner_proof, token_hash
from pairterm.errors import UsageError
from pairterm.types import Role

__all__ = ["MAX_LINKS", "MAX_SPOKEN", "SPOKEN_S", "SPOKEN_TRIES", "Invitation", "InvitationTable", "nameplate_of"]

MAX_LINKS = 200
"""Invitations of one session: enough for one per pupil of a class. It also bounds the table that a gateway keeps."""

SPOKEN_S = 600.0
"""How long a spoken code lives."""

MAX_SPOKEN = 16
"""Spoken codes of one session. A gateway takes the same number from one owner."""

SPOKEN_TRIES = 5
"""A code ends after so many wrong words for its number: 5 of 65,536 is one in 13,000."""

_MAX_NAMEPLATE = 999

_SPOKEN = re.compile(r"(\d{1,3})-[a-z]{3,8}-[a-z]{3,8}")


def nameplate_of(text: str) -> str:
    """Return the number in a text that has a spoken code's form; "" if it has another form."""
    found = _SPOKEN.fullmatch(text.lower())
    return found[1] if found is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One invitation."""

    number: int
    role: Role
    token_hash: bytes
    token: str = field(default="", repr=False)
    """The plain token of the two that every session begins with, so that `links` can print them; "" for the others."""
    owner_proof: bytes = field(default=b"", repr=False)
    """What the holder of an owner's token proves it by; b"" for guests' invitations."""
    label: str = ""
    expires_s: float | None = None
    uses_left: int | None = None
    asks: bool = False
    """Its guests have to knock."""
    nameplate: str = ""
    """The number of a spoken code."""
    uses: int = 0
    publishes: bool = False
    """pair-ls publishes an editor's files by it. Nobody joins by it, so its role has no meaning."""


class InvitationTable:
    """The invitations of one session."""

    def __init__(self, tokens: Tokens, *, asks: bool = False, expires_s: float | None = None) -> None:
        """Make a table with a session's first two invitations; a token "" adds none."""
        self._links: dict[int, Invitation] = {}
        self._seal = tokens.seal
        self._last_number = 0
        self.asks = asks
        """Whether a new invitation makes its guests knock when nothing else is said."""
        for token, role in ((tokens.read_write, Role.READ_WRITE), (tokens.read_only, Role.READ_ONLY)):
            if token:
                self._put(role, token, keep=True, asks=asks, expires_s=expires_s)

    def all(self) -> tuple[Invitation, ...]:
        """Return the invitations, the oldest first."""
        return tuple(self._links.values())

    def first_token(self, role: Role) -> str:
        """Return the token that `links` prints for a role; "" if there is none."""
        return next((each.token for each in self._links.values() if each.token and each.role is role), "")

    @property
    def due_s(self) -> float | None:
        """When the next invitation expires; None if none does."""
        return min((each.expires_s for each in self._links.values() if each.expires_s is not None), default=None)

    def find(self, presented: bytes, now_s: float) -> Invitation | None:
        """Return the invitation with the presented hash; None if there is none or it has expired.

        Each comparison takes constant time, so the time does not show how much of the hash was right.
        """
        found: Invitation | None = None
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
        publishes: bool = False,
    ) -> tuple[Invitation, str]:
        """Make an invitation; return it and its token. The table does not keep the token.

        Raises:
            UsageError: There are too many.
        """
        token = draw_token(role, self._seal, publishes=publishes)
        if asks is None:
            # Perhaps nobody is there to let the owner in, and pair-ls can't knock.
            asks = self.asks and role is not Role.OWNER and not publishes
        link = self._put(role, token, label=label, expires_s=expires_s, uses_left=uses, asks=asks, publishes=publishes)
        return link, token

    def new_spoken(self, role: Role, now_s: float, *, label: str = "", asks: bool = True) -> tuple[Invitation, str]:
        """Make a spoken code with one use, ten minutes and a knock; return it and its words.

        Raises:
            UsageError: There are too many.
        """
        taken = {each.nameplate for each in self._links.values() if each.nameplate}
        if len(taken) >= MAX_SPOKEN:
            raise UsageError(f"there are {MAX_SPOKEN} spoken codes already: use or revoke one first", code="full")
        free = [str(number) for number in range(1, _MAX_NAMEPLATE + 1) if str(number) not in taken]
        nameplate = secrets.choice(free)
        token = f"{nameplate}-{secrets.choice(WORDS)}-{secrets.choice(WORDS)}"
        link = self._put(
            role, token, label=label, expires_s=now_s + SPOKEN_S, uses_left=1, asks=asks, nameplate=nameplate
        )
        return link, token

    def spend(self, number: int) -> bool:
        """Count one use of an invitation; remove it and return True if that was the last use."""
        link = self._links.get(number)
        if link is None:
            return False
        left = link.uses_left - 1 if link.uses_left is not None else None
        if left == 0:
            del self._links[number]
            return True
        self._links[number] = replace(link, uses_left=left, uses=link.uses + 1)
        return False

    def revoke(self, word: str) -> Invitation:
        """Remove the invitation with this number or label, and return it.

        Raises:
            UsageError: There is none.
        """
        wanted = word.removeprefix("#")
        for link in self._links.values():
            if wanted == str(link.number) or (link.label and wanted == link.label):
                return self._links.pop(link.number)
        raise UsageError(f"no link {word[:60]!r}: 'link ls' lists them", code="no_link")

    def kill_spoken(self, nameplate: str) -> Invitation | None:
        """Remove the spoken code of a number and return it; None if it is gone already."""
        found = next((each for each in self._links.values() if nameplate and each.nameplate == nameplate), None)
        return self._links.pop(found.number) if found is not None else None

    def rotate(self, role: Role) -> Invitation | None:
        """Give a role's first invitation a new token; return the old invitation, None if there was none."""
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

    def expire(self, now_s: float) -> list[Invitation]:
        """Remove the invitations that have expired, and return them."""
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
        publishes: bool = False,
    ) -> Invitation:
        if len(self._links) >= MAX_LINKS:
            raise UsageError(f"there are {MAX_LINKS} links already: revoke one first", code="full")
        self._last_number += 1
        link = Invitation(
            number=self._last_number,
            role=role,
            token_hash=token_hash(token),
            owner_proof=owner_proof(token),
            token=token if keep else "",
            label=label,
            expires_s=expires_s,
            uses_left=uses_left,
            asks=asks,
            nameplate=nameplate,
            publishes=publishes,
        )
        self._links[link.number] = link
        return link
