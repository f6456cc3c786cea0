"""What the gateway takes from systemd and tells it, with real sockets and descriptors."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pairterm.gateway.ssh.host_key import host_key
from pairterm.gateway.systemd import credential, notify, passed_sockets, watchdog_pause_s

TAKE = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid() + int(sys.argv[1]))
from pairterm.errors import SystemFault
from pairterm.gateway.systemd import passed_sockets
try:
    found = passed_sockets()
except SystemFault as error:
    sys.exit(error.message)
guests = [each.getsockname()[:2] for each in found.guests]
inherited = [os.get_inheritable(each.fileno()) for each in found.guests]
assert found.operator is None or found.operator.getsockname().endswith(".op")
print(guests, found.link_path, inherited, [key for key in os.environ if key.startswith("LISTEN")])
print(passed_sockets().guests)
"""


def take(*sockets: socket.socket, says: int | None = None, pid_off: int = 0) -> subprocess.CompletedProcess[str]:
    """Pass sockets to a process as systemd does: from descriptor 3 on. `says` is the number that it is told."""
    fds = [each.fileno() for each in sockets]

    def place() -> None:
        kept = [os.dup(fd) for fd in fds]  # Above all that the next lines overwrite.
        high = [os.dup2(fd, 100 + at) for at, fd in enumerate(kept)]
        for at, fd in enumerate(high):
            os.dup2(fd, 3 + at)

    return subprocess.run(
        [sys.executable, "-c", TAKE, str(pid_off)],
        env=os.environ | {"LISTEN_FDS": str(len(sockets) if says is None else says), "LISTEN_FDNAMES": "a:b"},
        close_fds=False,
        preexec_fn=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_passed_sockets_are_told_apart_and_taken_once(tmp_path: Path, listener: socket.socket) -> None:
    with listener, socket.socket(socket.AF_UNIX) as link, socket.socket(socket.AF_UNIX) as operator:
        for sock, name in ((link, "link.sock"), (operator, "link.sock.op")):
            sock.bind(str(tmp_path / name))
            sock.listen()
        done = take(operator, listener, link)
        port = listener.getsockname()[1]
    assert done.stdout.splitlines() == [f"[('127.0.0.1', {port})] {tmp_path / 'link.sock'} [False] []", "[]"], done


def test_sockets_for_another_process_are_left_alone(listener: socket.socket) -> None:
    with listener:
        assert take(listener, pid_off=1).stdout.splitlines() == ["[] None [] []", "[]"]


@pytest.mark.parametrize("says", [0, -1])
def test_no_sockets(says: int, listener: socket.socket) -> None:
    with listener:
        assert take(listener, says=says).stdout.startswith("[] None")


def test_a_descriptor_that_is_no_listening_socket_is_an_error(tmp_path: Path, listener: socket.socket) -> None:
    with listener, socket.socket() as idle:
        assert "descriptor 4 of systemd is no listening stream socket" in take(listener, idle).stderr
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        assert "descriptor 3 of systemd" in take(datagrams).stderr
    with (tmp_path / "file").open("w") as file:
        assert "no socket as descriptor 3" in take(file).stderr  # type: ignore[arg-type]  # it has a descriptor too


@pytest.mark.parametrize("end", ["", ".op"])
def test_two_sockets_for_one_purpose_are_an_error(end: str, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as two:
        for sock, name in ((one, "1"), (two, "2")):
            sock.bind(str(tmp_path / f"{name}{end}"))
            sock.listen()
        assert "too many Unix sockets" in take(one, two).stderr


def test_this_process_was_passed_none() -> None:
    assert passed_sockets().link_path is None


@pytest.mark.parametrize(
    ("usec", "pid", "pause_s"),
    [("30000000", "", 15.0), ("", "", 0.0), ("nonsense", "", 0.0), ("-5", "", 0.0), ("30000000", "1", 0.0)],
)
def test_the_watchdog_is_fed_twice_as_often_as_it_wants(
    usec: str, pid: str, pause_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid or str(os.getpid()))
    assert watchdog_pause_s() == pause_s


@pytest.mark.parametrize("is_abstract", [False, True])
def test_a_state_is_one_datagram(is_abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"\0pairterm-test-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        notify("READY=1")
        assert systemd.recv(100) == b"READY=1"


def test_a_systemd_that_does_not_read_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its queue was full, and the event loop waited in `sendto`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        for _ in range(2000):  # The longest queue of Unix datagrams that is common has 512.
            notify("WATCHDOG=1")


def test_nobody_who_hears_it_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    for each in (str(tmp_path / "nobody"), "vsock:2:1"):
        monkeypatch.setenv("NOTIFY_SOCKET", each)
        notify("READY=1")


def test_a_host_key_that_systemd_passes_is_used_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    passed = tmp_path / "passed"
    for each in (made, passed):
        each.mkdir()
    key = host_key(made)
    path = passed / "pairterm.ssh_host_ed25519_key"
    path.write_bytes((made / "ssh_host_ed25519_key").read_bytes())
    path.chmod(0o440)  # systemd's ACL for the service's user shows like this.
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(passed))
    state = tmp_path / "state"
    state.mkdir()
    assert host_key(state).get_fingerprint() == key.get_fingerprint()
    assert not list(state.iterdir())
    assert credential("another") is None
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "")
    assert host_key(state).get_fingerprint() != key.get_fingerprint()
