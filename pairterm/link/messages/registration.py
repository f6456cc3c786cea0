"""The messages by which a host brings its session to a gateway, and says which guests the gateway lets in.

A gateway knows only the SHA-256 of a token.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Count,
    Fingerprint,
    Host,
    KeyLine,
    Message,
    Name,
    OneLine,
    PageUrl,
    Port,
    PublicKey,
    TokenHash,
    UserName,
)

__all__ = [
    "AdmissionRules",
    "CodeRevoked",
    "HomeProved",
    "InvitationWire",
    "ProveHome",
    "Register",
    "Registered",
    "Restarting",
]


class Register(Message, frozen=True, tag="register"):
    """A host brings its session to a gateway."""

    session: Name
    read_write_hash: TokenHash
    read_only_hash: TokenHash
    listen: Annotated[list[OneLine], Meta(max_length=16)] = field(default_factory=list)
    """More addresses for the user's own gateway to listen on. Other gateways ignore them."""
    instance: Annotated[bytes, Meta(max_length=16)] = b""
    """Random bytes of this host process. A host that comes back with the same bytes is the same host."""
    generation: Count = 0
    """The `generation` that the gateway gave the last time. 0: this is the first time."""
    fixed_name: Name = ""
    """The user name under which guests find the session, besides its tokens."""
    seal: Annotated[bytes, Meta(max_length=32)] = b""
    """A secret from which this session made its tokens. It proves to the gateway that they are its own."""
    is_recorded: bool = False
    """The session is recorded. The gateway's operator may want that, or not allow it."""


class Registered(Message, frozen=True, tag="registered"):
    """The gateway has the session, and guests reach it at this address.

    People paste lines with these values into a shell, so each value has a strict form.
    """

    host: Host
    port: Port
    public_key: PublicKey
    """The gateway's host key in OpenSSH's one-line form, `ssh-ed25519 AAAA…`."""
    fingerprint: Fingerprint
    """The fingerprint of that key, `SHA256:…`."""
    is_loopback: bool
    """Guests can reach the gateway from this machine only."""
    is_own: bool
    """The gateway is the user's own and was started on demand. A host may start it again."""
    is_advertised: bool = True
    """The operator has set `host`. Otherwise it is a guess, and the name that the host dialled is better."""
    generation: Count = 0
    """The host sends this number when it comes back."""
    fixed_name: UserName = ""
    """The fixed name that the gateway has given to the session, or ""."""
    notice: OneLine = ""
    """A message for the owner, for example why the session has lost its fixed name."""
    seen_address: OneLine = ""
    """The host's address as the gateway sees it. "": the host is on the same machine."""
    seen_key: KeyLine = ""
    """The public key of the host's login, in OpenSSH's one-line form. "": none, or a certificate."""
    by_key: UserName = ""
    """The user name for guests whose key is on the session's list: the fixed name, or `owner/name`."""
    web_url: PageUrl = ""
    """The page for browsers: a link is this, `#` and a token. "": there is none."""
    record: Literal["off", "ask", "always"] = "ask"
    """`always`: the gateway takes only sessions that are recorded. `off`: only those that are not."""


class InvitationWire(Message, frozen=True, tag="invitation"):
    """One invitation of a session, as its gateway needs it."""

    token_hash: TokenHash
    role: Literal["rw", "ro", "publish"]
    wants_key: bool = False
    """The gateway asks the client for a key as well. The client may have none."""
    nameplate: Name = ""
    """The number of a spoken code. The gateway counts wrong words for it."""


class AdmissionRules(Message, frozen=True, tag="admission-rules"):
    """The rules by which guests may ask the host to join. Sent after `Register` and after each change."""

    invitations: Annotated[list[InvitationWire], Meta(max_length=256)]
    keys: Annotated[list[KeyLine], Meta(max_length=2048)]
    """Public keys and authorities that open the session by its name, or that an invitation needs in addition."""
    needs_key: bool
    """An invitation alone is not enough: the guest needs a key as well."""
    is_recorded: bool = False
    """As in `Register`."""


class CodeRevoked(Message, frozen=True, tag="code-revoked"):
    """The spoken code with this number opens nothing any more: guests tried too many wrong words."""

    nameplate: Name
    is_refused: bool = False
    """The gateway has not accepted the code: there are too many codes, or the number is in use."""


class ProveHome(Message, frozen=True, tag="prove-home"):
    """Another gateway wants to know whether the session's host is at this one. `HomeProved` answers."""

    request: Count
    asking: Name
    """The name of that gateway."""
    home: Name
    """The name of this one."""
    nonce: Annotated[bytes, Meta(min_length=16, max_length=16)]


class HomeProved(Message, frozen=True, tag="home-proved"):
    """The host's signature by its session's key: see `access.host_login`."""

    request: Count
    signature: Annotated[bytes, Meta(max_length=256)]
    """b"": the host has no such key."""


class Restarting(Message, frozen=True, tag="restarting"):
    """The gateway goes away and will be back soon. The host may connect again at short intervals."""
