"""The paths of sockets, state and configuration. Directories get mode 0700, and their owner is checked.

Sockets are in `/tmp/pairterm-UID` (`PAIRTERM_TMPDIR` replaces `/tmp`), as in tmux. They are not
in `XDG_RUNTIME_DIR`: that directory is removed at the user's last logout, and a session has to
outlive the login that started it.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from pairterm.errors import SystemFault

__all__ = [
    "OPERATOR_SUFFIX",
    "SYSTEM_LINK_SOCKET",
    "SYSTEM_STATE",
    "audit_file",
    "check_socket_path",
    "config_file",
    "fork_server_socket",
    "gateway_audit_file",
    "gateway_socket",
    "made_private",
    "operator_socket",
    "recordings_dir",
    "runtime_dir",
    "session_names",
    "session_socket",
    "state_dir",
]

SYSTEM_LINK_SOCKET = Path("/run" if sys.platform == "linux" else "/var/run") / "pairterm" / "link.sock"
"""The link socket of a machine's shared gateway, which systemd makes. Only root can make its directory."""

OPERATOR_SUFFIX = ".op"
"""The end of the name of a gateway's socket for its operator, which stands beside the link socket."""

SYSTEM_STATE = Path("/var/lib/pairterm")
"""The state directory of a machine's shared gateway, systemd's StateDirectory."""

_SOCKET_SUFFIX = ".sock"

_MAX_SOCKET_PATH_BYTES = 103
"""`sun_path` holds 104 bytes on macOS and 108 on Linux, the last one zero."""


def runtime_dir() -> Path:
    """Return this user's directory of sockets. It is made if it does not exist.

    Raises:
        SystemFault: It can't be made, or others than this user have access to it.
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
    """Return the socket of session `name`. The caller has checked the name."""
    return check_socket_path(runtime_dir() / f"{name}{_SOCKET_SUFFIX}")


def session_names() -> list[str]:
    """Return the names of all sessions that have a socket, sorted. Some may have no host any more."""
    return sorted(
        entry.name.removesuffix(_SOCKET_SUFFIX)
        for entry in runtime_dir().iterdir()
        if entry.name.endswith(_SOCKET_SUFFIX) and not entry.name.startswith(".")
    )


def gateway_socket() -> Path:
    """Return the link socket of this user's own gateway. Its name starts with a dot, and no session's name does."""
    return check_socket_path(runtime_dir() / ".gateway")


def fork_server_socket() -> Path:
    """Return the socket of this user's fork server, which starts hosts: see docs/decisions/0016."""
    return check_socket_path(runtime_dir() / ".forks")


def operator_socket(link_socket: Path) -> Path:
    """Return the path of the operator's socket, for the gateway with this link socket."""
    return check_socket_path(link_socket.with_name(f"{link_socket.name}{OPERATOR_SUFFIX}"))


def check_socket_path(path: Path) -> Path:
    """Return `path`, if it is short enough for the address of a socket.

    Raises:
        SystemFault: It is too long.
    """
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH_BYTES:
        raise SystemFault(f"the socket's path is too long: {path}; set PAIRTERM_TMPDIR", code="socket_path")
    return path


def _user_state_dir() -> Path:
    """Return the directory for a user's state on this system."""
    if sys.platform == "linux":
        # Not by platformdirs: the XDG rule is one line, and the module takes half a megabyte in every host.
        return Path(os.environ.get("XDG_STATE_HOME", "").strip() or Path.home() / ".local" / "state") / "pairterm"
    else:  # noqa: RET505 -- mypy takes one platform's branch and calls the rest unreachable
        import platformdirs

        return Path(platformdirs.user_state_dir("pairterm"))


def state_dir() -> Path:
    """Return this user's directory for the host key and logs. It is made if it does not exist.

    Raises:
        SystemFault: It can't be made.
    """
    return made_private(Path(os.environ.get("STATE_DIRECTORY") or _user_state_dir()))


def made_private(path: Path) -> Path:
    """Return a directory. It is made if it does not exist, with its parents, all with mode 0700 whatever the umask is.

    `mkdir(parents=True)` would give the mode to the last directory only.

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
        path.mkdir(mode=0o700, exist_ok=True)  # It raises if the path is not a directory.
    except OSError as error:
        raise SystemFault(
            f"can't make {path}: {error.strerror}; set XDG_STATE_HOME to a directory that you may write to",
            code="state_dir",
        ) from error
    return path


def audit_file(name: str) -> Path:
    """Return the audit log of session `name`. It may not exist. The caller has checked the name."""
    return state_dir() / f"audit-{name}.jsonl"


def recordings_dir() -> Path:
    """Return the directory of this user's recordings. It is made if it does not exist.

    Raises:
        SystemFault: It can't be made.
    """
    return made_private(state_dir() / "recordings")


def gateway_audit_file(directory: Path) -> Path:
    """Return the audit log of a gateway with this state directory. No session's audit log has the same name."""
    return directory / "gateway-audit.jsonl"


def config_file() -> Path:
    """Return this user's configuration file. It may not exist."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pairterm" / "config.toml"
