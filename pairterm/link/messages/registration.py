"""A host brings its session to a gateway: what is asked for, what is given, and who may come in there.

A gateway knows tokens by their SHA-256 only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from pairterm.link.messages.fields import (
    Count,
    Fingerprint,
    Host,
    KeyLine,
    Line,
    Message,
    Name,
    Port,
    PublicKey,
    TokenHash,
    UserName,
)

__all__ = ["Admits", "LinkWire", "Register", "Registered", "Restarting", "Tried"]


class Register(Message, frozen=True, tag="register"):
    """A host brings its session to a gateway."""

    session: Name
    read_write_hash: TokenHash
    read_only_hash: TokenHash
    listen: Annotated[list[Line], Meta(max_length=16)] = field(default_factory=list)
    """Addresses the user's own gateway shall listen on besides its own; others ignore it."""
    instance: Annotated[bytes, Meta(max_length=16)] = b""
    """Random bytes of this host process: whoever comes back with them is the same one."""
    generation: Count = 0
    """What the gateway gave the last time; 0 the first time."""
    fixed_name: Name = ""
    """The user name under which the session wants to be found besides its tokens."""
    seal: Annotated[bytes, Meta(max_length=32)] = b""
    """A secret of this session under which its tokens were drawn: it proves to the gateway that they are its own."""


class Registered(Message, frozen=True, tag="registered"):
    """A gateway took the session: where guests reach it.

    What links are written from stands in lines that people paste into a shell: each has the form of what it is.
    """

    host: Host
    port: Port
    public_key: PublicKey
    """The gateway's host key in OpenSSH's one-line form, `ssh-ed25519 AAAA…`."""
    fingerprint: Fingerprint
    """`SHA256:…` of that key."""
    is_loopback: bool
    """Reachable from this machine only."""
    is_own: bool
    """It is the user's own, started on demand: a host may start it again."""
    is_advertised: bool = True
    """The host was set by the operator; else it is a guess, and a name that a host dialled is better."""
    generation: Count = 0
    """For the host to present when it comes back."""
    fixed_name: UserName = ""
    """The fixed name that the session has."""
    notice: Line = ""
    """What the owner should know, such as why a fixed name is lost."""
    seen_address: Line = ""
    """Whence the host came, as the gateway sees it; "" for a host of its own machine."""
    seen_key: KeyLine = ""
    """The public key that the host logged in with, in OpenSSH's one-line form; "" for none, or a certificate's."""
    by_key: UserName = ""
    """The user name under which those with a key on the session's list come: its fixed name, or `owner/name`."""


class LinkWire(Message, frozen=True, tag="link"):
    """One link of a session, as its gateway needs it."""

    token_hash: TokenHash
    role: Literal["rw", "ro"]
    wants_key: bool = False
    """Ask the client for a key as well; it may have none."""
    nameplate: Name = ""
    """The number of a spoken code: wrong words for it are counted."""


class Admits(Message, frozen=True, tag="admits"):
    """Who may come to a session's door. After `Register`, and again whenever it changes; the host decides."""

    links: Annotated[list[LinkWire], Meta(max_length=256)]
    keys: Annotated[list[KeyLine], Meta(max_length=2048)]
    """Lines of public keys and authorities that come in by the session's name, or in addition to a link."""
    needs_key: bool
    """A link alone is not enough."""


class Tried(Message, frozen=True, tag="tried"):
    """The spoken code of this number opens nothing any more: too many wrong words were tried on it."""

    nameplate: Name
    is_refused: bool = False
    """It never did: there are too many codes, or the number is taken."""


class Restarting(Message, frozen=True, tag="restarting"):
    """The gateway goes away and will be back soon: the host may dial again at short intervals."""
