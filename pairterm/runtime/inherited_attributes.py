"""The attributes that a process inherits besides its environment, directory and descriptors: limits, groups, cgroup.

A host that the fork server forks inherits all this from the server, and not from the `pairterm new` that asked for
it (see docs/decisions/0016). So the server forks only for a process with its own attributes, compared as text.
Linux only: the text comes from /proc.
"""

from __future__ import annotations

import contextlib
import os
import sys

from pairterm import __version__

__all__ = ["inherited_attributes", "read_at_start"]

_STATUS = (
    "CapAmb", "CapBnd", "CapEff", "CapInh", "CapPrm", "Cpus_allowed", "Gid", "Groups", "Mems_allowed", "NoNewPrivs",
    "Seccomp", "Seccomp_filters", "SigBlk", "SigIgn", "Uid", "Umask",
)  # fmt: skip
"""Lines of /proc/self/status (proc(5))."""

_FILES = (
    "attr/current", "cgroup", "coredump_filter", "limits", "loginuid", "oom_score_adj", "personality", "sessionid",
    "timerslack_ns",
)  # fmt: skip
"""Files below /proc/self. A kernel may lack some."""

_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")

_VARIABLES = ("GLIBC_TUNABLES", "LANG", "LANGUAGE", "TZ")
_PREFIXES = ("LC_", "LD_", "MALLOC_", "PYTHON")
"""Environment variables that Python and the C library read when a process starts."""


def inherited_attributes() -> str:
    """Return the attributes of this process as text, a line for each; "" where the system does not tell them."""
    if sys.platform != "linux":
        return ""
    found = {
        "version": __version__,
        "python": f"{sys.executable} {sys.version}",
        "nice": str(os.getpriority(os.PRIO_PROCESS, 0)),
        "scheduler": str(os.sched_getscheduler(0)),
        "root": _link("root"),
    }
    status = (line.partition(":") for line in _text("status").splitlines())
    found |= {name: value.strip() for name, _, value in status if name in _STATUS}
    found |= {name: _text(name) for name in _FILES}
    found |= {name: _link(f"ns/{name}") for name in _NAMESPACES}
    found |= read_at_start()
    return "\n".join(f"{name}={found[name]}" for name in sorted(found))


def read_at_start() -> dict[str, str]:
    """Return the part of the environment that Python and the C library read when a process starts."""
    return {name: value for name, value in os.environ.items() if name in _VARIABLES or name.startswith(_PREFIXES)}


def _text(name: str) -> str:
    with contextlib.suppress(OSError), open(f"/proc/self/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()
    return ""


def _link(name: str) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/self/{name}")
    return ""
