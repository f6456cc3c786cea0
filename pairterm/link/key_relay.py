"""The messages between two gateways about guests who prove a key: by a session's name, or besides their link.

A name is no secret, so it proves nothing on either side. First the home shows that the session's host is there now
(`AskHome`). Only then the guest's gateway passes on the signature of the guest's login
(`access.signed_login`): it shows it once to open the session, and once more with each `Join`.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from pairterm.access.signed_login import MAX_ALGORITHM_CHARS, MAX_KEY_BYTES, MAX_SIGNATURE_BYTES
from pairterm.link.messages.fields import Client, Count, Message, Name, TokenHash

__all__ = ["AskHome", "GuestLogin", "HomeShown", "KeyTaken", "OpenByLogin", "ShowKey", "SignedLoginWire"]

_Nonce: TypeAlias = Annotated[bytes, Meta(min_length=16, max_length=16)]

_KeyName: TypeAlias = Annotated[str, Meta(max_length=130)]
"""A fixed name, or `owner/name`."""

_KeyBlob: TypeAlias = Annotated[bytes, Meta(min_length=1, max_length=MAX_KEY_BYTES)]
"""A public key or a certificate."""

_SignatureBytes: TypeAlias = Annotated[bytes, Meta(min_length=1, max_length=MAX_SIGNATURE_BYTES)]


class SignedLoginWire(Message, frozen=True, tag="signed-login"):
    """See `access.signed_login.SignedLogin`."""

    session_id: Annotated[bytes, Meta(min_length=16, max_length=64)]
    """SHA-512 makes 64 bytes."""
    algorithm: Annotated[str, Meta(max_length=MAX_ALGORITHM_CHARS)]
    key: _KeyBlob
    signature: _SignatureBytes


class AskHome(Message, frozen=True, tag="ask-home"):
    """Prove that the host of the session with this name is there now. `HomeShown` answers, or `NotOpened`."""

    request: Count
    name: _KeyName
    nonce: _Nonce


class HomeShown(Message, frozen=True, tag="home-shown"):
    """The host is here, and says so itself."""

    request: Count
    login: SignedLoginWire
    """The host's login to the home, under a user name with the session's key. The owner's key has signed it."""
    session_key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    name: Name
    fixed_name: Name
    signature: _SignatureBytes
    """By the session's key: see `access.host_login.home_statement`."""


class ShowKey(Message, frozen=True, tag="show-key"):
    """A guest offers this key. Does it open the session? `KeyTaken` answers, or `NotOpened`. Nothing is proved yet."""

    request: Count
    key: _KeyBlob
    name: _KeyName = ""
    """The name by which the guest comes, or their code as they typed it; "" for a link, which the home can make."""
    token_hash: TokenHash | None = None
    """The token that was proved on this link, for a guest with a link."""


class KeyTaken(Message, frozen=True, tag="key-taken"):
    """A signature by the key would open the session."""

    request: Count


class OpenByLogin(Message, frozen=True, tag="open-by-login"):
    """A guest has proved a key by this login. `Opened` answers, or `NotOpened`."""

    request: Count
    login: SignedLoginWire
    name: _KeyName = ""
    token_hash: TokenHash | None = None


class GuestLogin(Message, frozen=True, tag="guest-login"):
    """The login of a guest. The next message is their `Join`."""

    client: Client
    login: SignedLoginWire
    name: _KeyName = ""
