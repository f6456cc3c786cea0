"""The hash chain over the lines of a recording, and its seals.

The chain's value after a line is `sha256(value before + line)`, and 32 zero bytes at the
beginning. A *seal* is an event with the value over all lines before it, and an Ed25519
signature of it by the owner. The writer sets one after each piece that it syncs, and a
last one at the end. So nobody can change, insert or remove a line before a seal unnoticed.
A cut at the end is noticed because the last seal is missing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pairterm.errors import UsageError
from pairterm.record.asciicast import CastReader, line_of
from pairterm.record.events import SEAL, Event

__all__ = ["Chain", "Verdict", "public_text", "signer", "verify"]

_DOMAIN = b"pairterm recording 1\0"
"""The signature is of this and the rest, so no signature for another purpose fits."""

_GOES_ON, _IS_LAST = "more", "last"


def public_text(public: Ed25519PublicKey) -> str:
    """Return a public key as the header of a recording has it."""
    return base64.b64encode(public.public_bytes_raw()).decode()


def signer(private: bytes) -> tuple[Callable[[bytes], bytes], str]:
    """Return the function that signs with a private key of 32 bytes, and the public key as text."""
    key = Ed25519PrivateKey.from_private_bytes(private)
    return key.sign, public_text(key.public_key())


class Chain:
    """The chain of one file."""

    def __init__(self) -> None:
        self._value = bytes(32)

    @property
    def value(self) -> str:
        """The value after the last line, in hex."""
        return self._value.hex()

    def add(self, line: bytes) -> None:
        """Take the next line, with its line feed."""
        self._value = hashlib.sha256(self._value + line).digest()

    def seal(self, sign: Callable[[bytes], bytes], *, is_last: bool) -> str:
        """Return the data of a seal over all lines so far."""
        kind = _IS_LAST if is_last else _GOES_ON
        signature = base64.b64encode(sign(_signed(kind, self.value))).decode()
        return f"{kind} {self.value} {signature}"


def _signed(kind: str, value: str) -> bytes:
    return _DOMAIN + kind.encode() + b"\0" + value.encode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a recording found."""

    problem: str = ""
    """What is wrong, for people. "": every line is sealed, and nothing is missing."""
    sealed_s: float = 0.0
    """The time until which the recording is what was written."""
    key: str = ""
    """The key that signed it, as the header has it."""
    value: str = ""
    """The chain's value after the last line."""

    is_cut: bool = False
    """The problem is only that the end is missing: all lines before the last seal are as they were written."""


def verify(lines: Iterable[bytes], key: str = "") -> Verdict:
    """Check every line and seal of a recording. `key`: the public key that must have signed. "": the header's key."""
    reader, chain = CastReader(), Chain()
    sealed_s, is_ended = 0.0, False
    public: Ed25519PublicKey | None = None
    for number, line in enumerate(lines, start=1):
        before_s = reader.time_s
        if is_ended:
            return Verdict(f"line {number} comes after the end", sealed_s, key)
        try:
            event = reader.line(line.decode("utf-8", "replace"))
        except UsageError:
            if line.endswith(b"\n") or number == 1:
                return Verdict(f"line {number} is not a line of a recording", sealed_s, key)
            return Verdict(f"it has no end: line {number} is cut", sealed_s, key, chain.value, is_cut=True)
        if public is None:
            assert reader.header is not None
            if not reader.header.key:
                return Verdict("it has no seals: pairterm did not write it")
            if key and key != reader.header.key:
                return Verdict("another key signed it", 0.0, reader.header.key)
            key = reader.header.key
            public = _public(key)
        if event is not None and event.code == SEAL:
            assert reader.header is not None
            shown_s = before_s if reader.header.version == 2 else 0.0
            # No later seal covers the line of the last one, so it must be written exactly as we write it.
            is_ours = line == line_of([shown_s, SEAL, event.data]).encode()
            kind = _checked(public, event, chain.value) if is_ours and public is not None else ""
            if not kind:
                return Verdict(f"the seal in line {number} does not fit the lines before it", sealed_s, key)
            sealed_s, is_ended = event.time_s, kind == _IS_LAST
        chain.add(line)
    problem = "" if is_ended else "it has no end: it was cut, or its recorder was killed"
    return Verdict(problem, sealed_s, key, chain.value, is_cut=not is_ended and bool(key))


def _public(key: str) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return None


def _checked(public: Ed25519PublicKey, event: Event, value: str) -> str:
    """Return the kind of a seal; "": it does not fit."""
    kind, _, rest = event.data.partition(" ")
    claimed, _, signature = rest.partition(" ")
    if claimed != value or kind not in (_GOES_ON, _IS_LAST):
        return ""
    try:
        raw = base64.b64decode(signature, validate=True)
        if base64.b64encode(raw).decode() != signature:  # several texts stand for the same bytes
            return ""
        public.verify(raw, _signed(kind, value))
    except (binascii.Error, ValueError, InvalidSignature):
        return ""
    return kind
