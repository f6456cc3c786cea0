"""Which size a session has, given the clients attached now.

Law 8: the session size is the one that the policy gives for the clients attached
*now*: after every join, leave, role change or resize.
"""

from __future__ import annotations

from collections.abc import Iterable

from pairterm.types import Role, Size

__all__ = ["smallest_common"]


def smallest_common(clients: Iterable[tuple[Role, Size]], *, last: Size) -> Size:
    """Return the least rows and the least columns over those who may type; `last` when there are none.

    A read-only client never has a say: a phone that watches must not shrink the work.
    """
    voting = [size for role, size in clients if role.may_type]
    if not voting:
        return last
    return Size.clamped(rows=min(size.rows for size in voting), cols=min(size.cols for size in voting))
