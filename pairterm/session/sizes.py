"""The size of a session, from the clients that are attached now.

Law 8: the session size is the one that the policy gives for the clients attached
*now*: after every join, leave, role change or resize.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from pairterm.errors import UsageError
from pairterm.types import Role, Size

__all__ = ["DEFAULT_FLOOR", "Policy", "SizeRule", "Verdict", "Voter", "decide", "parse_size"]

DEFAULT_FLOOR = Size(rows=10, cols=40)
"""No client shrinks the session below this; a smaller one gets a viewport: a phone in upright
position, a window dragged to a sliver."""


MIN_SIZE = Size(rows=1, cols=2)
"""No session is smaller: a wide character needs two columns."""


class Policy(enum.Enum):
    """Whose terminal gives the session its size."""

    SMALLEST = "smallest"
    """The least rows and the least columns: everyone who may type sees all of it. The default."""
    LARGEST = "largest"
    """The most rows and the most columns: smaller ones get a viewport."""
    LATEST = "latest"
    """The terminal of the person who typed last. If nobody has typed yet, of the one who joined last."""
    OWNER = "owner"
    """The owner's terminals, the smallest common size of them."""
    FIXED = "fixed"
    """The size that was set, whatever terminals are attached."""


@dataclass(frozen=True, slots=True)
class SizeRule:
    """The policy with its settings."""

    policy: Policy = Policy.SMALLEST
    fixed: Size | None = None
    floor: Size = DEFAULT_FLOOR
    read_only_votes: bool = False

    def __str__(self) -> str:
        """The policy as the option `size-policy` takes it."""
        return f"fixed {self.fixed.cols}x{self.fixed.rows}" if self.fixed is not None else self.policy.value


class Voter(msgspec.Struct, frozen=True):
    """A client, as far as its size matters. `turn`: the number of its last turn at the keyboard; 0: it never typed."""

    label: str
    role: Role
    size: Size
    turn: int


class Verdict(msgspec.Struct, frozen=True):
    """The size, and whose terminal gives it: a client's label, a setting's name, or "" for the size there was."""

    size: Size
    by: str = ""


def decide(rule: SizeRule, clients: Sequence[Voter], *, last: Size) -> Verdict:
    """Return the size that the rule gives for these clients, in the order in which they joined.

    It is `last` if no client votes. A read-only client votes only if the rule says so: a phone that watches must
    not shrink the session.
    """
    if rule.policy is Policy.FIXED and rule.fixed is not None:
        return Verdict(_at_least(rule.fixed), "fixed")
    voters = [client for client in clients if client.role.may_type or rule.read_only_votes]
    if rule.policy is Policy.OWNER:
        voters = [client for client in voters if client.role is Role.OWNER]
    if rule.policy is Policy.LATEST and voters:
        voters = [max(reversed(voters), key=lambda client: client.turn)]
    if not voters:
        return Verdict(last)
    choose = max if rule.policy is Policy.LARGEST else min
    return _common(voters, choose, rule.floor)


def _common(voters: Sequence[Voter], choose: Callable[[Sequence[int]], int], floor: Size) -> Verdict:
    """Return the least or the most of rows and columns, and the voter that gives the columns, or else the rows."""
    rows = max(choose([each.size.rows for each in voters]), floor.rows)
    cols = max(choose([each.size.cols for each in voters]), floor.cols)
    by_cols = [each for each in voters if each.size.cols == cols]
    by_rows = [each for each in voters if each.size.rows == rows]
    giving = next((each for each in by_cols if each in by_rows), None) or next(iter(by_cols + by_rows), None)
    return Verdict(_at_least(Size.clamped(rows=rows, cols=cols)), giving.label if giving is not None else "floor")


def _at_least(size: Size) -> Size:
    return Size(rows=max(size.rows, MIN_SIZE.rows), cols=max(size.cols, MIN_SIZE.cols))


_SIZE = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})")


def parse_size(text: str) -> Size:
    """Return the size that `COLSxROWS` names, clamped to what a session can have.

    Raises:
        UsageError: It names none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or "0" in (found[1].strip("0") or "0", found[2].strip("0") or "0"):
        raise UsageError(f"bad size {text!r}: say COLSxROWS, such as 80x24", code="size")
    return Size.clamped(rows=int(found[2]), cols=int(found[1]))
