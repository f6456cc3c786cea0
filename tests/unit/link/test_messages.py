"""The list of all messages, in the docstring of `pairterm.link.messages`."""

from __future__ import annotations

import re
from typing import get_args

import pairterm.link.messages
from pairterm.link.messages import HostMessage, ViewerMessage
from pairterm.link.messages.fields import Message
from pairterm.link.relay import GuestMessage, RelayedMessage
from pairterm.link.shared_recordings import GatewayMessage, SharerMessage


def listed(heading: str) -> set[str]:
    """Return the names under one heading of the list."""
    text = pairterm.link.messages.__doc__
    assert text is not None
    _, found, after = text.partition(f"\n{heading}:\n")
    assert found, f"the list has no heading {heading!r}"
    return set(re.findall(r"^    (\w+): ", after.partition("\n\n")[0], re.M))


def names(*messages: type[Message]) -> set[str]:
    return {each.__name__ for each in messages}


def test_the_list_names_every_message_under_the_side_that_sends_it() -> None:
    both, refused = listed("Both sides send"), listed("Both the gateway and the host send")
    assert listed("The viewer's side sends") | both | refused == names(*get_args(ViewerMessage))
    assert listed("The host sends") | both | refused == names(*get_args(HostMessage))


def test_each_name_of_the_list_is_found() -> None:
    """A name is loaded when it is used first, so a wrong place would be an error at that moment only."""
    for name in pairterm.link.messages.__all__:
        assert getattr(pairterm.link.messages, name) is not None
    assert not hasattr(pairterm.link.messages, "NoMessage")


def test_each_message_has_a_tag_of_its_own() -> None:
    unions = (ViewerMessage, HostMessage, GuestMessage, RelayedMessage, SharerMessage, GatewayMessage)
    messages = {each for union in unions for each in get_args(union)}
    tags = {each.__struct_config__.tag for each in messages}
    assert len(tags) == len(messages)
