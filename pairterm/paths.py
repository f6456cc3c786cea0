"""Where things lie: sockets, state, configuration. Directories are made 0700 and checked to be ours.

Sockets live in `/tmp/pairterm-UID` (`PAIRTERM_TMPDIR` replaces `/tmp`), as tmux
does it, and not in `XDG_RUNTIME_DIR`: that directory is emptied at the last
logout, and a session has to outlive the login that started it.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from pairterm.errors import SystemFault

__all__ = [
    "SYSTEM_LINK_SOCKET",
    "audit_file",
    "check_socket_path",
    "config_file",
    "gateway_audit_file",
    "gateway_socket",
    "made_private",
    "runtime_dir",
    "session_names",
    "session_socket",
    "state_dir",
]

SYSTEM_LINK_SOCKET = Path("/run" if sys.platform == "linux" else "/var/run") / "pairterm" / "link.sock"
"""Where a machine's shared gateway takes sessions; systemd's RuntimeDirectory, which root alone can make."""

_SOCKET_SUFFIX = ".sock"

_MAX_SOCKET_PATH_BYTES = 103
"""`sun_path` holds 104 bytes on macOS and 108 on Linux, the last one zero."""


def runtime_dir() -> Path:
    """Return this user's directory of sockets, made if need be.

    Raises:
        SystemFault: It can't be made, or what stands there is not this user's alone.
    """
    base = Path(os.environ.get("PAIRTERM_TMPDIR") or "/tmp")  # noqa: S108 -- owner and mode are checked below
    path = base / f"pairterm-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise SystemFault(f"can't make {path}: {error.strerror}", code="runtime_dir") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SystemFault(
            f"{path} is not a directory of yours with mode 0700: remove it, or set PAIRTERM_TMPDIR", code="runtime_dir"
        )
    return path


def session_socket(name: str) -> Path:
    """Return where the host of session `name` listens. The name has been checked."""
    return check_socket_path(runtime_dir() / f"{name}{_SOCKET_SUFFIX}")


def session_names() -> list[str]:
    """Return the names that have a socket, sorted; whether a host still listens there is another question."""
    return sorted(
        entry.name.removesuffix(_SOCKET_SUFFIX)
        for entry in runtime_dir().iterdir()
        if entry.name.endswith(_SOCKET_SUFFIX) and not entry.name.startswith(".")
    )


def gateway_socket() -> Path:
    """Return where this user's own gateway takes sessions. Its name begins with a dot, a session's can't."""
    return check_socket_path(runtime_dir() / ".gateway")


def check_socket_path(path: Path) -> Path:
    """Return `path` if a socket's address can hold it.

    Raises:
        SystemFault: It is too long.
    """
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH_BYTES:
        raise SystemFault(f"the socket's path is too long: {path}; set PAIRTERM_TMPDIR", code="socket_path")
    return path


def _user_state_dir() -> Path:
    """Return where this system keeps users' state."""
    if sys.platform == "linux":
        # By hand: the XDG rule is one line, platformdirs half a megabyte in every host.
        return Path(os.environ.get("XDG_STATE_HOME", "").strip() or Path.home() / ".local" / "state") / "pairterm"
    else:  # noqa: RET505 -- mypy takes one platform's branch and calls the rest unreachable
        import platformdirs

        return Path(platformdirs.user_state_dir("pairterm"))


def state_dir() -> Path:
    """Return this user's directory for what outlives a session: the host key, logs. Made if need be.

    Raises:
        SystemFault: It can't be made.
    """
    return made_private(Path(os.environ.get("STATE_DIRECTORY") or _user_state_dir()))


def made_private(path: Path) -> Path:
    """Return a directory, made if need be. It and all that is made above it are the user's alone, whatever the umask.

    `mkdir(parents=True)` gives its mode to the last directory only.

    Raises:
        SystemFault: It can't be made.
    """
    missing = []
    try:
        for each in (path, *path.parents):
            if each.exists():
                break
            missing.append(each)
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)  # Raises where something else stands there.
    except OSError as error:
        raise SystemFault(
            f"can't make {path}: {error.strerror}; set XDG_STATE_HOME to a directory that you may write to",
            code="state_dir",
        ) from error
    return path


def audit_file(name: str) -> Path:
    """Return where the audit of session `name` is written; it need not exist. The name has been checked."""
    return state_dir() / f"audit-{name}.jsonl"


def gateway_audit_file(directory: Path) -> Path:
    """Return where a gateway with this state directory writes its audit; no session's name makes the same."""
    return directory / "gateway-audit.jsonl"


def config_file() -> Path:
    """Return where this user's configuration is looked for; it need not exist."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pairterm" / "config.toml"
