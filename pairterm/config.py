"""The configuration files as dataclasses: one file for users who share, one for a gateway.

A file is TOML. An unknown key is an error that names the nearest known key. A value of the
wrong type is an error that names the right type. docs/configuration.md is generated from the
metadata of the fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args, get_type_hints

import msgspec

from pairterm.cluster_config import ClusterConfig
from pairterm.config_key import config_key as _key
from pairterm.errors import UsageError
from pairterm.paths import config_file
from pairterm.safe_text import is_host
from pairterm.types import MAX_PORT, whole_number
from pairterm.web_config import WebConfig

__all__ = [
    "DEFAULT_PORT",
    "AuditConfig",
    "ClusterConfig",
    "GatewayConfig",
    "HostsConfig",
    "UserConfig",
    "WebConfig",
    "load",
    "parse_address",
    "user_config",
]

DEFAULT_PORT = 2222
"""A port that is common for a second SSH server on a machine. It needs no root."""

_T = TypeVar("_T")

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
"""A limit of a gateway. 0 would be a mistake, and no machine has room for more than 100,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserConfig:
    """The configuration of a user who shares, in `~/.config/pairterm/config.toml`."""

    gateway: str = _key(
        "",
        "The gateway to share through: HOST or HOST:PORT for a gateway on another machine (default port 2222), the "
        'path of a gateway\'s link socket, or "own" for your own gateway on loopback. "": the machine\'s shared '
        'gateway if it runs, else "own".',
    )
    host_key: str = _key(
        "",
        'The fingerprint (SHA256:…) of the gateway\'s host key. "": pairterm asks you at the first use, and remembers '
        "the key.",
    )
    identity: str = _key(
        "",
        'The private key file for the login at the gateway. "": the keys of the agent, the default keys in ~/.ssh, '
        "and a key that pairterm makes.",
    )
    proxy_command: str = _key(
        "",
        "A command whose standard input and output are the connection to the gateway, as for ssh's ProxyCommand. %h "
        "and %p stand for the gateway's host and port.",
    )
    prefix: str = _key("C-b", "The prefix key, in tmux's notation.")
    bindings: dict[str, str] = _key(
        {},
        'Further keys after the prefix, and the command of each, by tmux\'s names: { "D" = "detach-client" }. The '
        "default keys still work.",
    )
    status: bool = _key(True, "Show the status line in the last row of every client.")
    mouse: bool = _key(
        False,
        "The mouse selects panes, windows and text, drags borders, and scrolls the history. A program that uses the "
        "mouse still gets it. To select text in your terminal, hold Shift.",
    )
    centred: bool = _key(
        False, "Show a session that is smaller than a client's terminal in its centre, not in the top left corner."
    )
    size_policy: str = _key(
        "smallest",
        "Which terminal sets the size of a new session: smallest, largest, latest, owner, or fixed COLSxROWS.",
    )
    size_floor: str = _key(
        "40x10", "No client shrinks the session below this size. A smaller client sees a part of the session."
    )
    term: str = _key(
        "", 'TERM inside a session. "": the first of tmux-256color, screen-256color, xterm-256color that exists.'
    )
    record: Literal["off", "ask", "always"] = _key(
        "ask",
        'Whether your sessions are recorded: "ask" records when you say so, "always" records every session from its '
        'start, and "off" allows no recording.',
    )
    history_lines: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = _key(
        10_000, "How many lines of history a session keeps."
    )
    listen: list[str] = _key(
        [],
        'Addresses on which your own gateway listens besides loopback, for example ["0.0.0.0:2222"]. Guests who reach '
        "such an address and have a link can join your sessions.",
    )
    advertise: str = _key(
        "", 'The host, or host:port, in the links of your own gateway. "": localhost, or the machine\'s name.'
    )
    port: Annotated[int, msgspec.Meta(ge=1, le=MAX_PORT)] = _key(
        DEFAULT_PORT, "The port of your own gateway on loopback. If it is taken, the next free one."
    )
    web: bool = _key(
        True,
        "Your own gateway serves the page for browsers on loopback, on the next free port after `port`. It needs the "
        "package aiohttp: `pairterm[web]`. It is loaded when the first browser comes.",
    )
    webhook_url: str = _key(
        "",
        "An http or https URL that gets the events of each session by POST, in tmate's form: session_register, "
        "session_join, session_left, session_disconnect, session_close. session_register contains the links.",
    )
    webhook_userdata: str = _key("", "A text that each event contains, for the receiver.")
    webhook_secret: str = _key(
        "", 'The key of the header X-Pairterm-Signature, an HMAC-SHA256 of the body. "": no header.'
    )
    hooks: dict[str, str] = _key(
        {},
        "A command to run, or an http(s) address to send JSON to, for each event: "
        '{ join = "notify-send pairterm", any = "https://example.org/hook" }. `pairterm audit` shows the events.',
    )
    key_sources: dict[str, str] = _key(
        {},
        "Addresses at which `--github-user` and the like find keys, instead of the public ones: "
        '{ gitlab = "https://git.example.org/{}.keys" }.',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsConfig:
    """The users who may share through a gateway, in the table `[hosts]` of its file."""

    allow: Literal["keys", "anyone", "none"] = _key(
        "keys",
        'The users who may share from other machines, over SSH: "keys" accepts the keys in the file '
        '`authorized_hosts`, "anyone" accepts every key, "none" accepts nobody.',
    )
    authorized_hosts: str = _key(
        "",
        "The file of keys. It has the form of authorized_keys with the options name-prefix=, max-sessions=, "
        'expiry-time= and cert-authority. "": authorized_hosts in the state directory.',
    )
    group: str = _key("", 'Only members of this Unix group may share from this machine. "": every user may.')
    grace_s: Annotated[int, msgspec.Meta(ge=0, le=7 * 86_400)] = _key(
        600, "If a host on another machine is away for longer than this (seconds), its links end."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """A gateway's audit log, in the table `[audit]` of its file."""

    enabled: bool = _key(True, "Write an audit log: guests, refusals with their reasons, sessions.")
    file: str = _key("", 'The file. "": gateway-audit.jsonl in the state directory.')
    max_bytes: Annotated[int, msgspec.Meta(ge=4096, le=1 << 40)] = _key(
        4 << 20, "The largest size of the file. Then it is rotated: one older file is kept."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """The configuration of `pairterm serve`."""

    listen: list[str] = _key(
        ["0.0.0.0:2222", "[::]:2222"],
        "The addresses and ports for guests. Port 0 means a free port. If systemd passes sockets (pairterm.socket), "
        "they replace `listen` and `link_socket`.",
    )
    advertise: str = _key(
        "", 'The host, or host:port, in links. "": the machine\'s name, and the first port of `listen`.'
    )
    link_socket: str = _key(
        "",
        "The Unix socket to which the machine's users connect their sessions. \"\": link.sock in systemd's runtime "
        "directory, else /run/pairterm/link.sock for root, else a socket of the user's own.",
    )
    state_directory: str = _key(
        "", 'The directory of the host key. "": systemd\'s state directory, else ~/.local/state/pairterm.'
    )
    proxy_protocol_from: list[str] = _key(
        [],
        "The addresses and networks of load balancers that send a PROXY header (version 1 or 2), for example "
        '["192.0.2.1", "2001:db8::/48"]. Each of their connections must begin with the header. A header from any '
        "other address is not believed.",
    )
    workers: Annotated[int, msgspec.Meta(ge=1, le=256)] | Literal["auto"] = _key(
        1,
        "How many processes serve on the same ports, for more guests than one processor can serve: `auto` is one for "
        "each processor. For users, guests and other gateways of a cluster they are one gateway.",
    )
    max_unauthenticated: _Count | Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}(:\d{1,3}:\d{1,6})?$")] = _key(
        "10:30:100",
        "How many connections may be logging in at the same time: START:RATE:FULL as in sshd's MaxStartups. From START "
        "on, a new connection replaces a silent one of an address that has more connections, with a probability of "
        "RATE percent that grows to 100 at FULL, and the time to log in is shorter. A single number is FULL.",
    )
    max_unauthenticated_per_source: _Count = _key(
        8,
        "How many connections of one IPv4 address or IPv6 /64 may be logging in at the same time. Further ones wait "
        "for a place. A connection that takes longer than a second, while a person compares the host key, does not "
        "count any more.",
    )
    max_waiting: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = _key(
        512,
        "How many connections may wait for a place to log in. At most half of them may be of one address. Nothing is "
        "read from them while they wait.",
    )
    max_guests: _Count = _key(
        1000,
        "How many guests may be in all sessions together. The last tenth is reserved for guests whose link or key lets "
        "them type.",
    )
    max_guests_per_session: _Count = _key(500, "The same for one session. Its last tenth is reserved too.")
    max_guests_per_source: _Count = _key(300, "How many guests may be of one IPv4 address or IPv6 /64.")
    max_sessions: _Count = _key(200, "How many sessions all users together may share.")
    max_sessions_per_user: _Count = _key(50, "How many sessions one user of the machine may share.")
    record: Literal["off", "ask", "always"] = _key(
        "ask",
        'Which sessions the gateway takes: "always" takes only those that are recorded, "off" only those that are not, '
        'and "ask" takes both. The gateway believes what a session\'s host says: see docs/recording.md.',
    )
    login_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = _key(
        120, "Seconds within which a connection must log in. A guest who compares the host key needs some time."
    )
    hosts: HostsConfig = field(
        default_factory=HostsConfig, metadata={"doc": "The users who may share: see the table below."}
    )
    audit: AuditConfig = field(default_factory=AuditConfig, metadata={"doc": "See the table below."})
    web: WebConfig = field(default_factory=WebConfig, metadata={"doc": "The door for browsers: see the table below."})
    cluster: ClusterConfig = field(
        default_factory=ClusterConfig, metadata={"doc": "Several gateways as one service: see the table below."}
    )
    metrics_port: Annotated[int, msgspec.Meta(ge=0, le=MAX_PORT)] = _key(
        0,
        "The port on 127.0.0.1 for Prometheus; 0: none. It needs the package prometheus-client: `pairterm[metrics]`.",
    )
    log_format: str = _key("text", 'The form of the log: "text", or "json" with one object a line.')


_TABLES = (("hosts", HostsConfig), ("audit", AuditConfig), ("web", WebConfig), ("cluster", ClusterConfig))
"""The tables of a gateway's file."""


def load(kind: type[_T], path: Path) -> _T:
    """Return the configuration in `path`.

    Raises:
        UsageError: The file can't be read, is not TOML, or has a wrong key or value.
    """
    # Here, not at the top: most commands read no file.
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
    for table, its_kind in _TABLES:
        if kind is GatewayConfig and isinstance(values.get(table), dict):
            _check_keys(its_kind, values[table], path)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        text = f"{path}: {error}".replace("`", "'").replace("$.", "")
        raise UsageError(text + _choices_of(kind, str(error)), code="config") from error


def _choices_of(kind: Any, error: str) -> str:
    """Return the values that a key accepts, if the error is about a key with a list of values; "" if it is not."""
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
            import difflib  # Here, not at the top: most files have no mistake.

            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise UsageError(f"{path}: unknown key {key!r}: {hint}", code="config")


def parse_address(text: str) -> tuple[str, int]:
    """Return the host and port of `HOST:PORT`, `[IPV6]:PORT`, `HOST` or `:PORT`. The host "" means every address.

    Raises:
        UsageError: The text has none of these forms.
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
    """Return the user's configuration; the defaults if there is no file.

    Raises:
        UsageError: There is a file, but it can't be used.
    """
    path = config_file()
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return UserConfig()
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}", code="config") from error
    return load(UserConfig, path)
