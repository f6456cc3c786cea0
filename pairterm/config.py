"""The configuration files, as dataclasses: one for the person who shares, one for a gateway.

A file is TOML. An unknown key is an error that names the nearest right one; a
value of the wrong type is an error that says which is right. The reference in
the documentation is written from the fields' metadata.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args, get_type_hints

import msgspec

from pairterm.errors import UsageError
from pairterm.paths import config_file
from pairterm.text import is_host
from pairterm.types import MAX_PORT, whole_number

__all__ = [
    "DEFAULT_PORT",
    "AuditConfig",
    "GatewayConfig",
    "HostsConfig",
    "UserConfig",
    "load",
    "parse_address",
    "user_config",
]

DEFAULT_PORT = 2222
"""The usual port of an SSH server that is not the machine's sshd; needs no root."""

_T = TypeVar("_T")

_Places: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
"""How many of something a gateway takes: none is a mistake, and no machine has room for more."""


def _key(default: Any, doc: str) -> Any:
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata={"doc": doc})
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class UserConfig:
    """What the person who shares may set, in `~/.config/pairterm/config.toml`."""

    gateway: str = _key(
        "",
        "Which gateway to share through: HOST or HOST:PORT of one on another machine (port 2222 without), the path of "
        'a gateway\'s link socket, or "own" for one of your own on loopback. "": the machine\'s shared gateway if one '
        'runs, else "own".',
    )
    host_key: str = _key(
        "", 'The fingerprint, SHA256:…, that the gateway\'s host key has. "": the first use asks, and it is remembered.'
    )
    identity: str = _key(
        "",
        'The key file to log in to the gateway with. "": the agent\'s keys, the usual ones in ~/.ssh, one of pairterm.',
    )
    proxy_command: str = _key(
        "",
        "A command whose standard input and output are the connection to the gateway, as ssh's ProxyCommand; %h and "
        "%p are its host and port.",
    )
    prefix: str = _key("C-b", "The prefix key, in tmux's notation.")
    bindings: dict[str, str] = _key(
        {},
        'Keys after the prefix and what they do, as tmux names them, for example { "D" = "detach-client" }. They add '
        "to the usual ones.",
    )
    status: bool = _key(True, "Show the status line in the last row of every client.")
    mouse: bool = _key(
        False,
        "Let the wheel scroll the history while the program does not want the mouse. Selecting text in your terminal "
        "takes Shift then.",
    )
    centred: bool = _key(
        False, "Show a session that is smaller than a client's terminal in the middle of it, not top left."
    )
    size_policy: str = _key(
        "smallest", "Whose terminal gives a new session its size: smallest, largest, latest, owner, or fixed COLSxROWS."
    )
    size_floor: str = _key("40x10", "No client shrinks the session below this; a smaller one gets a viewport.")
    term: str = _key(
        "", 'TERM inside a session. "": the first of tmux-256color, screen-256color, xterm-256color that exists.'
    )
    history_lines: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = _key(
        10_000, "Lines of scrollback a session keeps."
    )
    listen: list[str] = _key(
        [],
        'Where your own gateway listens besides loopback, for example ["0.0.0.0:2222"]. It shows your sessions to '
        "whoever reaches that address and has a link.",
    )
    advertise: str = _key(
        "", "The host, or host:port, that your own gateway's links name. \"\": localhost, or the machine's name."
    )
    port: Annotated[int, msgspec.Meta(ge=1, le=MAX_PORT)] = _key(
        DEFAULT_PORT, "Your own gateway's port on loopback; where it is taken, the next free one."
    )
    webhook_url: str = _key(
        "",
        "An http or https URL that is told of each session: session_register, session_join, session_left, "
        "session_disconnect, session_close, in tmate's form. The first holds the links.",
    )
    webhook_userdata: str = _key("", "Stands in every event, for the receiver.")
    webhook_secret: str = _key("", 'The key of the header X-Pairterm-Signature, an HMAC of the body. "": no header.')
    hooks: dict[str, str] = _key(
        {},
        "What to do when something happens, by event: a command, or an http(s) address that is sent the event as "
        'JSON. For example { join = "notify-send pairterm", any = "https://example.org/hook" }. The events are those '
        "of `pairterm audit`.",
    )
    key_sources: dict[str, str] = _key(
        {},
        "Where `--github-user` and the like find keys, instead of the usual place, for example "
        '{ gitlab = "https://git.example.org/{}.keys" }.',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsConfig:
    """Who may share through a gateway, in the table `[hosts]` of its file."""

    allow: Literal["keys", "anyone", "none"] = _key(
        "keys",
        'Who may share from other machines, over SSH: "keys" takes those of the file `authorized_hosts`, "anyone" '
        'every key, "none" nobody.',
    )
    authorized_hosts: str = _key(
        "",
        "The file of keys, in the form of authorized_keys with the options name-prefix=, max-sessions= and "
        'expiry-time=; cert-authority lines work. "": authorized_hosts in the state directory.',
    )
    group: str = _key("", 'The Unix group whose members may share from this machine. "": every user may.')
    grace_s: Annotated[int, msgspec.Meta(ge=0, le=7 * 86_400)] = _key(
        600, "Seconds that a host on another machine may be away before its links end."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """What a gateway writes down of what happened, in the table `[audit]` of its file."""

    enabled: bool = _key(True, "Write down who came, who was refused and why, which sessions came and went.")
    file: str = _key("", 'Where. "": gateway-audit.jsonl in the state directory.')
    max_bytes: Annotated[int, msgspec.Meta(ge=4096, le=1 << 40)] = _key(
        4 << 20, "How long the file may get before it is set aside; one older file is kept."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """What the operator of `pairterm serve` may set."""

    listen: list[str] = _key(
        ["0.0.0.0:2222", "[::]:2222"], "Addresses and ports to take guests on. Port 0 takes a free one."
    )
    advertise: str = _key(
        "", 'The host, or host:port, that links name. "": the machine\'s name and the first port listened on.'
    )
    link_socket: str = _key(
        "",
        "The Unix socket by which the machine's users share their sessions. \"\": link.sock in systemd's runtime "
        "directory, else /run/pairterm/link.sock for root, else one of the user's own.",
    )
    state_directory: str = _key(
        "", 'Where the host key is kept. "": systemd\'s state directory, else ~/.local/state/pairterm.'
    )
    proxy_protocol_from: list[str] = _key(
        [],
        "Load balancers that pass connections on with a PROXY header (version 1 or 2), as addresses and networks, for "
        'example ["192.0.2.1", "2001:db8::/48"]. Where a guest is, is believed of them alone, and they have to say it.',
    )
    max_unauthenticated: _Places | Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}(:\d{1,3}:\d{1,6})?$")] = _key(
        "10:30:100",
        "Connections that may be in the middle of logging in: START:RATE:FULL as in sshd's MaxStartups. From START on, "
        "each newcomer takes the place of a silent connection of a more crowded address, with a chance of RATE percent "
        "that grows to 100 at FULL, and there is less time to log in. A number alone is FULL.",
    )
    max_unauthenticated_per_source: _Places = _key(
        8,
        "Connections of one IPv4 address or IPv6 /64 that may be busy logging in. Further ones wait until a place is "
        "free. One that takes longer than a second, to compare the host key, counts no more.",
    )
    max_waiting: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = _key(
        512, "Connections that may wait for a place to log in, unread, in all. Half of them may be of one address."
    )
    max_guests: _Places = _key(
        1000, "Guests at a time, over all sessions. The last tenth is for those whose link or key lets them type."
    )
    max_guests_per_session: _Places = _key(500, "The same, for one session; of these too, the last tenth is kept.")
    max_guests_per_source: _Places = _key(300, "Guests at a time of one IPv4 address or IPv6 /64.")
    max_sessions: _Places = _key(200, "Sessions at a time, over all users.")
    max_sessions_per_user: _Places = _key(50, "Sessions at a time of one user of the machine.")
    login_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = _key(
        120, "Seconds a connection has to log in; a guest who compares the host key's fingerprint needs some."
    )
    hosts: HostsConfig = field(default_factory=HostsConfig, metadata={"doc": "Who may share: see the table below."})
    audit: AuditConfig = field(default_factory=AuditConfig, metadata={"doc": "See the table below."})
    metrics_port: Annotated[int, msgspec.Meta(ge=0, le=MAX_PORT)] = _key(
        0, "Port on 127.0.0.1 for Prometheus; 0 for none. It takes the package prometheus-client: `pairterm[metrics]`."
    )
    log_format: str = _key("text", 'How the log is written: "text" or "json", one object a line.')


def load(kind: type[_T], path: Path) -> _T:
    """Return the configuration of `path`.

    Raises:
        UsageError: It can't be read, is no TOML, or holds a key or a value that does not fit.
    """
    # Here, not at the top: most commands have no file to read.
    import tomllib

    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}", code="config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", code="config") from error
    return _converted(kind, values, path)


def _converted(kind: type[_T], values: dict[str, Any], path: Path) -> _T:
    _check_keys(kind, values, path)
    for table, its_kind in (("hosts", HostsConfig), ("audit", AuditConfig)):
        if kind is GatewayConfig and isinstance(values.get(table), dict):
            _check_keys(its_kind, values[table], path)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        text = f"{path}: {error}".replace("`", "'").replace("$.", "")
        raise UsageError(text + _choices_of(kind, str(error)), code="config") from error


def _choices_of(kind: Any, error: str) -> str:
    """Return the values that a key takes, for an error about one that takes only some; "" for other errors."""
    found = re.search(r"^Invalid enum value .* - at `\$\.([\w.]+)`$", error)
    if found is None:
        return ""
    *tables, key = found[1].split(".")
    for table in tables:
        kind = get_type_hints(kind)[table]
    choices = get_args(get_type_hints(kind)[key])
    return f": use {', '.join(repr(each) for each in choices[:-1])} or {choices[-1]!r}"


def _check_keys(kind: Any, values: dict[str, Any], path: Path) -> None:
    known = [each.name for each in fields(kind)]
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise UsageError(f"{path}: unknown key {key!r}: {hint}", code="config")


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `[V6]:PORT`, `HOST` or `:PORT`; the host "" means every address.

    Raises:
        UsageError: It is none of these.
    """
    host, colon, port = text.rpartition(":")
    if text.startswith("[") and text.endswith("]"):
        host, colon, port = text, ":", str(DEFAULT_PORT)
    elif not colon:
        host, port = text, str(DEFAULT_PORT)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    number = whole_number(port, most=MAX_PORT)
    if number is None or (":" in bare and bare == host) or (bare and not is_host(bare)):
        raise UsageError(f"bad address {text[:80]!r}: use HOST:PORT, or [IPV6]:PORT", code="address")
    return bare, number


def user_config() -> UserConfig:
    """Return the person's configuration; all defaults where there is no file.

    Raises:
        UsageError: There is a file, and it can't be used.
    """
    path = config_file()
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return UserConfig()
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}", code="config") from error
    return load(UserConfig, path)
