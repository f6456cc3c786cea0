"""The way between the gateways of one service. All other code knows only this.

A gateway alone has no bus, and nothing of this is imported. Messages of a bus are checked like a
link's messages: a bad message ends that stream, and nothing else. Everything that waits for
another gateway has a bound, so a gateway that stalls costs the others nothing.
Law 16: with any number of gateways, killed and restarted in any order, an invitation leads to its
session within the lease, and never to two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Protocol

from pairterm.access.name_claims import Claim
from pairterm.cluster.service_directory import Directory, SessionEntry
from pairterm.errors import SystemFault

__all__ = ["MAX_PAYLOAD_BYTES", "Bus", "BusAwayError", "Topic"]

MAX_PAYLOAD_BYTES = 64 << 10
"""Of one broadcast, question or answer. Sessions go over streams."""


class Topic(StrEnum):
    """What a message between gateways is about."""

    LIMITS = "limits"
    """Penalties, wrong words of spoken codes, places: what all gateways count together."""
    BANS = "bans"
    """The sessions that an operator has ended, for a gateway that comes later."""
    STATUS = "status"
    """An operator asks for the state of all gateways."""
    KICK = "kick"
    """An operator ends a session."""
    DRAIN = "drain"
    """An operator wants that all workers take no more guests."""
    CONFIG = "config"
    """Settings changed."""


class BusAwayError(SystemFault):
    """The gateway is cut off from the others, or one of them does not answer."""


class Bus(Protocol):
    """What one gateway has to do with the others. All calls are on the event loop; only those marked async wait."""

    @property
    def name(self) -> str:
        """This gateway's name, drawn at the start of its process (`draw_gateway_name`)."""

    @property
    def directory(self) -> Directory:
        """The copy of the directory. Its own sessions are in it too."""

    @property
    def parts(self) -> Sequence[Bus]:
        """The buses of which this one is made, without a gateway that is in two of them; itself if it is one."""

    def trusts(self, gateway: str) -> bool:
        """Return whether a gateway runs under this uid on this machine, as workers of one parent do.

        Then the home believes what it says about its guests: the key that it has checked, and the hash of a spoken
        code. Of a worker, this is so for its own name too. Over NATS it is never so.
        """

    @property
    def is_connected(self) -> bool:
        """Whether other gateways can be reached. Without it, a gateway serves what it has."""

    @property
    def problem(self) -> str:
        """One line for the operator about what is wrong with the bus; "" if nothing is."""

    def announce(self, entry: SessionEntry) -> None:
        """Announce a session of this gateway, also in place of what was announced with its id before.

        It is announced again by the bus itself after it was cut off, until it is withdrawn.
        """

    def withdraw(self, session_id: bytes) -> None:
        """End the announcement of a session. It need not be announced."""

    async def claim_name(self, name: str, claim: Claim, *, is_connected: bool) -> Claim:
        """Claim a fixed name in the whole service, by the rules of `settle_claim`; return the claim that is granted.

        Raises:
            UsageError: Another session has the name: the codes of `settle_claim`.
            BusAwayError: The gateway is cut off. It claims no new names then.
        """

    def release_name(self, name: str, claim: Claim) -> None:
        """Give back a fixed name: the session with this claim has ended."""

    @property
    def on_name_lost(self) -> list[Callable[[str, Claim], None]]:
        """Are called when a newer claim of another gateway has taken a name from a claim of this one."""

    def broadcast(self, topic: Topic, payload: bytes) -> None:
        """Send a message to all other gateways. It is lost where a gateway is cut off, or does not read."""

    def subscribe(self, topic: Topic, take: Callable[[str, bytes], None]) -> None:
        """Call `take` with the sender's name and the payload of each broadcast of a topic.

        A `PeerError` of `take` drops the message, with a line in the log.
        """

    async def ask(self, gateway: str, topic: Topic, payload: bytes, *, timeout_s: float) -> bytes:
        """Return another gateway's answer.

        Raises:
            BusAwayError: There was none in time.
        """

    def answer(self, topic: Topic, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Answer the questions of a topic: `answerer` gets the name of the gateway that asks, and the payload."""

    @property
    def on_config(self) -> list[Callable[[bytes], None]]:
        """Are called with the settings of the service, those of now and each time that they change.

        A `PeerError` of one drops them, with a line in the log.
        """

    async def push_config(self, payload: bytes) -> None:
        """Set the settings of the service, for all gateways.

        Raises:
            UsageError: There is no place for them: workers of one machine have one configuration file.
            BusAwayError: The gateway is cut off.
        """

    async def connect(self, gateway: str, protocol: asyncio.Protocol) -> None:
        """Open a stream of bytes to another gateway, or to this one, and give its transport to `protocol`.

        `LinkStream` runs on it unchanged: the transport writes, tells how much waits, stops reading, closes and aborts
        like a socket's. Both ends are told when either closes, or its gateway is gone.

        Raises:
            BusAwayError: The gateway can't be reached.
        """

    def accept(self, new_protocol: Callable[[str], asyncio.Protocol]) -> None:
        """Take streams of other gateways from now on: `new_protocol` gets the name of the gateway that connects."""

    async def close(self) -> None:
        """Leave the service: the others see this gateway go at once. All streams end."""
