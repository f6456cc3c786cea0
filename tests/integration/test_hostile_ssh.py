"""A hostile SSH client: asks for all that SSH has, in every order, and gets one terminal at the most.

asyncssh is the client here because it sends what OpenSSH would not. Each test looks
at the refusal, and then that session, gateway and other guests are as before.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.e2e.recorder import RECORDER
from tests.e2e.terminal import DEADLINE_S, eventually
from tests.e2e.world import Link, Links, World
from tests.length import by_day

NOISE = random.Random(7).randbytes(by_day(1 << 18, at_night=1 << 20))


@asynccontextmanager
async def connected(link: Link, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Open a connection with nobody's keys, agent or configuration."""
    connection = await asyncssh.connect(
        "127.0.0.1", link.port, username=link.user, known_hosts=None, client_keys=None, agent_path=None, config=None,
        **options,
    )  # fmt: skip
    async with connection:
        yield connection


async def opened(connection: asyncssh.SSHClientConnection, **options: Any) -> asyncssh.SSHClientProcess[bytes]:
    """Open a terminal on the connection."""
    return await connection.create_process(term_type="xterm", term_size=(80, 24), encoding=None, **options)


async def shows(process: asyncssh.SSHClientProcess[bytes], text: bytes) -> bytes:
    """Read until `text` has been shown; return all that was."""
    shown = b""
    async with asyncio.timeout(DEADLINE_S):
        while text not in shown:
            piece = await process.stdout.read(65536)
            assert piece, shown
            shown += piece
    return shown


@pytest.fixture
def recorded(town: World) -> Any:
    """A session that records what reaches it, and the check that nothing did but what its owner typed."""
    path = town.root / "record"
    path.unlink(missing_ok=True)
    links = town.new("recorded", sys.executable, str(RECORDER), str(path))
    yield links, path
    owner = town.attach("recorded")
    owner.sees("recording")
    owner.type("!")
    owner.sees("mark 1")
    assert path.read_bytes() == b"!"
    town.run("kill", "-t", "recorded")


TOUCHED = f"/tmp/pt-touched-{os.getpid()}"
"""A file that a command would make, if it were run."""


def is_there(path: str) -> bool:
    return os.path.lexists(path)


Recorded = tuple[Links, Path]


@pytest.mark.slow
@pytest.mark.long
async def test_noise_in_one_connection_types_nothing(recorded: Recorded) -> None:
    """A quarter of a megabyte, and all of it at night.

    It has all the bytes but those that leave: what they begin on the watcher's own screen is its own affair.
    """
    links, _ = recorded
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
        noise = NOISE.translate(None, b"qd\x03\x04")
        reading = asyncio.create_task(_read_on(process))
        process.channel.set_write_buffer_limits(0)  # drain means: all of it is on its way
        for start in range(0, len(noise), 16384):
            process.stdin.write(noise[start : start + 16384])
            await asyncio.wait_for(process.stdin.drain(), DEADLINE_S)
        # This is answered after all that was sent before it.
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()
        assert not process.channel.is_closing(), "it left: nothing in this noise says so"
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read_on(process: asyncssh.SSHClientProcess[bytes]) -> None:
    while await process.stdout.read(65536):
        pass


async def test_break_signals_and_end_of_file_of_a_watcher_do_nothing(recorded: Recorded) -> None:
    links, _ = recorded
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
        for name in ("INT", "HUP", "QUIT", "TERM", "KILL", "USR1", "TSTP"):
            process.channel.send_signal(name)
        process.channel.send_break(500)
        process.channel.write_eof()
        process.change_terminal_size(1, 1)
        process.change_terminal_size(2**32 - 1, 2**32 - 1)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()


async def test_break_signals_and_end_of_file_of_a_guest_do_nothing_either(recorded: Recorded) -> None:
    links, _ = recorded
    async with connected(links.rw) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
        for name in ("INT", "HUP", "QUIT", "TERM", "KILL", "USR1"):
            process.channel.send_signal(name)
        process.channel.send_break(500)
        process.channel.write_eof()
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process()


async def test_extended_data_of_a_watcher_types_nothing(recorded: Recorded) -> None:
    links, _ = recorded
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
        channel = process.channel
        channel.send_packet(95, asyncssh.packet.UInt32(1), asyncssh.packet.String(b"typed by the error stream"))
        # The standard has no extended data from a client to a server: ours may end this connection, no other.
        with pytest.raises((asyncssh.ChannelOpenError, asyncssh.DisconnectError, OSError)):
            await connection.create_process()


@pytest.mark.parametrize("role", ["rw", "ro"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: connection.create_process(f"id; touch {TOUCHED}", term_type="xterm"),
        lambda connection: connection.create_process(subsystem="sftp"),
        lambda connection: connection.create_process(subsystem="pairterm-host"),
    ],
    ids=["exec", "sftp", "subsystem"],
)
async def test_no_command_and_no_subsystem(recorded: Recorded, role: str, ask: Callable[..., Any]) -> None:
    links, _ = recorded
    async with connected(getattr(links, role)) as connection:
        done = await (await ask(connection)).wait(timeout=DEADLINE_S)
    assert done.exit_status == 2
    assert done.stderr.startswith("pairterm: ")
    assert not is_there(TOUCHED)


@pytest.mark.parametrize("role", ["rw", "ro"])
async def test_no_forwarding_of_any_kind(recorded: Recorded, role: str, tmp_path: Path) -> None:
    links, _ = recorded
    async with connected(getattr(links, role)) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_unix_connection("/run/pairterm/link.sock")
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("", 0, "127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_path(str(tmp_path / "socket"), str(tmp_path / "other"))
        process = await opened(connection)
        await shows(process, b"recording")


@pytest.mark.parametrize("role", ["rw", "ro"])
async def test_no_agent_and_no_x11(recorded: Recorded, role: str) -> None:
    links, _ = recorded
    async with connected(getattr(links, role), agent_forwarding=True) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
    async with connected(getattr(links, role)) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await opened(connection, x11_forwarding=True, x11_display="localhost:10", x11_auth_path="/dev/null")


async def test_the_programs_environment_takes_nothing_from_a_guest(town: World) -> None:
    links = town.new("env", "sh", "-c", "read -r line; env; exec cat")
    sent = {"LD_PRELOAD": "/tmp/evil.so", "PAIRTERM": "forged", "BASH_ENV": "/tmp/evil", "LANG": "C.UTF-8"}
    sent |= {f"FLOOD_{number}": "x" * 1000 for number in range(200)}
    async with connected(links.rw) as connection:
        process = await opened(connection, env=sent)
        process.stdin.write(b"\r")
        shown = await shows(process, b"COLORTERM=truecolor")
        for name in ("LD_PRELOAD", "BASH_ENV", "forged", "FLOOD_"):
            assert name.encode() not in shown
    town.run("kill", "-t", "env")


async def test_one_terminal_a_connection(recorded: Recorded) -> None:
    links, _ = recorded
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"recording")
        for _ in range(50):
            with pytest.raises(asyncssh.ChannelOpenError, match="one terminal a connection"):
                await opened(connection)
        process.change_terminal_size(40, 10)
        assert await process.stdout.read(65536), "the first one is alive"


async def test_one_try_a_connection(town: World) -> None:
    """begin_auth is called anew for each user name in one connection: 5,000 guesses took 5 seconds."""
    links = town.new("tries", "cat")
    nobody = Link("", "rw-" + "a" * 32, "localhost", links.rw.port)
    with pytest.raises(asyncssh.Error, match="no such session"):
        async with connected(nobody):
            pass
    town.run("kill", "-t", "tries")


async def test_a_guest_that_does_not_read_stalls_nobody(town: World) -> None:
    links = town.new("stalled")
    async with connected(links.ro) as connection:
        process = await opened(connection)
        await shows(process, b"here$")
        process.channel.pause_reading()
        guest = town.ssh(links.rw)
        guest.sees("here$")
        guest.enter("seq 1 100000")
        guest.wait(lambda screen: "\n100000\nhere$" in screen, "through the flood")
        process.channel.resume_reading()
        shown = await shows(process, b"100000")
        assert len(shown) < 3_000_000, "all of the flood was kept for it"
    town.run("kill", "-t", "stalled")


async def test_a_guest_is_known_to_the_host_until_its_connection_breaks(town: World) -> None:
    links = town.new("broken", "cat")
    async with connected(links.rw) as connection:
        process = await opened(connection)
        await shows(process, b"\x1b[")
        assert [each["role"] for each in town.session("broken")["clients"]] == ["rw"]
        connection.abort()
    eventually(lambda: not town.session("broken")["clients"], "the host still lists it")
    town.run("kill", "-t", "broken")
