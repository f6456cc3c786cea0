"""At which documents guests look, as the gateway tells their host."""

from __future__ import annotations

import asyncio

from pairterm.access.name_claims import Claim
from pairterm.document.document import DocumentId, DocumentTab, Sharer, SharerId
from pairterm.gateway.hosts.hosted_session import HostedSession
from pairterm.gateway.hosts.watch_gate import WatchGate
from pairterm.link.messages import ViewSettings, WatchDocuments
from pairterm.link.shared_documents import documents_to_wire
from tests.unit.gateway.guests import HostWire

ONE, OTHER = DocumentId(1), DocumentId(2)


def test_new_documents_are_granted_at_a_bounded_rate() -> None:
    gate = WatchGate()
    granted = 0
    for number in range(100):
        gate.wanted = frozenset((DocumentId(number),))
        granted += len(gate.granted(0.0))
    assert granted == 32
    assert gate.is_held
    assert gate.granted(1.0) == gate.wanted
    assert not gate.is_held


def test_a_document_at_which_a_guest_looks_already_is_free() -> None:
    gate = WatchGate()
    for number in range(100):
        gate.wanted = frozenset((ONE, OTHER)) if number % 2 else frozenset((ONE,))
        assert ONE in gate.granted(0.0)
    gate.wanted = frozenset()
    assert not gate.granted(0.0)


async def test_a_guest_who_keeps_changing_their_document_does_not_keep_the_host_busy() -> None:
    """Each change makes the host send a whole text. The last wish is obeyed nevertheless, and others do not wait."""
    session = HostedSession("s", owner=None, roles={}, claim=Claim("ada", b"", 0), fixed_name="")  # type: ignore[arg-type]
    wire = HostWire()
    session.connect(wire, ViewSettings())
    sharer = Sharer(SharerId(1), "ada", "project")
    tabs = [DocumentTab(each, f"{each}.py", "python", sharer.id) for each in (ONE, OTHER)]
    session.take_documents(documents_to_wire([sharer], tabs))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    granted = asyncio.Event()

    def use(documents: frozenset[DocumentId]) -> None:
        if documents == {OTHER}:
            granted.set()

    for number in range(500):
        session.watch(1, [OTHER if number % 2 else ONE], use)
    asked = [each for each in wire.sent if isinstance(each, WatchDocuments) and each.documents]
    assert len(asked) <= 32 + (loop.time() - began_s) + 1
    session.watch(2, [ONE])
    assert wire.sent[-1] == WatchDocuments([ONE])
    granted.clear()
    async with asyncio.timeout(10):
        await granted.wait()
    assert wire.sent[-1] == WatchDocuments([ONE, OTHER])
