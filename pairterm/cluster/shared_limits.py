"""The counts that the gateways of a service share: wrong links, wrong words, bans, sessions and guests. Pure.

Each gateway counts for itself, and tells the others what is new, a few times a second
(`due`). A message may be lost while a gateway is cut off: then a source has a few more
tries for that time, and a quota counts again with the next message. The counts of other
gateways are forgotten when they are gone.

A charge is told as an event, and the counts as a state. No message has a token or a hash
that opens something: bans name the hashes of tokens whose session has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from pairterm.errors import PeerError
from pairterm.safe_text import safe_line

__all__ = [
    "Ban",
    "Charges",
    "LimitsMessage",
    "OwnCounts",
    "SharedLimits",
    "WrongWords",
    "decode_bans",
    "decode_limits",
    "encode_bans",
    "most",
]

_MAX_ENTRIES = 256
"""Entries of one table: a message of a bus has 64 KiB at most. Charges that do not fit are told with the next message.
Of counts the largest are told: they are those near a limit."""

_MAX_BANS = 300
"""Bans that a gateway learns at its start, and that wait to be told: the newest."""

_MAX_PENDING = 4096
"""Sources and numbers that wait to be told. While the gateway is cut off, or when very many are charged, further ones
are charged here only."""

_MAX_TIMES = 100
"""How often one source or one number is charged by one message: more is no more than its threshold."""

_Source: TypeAlias = Annotated[str, Meta(max_length=64)]
_Owner: TypeAlias = Annotated[str, Meta(max_length=128)]
_Nameplate: TypeAlias = Annotated[str, Meta(max_length=64)]
_Times: TypeAlias = Annotated[int, Meta(ge=1, le=_MAX_TIMES)]
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
_Hash: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]


class _Message(msgspec.Struct, frozen=True, array_like=True, tag_field="t"):
    """Base of the messages about limits."""


class Charges(_Message, frozen=True, tag="charges"):
    """Wrong links that were presented at the sender since its last message, by their source."""

    sources: Annotated[dict[_Source, _Times], Meta(max_length=_MAX_ENTRIES)]


class WrongWords(_Message, frozen=True, tag="wrong-words"):
    """Wrong words for spoken codes since the sender's last message, by the code's number."""

    nameplates: Annotated[dict[_Nameplate, _Times], Meta(max_length=_MAX_ENTRIES)]


class Ban(_Message, frozen=True, tag="ban"):
    """A session that the operator has ended at every gateway."""

    owner: _Owner
    token_hashes: Annotated[list[_Hash], Meta(max_length=4)]
    """SHA-256 of the tokens with which it registers."""


class Bans(_Message, frozen=True, tag="bans"):
    """The newest bans that the sender knows: the answer to a gateway that has just started."""

    bans: Annotated[list[Ban], Meta(max_length=_MAX_BANS)]


class OwnCounts(_Message, frozen=True, tag="counts"):
    """How many sessions and guests the sender has now."""

    sessions: Annotated[dict[_Owner, _Number], Meta(max_length=_MAX_ENTRIES)]
    """By their owner."""
    guests: Annotated[dict[_Source, _Number], Meta(max_length=_MAX_ENTRIES)]
    """By their source, the sources with the most guests first."""
    guest_count: _Number


LimitsMessage: TypeAlias = Charges | WrongWords | Ban | OwnCounts

_decoder: msgspec.msgpack.Decoder[LimitsMessage] = msgspec.msgpack.Decoder(LimitsMessage)
_bans_decoder: msgspec.msgpack.Decoder[Bans] = msgspec.msgpack.Decoder(Bans)
_encode = msgspec.msgpack.Encoder().encode


def decode_limits(payload: bytes) -> LimitsMessage:
    """Return a message of another gateway.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(safe_line(f"bad message about limits: {error}"), code="bad_message") from error


class SharedLimits:
    """This gateway's news for the others, and what the others count."""

    def __init__(self, *, shares_totals: bool) -> None:
        """Count nothing yet.

        `shares_totals`: the gateways are workers of one machine, and its limits for all sessions and guests hold for
        all workers together. Gateways of a cluster have each their own: they are about one machine's descriptors.
        """
        self._shares_totals = shares_totals
        self._charges: Counter[str] = Counter()
        self._wrong_words: Counter[str] = Counter()
        self._bans: list[Ban] = []
        self._told: OwnCounts | None = None
        self._others: dict[str, OwnCounts] = {}
        self._sessions_elsewhere: Counter[str] = Counter()
        self._guests_elsewhere: Counter[str] = Counter()
        self._guest_count = 0

    # News of this gateway.

    def charge(self, source: str) -> None:
        """A wrong link was presented here."""
        _count(self._charges, source)

    def missed(self, nameplate: str) -> None:
        """Wrong words for a spoken code were tried here."""
        _count(self._wrong_words, nameplate)

    def ban(self, owner: str, token_hashes: Iterable[bytes]) -> None:
        """The operator has ended a session here."""
        self._bans.append(Ban(owner, sorted(token_hashes)))
        del self._bans[:-_MAX_BANS]

    def due(self, counts: OwnCounts | None) -> list[bytes]:
        """Return the messages for the other gateways: what is new since the last call.

        `counts`: what is here now; None: it is not their turn.
        """
        messages: list[LimitsMessage] = []
        if charges := _taken(self._charges):
            messages.append(Charges(charges))
        if wrong_words := _taken(self._wrong_words):
            messages.append(WrongWords(wrong_words))
        bans, self._bans = self._bans, []
        messages += bans
        if counts is not None and counts != self._told:
            self._told = counts
            messages.append(counts)
        return [_encode(each) for each in messages]

    def tell_again(self) -> None:
        """Tell the counts with the next messages although they are the same: somebody may not know them."""
        self._told = None

    # News of other gateways.

    def count_of(self, gateway: str, counts: OwnCounts) -> None:
        """Take the counts of another gateway, in place of those that it told before."""
        self._forget(gateway)
        self._others[gateway] = counts
        self._sessions_elsewhere.update(counts.sessions)
        self._guests_elsewhere.update(counts.guests)
        self._guest_count += counts.guest_count

    def keep(self, gateways: Collection[str]) -> None:
        """Forget the counts of all gateways but these: the others are gone."""
        for each in self._others.keys() - set(gateways):
            self._forget(each)

    def _forget(self, gateway: str) -> None:
        counts = self._others.pop(gateway, None)
        if counts is not None:
            _subtract(self._sessions_elsewhere, counts.sessions)
            _subtract(self._guests_elsewhere, counts.guests)
            self._guest_count -= counts.guest_count

    def sessions_of(self, owner: str) -> int:
        """Return how many sessions an owner has at other gateways."""
        return self._sessions_elsewhere[owner]

    def guests_of(self, source: str) -> int:
        """Return how many guests of a source are at other gateways."""
        return self._guests_elsewhere[source]

    @property
    def session_count(self) -> int:
        """How many sessions other workers of this machine have; 0 in a cluster."""
        return self._sessions_elsewhere.total() if self._shares_totals else 0

    @property
    def guest_count(self) -> int:
        """How many guests other workers of this machine have; 0 in a cluster."""
        return self._guest_count if self._shares_totals else 0


def encode_bans(bans: Sequence[tuple[str, frozenset[bytes]]]) -> bytes:
    """Return the answer to a gateway that asks for the bans, which come in their order."""
    return _encode(Bans([Ban(owner, sorted(hashes)) for owner, hashes in bans[-_MAX_BANS:]]))


def decode_bans(payload: bytes) -> list[Ban]:
    """Return the bans that another gateway tells.

    Raises:
        PeerError: The payload is no such message, or breaks a bound.
    """
    try:
        return _bans_decoder.decode(payload).bans
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PeerError(safe_line(f"bad list of bans: {error}"), code="bad_message") from error


def most(counts: Counter[str]) -> dict[str, int]:
    """Return the largest counts, as many as one message has."""
    return dict(counts.most_common(_MAX_ENTRIES))


def _count(pending: Counter[str], key: str) -> None:
    if key in pending or len(pending) < _MAX_PENDING:
        pending[key] += 1


def _taken(pending: Counter[str]) -> dict[str, int]:
    """Take out of a counter what one message has."""
    taken = {key: min(times, _MAX_TIMES) for key, times in pending.most_common(_MAX_ENTRIES)}
    _subtract(pending, taken)
    return taken


def _subtract(counter: Counter[str], counts: Mapping[str, int]) -> None:
    """Take counts out of a counter. Nothing is kept of what has none left."""
    for key, number in counts.items():
        counter[key] -= number
        if counter[key] <= 0:
            del counter[key]
