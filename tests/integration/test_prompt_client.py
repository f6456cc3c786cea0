"""nats-py's client with fewer turns of the loop: what it sends is written at once, and what comes is taken at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm.gateway.bus.prompt_client import PromptClient
from tests.integration.nats_server import NatsServer, open_nats_server
from tests.integration.service_gateways import until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with open_nats_server(tmp_path) as server:
        yield server


async def test_a_message_waits_for_no_task_at_either_end(server: NatsServer) -> None:
    """Otherwise nats-py's own way is taken: each key would wait for four turns of the loop more."""
    a, b = PromptClient(), PromptClient()
    for each in (a, b):
        await each.connect(server.url, allow_reconnect=False)
    taken: list[tuple[str, bytes]] = []
    tasks: set[object] = set()

    def take(subject: str, payload: bytes) -> None:
        taken.append((subject, payload))
        tasks.add(asyncio.current_task())

    await b.subscribe_promptly("x.>", take)
    await b.flush()
    sent = a._transport._io_writer.transport  # type: ignore[union-attr]  # It is connected.
    assert a.is_free
    a.publish_promptly("x.1", b"one")
    await a.publish("x.2", b"two")
    await a.publish("x.3", b"")
    assert not a.pending_data_size
    assert not sent.get_write_buffer_size()
    await until(lambda: len(taken) == 3)
    assert taken == [("x.1", b"one"), ("x.2", b"two"), ("x.3", b"")]
    assert tasks == {b._reading_task}
    for each in (a, b):
        await each.close()


async def test_it_is_not_free_while_the_kernel_does_not_take_all_and_nothing_is_lost_or_moved(
    server: NatsServer,
) -> None:
    a, b = PromptClient(), PromptClient()
    for each in (a, b):
        await each.connect(server.url, allow_reconnect=False)
    taken: list[int] = []
    await b.subscribe_promptly("x", lambda _, payload: taken.append(int.from_bytes(payload[:4])))
    await b.flush()
    server.freeze()
    count = 0
    while a.is_free:
        a.publish_promptly("x", count.to_bytes(4) + bytes(60_000))
        count += 1
    for _ in range(10):
        await a.publish("x", count.to_bytes(4) + bytes(60_000))
        count += 1
    assert a.pending_data_size
    assert not a.is_free
    server.thaw()
    await until(lambda: len(taken) == count)
    assert taken == list(range(count))
    await until(lambda: a.is_free)
    for each in (a, b):
        await each.close()
