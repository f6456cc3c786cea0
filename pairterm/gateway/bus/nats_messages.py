"""Broadcasts, questions and answers between gateways: sealed, numbered, and never waited for by anybody else."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pairterm.errors import PeerError, UsageError
from pairterm.gateway.bus.bus import MAX_PAYLOAD_BYTES, BusAwayError, Topic
from pairterm.gateway.bus.sealed_messages import LastNumbers, Sealer, decoded
from pairterm.runtime.supervisor import Supervisor

__all__ = ["NatsMessages"]

logger = logging.getLogger(__name__)

_MAX_ANSWERING = 64
"""Questions that are being answered. Further ones are dropped, and whoever asks waits in vain."""

_Payload = Annotated[bytes, Meta(max_length=MAX_PAYLOAD_BYTES)]
_Id = Annotated[bytes, Meta(min_length=16, max_length=16)]


class _Broadcast(Struct, frozen=True, array_like=True):
    sender: str
    number: int
    topic: Topic
    payload: _Payload


class _Question(Struct, frozen=True, array_like=True):
    sender: str
    number: int
    topic: Topic
    payload: _Payload
    id: _Id


class _Answer(Struct, frozen=True, array_like=True):
    sender: str
    id: _Id
    payload: _Payload | None
    """None: the question was refused."""


class NatsMessages:
    """The broadcasts and questions of one gateway."""

    def __init__(
        self,
        own: str,
        sealer: Sealer,
        tasks: Supervisor,
        send: Callable[[str, bytes], None],
        is_near: Callable[[str], bool],
    ) -> None:
        """`send` sends bytes to the rest of a subject: `all`, `GATEWAY.question` or `GATEWAY.answer`.

        `is_near` tells of a gateway that its messages come by another way. Those that come here are dropped.
        """
        self._is_near = is_near
        self._own = own
        self._sealer = sealer
        self._tasks = tasks
        self._send = send
        self._takers: dict[Topic, list[Callable[[str, bytes], None]]] = {}
        self._answerers: dict[Topic, Callable[[str, bytes], Awaitable[bytes]]] = {}
        self._asked: dict[bytes, tuple[str, asyncio.Future[bytes | None]]] = {}
        self._answering = 0
        self._broadcasts, self._questions = LastNumbers(), LastNumbers()
        self.number = 0
        """The number of the last message of this gateway."""

    def gateway_came(self, gateway: str, number: int) -> None:
        """Take messages of a gateway from now on: those after `number`."""
        self._broadcasts.begin(gateway, number)
        self._questions.begin(gateway, number)

    def gateway_went(self, gateway: str) -> None:
        """Take no more messages of a gateway. Its answers can't come either."""
        self._broadcasts.forget(gateway)
        self._questions.forget(gateway)
        self.give_up(gateway)

    def give_up(self, gateway: str = "") -> None:
        """Stop waiting for the answers of a gateway; "": of all."""
        for asked, answer in list(self._asked.values()):
            if gateway in ("", asked) and not answer.done():
                answer.set_exception(BusAwayError(f"gateway {asked} is gone", code="bus_away"))

    def subscribe(self, topic: Topic, take: Callable[[str, bytes], None]) -> None:
        """Call `take` with each broadcast of a topic."""
        self._takers.setdefault(topic, []).append(take)

    def answer(self, topic: Topic, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        """Answer the questions of a topic."""
        self._answerers[topic] = answerer

    def broadcast(self, topic: Topic, payload: bytes) -> None:
        """Send a message to all other gateways."""
        message = _Broadcast(self._own, self._next_number(), topic, payload)
        self._send("all", self._sealer.seal("broadcast", msgspec.msgpack.encode(message)))

    async def ask(self, gateway: str, topic: Topic, payload: bytes, *, timeout_s: float) -> bytes:
        """Return another gateway's answer.

        Raises:
            BusAwayError: There was none in time, or it refused.
        """
        number = secrets.token_bytes(16)
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._asked[number] = (gateway, answer)
        message = _Question(self._own, self._next_number(), topic, payload, number)
        try:
            self._send(f"{gateway}.question", self._sealer.seal(f"question {gateway}", msgspec.msgpack.encode(message)))
            async with asyncio.timeout(timeout_s):
                answered = await answer
        except TimeoutError as error:
            raise BusAwayError(f"gateway {gateway} did not answer", code="bus_away") from error
        finally:
            del self._asked[number]
        if answered is None:
            raise BusAwayError(f"gateway {gateway} refused to answer", code="bus_away")
        return answered

    def take_broadcast(self, sealed: bytes) -> None:
        """Take a broadcast as it came.

        Raises:
            PeerError: It is not one of our service's, or says something that is not allowed.
        """
        message = decoded(self._sealer.opened("broadcast", sealed), _Broadcast)
        if message.sender == self._own or not self._broadcasts.is_new(message.sender, message.number):
            return
        if self._is_near(message.sender):
            return
        for each in self._takers.get(message.topic, ()):
            each(message.sender, message.payload)

    def take_question(self, sealed: bytes) -> None:
        """Begin to answer a question, if there is room.

        Raises:
            PeerError: It is not one of our service's, or was asked of another gateway.
        """
        message = decoded(self._sealer.opened(f"question {self._own}", sealed), _Question)
        if not self._questions.is_new(message.sender, message.number) or self._is_near(message.sender):
            return
        answerer = self._answerers.get(message.topic)
        if answerer is not None and self._answering < _MAX_ANSWERING:
            self._answering += 1  # Now, and not when its task begins: one read of the socket brings many questions.
            self._tasks.once("answering another gateway", self._answer(message, answerer))

    def take_answer(self, sealed: bytes) -> None:
        """Give an answer to whoever waits for it.

        Raises:
            PeerError: It is not one of our service's, or was meant for another gateway.
        """
        message = decoded(self._sealer.opened(f"answer {self._own}", sealed), _Answer)
        gateway, answer = self._asked.get(message.id, ("", None))
        if answer is not None and gateway == message.sender and not answer.done():
            answer.set_result(message.payload)

    async def _answer(self, message: _Question, answerer: Callable[[str, bytes], Awaitable[bytes]]) -> None:
        try:
            payload: bytes | None = await answerer(message.sender, message.payload)
        except (PeerError, UsageError) as error:
            logger.info("a question of gateway %s was refused: %s", message.sender, error)
            payload = None
        finally:
            self._answering -= 1
        answer = msgspec.msgpack.encode(_Answer(self._own, message.id, payload))
        self._send(f"{message.sender}.answer", self._sealer.seal(f"answer {message.sender}", answer))

    def _next_number(self) -> int:
        self.number += 1
        return self.number
