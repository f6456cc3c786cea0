"""Strategies for messages, made from their own types: a new message or field is generated without a word here."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from pairterm.link.gateway_relay import HomeMessage, LandingMessage
from pairterm.link.messages import HostMessage, ViewerMessage
from pairterm.link.relay import GuestMessage, RelayedMessage
from pairterm.link.shared_recordings import GatewayMessage, SharerMessage
from pairterm.safe_text import has_unsafe

__all__ = [
    "guest_messages",
    "home_messages",
    "host_messages",
    "keeper_messages",
    "landing_messages",
    "messages_of",
    "relayed_messages",
    "sharer_messages",
    "viewer_messages",
]

_SHORT = 8
"""Lists and texts are mostly short: what is long is made by tests of its own."""


_UNSAFE = [char for char in map(chr, range(0x3000)) if has_unsafe(char)]

_CHARACTERS = st.characters(codec="utf-8", exclude_characters=_UNSAFE)
"""What a text that survives is made of; `test_texts` has the others."""


def messages_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a message type, or of any type that one is made of, within its bounds."""
    return _strategy(inspect.type_info(kind))


def viewer_messages() -> st.SearchStrategy[ViewerMessage]:
    """Return a strategy for what a viewer's side may say."""
    return messages_of(ViewerMessage)


def host_messages() -> st.SearchStrategy[HostMessage]:
    """Return a strategy for what a host may say."""
    return messages_of(HostMessage)


def guest_messages() -> st.SearchStrategy[GuestMessage]:
    """Return a strategy for what a joined terminal may say, of whichever client."""
    return messages_of(GuestMessage)


def relayed_messages() -> st.SearchStrategy[RelayedMessage]:
    """Return a strategy for what a gateway may say to a joined terminal."""
    return messages_of(RelayedMessage)


def landing_messages() -> st.SearchStrategy[LandingMessage]:
    """Return a strategy for what a gateway with guests of another's session may say."""
    return messages_of(LandingMessage)


def home_messages() -> st.SearchStrategy[HomeMessage]:
    """Return a strategy for what the gateway of a session may say to another gateway."""
    return messages_of(HomeMessage)


def sharer_messages() -> st.SearchStrategy[SharerMessage]:
    """Return a strategy for what an owner may say who shares recordings."""
    return messages_of(SharerMessage)


def keeper_messages() -> st.SearchStrategy[GatewayMessage]:
    """Return a strategy for what a gateway may say to them."""
    return messages_of(GatewayMessage)


def _strategy(info: inspect.Type) -> st.SearchStrategy[Any]:  # noqa: C901 -- one case a type of type
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=low, le=high):
            return st.integers(-(2**63) if low is None else low, 2**63 - 1 if high is None else high)
        case inspect.FloatType():
            return st.floats(allow_nan=False)
        case inspect.StrType(pattern=str() as pattern):
            return st.from_regex(pattern, fullmatch=True)
        case inspect.StrType(min_length=least, max_length=most):
            bound = most if least else min(most or _SHORT, _SHORT)
            return st.text(_CHARACTERS, min_size=least or 0, max_size=bound)
        case inspect.BytesType(min_length=least, max_length=most):
            return st.binary(min_size=least or 0, max_size=least or min(most or _SHORT, _SHORT))
        case inspect.LiteralType(values=values):
            return st.sampled_from(list(values))
        case inspect.ListType(item_type=item):
            return st.lists(_strategy(item), max_size=_SHORT)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_strategy(key), _strategy(value), max_size=_SHORT)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_strategy, items))
        case inspect.UnionType(types=types):
            return st.one_of(*map(_strategy, types))
        case inspect.Metadata(type=inner):
            return _strategy(inner)
        case inspect.StructType(cls=cls, fields=fields) | inspect.NamedTupleType(cls=cls, fields=fields):
            return st.builds(cls, **{each.name: _strategy(each.type) for each in fields})
    raise NotImplementedError(f"no strategy for {type(info).__name__}: teach it here")
