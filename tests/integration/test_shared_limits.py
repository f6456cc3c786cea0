"""What gateways count and end together, and what one of them tells its operator about all: over a real bus."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pairterm.access.invitations import SPOKEN_TRIES
from pairterm.access.penalties import GUESSES_AT_ONCE
from pairterm.errors import UsageError
from pairterm.gateway.bus.bus import BusAwayError, Topic
from pairterm.gateway.bus.limit_sharing import LimitSharing
from pairterm.gateway.bus.service_operator import ServiceOperator
from pairterm.gateway.hosts.owners import HostOwner
from pairterm.gateway.operator import Operator
from pairterm.link.messages import AdmissionRules, CodeRevoked, InvitationWire, Register
from tests.integration.two_gateways import OWNER, Gateway, Host, Service, eventually_true, service


class Counting:
    """A gateway of a service, with what it shares."""

    def __init__(self, gateway: Gateway, made: Service) -> None:
        self.gateway = gateway
        self.state = gateway.state
        self.drained = 0
        self.operator = Operator(gateway.state, self._drain, lambda: {"host": "pair.example.org"})
        self.others = ServiceOperator(gateway.bus, self.operator)
        self.limits = LimitSharing(gateway.bus, gateway.state)
        made.tasks.keep("sharing limits", self.limits.run)

    def _drain(self) -> None:
        self.drained += 1

    def tries_left(self) -> int:
        return self.state.access.penalties.tries_left("192.0.2.1", asyncio.get_running_loop().time())


New = Callable[[], Awaitable[Counting]]


@asynccontextmanager
async def counting(path: Path, *, is_trusted: bool = False) -> AsyncIterator[New]:
    async with service(path, is_trusted=is_trusted) as made:

        async def new() -> Counting:
            found = Counting(await made.gateway(), made)
            for each in made.gateways:
                await eventually_true(
                    lambda each=each: len(each.bus.directory.gateways) == len(made.gateways),  # type: ignore[misc]
                    "the gateways do not see each other",
                )
            return found

        yield new


async def test_a_wrong_link_at_one_gateway_takes_a_try_at_each(tmp_path: Path) -> None:
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        now_s = asyncio.get_running_loop().time()
        for _ in range(2 * GUESSES_AT_ONCE):
            here.state.access.penalties.add("192.0.2.1", now_s)
        assert here.tries_left() == 0
        await eventually_true(lambda: there.tries_left() == 0, "the other gateway still takes guesses")
        assert there.state.access.penalties.charged == 0
        assert here.state.access.penalties.tries_left("192.0.2.2", now_s) == GUESSES_AT_ONCE


async def test_wrong_words_at_any_worker_end_a_spoken_code(tmp_path: Path) -> None:
    async with counting(tmp_path, is_trusted=True) as new:
        here, there = await new(), await new()
        host = Host()
        session = host.connect(here.gateway)
        code = InvitationWire(b"c" * 32, "rw", nameplate="7")
        here.state.directory.admit(session, AdmissionRules([code], [], False))
        for _ in range(SPOKEN_TRIES - 1):
            there.state.directory.missed("7")
        await eventually_true(lambda: session.tries["7"] == SPOKEN_TRIES - 1, "the tries elsewhere do not count")
        assert b"c" * 32 in session.links
        there.state.directory.missed("7")
        await eventually_true(lambda: b"c" * 32 not in session.links, "the code still opens the session")
        assert CodeRevoked("7") in host.sent_to_it


async def test_a_gateway_of_another_machine_is_not_believed_that_words_were_wrong(tmp_path: Path) -> None:
    """It could end all codes of the service with one message. Each wrong word is counted where it is tried."""
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        host = Host()
        session = host.connect(here.gateway)
        code = InvitationWire(b"c" * 32, "rw", nameplate="7")
        here.state.directory.admit(session, AdmissionRules([code], [], False))
        for _ in range(2 * SPOKEN_TRIES):
            there.state.directory.missed("7")
        await eventually_true(
            lambda: not any(each.limits._wrong_words for each in there.limits._circles), "the words were not told"
        )
        for _ in range(2 * GUESSES_AT_ONCE):
            there.state.access.penalties.add("192.0.2.1", asyncio.get_running_loop().time())
        await eventually_true(lambda: here.tries_left() == 0, "what was told later never came")
        assert b"c" * 32 in session.links
        assert session.tries["7"] == 0


async def test_a_session_that_was_ended_is_refused_at_every_gateway_and_at_those_that_start_later(
    tmp_path: Path,
) -> None:
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        host = Host()
        host.connect(here.gateway)
        assert await there.others.kick(here.gateway.bus.name, "ours", OWNER.id) == f"ours of {OWNER.id} is out"
        assert not here.state.directory.sessions
        late = await new()
        for each in (here, there, late):
            await eventually_true(lambda each=each: each.state.directory.banned, "it does not know the ban")  # type: ignore[misc]
            with pytest.raises(UsageError, match="has ended this session"):
                host.connect(each.gateway)
        with pytest.raises(UsageError, match="no session 'ours'"):
            await there.others.kick(here.gateway.bus.name, "ours", OWNER.id)


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_an_owners_sessions_count_in_the_whole_service_and_totals_on_one_machine(
    tmp_path: Path, is_trusted: bool
) -> None:
    async with counting(tmp_path, is_trusted=is_trusted) as new:
        here, there = await new(), await new()
        host = Host()
        session = host.connect(here.gateway)
        elsewhere = there.state.directory
        await eventually_true(lambda: elsewhere.of_owner_elsewhere(OWNER.id) == 1, "the session does not count there")
        assert elsewhere.elsewhere() == (1 if is_trusted else 0)
        full = Register("more", b"x" * 32, b"y" * 32)
        with pytest.raises(UsageError, match="its operator allows you no more"):
            elsewhere.register(full, owner_of_one_session(), now_ms=1)
        here.state.directory.remove(session)
        await eventually_true(lambda: elsewhere.of_owner_elsewhere(OWNER.id) == 0, "it counts although it is gone")
        elsewhere.register(full, owner_of_one_session(), now_ms=1)


def owner_of_one_session() -> HostOwner:
    return dataclasses.replace(OWNER, max_sessions=1)


async def test_counts_of_a_gateway_that_is_gone_are_forgotten(tmp_path: Path) -> None:
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        Host().connect(here.gateway)
        await eventually_true(lambda: there.state.directory.of_owner_elsewhere(OWNER.id) == 1, "it does not count")
        await here.gateway.bus.close()
        await eventually_true(lambda: there.state.directory.of_owner_elsewhere(OWNER.id) == 0, "it still counts")


async def test_the_operator_sees_all_gateways_from_any(tmp_path: Path) -> None:
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        for number in range(3):
            host = Host()
            session = host.connect(here.gateway)
            assert (await there.others.statuses())[0]["sessions"][0]["session"] == "ours"
            assert len(here.state.directory.sessions) == number + 1
            session.on_event = lambda event, fields: None
        await eventually_true(lambda: there.gateway.bus.directory.sessions_elsewhere == 3, "they are not announced")
        (status,) = await there.others.statuses()
        assert status["gateway"] == here.gateway.bus.name
        assert [each["owner"] for each in status["sessions"]] == [OWNER.id] * 3
        assert there.others.state() == {
            "gateway": there.gateway.bus.name,
            "is_connected": True,
            "problem": "",
            "gateways": 2,
            "sessions_elsewhere": 3,
        }
        assert here.operator.status()["cluster"]["sessions_elsewhere"] == 0


async def test_all_workers_drain_together_and_are_one_gateway_for_the_operator(tmp_path: Path) -> None:
    async with counting(tmp_path, is_trusted=True) as new:
        workers = [await new() for _ in range(3)]
        Host().connect(workers[1].gateway)
        found = await workers[0].operator.status_of_all_workers()
        assert [each["session"] for each in found["sessions"]] == ["ours"]
        assert sorted(each["sessions"] for each in found["workers"]) == [0, 0, 1]
        await workers[0].others.drain()
        assert [each.drained for each in workers] == [0, 1, 1]


async def test_gateways_of_other_machines_do_not_drain_each_other(tmp_path: Path) -> None:
    async with counting(tmp_path) as new:
        here, there = await new(), await new()
        assert not here.others.has_workers
        await here.others.drain()
        with pytest.raises(BusAwayError):
            await here.gateway.bus.ask(there.gateway.bus.name, Topic.DRAIN, b"", timeout_s=30)
        assert there.drained == 0
