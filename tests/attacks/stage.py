"""What is attacked: a gateway and two sessions of a checkout, the honest guest's and the attacker's.

An older checkout is run by this one's tests: a directory with two symbolic links, to
its `pairterm` and to our `tests`, stands before all else on the path. Attackers run in
a process of their own, with the same path and a low priority: they would come from
other machines, and must not take the processor from those who are measured.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

import tests
from tests.attacks.registry import Aims, Attack, Counts
from tests.bench.peers.account import cpu_s, pss_bytes
from tests.bench.peers.client import Door
from tests.e2e.world import World, open_world

__all__ = ["Stage", "open_stage"]

_GATEWAY_CONFIG = """\
[hosts]
allow = "anyone"
"""

_HISTORY = "seq 3000; exec sh"
"""What the attacker's session runs: there are lines to scroll back to and to search."""

_GRACE_S = 90
"""How much longer than its bounds an attacker may take before it is ended."""


class Stage:
    """A gateway with its sessions."""

    def __init__(self, world: World, checkout: Path) -> None:
        self._world = world
        tree = world.root / "tree"
        tree.mkdir()
        (tree / "pairterm").symlink_to(checkout / "pairterm")
        (tree / "tests").symlink_to(Path(tests.__file__).resolve().parent)
        world.environment["PYTHONPATH"] = str(tree)
        config = world.root / "gateway.toml"
        config.write_text(_GATEWAY_CONFIG)
        self._gateway, _ = world.serve("--config", str(config))
        honest = world.new("honest", "cat")
        wild = world.new("wild", "sh", "-c", _HISTORY)
        self.door = Door(honest.rw.port, honest.rw.user)
        """The honest guest's."""
        self.aims = Aims(wild.rw.port, wild.rw.user, wild.ro.user, str(world.root / "gateway.sock"))
        self._hosts = {
            name: next(
                each.pid for each in world.processes() if each.runs("pairterm.host") and self._is_of(each.pid, name)
            )
            for name in ("wild",)
        }

    def _is_of(self, pid: int, name: str) -> bool:
        return pid == int(self._world.session(name)["pid"])

    def gateway_cpu_s(self) -> float:
        """Return what the gateway has used."""
        return cpu_s([self._gateway.pid])

    def gateway_bytes(self) -> int:
        """Return the gateway's memory."""
        return pss_bytes([self._gateway.pid])

    def host_bytes(self) -> int:
        """Return the memory of the attacked session's host."""
        return pss_bytes(self._hosts.values())

    def begin(self, attack: Attack, *, seconds: float, count: int) -> subprocess.Popen[bytes]:
        """Start an attack in a process of its own; `finish` ends it."""
        attacker = self._world.start(
            sys.executable, "-m", "tests.attacks", "--attacker", attack.name, "--seconds", str(seconds),
            "--count", str(count), stdin=subprocess.PIPE,
        )  # fmt: skip
        assert attacker.stdin is not None
        attacker.stdin.write(msgspec.json.encode(self.aims))
        attacker.stdin.close()
        attacker.stdin = None
        return attacker

    def finish(self, attacker: subprocess.Popen[bytes], *, seconds: float) -> Counts | None:
        """Wait until an attack is over; return what it counted, or None if the gateway reads it too slowly to end.

        Raises:
            RuntimeError: It failed by itself.
        """
        try:
            out, err = attacker.communicate(timeout=seconds + _GRACE_S)
        except subprocess.TimeoutExpired:
            attacker.kill()
            attacker.communicate()
            return None
        if attacker.returncode:
            raise RuntimeError(f"the attack failed:\n{err.decode(errors='replace')}")
        return msgspec.json.decode(out, type=Counts)


@contextlib.contextmanager
def open_stage(checkout: Path) -> Iterator[Stage]:
    """Start a gateway of a checkout with its sessions, and end them."""
    with open_world() as world:
        yield Stage(world, checkout)
