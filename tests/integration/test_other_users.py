"""Another user of the machine, should directories and modes ever let it come near: the kernel says who it is (T21)."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairterm import __version__
from pairterm.link.codec import encode
from pairterm.link.framing import framed
from pairterm.link.messages import PROTOCOL, Hello, Query
from tests.e2e.terminal import DEADLINE_S
from tests.e2e.world import World

NOBODY = 65534

ASK = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.settimeout(60)
line.connect(sys.argv[1])
try:
    line.sendall(bytes.fromhex(sys.argv[2]))
    line.shutdown(socket.SHUT_WR)
    while data := line.recv(65536):
        sys.stdout.buffer.write(data)
except (BrokenPipeError, ConnectionResetError):
    pass
"""

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="takes root to be somebody else")


def ask(path: Path, data: bytes, uid: int) -> bytes:
    """Connect as a user, send, and return what is answered."""
    argv = ["/usr/bin/env", "python3", "-I", "-c", ASK, str(path), data.hex()]
    return subprocess.run(
        argv, user=uid, env={"PATH": "/usr/bin:/bin"}, cwd="/", capture_output=True, check=True, timeout=DEADLINE_S
    ).stdout


@contextlib.contextmanager
def everybody_near(world: World, path: Path) -> Iterator[None]:
    """Take away what keeps others off a socket: its mode, and those of the directories above."""
    world.root.chmod(0o711)
    path.parent.chmod(0o711)
    path.chmod(0o666)
    try:
        yield
    finally:
        path.parent.chmod(0o700)


def test_a_session_answers_its_owner_alone(world: World) -> None:
    world.new("ours", "cat")
    path = world.runtime / "ours.sock"
    question = framed(encode(Hello(PROTOCOL, __version__, "client"))) + framed(encode(Query()))
    with everybody_near(world, path):
        assert b"ours" in ask(path, question, os.getuid())
        assert ask(path, question, NOBODY) == b""


def test_a_gateway_obeys_its_operator_alone(world: World) -> None:
    world.serve()
    world.new("ours", "cat")
    path = world.root / "gateway.sock.op"
    with everybody_near(world, path):
        assert b"ours" in ask(path, b'{"do": "status"}\n', os.getuid())
        for question in ("status", "audit", "drain"):
            answer = ask(path, f'{{"do": "{question}"}}\n'.encode(), NOBODY)
            assert b"only the gateway's own user and root" in answer
            assert b"ours" not in answer
    assert world.session("ours")["gateway"] == "connected"
