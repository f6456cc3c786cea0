"""How far a login came when it failed, and whose fault that was: a loss is dialled again, a refusal is not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest

from pairterm import __version__
from pairterm.access.host_login import SESSION_KEY_BYTES, host_user
from pairterm.access.verdicts import NO_SESSION
from pairterm.errors import PairtermError, SystemFault, UsageError
from pairterm.outbound.dialling import dial
from pairterm.outbound.ssh_login import ACCEPT_NEW, GatewayLogin, Target
from pairterm.runtime.link_stream import LinkStream

_TIMEOUT_S = 60


class Server(asyncssh.SSHServer):
    """Lets everybody in, and then does what `act` says at this stage."""

    def __init__(self, stage: str, act: Callable[[asyncssh.SSHServerConnection], None]) -> None:
        self._stage = stage
        self._act = act

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.conn = conn

    def at(self, stage: str) -> None:
        if stage == self._stage:
            self._act(self.conn)

    def begin_auth(self, username: str) -> bool:
        self.at("login")
        return False

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        self.at("channel")
        return Session(self)


class Session(asyncssh.SSHServerSession[bytes]):
    def __init__(self, server: Server) -> None:
        self._server = server

    def subsystem_requested(self, subsystem: str) -> bool:
        self._server.at("subsystem")
        return False


def abort(conn: asyncssh.SSHServerConnection) -> None:
    conn.abort()


def disconnect(code: int) -> Callable[[asyncssh.SSHServerConnection], None]:
    def act(conn: asyncssh.SSHServerConnection) -> None:
        conn.send_auth_banner("pairterm: what it says\r\n")
        raise asyncssh.DisconnectError(code, "pairterm: what it says")

    return act


def prohibit(conn: asyncssh.SSHServerConnection) -> None:
    raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "pairterm: what it says")


def nothing(conn: asyncssh.SSHServerConnection) -> None:
    pass


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


async def failure(
    stage: str, act: Callable[[asyncssh.SSHServerConnection], None], *, user: str = "rw-token", software: str = "x"
) -> PairtermError:
    """Return how a login at such a server fails: a guest's, if `user` says nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = await asyncssh.listen(
            sock=sock,
            server_factory=lambda: Server(stage, act),
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            server_version=software,
        )
        port = sock.getsockname()[1]
        login = GatewayLogin(Target(host="127.0.0.1", port=port, user=user, host_key=ACCEPT_NEW))
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await login.open(
                    await dial("127.0.0.1", port, {}), LinkStream(lambda payload: None, lambda error: None)
                )
        except Exception as error:
            found = login.translated(error)
        server.close()
        await server.wait_closed()
    assert isinstance(found, PairtermError)
    assert "pairterm: pairterm" not in found.message
    return found


@pytest.mark.parametrize("stage", ["login", "channel", "subsystem"])
async def test_a_connection_that_breaks_is_a_loss_however_far_it_came(stage: str) -> None:
    """A gateway that was killed between a login and its channel was taken for one that refuses: a guest gave up."""
    found = await failure(stage, abort)
    assert isinstance(found, SystemFault)
    assert found.code == "unreachable"


async def test_a_gateway_that_has_just_started_is_near_and_no_refusal() -> None:
    found = await failure("login", disconnect(asyncssh.DISC_SERVICE_NOT_AVAILABLE))
    assert isinstance(found, SystemFault)
    assert (found.code, "what it says" in found.message) == ("refused", True)


async def test_a_full_gateway_is_no_refusal_either() -> None:
    found = await failure("login", disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS))
    assert isinstance(found, SystemFault)
    assert "what it says" in found.message


@pytest.mark.parametrize(
    ("stage", "act"),
    [
        ("login", disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE)),
        ("channel", prohibit),
        ("subsystem", nothing),
    ],
    ids=["a link that opens nothing", "a session that is gone", "another server"],
)
async def test_a_refusal_is_one(stage: str, act: Callable[[asyncssh.SSHServerConnection], None]) -> None:
    found = await failure(stage, act)
    assert isinstance(found, UsageError)
    assert found.message.isprintable()


async def test_a_gateway_that_does_not_know_a_hosts_login_is_too_old() -> None:
    """It takes the user name for a guest's link. The owner read that there is no such session, which is no help."""

    def refuse(conn: asyncssh.SSHServerConnection) -> None:
        conn.send_auth_banner(f"pairterm: {NO_SESSION}\r\n")
        raise asyncssh.DisconnectError(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, f"pairterm: {NO_SESSION}")

    found = await failure("login", refuse, user=host_user(b"k" * SESSION_KEY_BYTES), software="pairterm_0.0.9")
    assert isinstance(found, SystemFault), "another gateway of the service may be newer: it is dialled again"
    assert "is pairterm 0.0.9, which is too old for this pairterm" in found.message
    assert f"{__version__}: use the same version on both sides" in found.message
    assert NO_SESSION not in found.message
    guest = await failure("login", refuse, software="pairterm_0.0.9")
    assert NO_SESSION in guest.message
