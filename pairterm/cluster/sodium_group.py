"""The group of edwards25519 for SPAKE2, with libsodium's arithmetic in place of the `spake2` package's own.

The package computes in plain Python: ten times as slow, and in a time that depends on its secrets. It takes any
group of this form (`spake2.groups`), and all else about the protocol is its own. Both groups give the same
elements, so a run between one and the other agrees: a test lets them. Elements are bytes in the form of RFC 8032.
"""

from __future__ import annotations

from collections.abc import Callable

from nacl import bindings
from spake2.ed25519_group import Ed25519Group
from spake2.params import _Params

__all__ = ["PARAMS"]


class _Element:
    """A point. libsodium refuses points outside of the group of prime order, and products that are its zero."""

    __slots__ = ("_point",)

    def __init__(self, point: bytes) -> None:
        self._point = point

    def add(self, other: _Element) -> _Element:
        """Return the sum."""
        return _Element(bindings.crypto_core_ed25519_add(self._point, other._point))

    def scalarmult(self, scalar: int) -> _Element:
        """Return the product with an integer, which may be negative."""
        return _Element(bindings.crypto_scalarmult_ed25519_noclamp(_GROUP.scalar_to_bytes(scalar), self._point))

    def to_bytes(self) -> bytes:
        """Return the point."""
        return self._point


class _SodiumGroup:
    """The group, as `spake2.groups` describes one."""

    scalar_size_bytes = 32
    element_size_bytes = 32

    def __init__(self) -> None:
        self.Base = _Element(Ed25519Group.Base.to_bytes())

    def order(self) -> int:
        """Return the number of its elements."""
        return int(Ed25519Group.order())

    def random_scalar(self, entropy: Callable[[int], bytes]) -> int:
        """Draw a scalar."""
        return int(Ed25519Group.random_scalar(entropy))

    def scalar_to_bytes(self, scalar: int) -> bytes:
        """Return a scalar in 32 bytes, the smallest first."""
        return (scalar % self.order()).to_bytes(self.scalar_size_bytes, "little")

    def bytes_to_scalar(self, data: bytes) -> int:
        """Return the scalar of 32 bytes."""
        return int.from_bytes(data, "little")

    def password_to_scalar(self, password: bytes) -> int:
        """Return the scalar of a password."""
        return int(Ed25519Group.password_to_scalar(password))

    def arbitrary_element(self, seed: bytes) -> _Element:
        """Return an element whose logarithm nobody knows."""
        return _Element(Ed25519Group.arbitrary_element(seed).to_bytes())

    def bytes_to_element(self, data: bytes) -> _Element:
        """Return the element of 32 bytes.

        Raises:
            ValueError: It is none, or the zero, or outside of the group of prime order.
        """
        if not bindings.crypto_core_ed25519_is_valid_point(data):
            raise ValueError("not an element of the group")
        return _Element(data)


_GROUP = _SodiumGroup()

PARAMS = _Params(_GROUP)
"""For `SPAKE2_A` and `SPAKE2_B`: the package's own points M and N, in this group."""
