"""What one gateway tells the operator about all gateways of its service, and the end of a session at any of them.

Each gateway answers for itself. Answers are checked: they come over the bus.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from pairterm.errors import PairtermError, PeerError, UsageError
from pairterm.gateway.bus.bus import Bus, Topic
from pairterm.gateway.operator import Operator
from pairterm.safe_text import safe_line

__all__ = ["ServiceOperator"]

logger = logging.getLogger(__name__)

_ANSWER_TIMEOUT_S = 3.0

_PART = 100
"""Sessions of one answer: an answer has 64 KiB at most."""

_Text = Annotated[str, Meta(max_length=512)]
_Number = Annotated[float, Meta(ge=0, le=2**63)]


class _Session(msgspec.Struct, frozen=True):
    session: _Text
    uid: int | None
    owner: _Text
    is_away: bool
    guests: int
    links: int
    since: int


class _Status(msgspec.Struct, frozen=True):
    """The state of another gateway: what `Operator.status` returns there."""

    gateway: _Text
    version: _Text
    pid: int
    uptime_s: _Number
    sessions: Annotated[list[_Session], Meta(max_length=_PART)]
    session_count: Annotated[int, Meta(ge=0, le=1_000_000)]
    guests: int
    guests_by_transport: Annotated[dict[_Text, int], Meta(max_length=16)]
    max_guests: int
    max_sessions: int
    wrong_links: int
    penalised_sources: int
    bytes_to_guests: int
    bytes_from_guests: int
    cpu_s: _Number
    memory_bytes: int
    recordings: int
    recordings_bytes: int
    is_draining: bool
    problems: Annotated[list[_Text], Meta(max_length=64)]
    host: _Text = ""
    port: int = 0
    listen: Annotated[list[_Text], Meta(max_length=64)] = []
    fingerprint: _Text = ""
    web: _Text = ""


class _AskStatus(msgspec.Struct, frozen=True):
    first: Annotated[int, Meta(ge=0, le=1_000_000)]
    """The first session of the part that the answer has."""


class _Kick(msgspec.Struct, frozen=True):
    session: _Text
    owner: _Text


class _Answer(msgspec.Struct, frozen=True):
    text: _Text
    code: _Text = ""
    """Not "": the gateway refuses, and `text` says why."""


_QuestionT = TypeVar("_QuestionT", _AskStatus, _Kick)


class ServiceOperator:
    """The other gateways of the service, for the operator of this one."""

    def __init__(self, bus: Bus, operator: Operator) -> None:
        self._bus = bus
        self._operator = operator
        operator.others = self
        bus.answer(Topic.STATUS, self._tell_status)
        bus.answer(Topic.KICK, self._kick)
        bus.answer(Topic.DRAIN, self._drain)

    @property
    def has_workers(self) -> bool:
        """This gateway is one of several workers of this machine: together they are one gateway for the operator."""
        return self._bus.trusts(self._bus.name)

    @property
    def _workers(self) -> list[str]:
        """The other workers of this machine."""
        return [each for each in self._bus.directory.others if self._bus.trusts(each)]

    def state(self) -> dict[str, Any]:
        """Return how this gateway stands to the service."""
        return {
            "gateway": self._bus.name,
            "is_connected": self._bus.is_connected,
            "problem": self._bus.problem,
            "gateways": len({*map(self._bus.directory.machine_of, self._bus.directory.gateways)}),
            "sessions_elsewhere": self._bus.directory.sessions_elsewhere,
        }

    async def statuses(self) -> list[dict[str, Any]]:
        """Return the state of each other gateway. One that does not answer has only `gateway` and `error`."""
        return list(await asyncio.gather(*map(self._status_of, self._bus.directory.others)))

    async def workers(self) -> list[dict[str, Any]]:
        """Return the state of each other worker of this machine, as `statuses` does."""
        return list(await asyncio.gather(*map(self._status_of, self._workers)))

    async def machines(self) -> list[list[dict[str, Any]]]:
        """Return the states of the gateways of other machines, those of each machine together."""
        directory, near = self._bus.directory, self._workers
        far = [each for each in directory.others if each not in near]
        statuses = await asyncio.gather(*map(self._status_of, far))
        found: dict[str, list[dict[str, Any]]] = {}
        for gateway, status in zip(far, statuses, strict=True):
            found.setdefault(directory.machine_of(gateway), []).append(status)
        return list(found.values())

    async def _status_of(self, gateway: str) -> dict[str, Any]:
        sessions: list[_Session] = []
        try:
            while True:
                question = msgspec.msgpack.encode(_AskStatus(len(sessions)))
                payload = await self._bus.ask(gateway, Topic.STATUS, question, timeout_s=_ANSWER_TIMEOUT_S)
                status = msgspec.msgpack.decode(payload, type=_Status)
                sessions += status.sessions
                if not status.sessions or len(sessions) >= status.session_count:
                    break
        except msgspec.DecodeError as error:
            return {"gateway": gateway, "error": safe_line(f"it answers in another form: {error}")}
        except PairtermError as error:
            return {"gateway": gateway, "error": error.message}
        found: dict[str, Any] = _cleaned(msgspec.to_builtins(msgspec.structs.replace(status, sessions=sessions)))
        return {**found, "gateway": gateway}

    async def kick(self, gateway: str, session: str, owner: str) -> str:
        """End a session at another gateway.

        Raises:
            UsageError: It refuses, or does not answer.
        """
        question = msgspec.msgpack.encode(_Kick(session, owner))
        try:
            payload = await self._bus.ask(gateway, Topic.KICK, question, timeout_s=_ANSWER_TIMEOUT_S)
            answer = msgspec.msgpack.decode(payload, type=_Answer)
        except msgspec.DecodeError as error:
            raise UsageError(f"the gateway {gateway} answers in another form", code="other_version") from error
        except PairtermError as error:
            raise UsageError(f"the gateway {gateway} does not answer: try again", code="unreachable") from error
        if answer.code:
            raise UsageError(safe_line(answer.text), code=safe_line(answer.code))
        return safe_line(answer.text)

    async def drain(self) -> None:
        """Let all other workers of this machine take no more guests.

        Raises:
            UsageError: One does not answer.
        """
        for each in self._workers:
            try:
                await self._bus.ask(each, Topic.DRAIN, b"", timeout_s=_ANSWER_TIMEOUT_S)
            except PairtermError as error:
                raise UsageError(f"the worker {each} does not answer: try again", code="unreachable") from error

    # Answers to other gateways.

    async def _tell_status(self, sender: str, payload: bytes) -> bytes:
        first = _question(payload, _AskStatus).first
        status = self._operator.status()
        sessions = status["sessions"]
        part = {"gateway": self._bus.name, "session_count": len(sessions), "sessions": sessions[first : first + _PART]}
        return msgspec.msgpack.encode({**status, **part})

    async def _kick(self, sender: str, payload: bytes) -> bytes:
        asked = _question(payload, _Kick)
        logger.info("the operator ends the session %s by the gateway %s", safe_line(asked.session), sender)
        try:
            answer = _Answer(self._operator.kick_here(asked.session, asked.owner))
        except UsageError as error:
            answer = _Answer(error.message, error.code)
        return msgspec.msgpack.encode(answer)

    async def _drain(self, sender: str, payload: bytes) -> bytes:
        if not self._bus.trusts(sender):
            raise PeerError("only workers of one machine drain together", code="bad_message")
        self._operator.drain_here()
        return b""


def _question(payload: bytes, kind: type[_QuestionT]) -> _QuestionT:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except msgspec.DecodeError as error:
        raise PeerError("that was no question", code="bad_message") from error


def _cleaned(value: Any) -> Any:
    """Return an answer with its texts cleaned: they reach the operator's terminal."""
    match value:
        case str():
            return safe_line(value)
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {_cleaned(key): _cleaned(each) for key, each in value.items()}
        case _:
            return value
