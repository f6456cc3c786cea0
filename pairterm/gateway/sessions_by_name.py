"""What a guest with a key may mean by a user name, and what it is told if that is not clear.

Anybody who shares may call a session as they like, and may list anybody's public key.
So a name alone leads nowhere but to the list of what it may mean, which only the proof of
a key opens. A fixed name is one session's; `owner/name` says whose session it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pairterm.access.tokens import looks_like_token
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.session.names import is_name

__all__ = ["ByName", "may_be_by_key", "the_one", "whose"]

_MAX_TOLD = 8
"""Sessions that a guest is told of."""

_OWNER = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class ByName:
    """The sessions that a user name may mean."""

    sessions: list[HostedSession]
    is_exact: bool
    """The name says whose session it is."""


def may_be_by_key(user: str) -> bool:
    """Return whether a user name may be for somebody with a key: a fixed name, or `owner/name`."""
    owner, slash, name = user.rpartition("/")
    return is_name(name) and not looks_like_token(name) and (not slash or _OWNER.fullmatch(owner) is not None)


def the_one(found: Sequence[HostedSession]) -> HostedSession | None:
    """Return the session that is meant by a name which these have; None if that is not clear.

    Of one owner's, the one whose host is here is meant. Another owner's is never taken instead of one that is away.
    """
    here = [each for each in found if each.link is not None]
    is_one_owners = len({each.owner.id for each in found}) == 1
    if len(found) == 1:
        return found[0]
    return here[0] if is_one_owners and len(here) == 1 else None


def whose(found: Sequence[HostedSession]) -> str:
    """Return a line that names each of these sessions, so that one can be chosen."""
    words = Counter(each.owner.word for each in found)
    names = [f"{each.owner.word if words[each.owner.word] == 1 else each.owner.mark}/{each.name}" for each in found]
    text = f"say whose session: {', '.join(sorted(set(names))[:_MAX_TOLD])}"
    if len(set(names)) < len(names):
        text += " (more than one is called so: its owner can give it a fixed name)"
    return text
