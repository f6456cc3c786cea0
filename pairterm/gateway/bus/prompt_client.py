"""nats-py's client with fewer turns of the loop for each message: every key of a relayed guest crosses it twice.

nats-py leaves what is published to a task that writes, and what arrives to one task for each subscription. So a message
waits for a turn of the loop at each end, and for the tasks. This client writes at once what can be written, and calls
the taker of a subscription while it reads. Then nothing waits in a subscription's queue either.

It overrides three methods of nats-py that are not public. Where one is missing or is never called, nats-py's own way is
taken: slower, and with the same result. `tests/integration/test_prompt_client.py` checks that the short way is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol.command import pub_cmd

__all__ = ["PromptClient"]


class PromptClient(Client):
    """A client whose messages do not wait for tasks."""

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[Callable[[Msg], Awaitable[None]], Callable[[str, bytes], None]] = {}

    async def subscribe_promptly(self, subject: str, take: Callable[[str, bytes], None]) -> None:
        """Give each message on `subject` to `take`, with its own subject. `take` must not raise."""

        async def took(message: Msg) -> None:
            take(message.subject, message.data)

        self._takers[took] = take
        await self.subscribe(subject, cb=took)

    @property
    def is_free(self) -> bool:
        """Return whether the kernel has taken all that was published, and takes more."""
        return not self._pending_data_size and self._free_transport() is not None

    def publish_promptly(self, subject: str, payload: bytes) -> None:
        """Write a message at once, if the client is free."""
        transport = self._free_transport()
        if transport is not None:
            transport.write(pub_cmd(subject, "", payload))

    def _free_transport(self) -> Any:
        """Return nats-py's transport; None: it is not connected, or the kernel has not taken what was written."""
        transport = self._transport
        writer = getattr(transport, "_io_writer", None)
        if (
            not isinstance(writer, asyncio.StreamWriter)
            or not self.is_connected
            or writer.transport.is_closing()
            or writer.transport.get_write_buffer_size()
        ):
            return None
        return transport

    # Called by nats-py.

    async def _flush_pending(self, force_flush: bool = False) -> Any:
        transport = self._free_transport()
        if transport is None:
            return await super()._flush_pending(force_flush)
        pending, self._pending, self._pending_data_size = self._pending, [], 0
        if pending:
            transport.writelines(pending)
        flushed = asyncio.get_running_loop().create_future()
        flushed.set_result(None)
        return flushed

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        subscription = self._subs.get(sid)
        take = self._takers.get(subscription._cb) if subscription is not None and subscription._cb else None
        if take is None or headers:
            await super()._process_msg(sid, subject, reply, data, headers)
        else:
            take(subject.decode(), data)
